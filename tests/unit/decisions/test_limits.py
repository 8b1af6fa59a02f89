"""The gates of money, stock, frequency and weariness, one by one: each can refuse, at the exact edge, and says with which values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from gyeol.decisions.bought import bought_trait
from gyeol.decisions.engine import Placements
from gyeol.decisions.gates.gate import Contest, DecisionRequest, MessagePlan
from gyeol.decisions.limits import CapDefinition, CategoryDefinition, Fatigue, PartnerDefinition
from gyeol.decisions.model import Beside, Decision, OfferDefinition, PlacementDefinition, Reason
from gyeol.decisions.person import PersonView
from gyeol.decisions.terms import Limits
from gyeol.kernel.instants import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from tests.unit.decisions.conftest import MakePlacements, World

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
MINUTE_MS = 60_000


def offer(name: str = "a", **fields: object) -> OfferDefinition:
    return msgspec.convert({"name": name, "placements": ["hero", "foot", "mail"]} | fields, OfferDefinition)


def place(name: str = "hero", **fields: object) -> PlacementDefinition:
    return msgspec.convert({"name": name, "channel": "web"} | fields, PlacementDefinition)


def ask(
    placements: Placements,
    person: PersonView,
    now_ms: int = NOON,
    where: str = "hero",
    message: MessagePlan | None = None,
    beside: tuple[Beside, ...] = (),
    contest: Contest | None = None,
) -> Decision:
    id_ = f"d_{person.node}_{where}_{now_ms}"
    return placements.decide(
        DecisionRequest(id=id_, placement=where, person=person, now_ms=now_ms, message=message, beside=beside, contest=contest)
    )


def why(decision: Decision, of: str = "a") -> Reason | None:
    return next((r.reason for r in decision.refusals if r.offer == of and r.gate != "rank"), None)


def params(decision: Decision, of: str = "a") -> dict[str, object]:
    reason = why(decision, of)
    return {} if reason is None else reason.params


def code(decision: Decision, of: str = "a") -> str | None:
    reason = why(decision, of)
    return None if reason is None else reason.code


def mail() -> MessagePlan:
    return MessagePlan(medium="email", message_class="advertising", purpose="marketing", send_at_ms=NOON)


# -- frequency
def capped(**fields: object) -> Limits:
    cap = msgspec.convert({"name": "quiet", "most": 2, "window": "1d"} | fields, CapDefinition)
    categories = [CategoryDefinition(name="drinks"), CategoryDefinition(name="food")]
    return Limits(caps=[cap], categories=categories, partners=[PartnerDefinition(name="bakery")])


def test_a_cap_counts_across_placements_and_nodes_until_midnight(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("a"), offer("b", score="1")], place(), place("foot"), limits=capped())
    for node, where in ((1, "hero"), (2, "foot")):
        world.decisions.add(ask(placements, world.person([node]), where=where))
    person = world.person([1, 2])
    refused = ask(placements, person)
    assert [r.gate for r in refused.refusals] == ["frequency", "frequency"]
    assert params(refused) == {"cap_name": "quiet", "count": 2, "most": 2, "window": "1d"}
    assert code(ask(placements, person, NOON + 12 * HOUR_MS - 1)) == "frequency"
    assert code(ask(placements, person, NOON + 12 * HOUR_MS)) is None
    assert code(ask(placements, world.person([1]))) is None, "after a cut each has its own"


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"category": "drinks"}, True),
        ({"category": "food"}, False),
        ({"channel": "web"}, True),
        ({"channel": "email"}, False),
        ({"partner": "bakery"}, False),
        ({"window": "1h"}, True),
    ],
)
def test_a_cap_counts_what_it_names(world: World, compiled: MakePlacements, fields: dict[str, object], counts: bool) -> None:
    placements = compiled([offer(category="drinks")], place(), place("mail", channel="email"), limits=capped(most=1, **fields))
    world.decisions.add(ask(placements, world.person()))
    assert (code(ask(placements, world.person(), NOON + 1)) == "frequency") is counts


def test_a_rolling_cap_ends_to_the_millisecond(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], place(), limits=capped(most=1, window="3h"))
    world.decisions.add(ask(placements, world.person()))
    assert code(ask(placements, world.person(), NOON + 3 * HOUR_MS - 1)) == "frequency"
    assert code(ask(placements, world.person(), NOON + 3 * HOUR_MS)) is None


def test_what_is_no_promotion_neither_counts_nor_is_refused(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(), offer("sorry", promotional=False, score="-1")], place(), limits=capped(most=1))
    first = ask(placements, world.person())
    world.decisions.add(first)
    second = ask(placements, world.person(), NOON + 1)
    assert (first.chosen, second.chosen, code(second)) == ("a", "sorry", "frequency")
    ledger = world.decisions
    world.decisions.add(second)
    assert ledger.total == 2
    assert params(ask(placements, world.person(), NOON + 2))["count"] == 1


# -- fatigue
def test_weariness_fades_and_an_answer_ends_it(world: World, compiled: MakePlacements) -> None:
    placements = compiled(
        [offer(), offer("sorry", promotional=False, score="-1")], place(), limits=Limits(fatigue=Fatigue(most=2.5, half_life="1d"))
    )
    person = world.person()
    for hours in (0, 1, 2):
        assert code(ask(placements, person, NOON + hours * HOUR_MS)) is None
        world.decisions.add(ask(placements, person, NOON + hours * HOUR_MS))
    tired = ask(placements, person, NOON + 2 * HOUR_MS)
    expected = 1 + 2 ** (-1 / 24) + 2 ** (-2 / 24)
    assert params(tired) == {"weariness": round(expected, 6), "most": 2.5, "shown": 3, "half_life": "1d"}
    assert tired.chosen == "sorry", "an apology is no promotion"
    assert code(ask(placements, person, NOON + 12 * HOUR_MS)) is None, "it has faded"
    world.decisions.answered(1, NOON + 2 * HOUR_MS)
    assert code(ask(placements, person, NOON + 2 * HOUR_MS)) is None
    assert code(ask(placements, world.person([2]), NOON + 2 * HOUR_MS)) is None


# -- freshness
def test_a_fact_must_be_known(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(fresh=["moment.weather"])], place())
    refused = ask(placements, world.person())
    assert (code(refused), params(refused)) == ("moment_stale", {"facts": ["moment.weather"], "aged": []})
    assert ask(placements, world.person(moment_weather="rain")).chosen == "a"
    gone = compiled([offer(fresh=["moment.tide"])], place())
    assert params(ask(gone, world.person())) == {"facts": ["moment.tide"], "aged": []}, "nothing defines it any more"


# -- bought
def test_what_was_bought_is_not_offered(world: World, compiled: MakePlacements) -> None:
    given = offer(bought={"event": "Order Completed", "within": "30d"})
    assert given.bought is not None
    trait = bought_trait(given.bought)
    assert (trait.kind, trait.event, trait.window) == ("count", "Order Completed", "30d")
    placements = compiled([given], place())
    assert ask(placements, world.person(bought=0)).chosen == "a"
    refused = ask(placements, world.person(bought=2))
    assert (code(refused), params(refused)) == ("already_bought", {"event": "Order Completed", "count": 2, "window": "30d"})
    assert code(ask(placements, world.person())) == "bought_unknown"


# -- budget
def test_money_is_taken_to_the_last_won_and_no_further(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(budget={"cost_minor": 300, "total_minor": 900, "day_minor": 600})], place())
    for node in (1, 2):
        decision = ask(placements, world.person([node]))
        assert decision.charges == {"offer:a": 300}
        world.decisions.add(decision)
    refused = ask(placements, world.person([3]))
    told = {"of": "offer", "whose": "a", "taken_minor": 600, "cost_minor": 300}
    assert (code(refused), params(refused)) == ("budget_day", told | {"limit_minor": 600})
    tomorrow = NOON + 12 * HOUR_MS
    world.decisions.add(ask(placements, world.person([3]), tomorrow))
    refused = ask(placements, world.person([4]), tomorrow)
    assert (code(refused), params(refused)) == ("budget_total", told | {"taken_minor": 900, "limit_minor": 900})


def test_the_category_and_the_partner_pay_as_well(world: World, compiled: MakePlacements) -> None:
    limits = msgspec.convert(
        {
            "categories": [{"name": "drinks", "budget": {"total_minor": 500}}],
            "partners": [{"name": "bakery", "day": 2, "budget": {"total_minor": 10_000}}],
        },
        Limits,
    )
    cost = {"cost_minor": 250}
    offers = [
        offer("a", category="drinks", budget=cost),
        offer("b", partner="bakery", budget=cost, score="1"),
        offer("c", category="drinks"),
    ]
    placements = compiled(offers, place(), limits=limits)
    first = ask(placements, world.person([1]))
    assert first.charges == {"offer:b": 250, "partner:bakery": 250, "pieces:partner:bakery": 1}
    world.decisions.add(first)
    world.decisions.add(ask(placements, world.person([2])))
    third = ask(placements, world.person([3]))
    assert (code(third, "b"), params(third, "b")) == ("pieces_day", {"of": "partner", "whose": "bakery", "count": 2, "most": 2})
    world.decisions.add(third)
    world.decisions.add(ask(placements, world.person([4])))
    fifth = ask(placements, world.person([5]))
    assert (code(fifth, "a"), params(fifth, "a")["whose"]) == ("budget_total", "drinks")
    assert fifth.chosen == "c", "what costs nothing goes on"


# -- inventory
@pytest.mark.parametrize(
    ("stock", "least", "expected"), [(5, 5, None), (4, 5, "out_of_stock"), (None, 1, "stock_unknown"), (0, 1, "out_of_stock")]
)
def test_the_article_must_be_there(world: World, compiled: MakePlacements, stock: float | None, least: int, expected: str | None) -> None:
    if stock is not None:
        world.stocks["cup"] = stock
    placements = compiled([offer(inventory={"sku": "cup", "least": least})], place())
    assert code(ask(placements, world.person())) == expected
    lenient = compiled([offer(inventory={"sku": "cup", "least": least, "when_unknown": "pass"})], place())
    assert code(ask(lenient, world.person())) == (None if stock is None else expected)


def test_so_many_and_no_more(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(inventory={"total": 2})], place())
    for node in (1, 2):
        world.decisions.add(ask(placements, world.person([node])))
    refused = ask(placements, world.person([3]), NOON + 9 * DAY_MS)
    assert (code(refused), params(refused)) == ("pieces_total", {"of": "offer", "whose": "a", "count": 2, "most": 2})


# -- beside each other
def test_placements_that_are_asked_together_show_different_things(world: World, compiled: MakePlacements) -> None:
    offers = [offer("a", category="drinks", score="3"), offer("b", category="drinks", score="2"), offer("c", category="food", score="1")]
    placements = compiled(offers, place(), place("foot", diversity=1))
    beside = placements.beside(ask(placements, world.person()))
    assert beside == (Beside(placement="hero", offer="a", category="drinks"),)
    second = ask(placements, world.person(), where="foot", beside=beside)
    assert (second.chosen, second.beside) == ("c", list(beside))
    assert why(second, "a") == Reason(code="shown_elsewhere", params={"placement": "hero"})
    assert why(second, "b") == Reason(code="diversity", params={"category": "drinks", "count": 1, "most": 1})
    assert ask(placements, world.person(), beside=beside).chosen == "b", "here any number of a category may stand"


# -- contacts
def test_a_message_that_lost_is_told_by_which(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], place("mail", channel="email"))
    world.consent(1, "email", "marketing")
    lost = Contest(count=0, most=1, window="1d", value=2.0, lost="outcompeted", winner="b", winner_value=3.0, until_ms=NOON + 1)
    refused = ask(placements, world.person(), where="mail", message=mail(), contest=lost)
    assert code(refused) == "outcompeted"
    assert params(refused)["winner"] == "b"
    fine = Contest(count=0, most=1, window="1d", value=2.0)
    assert ask(placements, world.person(), where="mail", message=mail(), contest=fine).chosen == "a"
    service = msgspec.structs.replace(mail(), message_class="transactional")
    assert ask(placements, world.person(), where="mail", message=service, contest=lost).chosen == "a"


# -- holds
def test_what_was_not_shown_counts_nowhere(world: World, compiled: MakePlacements) -> None:
    given = offer(cap=1, budget={"cost_minor": 5, "total_minor": 5})
    placements = compiled([given], place(impressions=True, hold="10m"))
    ledger, person = world.decisions, world.person()
    held = ask(placements, person)
    assert held.hold_until_ms == NOON + 10 * MINUTE_MS
    ledger.add(held)
    ledger.lapse(held.hold_until_ms - 1)
    assert code(ask(placements, person, held.hold_until_ms - 1)) == "offer_cap"
    assert code(ask(placements, world.person([2]), held.hold_until_ms - 1)) == "budget_total"
    ledger.lapse(held.hold_until_ms)
    assert ask(placements, person, held.hold_until_ms).chosen == "a"
    assert ask(placements, world.person([2]), held.hold_until_ms).chosen == "a"
    ledger.shown(held.id)
    assert code(ask(placements, person, held.hold_until_ms)) == "offer_cap", "an impression that comes late still counts"
    assert ledger.spending.taken("offer:a", NOON).total == 5
    assert not ledger.holds


def test_an_impression_in_time_holds_for_good_and_one_that_never_comes_is_forgotten(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(cap=9, budget={"cost_minor": 5})], place(impressions=True, hold="10m"))
    ledger, person = world.decisions, world.person()
    shown, unseen = ask(placements, person), ask(placements, person, NOON + 1)
    ledger.add(shown)
    ledger.add(unseen)
    ledger.shown(shown.id)
    ledger.shown("d_never_heard_of")
    again = type(ledger).load(ledger.dump(), ledger.zone)
    assert again.dump() == ledger.dump()
    for each in (ledger, again):
        waits = []
        for at_ms in (NOON + HOUR_MS + 10 * MINUTE_MS, NOON + HOUR_MS + 10 * MINUTE_MS + 1):
            each.lapse(at_ms)
            waits.append(each.holds)
        assert waits == [True, False], "for an hour an impression may still be told"
        each.shown(unseen.id)
        assert each.spending.taken("offer:a", NOON).total == 5
        assert each.count([1], NOON + 2 * HOUR_MS, placements._plans["hero"].cap_window, offer="a") == 1
    assert again.dump() == ledger.dump()


def test_a_ledger_of_a_release_without_holds_is_read(world: World) -> None:
    old = msgspec.msgpack.encode((3, [(7, [(NOON, "hero", "a")])], [("hero", [(7, NOON, False)])]))
    ledger = type(world.decisions).load(old, world.decisions.zone)
    assert (ledger.total, ledger.assignment([7], "hero"), ledger.holds) == (3, False, False)
    assert ledger.dump() == type(ledger).load(ledger.dump(), ledger.zone).dump()
