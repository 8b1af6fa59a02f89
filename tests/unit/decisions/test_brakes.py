"""Promotion stops while a complaint is open and while somebody seeks help or the way out; nothing else does."""

from __future__ import annotations

import msgspec
import pytest
from tests.unit.decisions.conftest import MakePlacements, World

from gyeol.decisions.catalogue import render
from gyeol.decisions.gates.gate import DecisionRequest, MessagePlan
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition

NOON = 1_772_420_400_000
SALE = OfferDefinition(name="sale", placements=["hero"])
SORRY = OfferDefinition(name="sorry", placements=["hero"], promotional=False)
HERO = PlacementDefinition(name="hero", channel="web")


def asked(
    compiled: MakePlacements,
    person: object,
    *,
    facts: dict[str, object] | None = None,
    hero: PlacementDefinition = HERO,
    mail: str | None = None,
) -> Decision:
    plan = None if mail is None else MessagePlan(medium="email", message_class=mail, purpose="marketing", send_at_ms=NOON)  # type: ignore[arg-type]  # both classes
    request = DecisionRequest(id="d", placement="hero", person=person, now_ms=NOON, moment=facts or {}, message=plan)  # type: ignore[arg-type]  # a view
    return compiled([SALE, SORRY], hero).decide(request)


def codes(decision: Decision) -> dict[str, str]:
    return {r.offer: r.reason.code for r in decision.refusals if r.gate in ("complaint", "intent")}


@pytest.mark.parametrize(
    ("intent", "code"), [("help", "seeking_help"), ("leave", "about_to_leave"), ("buy", None), ("unknown", None), (None, None)]
)
def test_promotion_stops_for_who_seeks_help_or_the_way_out(
    world: World, compiled: MakePlacements, intent: str | None, code: str | None
) -> None:
    decision = asked(compiled, world.person(moment_intent=intent, moment_intent_confidence=0.9))
    assert codes(decision) == ({} if code is None else {"sale": code})
    for refusal in decision.refusals:
        if refusal.gate == "intent":
            assert "0.9" in render(refusal.reason, "ko") and "0.9" in render(refusal.reason, "en")


def test_an_open_complaint_stops_promotion_and_nothing_else(world: World, compiled: MakePlacements) -> None:
    assert codes(asked(compiled, world.person(moment_open_complaint=True))) == {"sale": "complaint_open"}
    assert codes(asked(compiled, world.person(moment_open_complaint=False))) == {}
    assert asked(compiled, world.person(moment_open_complaint=True)).chosen == "sorry"


def test_whether_it_was_settled_must_be_known(world: World, compiled: MakePlacements) -> None:
    person = world.person(moment_open_complaint=None)
    assert codes(asked(compiled, person)) == {}
    assert codes(asked(compiled, person, facts={"open_complaint": {"value": True, "stale": True}})) == {"sale": "complaint_unknown"}
    assert codes(asked(compiled, person, facts={"open_complaint": {"value": False, "stale": True}})) == {}


def test_a_placement_or_a_message_that_is_no_promotion(world: World, compiled: MakePlacements) -> None:
    person = world.person(moment_intent="help", moment_open_complaint=True)
    assert codes(asked(compiled, person, hero=msgspec.structs.replace(HERO, promotional=False))) == {}
    assert codes(asked(compiled, person, mail="transactional")) == {}
