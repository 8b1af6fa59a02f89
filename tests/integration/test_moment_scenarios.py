"""What is true now changes what is said: each story through the real HTTP door, from events and facts to the decision and its reasons."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.conftest import SERVER_KEY, Pair

from gyeol.workspace.starter import init

pytestmark = pytest.mark.slow
WORKSPACE = """
workspace:
  name: Coffee
  zone: Asia/Seoul
  clock: data
  moment:
    path: properties.path
    product: properties.product_id
    category: properties.category
    query: properties.query
    text: properties.text
    device: context
    referrer: context
    price: properties.price
    sku: properties.product_id
    store: properties.store
    cell: context.location
    nps: properties.nps
    case: properties.case_id
  texts: {}
  supply: {}
  trends: {least: 5}
stores:
  - {name: gangnam, lat: 37.4979, lon: 127.0276}
sources:
  - {name: server, trust: server, channel: server, write_key: server-key-for-tests}
identifiers:
  - {name: user_id, paths: [userId], priority: 1, limit: 1}
traits:
  - {name: left_cart, kind: sequence, event: Product Added, then_no: Order Completed, within: 1h}
placements:
  - {name: home, channel: app, fallback: welcome}
offers:
  - {name: welcome, placements: [home]}
  - {name: sale, placements: [home], score: "1"}
  - {name: sorry, placements: [home], score: "90", promotional: false, eligibility: moment.open_complaint}
  - {name: ask_us, placements: [home], score: "80", promotional: false, eligibility: moment.intent = 'help'}
  - {name: come_in, placements: [home], score: "70", eligibility: moment.cart_items >= 1 AND moment.store_distance_m <= 300}
  - {name: cheaper, placements: [home], score: "65", eligibility: moment.cart_price_drop >= 0.1}
  - {name: last_ones, placements: [home], score: "64", eligibility: moment.cart_low_stock}
  - {name: thanks, placements: [home], score: "35", eligibility: moment.nps_group = 'promoter' AND moment.days_since_service IS NULL}
  - {name: your_cart, placements: [home], score: "60", eligibility: left_cart AND moment.cart_items >= 1}
  - {name: long_time, placements: [home], score: "50", eligibility: moment.days_away >= 30}
  - {name: still_looking, placements: [home], score: "40", eligibility: moment.product_dwell_s >= 180}
  - {name: cold_drink, placements: [home], score: "30", eligibility: moment.feels = 'hot' AND moment.store_distance_m <= 500}
  - {name: warm_menu, placements: [home], score: "30", eligibility: moment.feels = 'cold'}
  - {name: to_go, placements: [home], score: "20", eligibility: moment.commute = 'to_work'}
  - {name: ice, placements: [home], score: "15", eligibility: moment.trending_search = '빙수'}
  - {name: hello, placements: [home], score: "12", eligibility: moment.referrer = 'kakao' AND moment.device = 'mobile'}
  - {name: cake, placements: [home], score: "20", eligibility: moment.weekend}
