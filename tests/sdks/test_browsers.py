"""The browser SDKs of Segment and RudderStack, unmodified, in a headless Chromium on a page of another site than the collector's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.sdks.gate import Gate
from tests.sdks.site import BROWSER_SDKS, Site
from tests.sdks.stand import PATIENCE_S, WEB_KEY, Core, Kept

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
every_sdk = pytest.mark.parametrize("sdk", BROWSER_SDKS)
TRACK = "([mark, first, last]) => { for (let n = first; n < last; n++) analytics.track('Seen', { mark, n }); }"
# What makes each SDK send what it holds when a page is left.
AT_UNLOAD: dict[str, dict[str, object]] = {
    "segment-browser": {"integrations": {"Segment.io": {"deliveryStrategy": {"strategy": "batching", "config": {"timeout": 60_000}}}}},
    "rudderstack-browser": {"useBeacon": True},
}
BATCHING: dict[str, dict[str, object]] = {
    "segment-browser": {
        "integrations": {"Segment.io": {"deliveryStrategy": {"strategy": "batching", "config": {"size": 20, "timeout": 300}}}}
    },
    "rudderstack-browser": {"queueOptions": {"batch": {"enabled": True, "maxItems": 20, "flushInterval": 300}}},
}


def numbers(kept: list[Kept]) -> list[int]:
    """What the events are numbered by, sorted."""
    return sorted(event.said["properties"]["n"] for event in kept)


def settled(page: Page, condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Wait while the browser's own events are handled."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        page.wait_for_timeout(50)


@every_sdk
@pytest.mark.proves("calls")
def test_every_call_arrives_as_it_was_made(sdk: str, core: Core, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, core.url)
    page.evaluate(
        """async (mark) => {
          analytics.alias("user-" + mark, "before-" + mark);
          analytics.page("shop", "home", { mark, path: "/ㄱ" });
          analytics.track("Order Completed", { mark, order_id: mark, revenue: 12900, items: [{ 이름: "사과", n: 2 }], gift: false });
          analytics.identify("user-" + mark, { city: "서울" });
          analytics.group("company-" + mark, { name: "결", seats: 12 });
          if (analytics.screen) analytics.screen("app", "start", { mark, build: 7 });
        }""",
        mark,
    )
    wanted = {"page", "track", "identify", "group", "alias"} | ({"screen"} if sdk == "segment-browser" else set())
    settled(page, lambda: {event.said["type"] for event in core.kept(mark)} == wanted)
    kept = core.kept(mark)
    assert len(kept) == len(wanted) and {event.source for event in kept} == {"web"}
    said = {event.said["type"]: event.said for event in kept}
    cart = said["track"]["properties"]
    assert (cart["revenue"], cart["items"], cart["gift"]) == (12_900, [{"이름": "사과", "n": 2}], False)
    assert said["track"]["event"] == "Order Completed" and said["track"]["anonymousId"]
    assert (said["page"]["name"], said["page"]["properties"]["path"]) == ("home", "/ㄱ")
    assert (said["identify"]["userId"], said["identify"]["traits"]["city"]) == (f"user-{mark}", "서울")
    assert (said["group"]["groupId"], said["group"]["traits"]["seats"]) == (f"company-{mark}", 12)
    assert (said["alias"]["userId"], said["alias"]["previousId"]) == (f"user-{mark}", f"before-{mark}")
    assert all(abs(event.received_ms - event.time_ms) < 60_000 for event in kept)
    assert said["track"]["context"]["page"]["title"] == "우리 가게"


@every_sdk
@pytest.mark.proves("identity")
def test_identify_and_group_make_one_known_person(sdk: str, core: Core, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, core.url)
    page.evaluate("mark => { analytics.track('Product Viewed', { mark, category: '과일' }); }", mark)
    settled(page, lambda: len(core.kept(mark)) == 1)
    browser_id = core.kept(mark)[0].said["anonymousId"]
    page.evaluate("mark => { analytics.identify(mark, { city: '부산' }); analytics.group('company-1', { mark }); }", mark)
    settled(page, lambda: len(core.kept(mark)) == 3)
    person = core.person(f"user_id:{mark}")
    assert {found.type for found in person.identifiers} == {"user_id", "anonymous_id"}
    traits = {trait.name: trait.value for trait in person.traits}
    assert (traits["city"], traits["favourite_category"]) == ("부산", "과일")
    assert core.person(f"anonymous_id:{browser_id}").id == person.id


@every_sdk
@pytest.mark.proves("settings")
def test_it_starts_by_its_address_alone_and_asks_nobody_else(
    sdk: str, core: Core, site: Site, context: BrowserContext, visit: Visit
) -> None:
    mark = uuid4().hex
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = visit(sdk, core.url)
    page.evaluate(TRACK, [mark, 0, 3])
    settled(page, lambda: numbers(core.kept(mark)) == [0, 1, 2])
    assert not [url for url in asked if not url.startswith((core.url, site.url))]
    path = {"segment-browser": f"/v1/projects/{WEB_KEY}/settings", "rudderstack-browser": "/sourceConfig"}[sdk]
    assert [url for url in asked if url.startswith(core.url + path)]


@every_sdk
@pytest.mark.proves("cors")
def test_preflights_ask_for_what_is_sent_and_get_it(sdk: str, core: Core, gate: Gate, site: Site, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, gate.url)
    page.evaluate(TRACK, [mark, 0, 1])
    settled(page, lambda: numbers(core.kept(mark)) == [0])
    preflights = [request for request in gate.seen() if request.method == "OPTIONS"]
    asked = {name for request in preflights for name in request.headers["access-control-request-headers"].split(",")}
    assert asked >= {"segment-browser": {"authorization"}, "rudderstack-browser": {"authorization", "anonymousid", "sentat"}}[sdk]
    posts = [request for request in gate.seen() if request.method == "POST"]
    assert posts and {request.headers["origin"] for request in posts} == {site.url}


@pytest.mark.parametrize("sdk", ["segment-browser"])
@pytest.mark.proves("credentials")
def test_cookies_may_come_along(sdk: str, core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    strategy = {"strategy": "standard", "config": {"credentials": "include", "headers": {"X-Shop": "1"}}}
    page = visit(sdk, gate.url, integrations={"Segment.io": {"deliveryStrategy": strategy}})
    page.evaluate(TRACK, [mark, 0, 1])
    settled(page, lambda: numbers(core.kept(mark)) == [0])
    assert [request for request in gate.seen() if request.method == "POST" and request.headers["x-shop"] == "1"]


@every_sdk
@pytest.mark.proves("batch")
def test_many_events_come_in_batches(sdk: str, core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, gate.url, **BATCHING[sdk])
    page.evaluate(TRACK, [mark, 0, 90])
    settled(page, lambda: len(core.kept(mark)) == 90)
    assert numbers(core.kept(mark)) == list(range(90))
    posts = [request for request in gate.seen() if request.method == "POST"]
    assert {request.path for request in posts} == {{"segment-browser": "/v1/b", "rudderstack-browser": "/v1/batch"}[sdk]}
    assert len(posts) < 30


@every_sdk
@pytest.mark.proves("busy")
def test_what_was_turned_away_with_503_comes_again(sdk: str, core: Core, busy_core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, gate.url)
    page.evaluate("() => new Promise((resolve) => analytics.ready(resolve))")
    gate.turn("open", busy_core.port)
    page.evaluate(TRACK, [mark, 0, 3])
    settled(page, lambda: any(mark.encode() in request.body for request in gate.seen()))
    gate.turn("open", core.port)
    settled(page, lambda: numbers(core.kept(mark)) == [0, 1, 2])
    assert busy_core.kept(mark) == []
    asked = {name for request in gate.seen() for name in request.headers.get("access-control-request-headers", "").split(",")}
    assert {"segment-browser": "x-retry-count", "rudderstack-browser": "rsa-retry-attempt"}[sdk] in asked


@every_sdk
@pytest.mark.proves("cut")
def test_what_found_the_line_cut_comes_again(sdk: str, core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, gate.url)
    page.evaluate("() => new Promise((resolve) => analytics.ready(resolve))")
    gate.turn("cut")
    page.evaluate(TRACK, [mark, 0, 3])
    settled(page, lambda: gate.cut > 0)
    gate.turn("open")
    settled(page, lambda: numbers(core.kept(mark)) == [0, 1, 2])


@every_sdk
@pytest.mark.proves("lost")
def test_an_answer_that_got_lost_makes_no_second_event(sdk: str, core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, gate.url)
    page.evaluate("() => new Promise((resolve) => analytics.ready(resolve))")
    gate.turn("lost")
    page.evaluate(TRACK, [mark, 0, 3])
    settled(page, lambda: gate.lost > 0 and len(core.kept(mark)) > 0)
    gate.turn("open")
    settled(page, lambda: numbers(core.kept(mark)) == [0, 1, 2])
    settled(page, lambda: len([request for request in gate.seen() if mark.encode() in request.body]) > 3)
    assert numbers(core.kept(mark)) == [0, 1, 2]


@every_sdk
@pytest.mark.proves("crash")
def test_a_core_killed_during_delivery_keeps_each_event_once(sdk: str, core: Core, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, core.url)
    page.evaluate(TRACK, [mark, 0, 30])
    settled(page, lambda: len(core.kept(mark)) >= 5)
    page.evaluate(TRACK, [mark, 30, 50])
    core.kill()
    page.evaluate(TRACK, [mark, 50, 60])
    core.start()
    settled(page, lambda: len(core.kept(mark)) == 60)
    assert numbers(core.kept(mark)) == list(range(60))


@every_sdk
@pytest.mark.proves("unload")
def test_what_is_tracked_right_before_leaving_arrives(sdk: str, core: Core, site: Site, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, core.url, **AT_UNLOAD[sdk])
    page.evaluate("() => new Promise((resolve) => analytics.ready(resolve))")
    with page.expect_navigation():
        # The promise of analytics-next says that the SDK has taken the event, not that it was sent.
        page.evaluate(
            """async ([mark, next]) => {
              await Promise.all([0, 1, 2, 3, 4].map((n) => analytics.track("Seen", { mark, n })));
              setTimeout(() => { location.href = next; }, 0);
            }""",
            [mark, f"{site.url}/empty"],
        )
    settled(page, lambda: numbers(core.kept(mark)) == list(range(5)))


@every_sdk
@pytest.mark.proves("next-page")
def test_what_was_under_way_when_a_page_was_left_comes_from_the_next_one(sdk: str, core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, gate.url)
    page.evaluate("() => new Promise((resolve) => analytics.ready(resolve))")
    gate.turn("cut")
    page.evaluate(TRACK, [mark, 0, 5])
    settled(page, lambda: gate.cut > 0)
    gate.turn("open")
    page.reload()
    settled(page, lambda: numbers(core.kept(mark)) == list(range(5)))


@every_sdk
@pytest.mark.proves("offline")
def test_what_is_tracked_offline_comes_with_its_own_time(sdk: str, core: Core, context: BrowserContext, visit: Visit) -> None:
    mark = uuid4().hex
    page = visit(sdk, core.url)
    page.evaluate("() => new Promise((resolve) => analytics.ready(resolve))")
    context.set_offline(True)
    made_ms: int = page.evaluate(f"(given) => {{ ({TRACK})(given); return Date.now(); }}", [mark, 0, 3])
    page.wait_for_timeout(2_000)
    assert core.kept(mark) == []
    context.set_offline(False)
    settled(page, lambda: numbers(core.kept(mark)) == [0, 1, 2])
    for event in core.kept(mark):
        assert event.received_ms - event.time_ms > 1_500, json.dumps(event.said)
        assert event.time_ms > made_ms - 500, json.dumps(event.said)


@every_sdk
@pytest.mark.proves("refusal")
def test_an_unknown_key_starts_nothing_and_breaks_nothing(sdk: str, core: Core, gate: Gate, visit: Visit) -> None:
    mark = uuid4().hex
    faults: list[str] = []
    page = visit(sdk, gate.url, "no-such-key")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.evaluate("([mark]) => { void Promise.resolve(analytics.track('Seen', { mark })).catch(() => {}); }", [mark])
    settled(page, lambda: any("settings" in r.path or "sourceConfig" in r.path for r in gate.seen() if r.method == "GET"))
    assert core.kept(mark) == []
    assert page.title() == "우리 가게" and faults == []
    assert not [request for request in gate.seen() if request.method == "POST"]
