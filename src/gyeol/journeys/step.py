"""The step of a journey: an enrolment becomes a decision, and the decision a message or a refusal. Pure."""

from __future__ import annotations

import msgspec

from gyeol.channels.model import Message
from gyeol.content.coupons.records import Issued
from gyeol.content.library import Contents
from gyeol.decisions.couponed import with_coupon
from gyeol.decisions.engine import Passed, Placements, decision_id
from gyeol.decisions.gates.gate import DecisionRequest
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition
from gyeol.decisions.person import PersonView
from gyeol.decisions.ranking.policies import Policies
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.licence import licence
from gyeol.journeys.plans import message_plans
from gyeol.journeys.saying import NO_CONTENTS, Said, said
from gyeol.journeys.trigger import Journey
from gyeol.kernel.canonical import digest
from gyeol.kernel.reason import Reason
from gyeol.privacy.law import LawTable

STEP = "message"
"""The one step that a journey has so far."""


class Stepped(msgspec.Struct, frozen=True, kw_only=True):
    """What a step led to: the decision, the enrolment with its outcome, the message if there is one to send, and the code it brings."""

    decision: Decision
    enrolment: Enrolment
    message: Message | None
    coupon: Issued | None = None


def send_key(enrolment: Enrolment) -> str:
    """The same for the same (journey version, node, cause, step): however often a record is folded, one message comes of it."""
    return "m_" + digest([enrolment.journey, enrolment.version, enrolment.node, enrolment.cause_offset, STEP])


def message_request(
    journey: Journey,
    enrolment: Enrolment,
    person: PersonView,
    laws: LawTable,
    now_ms: int,
    moment: dict[str, object],
    *,
    wait_ms: int = 0,
    placement: PlacementDefinition | None = None,
) -> DecisionRequest:
    """The question that the step asks. In quiet hours it is asked for their end, if the message may still leave then.

    ``wait_ms``: so long advertising waits for messages that are worth more. ``placement``: may leave channel and hour open.
    """
    step = journey.definition.message
    ready_ms = now_ms + (wait_ms if step.message_class == "advertising" else 0)
    plans = message_plans(journey, placement, person, laws, now_ms, ready_ms, enrolment.at_ms + journey.expires_ms)
    return DecisionRequest(
        id=decision_id(enrolment.node, step.placement, send_key(enrolment)),
        placement=step.placement,
        person=person,
        now_ms=now_ms,
        moment=moment,
        cause=f"journey:{journey.name}",
        message=plans[0],
        plans=plans if len(plans) > 1 else (),
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
    contents: Contents = NO_CONTENTS,
    policies: Policies | None = None,
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
        contents: The workspace's.
        policies: What was learned; None: nothing, so that formulas decide.
    """
    contacts = placements.terms.contacts
    wait_ms = 0 if contacts is None else contacts.wait_ms
    place = placements.placement(journey.definition.message.placement)
    request = message_request(journey, enrolment, person, placements.laws, now_ms, moment, wait_ms=wait_ms, placement=place)
    decision = placements.decide(request, policies)
    chosen = next((p for p in request.plans if (p.channel, p.hour) == (decision.channel, decision.hour)), request.message)
    offer = None if decision.chosen is None or decision.fallback else placements.offer(decision.chosen)
    reader, _, coupon = with_coupon(person, offer, decision, now_ms)
    request = msgspec.structs.replace(request, person=reader, message=chosen)
    made = make_message(journey, enrolment, request, decision, placements, contents, simulated=simulated)
    if isinstance(made, Reason):
        outcome = msgspec.structs.replace(enrolment, outcome="refused", decision=decision.id, reason=made)
        return Stepped(decision=decision, enrolment=outcome, message=None)
    outcome = msgspec.structs.replace(enrolment, outcome="queued", decision=decision.id, send_key=made.send_key)
    return Stepped(decision=msgspec.structs.replace(decision, wording=made.wording), enrolment=outcome, message=made, coupon=coupon)


def make_message(
    journey: Journey,
    enrolment: Enrolment,
    request: DecisionRequest,
    decision: Decision,
    placements: Placements,
    contents: Contents,
    *,
    simulated: bool,
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
    channel = journey.channels.get(decision.channel or "", journey.channel)
    step = journey.definition.message
    found = _words(request, decision, placements.offer(decision.chosen), contents, allowed.label, mail=channel.kind == "email")
    if isinstance(found, Reason):
        return found
    return Message(
        send_key=send_key(enrolment),
        channel=channel.name,
        node=enrolment.node,
        person=person.person_id,
        address=address,
        journey=journey.name,
        journey_version=journey.version,
        decision=decision.id,
        content=found.fields,
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
        wording=found.wording,
        value=placements.value(decision.chosen, person),
    )


def _words(
    request: DecisionRequest, decision: Decision, offer: OfferDefinition | None, contents: Contents, label: str, *, mail: bool
) -> Said | Reason:
    """What a message says, or why it says nothing."""
    plan = request.message
    if offer is None or plan is None:
        return refusal_of(decision)
    return said(
        offer,
        request.person,
        label,
        mail=mail,
        creative=decision.creative,
        contents=contents,
        medium=plan.medium,
        advertising=plan.message_class == "advertising",
        decision=decision,
        now_ms=request.now_ms,
    )


def refusal_of(decision: Decision) -> Reason:
    """The reason that tells most: that of the gate, when one refused every offer for the same reason, else the decision's own."""
    reasons = {refusal.reason.code: refusal.reason for refusal in decision.refusals}
    return next(iter(reasons.values())) if len(reasons) == 1 else decision.reasons[0]
