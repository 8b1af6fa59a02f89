"""The last look before a message leaves: the gates again, with what is true now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gyeol.channels.model import Delivery, Licence, Message
from gyeol.content.library import Contents
from gyeol.decisions.engine import Passed, Placements
from gyeol.decisions.gates.gate import Contest, DecisionRequest, MessagePlan
from gyeol.decisions.person import PersonView
from gyeol.journeys.contacts import Contact, ContactLedger, by_rank
from gyeol.journeys.enrolment import EnrolmentLedger
from gyeol.journeys.licence import licence
from gyeol.journeys.saying import NO_CONTENTS
from gyeol.journeys.trigger import Journeys
from gyeol.kernel.reason import Reason

WAITS = ("quiet_hours", "contact_budget", "outcompeted")
"""Reasons that end at an instant: until then the message goes back into the queue, unless it expires before."""


def regate(
    message: Message,
    person: PersonView,
    journeys: Journeys,
    placements: Placements,
    enrolments: EnrolmentLedger,
    now_ms: int,
    moment: dict[str, object],
    contents: Contents = NO_CONTENTS,
    contest: Contest | None = None,
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
        contents: Of the definitions in force: words whose approval was taken back are not sent.
        contest: How it stands against other messages of the person; None: nobody limits contacts.
    """
    if now_ms >= message.expires_at_ms:
        return Reason(code="too_late", params={"expires_at_ms": message.expires_at_ms})
    journey = journeys.get(message.journey)
    if journey is None:
        return Reason(code="journey_gone", params={"journey": message.journey})
    place = placements.placement(message.placement)
    if place is None:
        return Reason(code="offer_gone", params={"offer": message.offer, "placement": message.placement})
    since_ms = 0 if journey.re_entry_ms is None else message.queued_at_ms - journey.re_entry_ms + 1
    if enrolments.earlier(journey.name, person.nodes, message.queued_at_ms, message.node, since_ms) is not None:
        return Reason(code="merged", params={"journey": journey.name})
    allowed = contents.allowed(message.message_class == "advertising")
    if allowed is not None and (message.wording is None or message.wording.version not in allowed):
        words = message.wording
        content, variant = (message.offer, "–") if words is None else (words.content, words.variant)
        return Reason(code="content_not_approved", params={"content": content, "variant": variant})
    # A placement may have left the channel open: then it is the message's.
    medium = journey.channels.get(message.channel, journey.channel).medium
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
        message=_plan(message, medium, now_ms, message.channel if place.channels else None),
        recorded_at_ms=message.queued_at_ms,
        contest=contest,
    )
    checked = placements.check(request, message.offer)
    return licence(checked, now_ms) if isinstance(checked, Passed) else checked.reason


def held_back(message: Message, reason: Reason, now_ms: int) -> Delivery:
    """What becomes of a claimed message that may not leave: back into the queue until it may, too late, or refused."""
    if reason.code == "too_late":
        return Delivery(send_key=message.send_key, state="too_late", at_ms=now_ms, reason=reason.code)
    until_ms = reason.params.get("until_ms")
    if reason.code in WAITS and isinstance(until_ms, int) and until_ms < message.expires_at_ms:
        detail = "" if reason.code == "quiet_hours" else _detail(reason)
        wait_ms = until_ms - now_ms
        return Delivery(send_key=message.send_key, state="queued", at_ms=now_ms, reason=reason.code, detail=detail, retry_after_ms=wait_ms)
    return Delivery(send_key=message.send_key, state="refused", at_ms=now_ms, reason=reason.code, detail=_detail(reason))


def regate_claimed(
    messages: Sequence[Message],
    person_of: Callable[[int], PersonView],
    journeys: Journeys,
    placements: Placements,
    enrolments: EnrolmentLedger,
    now_ms: int,
    moment_of: Callable[[int], dict[str, object]],
    contents: Contents = NO_CONTENTS,
    contacts: ContactLedger | None = None,
) -> tuple[list[Message], list[Delivery]]:
    """Claimed messages that may leave, each with its fresh licence, and the deliveries to record.

    Where contacts are limited (``contacts``) those worth most are looked at first, and what is let go is a delivery, too. ``person_of``
    and ``moment_of`` are asked by a message's node.
    """
    rules = placements.terms.contacts if contacts is not None else None
    ready: list[Message] = []
    told: list[Delivery] = []
    left: dict[str, dict[str, Contact]] = {}
    for message in messages if rules is None else by_rank(messages):
        person, contest = person_of(message.node), None
        counts = rules is not None and message.message_class == "advertising"
        if counts and rules is not None and contacts is not None:
            gone = left.get(person.person_id, {})
            contest = contacts.contest(message, person.nodes, rules, now_ms, placements.zone, gone)
        found = regate(message, person, journeys, placements, enrolments, now_ms, moment_of(message.node), contents, contest)
        if isinstance(found, Reason):
            told.append(held_back(message, found, now_ms))
            continue
        ready.append(msgspec.structs.replace(message, licence=found))
        if counts:
            told.append(Delivery(send_key=message.send_key, state="sending", at_ms=now_ms))
            left.setdefault(person.person_id, {})[message.send_key] = Contact(now_ms, message.value, message.offer)
    return ready, told


def _plan(message: Message, medium: str, now_ms: int, channel: str | None) -> MessagePlan:
    return MessagePlan(medium=medium, message_class=message.message_class, purpose=message.purpose, send_at_ms=now_ms, channel=channel)


def _detail(reason: Reason) -> str:
    return msgspec.json.encode(reason.params).decode()
