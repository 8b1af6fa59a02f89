"""The page script ``/gyeol.js`` in a real browser, on a page of another site: slots, impressions, changes, and what must not happen."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page
from tests.sdks.gate import Gate
from tests.sdks.site import Site
from tests.sdks.stand import PATIENCE_S, WEB_KEY, Core, Kept

OFFERS = """
placements:
  - {name: slot, channel: web}
offers:
  - name: news
    placements: [slot]
    score: "10"
    content:
      ko: {title: 새로운 소식, body: 지금 보세요, link: "https://shop.example/news", button: 보기}
      en: {title: News, body: Have a look, link: "/news", button: Look}
  - name: toys
    placements: [slot]
    score: "20"
    eligibility: favourite_category = 'toys'
    content: {ko: {title: 장난감}, en: {title: Toys}}
  - name: hostile
    placements: [slot]
    score: "30"
    eligibility: favourite_category = 'hostile'
    content:
      en:
        title: "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"
        body: "</span><svg onload=window.hurt=1>"
        link: "javascript:window.hurt=1"
        image: "data:text/html,<script>parent.hurt=1</script>"
"""
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<style>
  [data-gyeol-placement]:not([data-gyeol-state]) {{ visibility: hidden; animation: gyeol 0s .4s forwards }}
  @keyframes gyeol {{ to {{ visibility: visible }} }}
  #slot {{ min-height: 120px; padding: 8px; border: 1px solid }}
</style>
<script>
  window.shifts = [];
  window.painted = new Set();
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({{ value }}) => value)))
    .observe({{ type: "layout-shift", buffered: true }});
  (function watch() {{
    const slot = document.getElementById("slot");
    if (slot && getComputedStyle(slot).visibility === "visible") painted.add(slot.textContent.trim());
    requestAnimationFrame(watch);
  }})();
</script>
{head}
<script async src="{url}/gyeol.js" data-write-key="{key}" {options}></script></head>
<body><div style="height:{above}px"></div><div id="slot" data-gyeol-placement="slot">{own}</div><p id="below">Below</p></body></html>"""
pytestmark = pytest.mark.slow
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    folder = tmp_path_factory.mktemp("helper") / "shop"
    running = Core(folder)
    (folder / "slots.yaml").write_text(OFFERS, encoding="utf-8")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def open_page(core: Core, site: Site, context: BrowserContext) -> Open:
    """Opens the page with its slot."""

    def open_(
        url: str | None = None, visitor: str | None = None, own: str = "Our own words", options: str = "", above: int = 0, head: str = ""
    ) -> Page:
        if visitor is not None:
            kept = f"localStorage.setItem('ajs_anonymous_id', JSON.stringify('{visitor}'))"
            head = f"<script>{kept}</script>{head}"
        name = f"slot-{uuid4().hex}"
        written = _PAGE.format(url=url or core.url, key=WEB_KEY, options=options, own=own, above=above, head=head)
        site._pages[f"/{name}"] = written
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{site.url}/{name}")
        return page

    return open_


def settled(page: Page, condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    for _ in range(int(20 * seconds)):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come true in time")


def said(core: Core, visitor: str, event: str) -> list[Kept]:
    return [kept for kept in core.kept(visitor) if kept.said.get("event") == event]


def view(core: Core, visitor: str, category: str) -> None:
    body = {"event": "Product Viewed", "anonymousId": visitor, "properties": {"product_id": "p", "category": category}}
    httpx.post(f"{core.url}/v1/track?writeKey={WEB_KEY}", json=body, timeout=60).raise_for_status()


def test_it_is_small_and_served_to_any_site(core: Core) -> None:
    answer = httpx.get(f"{core.url}/gyeol.js", headers={"Origin": "https://shop.example"}, timeout=60)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content, 9)) <= 3_000
    assert "max-age" in answer.headers["cache-control"]
    again = httpx.get(f"{core.url}/gyeol.js", headers={"If-None-Match": answer.headers["etag"]}, timeout=60)
    assert (again.status_code, again.content) == (304, b"")