"""
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOON = datetime.fromisoformat("2024-07-03T12:00:00+09:00")
"""An ordinary Wednesday, long ago: the clock is that of the events, and the stories together take half a year."""


class Company:
    """A running company, and its customers' doings in the order of time."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.now, self.number = pair, NOON, 0

    def did(self, who: str, type: str = "track", event: str | None = None, at: datetime | None = None, **properties: Any) -> None:
        self.now = at or self.now
        self.number += 1
        location = properties.pop("location", None)
        told: dict[str, object] = {
            "type": type,
            "userId": who,
            "messageId": f"m{self.number}",
            "timestamp": self.now.isoformat(),
            "properties": properties,
        }
        told |= {"event": event} if event is not None else {}
        context = properties.pop("context", {}) | ({"location": location} if location is not None else {})
        told |= {"context": context} if context else {}
        assert self.pair.batch([told]).status_code == 200

    def pass_by(self, more: timedelta) -> None:
        """Time goes by: somebody else does something then."""
        self.did("ticker", "page", at=self.now + more, path="/")

    def tell(self, name: str, value: object, about: dict[str, str], ttl_s: int = 3_600) -> None:
        fact = {"name": name, "value": value, "about": about, "observed_at": self.now.isoformat(), "ttl_s": ttl_s}
        reply = httpx.post(f"{self.pair.url}/v1/facts", json={"facts": [fact]}, auth=(SERVER_KEY, ""), timeout=60)
        assert reply.json()["facts"][0]["status"] == "recorded", reply.text

    def says(self, who: str) -> dict[str, Any]:
        reply = httpx.post(f"{self.pair.url}/v1/decide", json={"userId": who, "placement": "home"}, auth=(SERVER_KEY, ""), timeout=60)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()["decisions"][0]
        return found

    def until(self, who: str, offer: str) -> None:
        """What follows the log beside the engine takes a moment."""
        self.eventually(lambda: self.offer(who) == offer)

    def eventually(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not holds():
            assert time.monotonic() < deadline, "it did not come to hold in time"
            time.sleep(0.05)

    def moment(self, who: str) -> dict[str, Any]:
        facts = self.pair.api.get(f"/v1/people/user_id:{who}/moment").json()["facts"]
        return {fact["name"].removeprefix("moment."): fact["value"] for fact in facts}

    def offer(self, who: str) -> str:
        found: str = self.says(who)["offer"]
        return found


def refusal(decision: dict[str, Any], offer: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in decision["refusals"] if r["offer"] == offer)
    return found


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("moment") / "coffee"
    init(folder, None, lambda: "unused")
    for file in Path(folder).glob("*.yaml"):
        file.unlink()
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    pair = Pair(folder)
    pair.start(api=True)
    yield Company(pair)
    pair.stop()


@pytest.fixture(autouse=True)
def _another_week(company: Company) -> None:
    """Each story begins at noon of another Wednesday, so that none sees another's facts."""
    company.now += (7 * DAY) * 2
    company.now = company.now.replace(hour=12, minute=0)
    company.now -= DAY * ((company.now.weekday() - NOON.weekday()) % 7)


def test_who_searches_for_a_refund_is_helped_and_sold_nothing(company: Company) -> None:
    company.did("refund", event="Products Searched", query="환불 방법")
    decision = company.says("refund")
    refused = refusal(decision, "sale")
    assert (decision["offer"], refused["gate"], refused["reason"]["code"]) == ("ask_us", "intent", "seeking_help")
    assert "도움을 찾고" in refused["reason"]["text"]["ko"] and "looking for help" in refused["reason"]["text"]["en"]
    kept = decision["moment"]
    assert kept["intent"]["value"] == "help" and "search_help" in kept["intent_evidence"]["value"]
    shown = company.pair.api.get("/v1/people/user_id:refund/moment", params={"at": company.now.isoformat()}).json()
    assert {fact["name"]: fact["value"] for fact in shown["facts"]}["moment.intent"] == "help"
    company.pass_by(11 * MINUTE)
    assert company.offer("refund") == "sale"


def test_who_writes_to_us_to_leave_is_sold_nothing(company: Company) -> None:
    company.did("tired", event="Support Message Sent", text="이제 그만 해지하고 싶어요")
    decision = company.says("tired")
    kept = decision["moment"]
    assert kept["intent"]["value"] == "leave" and "chat_leave" in kept["intent_evidence"]["value"]
    assert refusal(decision, "sale")["gate"] == "intent" and "해지" not in str(kept)


def test_near_a_store_on_a_hot_day_both_are_signs_of_the_intent(company: Company) -> None:
    company.did("thirsty", event="Location Updated", location={"latitude": 37.4990, "longitude": 127.0280}, store="gangnam")
    company.did("thirsty", event="Product Added", product_id="A01", price=5000)
    company.tell("feels", "hot", {"store": "gangnam"})
    kept = company.says("thirsty")["moment"]
    assert kept["intent"]["value"] == "buy"
    assert {"near_store", "hot_near_store"} <= {*kept["intent_evidence"]["value"].split(", ")}


def test_where_somebody_came_from_and_on_what(company: Company) -> None:
    phone = {"userAgent": "Mozilla/5.0 (Linux; Android 14; SM-S921N) Chrome/126.0.0.0 Mobile Safari/537.36"}
    company.did("comer", "page", path="/", context={**phone, "campaign": {"source": "kakao"}})
    decision = company.says("comer")
    assert decision["offer"] == "hello"
    assert {name: decision["moment"][name]["value"] for name in ("device", "referrer")} == {"device": "mobile", "referrer": "kakao"}
    company.did("comer", "page", at=company.now + 31 * MINUTE, path="/")
    assert company.offer("comer") == "sale"


def test_what_everybody_searches_for_today_is_offered(company: Company) -> None:
    for hour in range(8):
        company.did(f"s{hour}", event="Products Searched", at=company.now + timedelta(hours=1), query="라떼")
    for second in range(12):
        company.did(f"r{second}", event="Products Searched", at=company.now + timedelta(seconds=1), query="빙수")
    company.pass_by(11 * MINUTE)
    company.did("visitor", event="Products Searched", query="신메뉴")
    company.until("visitor", "ice")
    told = company.says("visitor")["moment"]["trending_search"]
    assert (told["value"], told["source"], told["ttl_s"]) == ("빙수", "trends", 7_200) and 0 < told["confidence"] < 1
    company.pass_by(timedelta(hours=3))
    company.did("visitor", "page", path="/")
    assert company.offer("visitor") != "ice"


def test_dwelling_on_a_product(company: Company) -> None:
    company.did("dweller", event="Product Viewed", product_id="C01", category="coffee")
    assert company.offer("dweller") == "sale"
    company.pass_by(3 * MINUTE)
    assert company.offer("dweller") == "still_looking"
    company.did("dweller", "page", path="/")
    assert company.offer("dweller") == "sale"


def test_a_cart_that_was_left_and_one_that_was_bought(company: Company) -> None:
    company.did("leaver", event="Product Added", product_id="C02", price=4500)
    company.did("buyer", event="Product Added", product_id="C02", price=4500)
    company.did("buyer", event="Order Completed", at=company.now + MINUTE, product_id="C02")
    company.pass_by(61 * MINUTE)
    assert company.offer("leaver") == "your_cart"
    assert company.offer("buyer") == "sale"


def test_the_product_in_the_cart_became_cheaper(company: Company) -> None:
    """Only events are sent: something is put in the cart, and the catalogue says its new price."""
    company.did("saver", event="Product Added", product_id="D07", price=6000)
    assert company.offer("saver") == "sale"
    company.pass_by(5 * MINUTE)
    company.did("shop", event="Product Updated", product_id="D07", price=4800)
    company.until("saver", "cheaper")
    decision = company.says("saver")
    assert decision["moment"]["cart_price_drop"]["value"] == 0.2
    company.did("saver", event="Order Completed", at=company.now + MINUTE, product_id="D07")
    assert company.offer("saver") == "sale"


def test_the_product_in_the_cart_is_nearly_gone(company: Company) -> None:
    company.did("late", event="Product Added", product_id="D08", price=6000)
    company.did("shop", event="Inventory Updated", at=company.now + MINUTE, product_id="D08", stock=3)
    company.until("late", "last_ones")
    company.did("shop", event="Product Restocked", at=company.now + MINUTE, product_id="D08", stock=40)
    company.until("late", "sale")


def test_who_would_recommend_us_is_thanked_unless_they_needed_help(company: Company) -> None:
    company.did("fan", event="Survey Answered", nps=10)
    assert company.offer("fan") == "thanks"
    company.did("fan", event="Something Asked", at=company.now + MINUTE, case_id="C1")
    decision = company.says("fan")
    assert decision["offer"] == "sale"
    values = company.moment("fan")
    assert (values["nps"], values["nps_group"], values["days_since_service"]) == (10, "promoter", 0)


def test_the_app_is_opened_again_after_a_month(company: Company) -> None:
    company.did("away", "screen", path="/home")
    company.did("away", "screen", at=company.now + 31 * DAY, path="/home")
    decision = company.says("away")
    assert (decision["offer"], decision["moment"]["days_away"]["value"]) == ("long_time", 31)


def test_the_way_to_work_and_a_weekend_afternoon(company: Company) -> None:
    company.did("commuter", "page", at=company.now.replace(hour=8, minute=10) + DAY, path="/")
    assert company.offer("commuter") == "to_go"
    company.did("commuter", "page", at=company.now.replace(hour=15) + 2 * DAY, path="/")
    assert company.offer("commuter") == "cake"


def test_a_hot_day_near_a_store_and_a_cold_one(company: Company) -> None:
    company.did("warm", event="Location Updated", store="gangnam", location={"latitude": 37.4990, "longitude": 127.0280})
    assert company.offer("warm") == "sale"
    company.tell("feels", "hot", {"store": "gangnam"})
    assert company.offer("warm") == "cold_drink"
    company.pass_by(30 * MINUTE)
    company.tell("feels", "cold", {"store": "gangnam"})
    assert company.offer("warm") == "warm_menu"


def test_a_bad_review_alone_brings_an_apology_and_the_closing_of_the_case_ends_it(company: Company) -> None:
    """Only the text is sent: it is read beside the engine, and what it says becomes facts."""
    company.did("angry", event="Review Submitted", text="배달이 두 시간이나 늦었고 커피는 다 식어서 왔어요. 정말 최악이에요")
    company.until("angry", "sorry")
    decision = company.says("angry")
    assert refusal(decision, "sale")["reason"]["code"] == "complaint_open"
    values = company.moment("angry")
    assert values["emotion"] < -0.5 and values["emotion_topic"] in ("delivery", "waiting", "taste") and values["emotion_trend"] < 0
    company.did("angry", event="Ticket Closed", at=company.now + 5 * MINUTE)
    company.until("angry", "sale")


def test_a_good_review_opens_no_complaint(company: Company) -> None:
    company.did("glad", event="Review Submitted", text="직원분이 정말 친절하고 커피가 맛있어요! 또 올게요 ㅎㅎ")
    company.eventually(lambda: "emotion" in company.moment("glad"))
    assert company.moment("glad")["emotion"] > 0.5 and company.offer("glad") == "sale"


def test_a_complaint_is_answered_with_an_apology_and_promotion_waits_until_it_is_settled(company: Company) -> None:
    """Another system tells of it: no text is read."""
    company.did("upset", event="Order Completed", product_id="C09")
    company.tell("open_complaint", True, {"person": "user_id:upset"})
    decision = company.says("upset")
    refused = refusal(decision, "sale")
    assert (decision["offer"], refused["gate"], refused["reason"]["code"]) == ("sorry", "complaint", "complaint_open")
    company.pass_by(61 * MINUTE)
    assert refusal(company.says("upset"), "sale")["reason"]["code"] == "complaint_unknown"
    company.tell("open_complaint", False, {"person": "user_id:upset"})
    assert company.offer("upset") == "sale"


def test_walking_past_a_store_with_something_in_the_cart(company: Company) -> None:
    company.did("walker", event="Product Added", product_id="C03", price=5000)
    company.did("walker", event="Location Updated", location={"latitude": 37.5200, "longitude": 127.0276})
    assert company.offer("walker") == "sale"
    company.did("walker", event="Location Updated", at=company.now + MINUTE, location={"latitude": 37.4985, "longitude": 127.0280})
    assert company.offer("walker") == "come_in"


def test_on_the_way_to_work_a_store_at_hand_is_a_sign_and_far_from_any_that_is_one(company: Company) -> None:
    tuesday = company.now.replace(hour=8, minute=5) + (7 + (1 - company.now.weekday()) % 7) * DAY
    company.did("early", event="Location Updated", at=tuesday, location={"latitude": 37.499, "longitude": 127.028})
    company.did("early", event="Product Added", product_id="A01", price=5000)
    kept = company.says("early")["moment"]
    assert kept["intent"]["value"] == "buy" and {"near_store", "commute_near_store"} <= {*kept["intent_evidence"]["value"].split(", ")}
    company.did("afar", event="Location Updated", location={"latitude": 37.6, "longitude": 127.028})
    company.did("afar", "page", path="/")
    kept = company.says("afar")["moment"]
    assert kept["intent"]["value"] == "browse" and "far_from_stores" in kept["intent_evidence"]["value"]
