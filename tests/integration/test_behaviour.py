"""Behaviour end to end: what is kept of actions, across devices, late and twice, the same after a replay and in SQL; facts by a timer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gyeol.app.checking import check_consistency
from gyeol.app.core_api import VerifyRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings, data_folder
from gyeol.audiences.model import AudienceDefinition
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Apply, Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.instants import instant_text

NOW_MS = 1_782_000_000_000
MINUTE, DAY = 60_000, 86_400_000
PATHS = {
    "path": "properties.path",
    "product": "properties.product_id",
    "category": "properties.category",
    "query": "properties.query",
    "price": "properties.price",
    "channel": "properties.channel",
}
DWELLING = AudienceDefinition(name="dwelling", condition="moment.product_dwell_s >= 180")


class Shop:
    """A workspace in this process that keeps actions, a clock of its own, events by hand."""

    def __init__(self, session: EmbeddedSession, clock: ManualClock, paths: dict[str, str]) -> None:
        self.session, self.clock, self.number = session, clock, 0
        if paths:
            self.watch(paths)

    def watch(self, paths: dict[str, str]) -> None:
        now: Definitions = self.session.parts.engine.definitions
        workspace = msgspec.structs.replace(now.workspace, moment=paths)
        replaced = msgspec.structs.replace(now, workspace=workspace, audiences=[*now.audiences, DWELLING])
        definitions = Definitions.from_json(replaced.as_json())
        self.session.parts.applied.keep(definitions)
        self.session.run(Apply(definitions, "test", "behaviour"))

    def did(self, *events: dict[str, Any], who: str = "kim", ago: int = 0) -> None:
        sources = self.session.parts.engine.definitions.sources
        index = next(i for i, source in enumerate(sources) if source.trust == "server")
        raw = []
        for event in events:
            self.number += 1
            at = instant_text(self.clock.now_ms() - ago)
            raw.append(json.dumps({"messageId": f"m{self.number}", "timestamp": at, "userId": who, **event}).encode())
        self.session.run(Collect(Incoming(source=sources[index], source_index=index, events=raw, received_ms=self.clock.now_ms())))

    def moment(self, who: str = "kim") -> dict[str, Any]:
        return {fact.name.removeprefix("moment."): fact.value for fact in self.session.desk.moment(f"user_id:{who}").facts}

    def exact(self) -> None:
        found = check_consistency(self.session, data_folder(self.session.parts.workspace))
        assert (found.differences, found.examples, found.left_out) == ({}, [], {})
        check = next(c for c in self.session.core.verify(VerifyRequest(replay=True)).checks if c.name == "replay")
        assert check.good, check.detail


def page(path: str, **more: Any) -> dict[str, Any]:
    return {"type": "page", "properties": {"path": path, **more}}


def done(event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "properties": properties}


def opened(workspace: Path, paths: dict[str, str]) -> Shop:
    clock = ManualClock(NOW_MS)
    return Shop(EmbeddedSession(workspace, Settings(), clock=clock), clock, paths)


@pytest.fixture
def shop(workspace: Path) -> Any:
    found = opened(workspace, PATHS)
    yield found
    found.session.close()


def test_a_visit_over_two_devices(shop: Shop) -> None:
    shop.did({**page("/menu", channel="web"), "anonymousId": "phone"}, ago=5 * MINUTE)
    shop.did({**done("Product Viewed", product_id="C01", category="coffee", price=4500), "anonymousId": "laptop"}, ago=4 * MINUTE)
    shop.did(done("Product Added", product_id="C01", category="coffee", price=4500), ago=2 * MINUTE)
    shop.did(done("Product Added", product_id="D01", category="dessert", price=6000), ago=MINUTE)
    shop.did(done("Product Removed", product_id="D01", category="dessert"), ago=MINUTE // 2)
    shop.did(done("Offer Shown", offer="x"))
    now = shop.moment()
    assert (now["session_steps"], now["session_minutes"], now["last_action"]) == (5, 4.5, "remove")
    assert (now["cart_items"], now["cart_product"], now["cart_value"], now["cart_age_minutes"]) == (1, "C01", 4500, 2)
    assert (now["interest_category"], now["engagement"], now["channel_preference"]) == ("coffee", "low", "web")
    assert now["click_tempo_s"] == 67.5 and now["dwell_s"] == 30
    shop.did(done("Order Completed", product_id="C01"))
    assert shop.moment()["cart_items"] == 0
    shop.exact()


def test_searches_tell_the_intent_and_ten_minutes_end_it(shop: Shop) -> None:
    shop.did(done("Products Searched", query="환불 방법"))
    now = shop.moment()
    assert (now["intent"], now["last_search"]) == ("help", "환불 방법")
    assert now["intent_confidence"] >= 0.4 and "search_help" in now["intent_evidence"]
    shop.clock.advance(10 * MINUTE)
    shop.did(page("/"), who="ticker")
    assert shop.moment()["intent"] is None
    fact = next(f for f in shop.session.desk.moment("user_id:kim").facts if f.name == "moment.intent")
    assert (fact.last, fact.stale) == ("help", True)


def test_a_chat_tells_the_intent_and_its_text_is_not_kept(workspace: Path) -> None:
    shop = opened(workspace, {**PATHS, "text": "properties.text"})
    written = "환불 방법 좀 알려 주세요 제 번호는 비밀이에요"
    shop.did(done("Support Message Sent", text=written))
    now = shop.moment()
    assert (now["intent"], now["last_action"]) == ("help", "chat_help") and "chat_help" in now["intent_evidence"]
    shop.did(done("Support Message Sent", text="해지하고 싶어요"), who="lee")
    assert shop.moment("lee")["intent"] == "leave"
    shop.did(done("Inquiry Sent", text="텀블러 재고 있나요?"), who="choi")
    shop.did(done("Review Submitted", text="환불해 주세요"), who="park")
    assert (shop.moment("choi")["last_action"], shop.moment("park")["last_action"]) == ("chat_buy", "review")
    state: Any = shop.session.parts.engine.state
    assert "properties.text" in state.reading.paths and not state.reading.vocabularies.of("properties.text").words
    shop.exact()
    shop.session.close()


def test_device_and_referrer_by_what_events_say(workspace: Path) -> None:
    shop = opened(workspace, {"device": "context", "referrer": "context"})
    phone = {"userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148", "page": {"url": "https://shop.kr/"}}
    came = {**phone, "page": {"url": "https://shop.kr/", "referrer": "https://www.google.com/search?q=latte"}}
    shop.did({**page("/"), "context": came}, ago=10 * MINUTE)
    shop.did(
        {**page("/menu"), "context": {**phone, "page": {"url": "https://shop.kr/menu", "referrer": "https://shop.kr"}}}, ago=9 * MINUTE
    )
    now = shop.moment()
    assert (now["device"], now["referrer"]) == ("mobile", "google.com")
    shop.did({**page("/"), "context": {"device": {"type": "kiosk"}, "campaign": {"source": "Kakao"}}}, ago=5 * MINUTE)
    shop.did({**page("/"), "context": phone}, ago=7 * MINUTE)
    shop.did({**page("/"), "context": {"userAgent": "Googlebot/2.1"}}, page("/menu"))
    now = shop.moment()
    assert (now["device"], now["referrer"]) == ("kiosk", "kakao"), "what comes late is not the last"
    shop.exact()
    shop.clock.advance(26 * MINUTE)
    shop.did(page("/"), who="ticker")
    now = shop.moment()
    assert (now["device"], now["referrer"]) == (None, None)
    shop.session.close()


def test_dwelling_on_a_product_becomes_true_by_the_clock(shop: Shop) -> None:
    shop.did(done("Product Viewed", product_id="C01"))
    memberships, state = shop.session.parts.engine.state.memberships, shop.session.parts.engine.state
    rows = state.people.all_rows()
    assert not memberships.members("dwelling", rows).any()
    shop.clock.advance(4 * MINUTE)
    shop.did(page("/"), who="ticker")
    assert memberships.members("dwelling", rows).sum() == 1
    shop.clock.advance(30 * MINUTE)
    shop.did(page("/"), who="ticker")
    assert not memberships.members("dwelling", rows).any()
    shop.exact()


def test_back_after_a_month(shop: Shop) -> None:
    shop.did(page("/menu"), ago=31 * DAY)
    assert shop.moment()["days_since_visit"] == 31
    shop.did(page("/"))
    now = shop.moment()
    assert (now["days_since_visit"], now["days_away"]) == (0, 31)


def test_late_events_more_than_are_kept_and_people_who_are_joined(shop: Shop) -> None:
    for i in range(40):
        shop.did(done("Product Viewed", product_id=f"P{i % 7}", category=f"c{i % 3}", price=1000 + i), ago=(45 - i) * MINUTE // 2)
    shop.did(page("/late", product_id="P9"), done("Products Searched", query="라떼"), ago=13 * MINUTE)
    device = {"userId": None, "anonymousId": "phone"}
    shop.did({**done("Product Added", product_id="D9", price=700), **device}, ago=MINUTE)
    assert shop.moment()["session_steps"] == 32
    assert shop.moment()["cart_items"] == 0
    shop.did({"type": "identify", "anonymousId": "phone", "userId": "kim"})
    now = shop.moment()
    assert (now["session_steps"], now["cart_items"], now["cart_value"]) == (32, 1, 700)
    shop.exact()


def test_behaviour_asked_for_later_is_folded_from_the_past(workspace: Path) -> None:
    shop = opened(workspace, {})
    try:
        shop.did(done("Product Viewed", product_id="C01", category="coffee"), done("Products Searched", query="환불"), page("/menu"))
        assert "intent" not in shop.moment() or shop.moment()["intent"] is None
        shop.watch(PATHS)
        shop.exact()
    finally:
        shop.session.close()
