"""Facts of behaviour from actions: sessions, searches, carts, interest, visits, motives; each by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gyeol.context.behaviour.actions import NUMBER
from gyeol.context.behaviour.people import session_of
from gyeol.context.behaviour.recorded import (
    ACTION,
    ACTIONS_TRAIT,
    CARRIED,
    LATEST_TRAIT,
    Read,
    Recorder,
    Step,
    did,
    packed,
    time_of,
    traits_of,
)
from gyeol.context.facts import BY_MINUTE, DERIVED
from gyeol.context.facts.cart import Cart, in_cart
from gyeol.context.facts.engagement import Engagement
from gyeol.context.facts.intent import Intents, motive_of, object_of
from gyeol.context.facts.interest import Interest
from gyeol.context.facts.last_visit import LastVisit
from gyeol.context.facts.search import Searches, drift
from gyeol.context.facts.session import InSession
from gyeol.context.implied import implied_traits
from gyeol.events.model import EVENT_TYPES, TrackingPlan
from gyeol.events.reading import Reading
from gyeol.events.rows import batch_of
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Zone

NOW = 1_782_000_000_000
MINUTE, DAY = 60_000, 86_400_000
SEOUL = Zone("Asia/Seoul")
PATHS = {key: f"properties.{key}" for key in ("path", *CARRIED)}


def acted(action: str, minutes_ago: float, **about: object) -> Step:
    return Step(NOW - int(minutes_ago * MINUTE), NUMBER[action], **about)  # type: ignore[arg-type]  # as the tests spell them


def lists(items: list[list[object]]) -> Column:
    values = np.empty(len(items), object)
    values[:] = items
    return Column("list", values, np.array([bool(each) for each in items]))


def reading(*histories: Sequence[Step]) -> Read:
    """Traits of people who did these things, newest first."""

    def bits(step: Step) -> int:
        return sum(1 << i for i, key in enumerate(CARRIED) if getattr(step, key) is not None)

    numbers = [[packed(step.at_ms, step.action, bits(step)) for step in history] for history in histories]
    latest = np.array([float(each[0]) if each else 0.0 for each in numbers])
    columns = {
        ACTIONS_TRAIT: lists([[float(number) for number in each] for each in numbers]),
        LATEST_TRAIT: Column("number", latest, latest > 0),
    }
    for key in CARRIED:
        columns[f"moment_{key}s"] = lists([[v for step in history if (v := getattr(step, key)) is not None] for history in histories])
    return Read(lambda trait, at: columns[trait] if at is None else columns[trait].take(at), len(histories))


def facts(kind: object, *histories: Sequence[Step], now_ms: int = NOW) -> list[dict[str, object]]:
    n = len(histories)
    found = kind.derive(reading(*histories), n, now_ms, np.zeros(n, np.int64), SEOUL)  # type: ignore[attr-defined]  # any derived kind
    return [{name: each.column.item(i) for name, each in found.items()} for i in range(n)]


def test_nothing_is_kept_unless_it_is_asked_for() -> None:
    assert traits_of({"store": "properties.store"}) == implied_traits({}) == []
    names = [trait.name for trait in implied_traits(PATHS)]
    assert names == [ACTIONS_TRAIT, LATEST_TRAIT, *(f"moment_{key}s" for key in CARRIED)]
    assert set(BY_MINUTE) <= set(DERIVED)


def test_an_action_fits_in_a_number_that_floats_hold() -> None:
    far = 4_102_444_800_000  # the year 2100
    number = packed(far, 23, 15)
    assert int(float(number)) == number < 2**53 and time_of(np.array([number])).item() == far


def test_only_a_chat_is_what_is_written() -> None:
    assert did("track", "Support Message Sent", None, None, None, "환불 방법") == NUMBER["chat_help"]
    assert did("track", "Support Message Sent", None, None, None, None) == NUMBER["chat"]
    assert did("track", "Review Submitted", None, None, None, "환불해 주세요") == NUMBER["review"]
    assert did("page", None, "/help/chat", None, None, "환불") == NUMBER["help"]


@pytest.mark.parametrize(("event", "action"), [
    (("track", "Products Searched", None, None, "환불 방법"), "search_help"),
    (("page", None, "/menu/compare", None, None), "compare"),
    (("screen", None, None, "Cart", None), "cart"),
    (("track", "Offer Shown", None, None, None), None), (("track", "Email Delivered", None, None, None), None),
    (("identify", None, None, None, None), None),
])  # fmt: skip
def test_what_is_an_action(event: tuple[str, str | None, str | None, str | None, str | None], action: str | None) -> None:
    assert did(*event) == (-1 if action is None else NUMBER[action])


def test_actions_are_read_of_events() -> None:
    recorder = Recorder(PATHS, Reading(TrackingPlan(), "KRW"))
    batch = batch_of(
        [
            {"type": "page", "timestamp": NOW, "properties": {"path": "/menu"}},
            {"event": "Product Added", "timestamp": NOW + 1, "properties": {"product": "C01", "price": 4500}},
            {"type": "identify", "userId": "kim", "timestamp": NOW + 2},
        ],
        paths=sorted(recorder.paths),
    )
    column = recorder.column(batch.type_code, batch.name, batch.names.words, batch.time_ms, batch, batch.texts)
    assert column.known.tolist() == [True, True, False]
    assert column.values[:2].tolist() == [packed(NOW, NUMBER["list"], 0), packed(NOW + 1, NUMBER["add"], 0b1001)]
    assert EVENT_TYPES[0] == "track" and ACTION == "moment.action"


def test_a_session_ends_after_half_an_hour_without_an_action() -> None:
    history = [acted("view", 1), acted("view", 30.9), acted("view", 61), acted("view", 200)]
    assert len(session_of(history)) == 2
    told = facts(InSession(), history, [])
    assert told[0]["session_steps"] == 2 and told[1] == dict.fromkeys(InSession.names)


def test_dwelling_on_a_product_counts_from_the_first_of_its_actions_in_a_row() -> None:
    history = [acted("add", 1, product="A"), acted("view", 4, product="A"), acted("view", 5, product="B"), acted("view", 6, product="A")]
    told = facts(InSession(), history)[0]
    assert (told["looking_at"], told["product_dwell_s"], told["dwell_s"], told["last_action"]) == ("A", 240, 60, "add")
    assert facts(InSession(), [acted("home", 1), *history[1:]])[0]["looking_at"] is None


def test_searches_and_how_far_they_went() -> None:
    told = facts(
        Searches(), [acted("view", 1), acted("search", 2, query="아이스 라떼"), acted("search", 3, query="라떼")], [acted("view", 1)]
    )
    assert told[0]["last_search"] == "아이스 라떼" and told[0]["search_drift"] == drift("라떼", "아이스 라떼") == 0.75
    assert told[1] == {"last_search": None, "search_drift": None}
    assert (drift("라떼", "라 떼"), drift("라떼", "케이크"), drift("a", "b")) == (0, 1, 1)


def test_carts() -> None:
    newest_first = [
        acted("remove", 5, product="B"), acted("add", 10, product="C", price=6000.0), acted("add", 20, product="B", price=2000.0),
        acted("add", 30, product="A", price=4500.0), acted("order", 40), acted("add", 50, product="Z", price=9.0),
    ]  # fmt: skip
    assert facts(Cart(), newest_first)[0] == {"cart_items": 2, "cart_product": "C", "cart_age_minutes": 10, "cart_value": 10500}
    assert facts(Cart(), newest_first[4:])[0]["cart_items"] == 0
    assert in_cart([acted("home", 1), acted("add", 24 * 60 + 1, product="A")], NOW).values["cart_items"] == 0


def test_interest_fades_and_taking_out_is_none() -> None:
    old = [acted("view", 6 * 24 * 60, category="dessert")] * 3
    assert facts(Interest(), [acted("view", 1, category="coffee"), *old])[0]["interest_category"] == "coffee"
    assert facts(Interest(), [acted("remove", 1, category="coffee"), *old])[0]["interest_category"] == "dessert"
    assert facts(Interest(), [acted("view", 15 * 24 * 60, category="x")])[0]["interest_category"] is None


def test_engagement_and_price() -> None:
    busy = [acted("view", i) for i in range(1, 21)]
    told = facts(Engagement(), busy, busy[:6], busy[:2], [acted("wallet", 1), acted("search_buy", 2, query="할인"), *busy[5:7]])
    assert [each["engagement"] for each in told] == ["high", "medium", "low", "low"]
    assert [each["price_sensitivity"] for each in told] == [0, 0, None, 0.5]


def test_visits() -> None:
    month = 31 * 24 * 60
    told = facts(LastVisit(), [acted("home", 1), acted("view", 1 + month)], [acted("view", month)], [acted("home", 1)], [])
    assert [each["days_away"] for each in told] == [31, None, None, None]
    assert [each["days_since_visit"] for each in told] == [0, 31, 0, None]


def test_intent_with_its_object_motive_and_signs() -> None:
    history = [acted("search_help", 1, query="환불 방법"), acted("home", 2)]
    told = facts(Intents(), history)[0]
    assert told["intent"] == "help" and str(told["intent_evidence"]).count(",") <= 2
    looks = [acted("view", 1, product="A"), acted("view", 2, product="B", category="x"), acted("view", 3, product="B")]
    assert (object_of(looks), object_of([acted("list", 1, category="x")]), object_of([acted("home", 1)])) == ("B", "x", None)
    assert motive_of(looks, looks, "B") == "taste"
    assert motive_of(looks, [*looks, acted("order", 900, product="B")], "B") == "habit"
    assert motive_of([acted("wallet", 1)], [acted("wallet", 1)], None) == "price"


def test_what_has_not_happened_yet_is_not_known() -> None:
    assert facts(InSession(), [acted("order", -5), acted("home", 1)])[0]["last_action"] == "home"
