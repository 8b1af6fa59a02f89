"""The gates one by one: caps over windows, holdouts that stick, law and consent of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from gyeol.decisions.engine import Passed, Placements
from gyeol.decisions.gates.gate import DecisionRequest, MessagePlan
from gyeol.decisions.gates.order import GATES
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition, Refusal
from gyeol.decisions.person import PersonView
from gyeol.kernel.hashing import sticky_share
from gyeol.kernel.instants import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from tests.unit.decisions.conftest import MakePlacements, World

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
NIGHT = NOON + 10 * HOUR_MS


def offer(name: str = "a", **fields: object) -> OfferDefinition:
    return msgspec.convert({"name": name, "placements": ["hero"]} | fields, OfferDefinition)


def placement(**fields: object) -> PlacementDefinition:
    return msgspec.convert({"name": "hero", "channel": "web"} | fields, PlacementDefinition)


def decide(placements: Placements, person: PersonView, now_ms: int = NOON, message: MessagePlan | None = None) -> Decision:
    return placements.decide(DecisionRequest(id=f"d_{now_ms}", placement="hero", person=person, now_ms=now_ms, message=message))


def mail(send_at_ms: int = NOON, medium: str = "email", **fields: object) -> MessagePlan:
    given = {"medium": medium, "message_class": "advertising", "purpose": "marketing", "send_at_ms": send_at_ms} | fields
    return msgspec.convert(given, MessagePlan)


def why(decision: Decision) -> tuple[str, str] | None:
    found = [(r.gate, r.reason.code) for r in decision.refusals if r.gate != "rank"]
    return found[0] if found else None


def test_gates_stand_in_the_order_of_the_design() -> None:
    first = ["validity", "consent", "law", "suppression", "complaint", "intent", "eligibility", "freshness", "bought"]
    caps = ["offer_cap", "placement_cap", "frequency", "fatigue", "contact_budget", "budget", "inventory"]
    assert [g.name for g in GATES] == [*first, *caps, "coupon", "elsewhere", "holdout"]
    assert {g.name: g.when_unknown for g in GATES}["consent"] == "refuse"
    assert {g.name: g.when_unknown for g in GATES}["law"] == "refuse"
    assert {g.name: g.when_unknown for g in GATES}["complaint"] == "refuse"
    assert {g.name: g.when_unknown for g in GATES}["intent"] == "pass"


@pytest.mark.parametrize(("shift_ms", "code"), [(-1, "not_yet_valid"), (0, None), (DAY_MS - 1, None), (DAY_MS, "no_longer_valid")])
def test_validity_is_half_open(world: World, compiled: MakePlacements, shift_ms: int, code: str | None) -> None:
    placements = compiled([offer(valid_from="2026-03-02T12:00:00+09:00", valid_until="2026-03-03T12:00:00+09:00")], placement())
    refused = why(decide(placements, world.person(), NOON + shift_ms))
    assert refused == (None if code is None else ("validity", code))


def test_a_cap_counts_calendar_days_over_all_nodes_of_the_person(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(cap=2, cap_window="2d")], placement())
    for node, at_ms in ((1, NOON), (2, NOON + 11 * HOUR_MS)):
        world.decisions.add(decide(placements, world.person([node]), at_ms))
    assert why(decide(placements, world.person([1]), NOON + 12 * HOUR_MS)) is None
    both = world.person([1, 2])
    refused = decide(placements, both, NOON + 35 * HOUR_MS)
    assert why(refused) == ("offer_cap", "offer_cap")
    assert refused.refusals[0].reason.params == {"offer": "a", "count": 2, "cap": 2, "window": "2d"}
    assert why(decide(placements, both, NOON + 36 * HOUR_MS)) is None, "from midnight on the first day is out of the window"


def test_a_cap_in_hours_rolls(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(cap=1, cap_window="24h")], placement())
    world.decisions.add(decide(placements, world.person()))
    assert why(decide(placements, world.person(), NOON + DAY_MS - 1)) == ("offer_cap", "offer_cap")
    assert why(decide(placements, world.person(), NOON + DAY_MS)) is None


def test_a_placement_cap_counts_its_offers_but_no_fallback(world: World, compiled: MakePlacements) -> None:
    offers = [offer("a", score="2", cap=1, cap_window="1d"), offer("b"), offer("plain")]
    placements = compiled(offers, placement(cap=2, cap_window="1d", fallback="plain"))
    seen = []
    for minute in range(4):
        decision = decide(placements, world.person(), NOON + minute)
        world.decisions.add(decision)
        seen.append((decision.chosen, decision.fallback))
    assert seen == [("a", False), ("b", False), ("plain", True), ("plain", True)]
    assert why(decide(placements, world.person(), NOON + DAY_MS)) is None


def test_the_decision_being_gated_again_is_not_counted_against_itself(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(cap=1, cap_window="24h")], placement(cap=1, cap_window="24h"))
    world.decisions.add(decide(placements, world.person()))
    again = DecisionRequest(id="d", placement="hero", person=world.person(), now_ms=NOON + 5, recorded_at_ms=NOON)
    assert isinstance(placements.check(again, "a"), Passed)
    later = msgspec.structs.replace(again, now_ms=NOON + DAY_MS)
    assert isinstance(placements.check(later, "a"), Passed), "nothing to take off once it has left the window"
    world.decisions.add(decide(placements, world.person([1]), NOON + DAY_MS))
    assert isinstance(placements.check(later, "a"), Refusal), "the later decision counts in full"


def test_holdout_keeps_its_share_and_sticks_to_the_first_exposure(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], placement(holdout=0.2, holdout_salt="spring"))
    held = [decide(placements, world.person([n], f"person{n}")) for n in range(500)]
    share = sum(d.holdout for d in held) / 500
    assert 0.14 < share < 0.26
    for n, decision in enumerate(held):
        assert decision.holdout == (sticky_share("spring", f"person{n}") < 0.2)
        assert decision.holdout_salt == "spring"
        assert decision.reasons[0].code == ("held_out" if decision.holdout else "only_candidate")
        world.decisions.add(decision)
    inside = next(n for n, d in enumerate(held) if d.holdout)
    renamed = next(name for name in map(str, range(99)) if sticky_share("spring", name) >= 0.2)
    assert decide(placements, world.person([inside], renamed)).holdout, "a new person_id does not move anybody out of the holdout"


def test_holdout_is_the_last_gate_so_that_only_the_exposed_are_assigned(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(eligibility="vip")], placement(holdout=0.999))
    person_id = next(name for name in map(str, range(99)) if sticky_share("hero", name) < 0.999)
    refused = decide(placements, world.person([1], person_id, vip=False))
    assert (why(refused), refused.holdout, refused.holdout_salt) == (("eligibility", "not_eligible"), False, "")
    exposed = decide(placements, world.person([1], person_id, vip=True))
    assert (why(exposed), exposed.holdout, exposed.holdout_salt) == (("holdout", "holdout"), True, "hero")


def test_after_a_merge_the_earliest_exposed_assignment_wins(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], placement(holdout=0.5))
    names = list(map(str, range(99)))
    held = next(n for n in names if sticky_share("hero", n) < 0.5)
    free = next(n for n in names if sticky_share("hero", n) >= 0.5)
    world.decisions.add(decide(placements, world.person([1], free), NOON))
    world.decisions.add(decide(placements, world.person([2], held), NOON + 1))
    assert not decide(placements, world.person([1, 2], held), NOON + 2).holdout
    assert world.decisions.crossed([1, 2], "hero")
    assert not world.decisions.crossed([1], "hero")


def test_a_message_needs_consent_for_its_medium_and_both_purposes(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer(purpose="recommendations")], placement())
    person = world.person()
    assert why(decide(placements, person, message=mail())) == ("consent", "consent_missing")
    world.consent(1, "web", "marketing")
    world.consent(1, "email", "marketing")
    refused = decide(placements, person, message=mail())
    assert refused.refusals[0].reason.params == {"channel": "email", "purpose": "recommendations"}
    world.consent(1, "email", "recommendations")
    assert decide(placements, person, message=mail()).chosen == "a"
    checked = placements.check(DecisionRequest(id="d", placement="hero", person=person, now_ms=NOON, message=mail()), "a")
    assert isinstance(checked, Passed)
    assert (checked.compared["consent"]["purpose"], checked.compared["consent"]["source"]) == ("marketing", "crm")
    assert checked.compared["law"] == {
        "rules": ["kr_email_advertising"],
        "label": "(광고)",
        "free_refusal": True,
        "local_hour": "2026-03-02 12:00 Asia/Seoul",
    }


def test_a_transactional_message_needs_no_consent_of_its_own(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], placement())
    assert decide(placements, world.person(), NIGHT, mail(NIGHT, "sms", message_class="transactional")).chosen == "a"


def test_no_advertising_by_sms_at_night(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], placement())
    world.consent(1, "sms", "marketing")
    assert why(decide(placements, world.person(), NIGHT, mail(NIGHT, "sms"))) == ("law", "quiet_hours")
    assert decide(placements, world.person(), NIGHT, mail(NIGHT + 10 * HOUR_MS, "sms")).chosen == "a", "it leaves in the morning"
    world.consent(1, "sms", "night")
    assert decide(placements, world.person(), NIGHT, mail(NIGHT, "sms")).chosen == "a"


def test_an_unknown_medium_is_not_sent_to(world: World, compiled: MakePlacements) -> None:
    placements = compiled([offer()], placement())
    world.consent(1, "pigeon", "marketing")
    assert why(decide(placements, world.person(), message=mail(medium="pigeon"))) == ("law", "law_unknown")
