"""Decide: gates in order, rank, fallback, and a reason for every offer that was not chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from gyeol.decisions.catalogue import CATALOGUE_VERSION
from gyeol.decisions.engine import Passed, Placements, decision_id
from gyeol.decisions.gates.gate import DecisionRequest, MessagePlan
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition, Reason, Refusal
from gyeol.decisions.person import PersonView
from gyeol.kernel.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from tests.unit.decisions.conftest import MakePlacements, World

NOW = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
HERO = PlacementDefinition(name="hero", channel="web", fallback="plain")
PLAIN = OfferDefinition(name="plain", placements=["hero"])


def offer(name: str, **fields: object) -> OfferDefinition:
    return msgspec.convert({"name": name, "placements": ["hero"]} | fields, OfferDefinition)


def ask(
    placements: Placements, person: PersonView, placement: str = "hero", now_ms: int = NOW, message: MessagePlan | None = None
) -> Decision:
    return placements.decide(DecisionRequest(id="d_1", placement=placement, person=person, now_ms=now_ms, message=message))


def refusals(decision: Decision) -> dict[str, tuple[str, str]]:
    return {r.offer: (r.gate, r.reason.code) for r in decision.refusals}


def test_the_highest_score_wins_and_the_others_say_by_how_much(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("a", score="orders"), offer("b", score="orders * 2"), offer("c", score="0"), PLAIN], HERO)
    decision = ask(placements, world.person(orders=3))
    assert (decision.chosen, decision.fallback, decision.holdout) == ("b", False, False)
    assert decision.reasons == [
        Reason(code="highest_score", params={"offer": "b", "score": 6.0, "runner_up": "a", "runner_up_score": 3.0, "candidates": 3})
    ]
    assert decision.refusals == [
        Refusal(
            offer="a", gate="rank", score=3.0, reason=Reason(code="outranked", params={"score": 3.0, "winner": "b", "winner_score": 6.0})
        ),
        Refusal(
            offer="c", gate="rank", score=0.0, reason=Reason(code="outranked", params={"score": 0.0, "winner": "b", "winner_score": 6.0})
        ),
    ]
    assert (decision.node, decision.person, decision.at_ms, decision.propensity) == (1, "p1", NOW, 1.0)
    assert (decision.catalogue, decision.definitions) == (CATALOGUE_VERSION, "d" * 32)


def test_ties_go_to_priority_then_name_and_an_unknown_score_counts_as_zero(world: World, compiled: MakePlacements) -> None:
    person = world.person()
    tied = compiled([offer("b"), offer("a"), offer("c", priority=1)], HERO)
    decision = ask(tied, person)
    assert (decision.chosen, [r.offer for r in decision.refusals]) == ("c", ["a", "b"])
    assert decision.reasons[0].code == "tie_broken"
    assert ask(compiled([offer("b"), offer("a")], HERO), person).chosen == "a"
    assert ask(compiled([offer("null", score="spent", priority=9), offer("one", score="1")], HERO), person).chosen == "one"
    assert ask(compiled([offer("null", score="spent"), offer("minus", score="-1")], HERO), person).chosen == "null"


def test_the_first_gate_that_refuses_is_kept_with_the_values_compared(world: World, compiled: MakePlacements) -> None:
    offers = [
        offer("late", valid_until="2026-01-01T00:00:00Z", purpose="marketing", eligibility="orders > 100"),
        offer("early", valid_from="2027-01-01T00:00:00Z"),
        offer("private", purpose="marketing", eligibility="orders > 100"),
        offer("few", eligibility="orders >= 5 AND city = '서울'"),
        offer("rich", eligibility="spent > 100"),
        PLAIN,
    ]
    decision = ask(compiled(offers, HERO), world.person(orders=3, city="부산"))
    assert refusals(decision) == {
        "late": ("validity", "no_longer_valid"),
        "early": ("validity", "not_yet_valid"),
        "private": ("consent", "consent_missing"),
        "few": ("eligibility", "not_eligible"),
        "rich": ("eligibility", "eligibility_unknown"),
    }
    few = next(r for r in decision.refusals if r.offer == "few")
    assert few.reason.params == {"condition": "orders >= 5 AND city = '서울'", "values": {"city": "부산", "orders": 3}}
    assert (decision.chosen, decision.fallback) == ("plain", True)
    assert decision.reasons == [Reason(code="all_refused", params={"candidates": 5})]


def test_the_fallback_passes_no_gate_and_is_no_candidate(world: World, compiled: MakePlacements) -> None:
    plain = offer("plain", eligibility="orders > 100", purpose="marketing", score="1000")
    decision = ask(compiled([plain, offer("a")], HERO), world.person(orders=0))
    assert decision.chosen == "a"
    assert refusals(decision) == {}
    alone = ask(compiled([plain], HERO), world.person(orders=0))
    assert (alone.chosen, alone.fallback, alone.reasons[0].code) == ("plain", True, "no_candidates")
    without = ask(compiled([offer("a", eligibility="vip")], PlacementDefinition(name="hero", channel="web")), world.person(vip=False))
    assert (without.chosen, without.fallback) == (None, False)


def test_offers_stay_in_their_placements(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("a", placements=["push"]), PLAIN], HERO, PlacementDefinition(name="push", channel="push"))
    assert ask(placements, world.person()).chosen == "plain"
    assert ask(placements, world.person(), "push").chosen == "a"
    assert placements.names == ("hero", "push")
    with pytest.raises(NotFoundError, match="hero, push"):
        ask(placements, world.person(), "footer")


def test_moment_facts_are_names_like_traits(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("umbrella", eligibility="moment.weather = 'rain'"), PLAIN], HERO)
    assert ask(placements, world.person(moment_weather="rain")).chosen == "umbrella"
    assert refusals(ask(placements, world.person(moment_weather="sun")))["umbrella"][1] == "not_eligible"
    assert refusals(ask(placements, world.person()))["umbrella"][1] == "eligibility_unknown"


def test_consent_is_asked_for_the_placements_channel(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("a", purpose="marketing"), PLAIN], HERO)
    world.consent(1, "email", "marketing")
    assert ask(placements, world.person([1])).fallback
    world.consent(1, "web", "marketing")
    assert ask(placements, world.person([1])).chosen == "a"
    world.consent(2, "web", "marketing", granted=False)
    assert refusals(ask(placements, world.person([1, 2])))["a"] == ("consent", "consent_withdrawn")


def test_deciding_twice_is_deciding_once(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("a", score="orders", cap=1), offer("b", eligibility="vip")], HERO)
    person = world.person(orders=2, vip=True)
    first = msgspec.msgpack.encode(ask(placements, person))
    assert msgspec.msgpack.encode(ask(placements, world.person(orders=2, vip=True))) == first
    assert msgspec.msgpack.decode(first, type=Decision) == ask(placements, person)


def test_every_problem_of_the_definitions_is_told(compiled: MakePlacements) -> None:
    offers = [offer("a", eligibility="orderz > 1", score="nothing +"), offer("b", cap_window="soon", valid_from="tomorrow")]
    with pytest.raises(InputError) as raised:
        compiled(offers, PlacementDefinition(name="hero", channel="web", cap_window="never"))
    assert [p.path for p in raised.value.problems] == [
        "offers.a.eligibility",
        "offers.a.score",
        "offers.b.cap_window",
        "offers.b.valid_from",
        "placements.hero.cap_window",
    ]


def test_decision_ids_are_fixed_by_what_they_are_for() -> None:
    assert decision_id(1, "hero", "17") == decision_id(1, "hero", "17")
    assert len({decision_id(n, p, c) for n in (1, 11) for p in ("hero", "1hero") for c in ("1", "11")}) == 8
    assert decision_id(1, "hero", "17").startswith("d_")


def test_check_asks_about_one_offer(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer("a", eligibility="orders > 1", cap=2, score="1"), offer("b"), PLAIN], HERO)
    request = DecisionRequest(id="d_1", placement="hero", person=world.person(orders=5), now_ms=NOW)
    assert placements.check(request, "a") == Passed(
        compared={
            "complaint": {"open_complaint": None},
            "intent": {"intent": None},
            "eligibility": {"condition": "orders > 1", "values": {"orders": 5}},
            "offer_cap": {"count": 0, "cap": 2, "window": "7d"},
        }
    )
    assert placements.check(request, "b") == Passed(compared={"complaint": {"open_complaint": None}, "intent": {"intent": None}})
    gone = placements.check(request, "plain")
    assert isinstance(gone, Refusal)
    assert gone.reason.code == "offer_gone"
    refused = placements.check(msgspec.structs.replace(request, person=world.person(orders=0)), "a")
    assert isinstance(refused, Refusal)
    assert refused.gate == "eligibility"
