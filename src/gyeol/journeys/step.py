"""The step of a journey: an enrolment becomes a decision, and the decision a message or a refusal. Pure."""

from __future__ import annotations

import msgspec

from gyeol.channels.model import Message
from gyeol.decisions.engine import Passed, Placements, decision_id
from gyeol.decisions.gates.gate import DecisionRequest, MessagePlan
from gyeol.decisions.model import Decision
from gyeol.decisions.person import PersonView
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.licence import licence
from gyeol.journeys.saying import said
from gyeol.journeys.trigger import Journey
from gyeol.kernel.canonical import digest
from gyeol.kernel.reason import Reason
from gyeol.privacy.consent import NIGHT
from gyeol.privacy.law import LawTable

STEP = "message"
"""The one step that a journey has so far."""


class Stepped(msgspec.Struct, frozen=True, kw_only=True):
    """What a step led to: the decision, the enrolment with its outcome, and the message if there is one to send."""

    decision: Decision
    enrolment: Enrolment
    message: Message | None


def send_key(enrolment: Enrolment) -> str:
    """The same for the same (journey version, node, cause, step): however often a record is folded, one message comes of it."""
    return "m_" + digest([enrolment.journey, enrolment.version, enrolment.node, enrolment.cause_offset, STEP])


def message_request(
    journey: Journey, enrolment: Enrolment, person: PersonView, laws: LawTable, now_ms: int, moment: dict[str, object]
) -> DecisionRequest:
    """The question that the step asks. In quiet hours it is asked for their end, if the message may still leave then."""
    step, medium = journey.definition.message, journey.channel.medium
    night = person.consent(medium, NIGHT, now_ms)
    send_at_ms = laws.next_lawful_ms(now_ms, person.zone, medium, step.message_class, night, person.country)
    if send_at_ms >= enrolment.at_ms + journey.expires_ms:
        send_at_ms = now_ms
    return DecisionRequest(
        id=decision_id(enrolment.node, step.placement, send_key(enrolment)),
        placement=step.placement,
        person=person,
        now_ms=now_ms,
        moment=moment,
        cause=f"journey:{journey.name}",
        message=MessagePlan(medium=medium, message_class=step.message_class, purpose=step.purpose, send_at_ms=send_at_ms),
    )


def take_step(
    journey: Journey,
    enrolment: Enrolment,
    person: PersonView,
    placements: Placements,
    now_ms: int,
    moment: dict[str, object],
    *,
    simulated: bool = False,
) -> Stepped:
    """Decide for an enrolment and make its message.

    Nothing leaves without an offer that every gate let pass: a fallback is not sent.

    Args:
        journey: The enrolment's journey.
        enrolment: As ``Journeys.enrol`` gave it.
        person: Whom it is about, as of ``now_ms``.
        placements: The workspace's placements.
        now_ms: ``engine_now``.
        moment: The facts used.
        simulated: Whether the workspace's data are simulated; consent that is makes the message so, too.
    """
    request = message_request(journey, enrolment, person, placements.laws, now_ms, moment)
    decision = placements.decide(request)
    made = make_message(journey, enrolment, request, decision, placements, simulated=simulated)
    if isinstance(made, Reason):
        outcome = msgspec.structs.replace(enrolment, outcome="refused", decision=decision.id, reason=made)
        return Stepped(decision=decision, enrolment=outcome, message=None)
    outcome = msgspec.structs.replace(enrolment, outcome="queued", decision=decision.id, send_key=made.send_key)
    return Stepped(decision=decision, enrolment=outcome, message=made)


def make_message(
    journey: Journey, enrolment: Enrolment, request: DecisionRequest, decision: Decision, placements: Placements, *, simulated: bool
) -> Message | Reason:
    """The message of a decision, or why there is none."""
    plan, person = request.message, request.person
    if decision.chosen is None or decision.fallback or plan is None:
        return refusal_of(decision)
    address = person.address(plan.medium)
    if address is None:
        return Reason(code="no_address", params={"medium": plan.medium})
    passed = placements.check(request, decision.chosen)
    if not isinstance(passed, Passed):
        return passed.reason
    allowed = licence(passed, request.now_ms)
    offer = placements.offer(decision.chosen)
    content = said(offer, person, allowed.label, mail=journey.channel.kind == "email") if offer is not None else refusal_of(decision)
    if isinstance(content, Reason):
        return content
    step = journey.definition.message
    return Message(
        send_key=send_key(enrolment),
        channel=journey.channel.name,
        node=enrolment.node,
        person=person.person_id,
        address=address,
        journey=journey.name,
        journey_version=journey.version,
        decision=decision.id,
        content=content,
        message_class=step.message_class,
        purpose=step.purpose,
        queued_at_ms=request.now_ms,
        expires_at_ms=enrolment.at_ms + journey.expires_ms,
        cause_offset=enrolment.cause_offset,
        simulated=simulated or allowed.consent.get("simulated") is True,
        licence=allowed,
        not_before_ms=plan.send_at_ms,
        offer=decision.chosen,
        placement=decision.placement,
    )


def refusal_of(decision: Decision) -> Reason:
    """The reason that tells most: that of the gate, when one refused every offer for the same reason, else the decision's own."""
    reasons = {refusal.reason.code: refusal.reason for refusal in decision.refusals}
    return next(iter(reasons.values())) if len(reasons) == 1 else decision.reasons[0]
