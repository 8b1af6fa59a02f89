"""The last look before a message leaves: the gates again, with what is true now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gyeol.channels.model import Delivery, Licence, Message
from gyeol.decisions.engine import Passed, Placements
from gyeol.decisions.gates.gate import DecisionRequest, MessagePlan
from gyeol.decisions.person import PersonView
from gyeol.journeys.enrolment import EnrolmentLedger
from gyeol.journeys.licence import licence
from gyeol.journeys.trigger import Journeys
from gyeol.kernel.reason import Reason


def regate(
    message: Message,
    person: PersonView,
    journeys: Journeys,
    placements: Placements,
    enrolments: EnrolmentLedger,
    now_ms: int,
    moment: dict[str, object],
) -> Licence | Reason:
    """A fresh licence for a claimed message, or why it may not leave.

    Args:
        message: As claimed.
        person: Whom its node belongs to now.
        journeys: Of the definitions in force: what they no longer have is not sent.
        placements: The same.
        enrolments: For merges: the earlier enrolment of the person counts.
        now_ms: ``engine_now``.
        moment: The facts used.
    """
    if now_ms >= message.expires_at_ms:
        return Reason(code="too_late", params={"expires_at_ms": message.expires_at_ms})
    journey = journeys.get(message.journey)
    if journey is None:
        return Reason(code="journey_gone", params={"journey": message.journey})
    if placements.placement(message.placement) is None:
        return Reason(code="offer_gone", params={"offer": message.offer, "placement": message.placement})
    since_ms = 0 if journey.re_entry_ms is None else message.queued_at_ms - journey.re_entry_ms + 1
    if enrolments.earlier(journey.name, person.nodes, message.queued_at_ms, message.node, since_ms) is not None:
        return Reason(code="merged", params={"journey": journey.name})
    medium = journey.channel.medium
    address = person.address(medium)
    if address != message.address:
        return Reason(code="no_address" if address is None else "address_changed", params={"medium": medium})
    request = DecisionRequest(
        id=message.decision or "",
        placement=message.placement,
        person=person,
        now_ms=now_ms,
        moment=moment,
        cause=f"journey:{journey.name}",
        message=MessagePlan(medium=medium, message_class=message.message_class, purpose=message.purpose, send_at_ms=now_ms),
        recorded_at_ms=message.queued_at_ms,
    )
    checked = placements.check(request, message.offer)
    return licence(checked, now_ms) if isinstance(checked, Passed) else checked.reason


def held_back(message: Message, reason: Reason, now_ms: int) -> Delivery:
    """What becomes of a claimed message that may not leave: back into the queue until quiet hours end, too late, or refused."""
    if reason.code == "too_late":
        return Delivery(send_key=message.send_key, state="too_late", at_ms=now_ms, reason=reason.code)
    until_ms = reason.params.get("until_ms")
    if reason.code == "quiet_hours" and isinstance(until_ms, int) and until_ms < message.expires_at_ms:
        return Delivery(send_key=message.send_key, state="queued", at_ms=now_ms, reason=reason.code, retry_after_ms=until_ms - now_ms)
    return Delivery(send_key=message.send_key, state="refused", at_ms=now_ms, reason=reason.code, detail=_detail(reason))


def regate_claimed(
    messages: Sequence[Message],
    person_of: Callable[[int], PersonView],
    journeys: Journeys,
    placements: Placements,
    enrolments: EnrolmentLedger,
    now_ms: int,
    moment: dict[str, object],
) -> tuple[list[Message], list[Delivery]]:
    """Claimed messages that may leave, each with its fresh licence, and the deliveries to record for the others."""
    ready: list[Message] = []
    held: list[Delivery] = []
    for message in messages:
        found = regate(message, person_of(message.node), journeys, placements, enrolments, now_ms, moment)
        if isinstance(found, Reason):
            held.append(held_back(message, found, now_ms))
        else:
            ready.append(msgspec.structs.replace(message, licence=found))
    return ready, held


def _detail(reason: Reason) -> str:
    return msgspec.json.encode(reason.params).decode()