def test_a_decision_is_shown_without_flicker_and_told_once(core: Core, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = open_page(visitor=visitor)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    assert page.inner_text("#slot .gyeol-title") == "News"
    assert page.get_attribute("#slot a", "href") == page.evaluate("new URL('/news', location.href).href")
    settled(page, lambda: len(said(core, visitor, "Offer Shown")) == 1)
    page.wait_for_timeout(1_200)
    (shown,) = said(core, visitor, "Offer Shown")
    properties = shown.said["properties"]
    assert (properties["placement"], properties["offer"]) == ("slot", "news") and properties["decision"].startswith("d_")
    assert page.evaluate("shifts") == []
    assert page.evaluate("[...painted]") == ["NewsHave a lookLook"], "the page's own words were never painted"


def test_the_reload_of_a_page_has_the_same_decision(core: Core, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = open_page(visitor=visitor)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    settled(page, lambda: len(said(core, visitor, "Offer Shown")) == 1)
    page.reload()
    settled(page, lambda: len(said(core, visitor, "Offer Shown")) == 2)
    assert len({kept.said["properties"]["decision"] for kept in said(core, visitor, "Offer Shown")}) == 1


def test_clicks_arrive_although_the_page_is_left(core: Core, site: Site, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = open_page(visitor=visitor)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    with page.expect_navigation():
        page.click("#slot a")
    settled(page, lambda: len(said(core, visitor, "Offer Clicked")) == 1)
    assert said(core, visitor, "Offer Clicked")[0].said["properties"]["offer"] == "news"


def test_what_is_below_the_fold_is_no_impression_until_it_is_seen(core: Core, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = open_page(visitor=visitor, above=5_000)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    page.wait_for_timeout(1_500)
    assert said(core, visitor, "Offer Shown") == []
    page.evaluate("document.getElementById('slot').scrollIntoView()")
    settled(page, lambda: len(said(core, visitor, "Offer Shown")) == 1)


def test_a_template_of_the_page_is_filled_in_and_can_be_dismissed(core: Core, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    own = '<template><h2 data-gyeol="title"></h2><a data-gyeol="link">Go</a><button data-gyeol-dismiss>No</button></template>Ours'
    page = open_page(visitor=visitor, own=own)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    assert page.inner_text("#slot h2") == "News" and "/news" in str(page.get_attribute("#slot a", "href"))
    page.click("#slot button")
    assert page.is_hidden("#slot")
    settled(page, lambda: len(said(core, visitor, "Offer Dismissed")) == 1)
    assert said(core, visitor, "Offer Clicked") == []


def test_a_late_answer_leaves_the_pages_own_words(core: Core, open_page: Open, context: BrowserContext) -> None:
    visitor = f"browser-{uuid4().hex}"
    context.route("**/v1/decide*", lambda route: (route.request.frame.page.wait_for_timeout(1_000), route.continue_()))
    page = open_page(visitor=visitor)
    page.wait_for_selector("#slot[data-gyeol-state=own]")
    page.wait_for_timeout(1_500)
    assert page.inner_text("#slot") == "Our own words"
    assert page.evaluate("shifts") == [] and page.evaluate("[...painted]") == ["Our own words"]
    assert said(core, visitor, "Offer Shown") == []


def test_without_a_core_the_page_is_as_it_would_be(gate: Gate, open_page: Open, site: Site) -> None:
    faults: list[str] = []
    gate.turn("cut")
    page = open_page(url=gate.url)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.wait_for_function("getComputedStyle(document.getElementById('slot')).visibility === 'visible'")
    assert page.inner_text("#slot") == "Our own words" and page.evaluate("shifts") == []
    half = open_page(url=gate.url, head="")
    gate.turn("open")
    half.reload()
    half.wait_for_selector("#slot[data-gyeol-state]")
    gate.turn("cut")
    half.evaluate("gyeol.find()")
    assert faults == []


def test_hostile_content_is_text(core: Core, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    view(core, visitor, "hostile")
    page = open_page(visitor=visitor)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    assert "<script>" in page.inner_text("#slot .gyeol-title") and "<svg" in page.inner_text("#slot .gyeol-body")
    assert page.query_selector("#slot a, #slot img, #slot svg, #slot script") is None
    page.click("#slot .gyeol-offer")
    page.wait_for_timeout(200)
    assert page.evaluate("window.hurt") is None


def test_a_change_within_the_visit_is_shown(core: Core, open_page: Open) -> None:
    visitor = f"browser-{uuid4().hex}"
    page = open_page(visitor=visitor)
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    page.wait_for_timeout(600)
    view(core, visitor, "toys")
    page.wait_for_function("document.querySelector('#slot .gyeol-title').textContent === 'Toys'")
    settled(page, lambda: {kept.said["properties"]["offer"] for kept in said(core, visitor, "Offer Shown")} >= {"toys"})
    assert page.evaluate("shifts") == []


def test_a_browser_without_an_id_gets_one_that_segment_takes_over(core: Core, open_page: Open, site: Site) -> None:
    page = open_page(head='<script src="/node_modules/@segment/analytics-next/dist/umd/index.js"></script>')
    page.wait_for_selector("#slot[data-gyeol-state=offer]")
    made = page.evaluate("JSON.parse(localStorage.getItem('ajs_anonymous_id'))")
    taken = page.evaluate(
        """async ([url, key]) => {
          const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: url });
          return (await analytics.user()).anonymousId();
        }""",
        [core.url, WEB_KEY],
    )
    assert made and taken == made
    settled(page, lambda: len(said(core, made, "Offer Shown")) == 1)


def test_the_printed_page_works(core: Core, site: Site, context: BrowserContext) -> None:
    printed = Path(__file__).parents[2] / "docs" / "your-page" / "slot.html"
    text = printed.read_text(encoding="utf-8").replace("http://127.0.0.1:8400", core.url).replace("demo-web-key", WEB_KEY)
    site._pages["/printed-slot"] = text.replace('"home_hero"', '"slot"')
    page = context.new_page()
    page.goto(f"{site.url}/printed-slot")
    page.wait_for_selector("[data-gyeol-state=offer]", timeout=60_000)
    assert page.inner_text("[data-gyeol-placement] h2") == "News"
