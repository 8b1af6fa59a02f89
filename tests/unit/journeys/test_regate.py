"""The last look before a message leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gyeol.channels.model import Licence, Message
from gyeol.decisions.model import Reason
from gyeol.decisions.person import PersonView
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.regate import held_back, regate, regate_claimed
from gyeol.journeys.step import take_step
from gyeol.journeys.trigger import Journeys, Match
from gyeol.kernel.instants import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from tests.unit.journeys.conftest import World

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul


def queued(world: World, *nodes: int, journey: str = "on_order", at_ms: int = NOON) -> Message:
    """A message as the engine makes it: enrolled, decided, recorded."""
    person = world.person(*(nodes or (1,)))
    found = world.journeys.get(journey)
    assert found is not None
    match = Match(journey=journey, node=person.node, entry_key=f"k{at_ms}", cause_offset=at_ms)
    enrolment = world.journeys.enrol(match, person, world.enrolments, at_ms)
    assert enrolment is not None
    stepped = take_step(found, enrolment, person, world.placements, at_ms, {})
    assert stepped.message is not None
    world.enrolments.add(stepped.enrolment)
    world.decisions.add(stepped.decision)
    return stepped.message


def look(world: World, message: Message, person: PersonView | None = None, now_ms: int = NOON + 1) -> Licence | Reason:
    return regate(message, person or world.person(message.node), world.journeys, world.placements, world.enrolments, now_ms, {})


def code(found: Licence | Reason) -> str | None:
    return found.code if isinstance(found, Reason) else None


def test_a_fresh_licence(world: World) -> None:
    world.consent(1, "email")
    message = queued(world)
    found = look(world, message, now_ms=NOON + HOUR_MS)
    assert isinstance(found, Licence)
    assert (found.checked_at_ms, found.local_hour) == (NOON + HOUR_MS, "2026-03-02 13:00 Asia/Seoul")
    assert found.caps == {"offer_cap": {"count": 0, "cap": 2, "window": "7d"}}, "its own decision is not counted against it"


Change = Callable[["World"], PersonView | None]


def withdraw(world: World) -> None:
    world.consent(1, "email", granted=False, at_ms=NOON)


def merge_with_a_withdrawal(world: World) -> PersonView:
    world.consent(9, "email", granted=False)
    return world.person(1, 9)


def lose_eligibility(world: World) -> PersonView:
    return world.person(1, orders=0)


def lose_address(world: World) -> None:
    world.addresses = {}


def change_address(world: World) -> None:
    world.addresses = {"email": "other@example.invalid"}


def lose_journey(world: World) -> None:
    world.journeys = Journeys([], world.channels)


def lose_offer(world: World) -> None:
    world.placements = world.compile([])


def merge_with_a_full_cap(world: World) -> PersonView:
    world.consent(9, "email")
    for at_ms in (NOON, NOON + 1):
        found = world.journeys.get("on_lapse")
        assert found is not None
        enrolment = Enrolment(journey="on_lapse", version="v", node=9, person="p9", entry_key="k", at_ms=at_ms, cause_offset=at_ms)
        world.decisions.add(take_step(found, enrolment, world.person(9), world.placements, at_ms, {}).decision)
    return world.person(1, 9)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (withdraw, "consent_withdrawn"),
        (merge_with_a_withdrawal, "consent_withdrawn"),
        (lose_eligibility, "not_eligible"),
        (lose_address, "no_address"),
        (change_address, "address_changed"),
        (lose_journey, "journey_gone"),
        (lose_offer, "offer_gone"),
        (merge_with_a_full_cap, "offer_cap"),
    ],
)
def test_what_has_changed_since_refuses(world: World, change: Change, reason: str) -> None:
    world.consent(1, "email")
    message = queued(world)
    assert code(look(world, message)) is None
    person = change(world)
    found = look(world, message, person, NOON + 2)
    assert code(found) == reason
    assert isinstance(found, Reason)
    delivery = held_back(message, found, NOON + 2)
    assert (delivery.state, delivery.reason, delivery.at_ms) == ("refused", reason, NOON + 2)


def test_too_late_is_its_own_end(world: World) -> None:
    world.consent(1, "email")
    message = queued(world)
    assert code(look(world, message, now_ms=NOON + DAY_MS - 1)) is None
    found = look(world, message, now_ms=NOON + DAY_MS)
    assert isinstance(found, Reason)
    assert held_back(message, found, NOON + DAY_MS).state == "too_late"


def test_after_a_merge_only_the_earlier_enrolment_sends(world: World) -> None:
    for node in (1, 2):
        world.consent(node, "email")
    first, second = queued(world, 1), queued(world, 2, at_ms=NOON + 1)
    together = {1: world.person(1, 2), 2: world.person(2, 1)}
    assert code(look(world, first, together[1], NOON + 2)) is None
    assert code(look(world, second, together[2], NOON + 2)) == "merged"
    assert code(look(world, second, world.person(2), NOON + 2)) is None, "after a cut they are two people again"


def test_quiet_hours_put_it_back_until_they_end(world: World) -> None:
    world.consent(1, "sms")
    world.consent(1, "sms", purpose="night")
    message = queued(world, journey="by_phone", at_ms=NOON + 9 * HOUR_MS)
    assert code(look(world, message, now_ms=NOON + 10 * HOUR_MS)) is None
    world.consent(1, "sms", purpose="night", granted=False, at_ms=NOON)
    found = look(world, message, now_ms=NOON + 10 * HOUR_MS)
    assert isinstance(found, Reason)
    back = held_back(message, found, NOON + 10 * HOUR_MS)
    assert (back.state, back.reason, back.retry_after_ms) == ("queued", "quiet_hours", 10 * HOUR_MS)


def test_claimed_messages_are_parted(world: World) -> None:
    world.consent(1, "email")
    world.consent(2, "email")
    messages = [queued(world, 1), queued(world, 2)]
    world.consent(2, "email", granted=False, at_ms=NOON)
    ready, held = regate_claimed(messages, world.person, world.journeys, world.placements, world.enrolments, NOON + 5, lambda node: {})
    assert [m.send_key for m in ready] == [messages[0].send_key]
    assert ready[0].licence is not None
    assert ready[0].licence.checked_at_ms == NOON + 5
    assert [(d.send_key, d.state, d.reason) for d in held] == [(messages[1].send_key, "refused", "consent_withdrawn")]
