"""From what a frame set off to records: decisions on request, and the enrolments, decisions and messages of journeys."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from gyeol.channels.model import Delivery, Message
from gyeol.context.fact import Moment
from gyeol.decisions.couponed import with_coupon
from gyeol.decisions.engine import decision_id
from gyeol.decisions.gates.gate import DecisionRequest
from gyeol.decisions.model import Beside, Decision
from gyeol.decisions.person import LivePerson
from gyeol.engine.effects import Act, Effects
from gyeol.engine.fold import fold_act
from gyeol.engine.jobs import Decide, Decided
from gyeol.engine.state import EngineState
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.regate import regate_claimed
from gyeol.journeys.saying import Said, said
from gyeol.journeys.step import Stepped, take_step
from gyeol.journeys.trigger import Journey, Match


def decide_for(state: EngineState, node: int, placement: str, asked: Decide, key: str, beside: tuple[Beside, ...] = ()) -> Decided:
    """One decision as of now; the caller records it.

    Args:
        state: Not changed.
        node: For whom.
        placement: Where something can be said.
        asked: The request: its facts and its language.
        key: Of the request; the same key gives the decision the same id.
        beside: What the placements that were asked together show already.

    Raises:
        NotFoundError: No such placement.
    """
    moment = state.moment_of(node, asked.context, alone=asked.alone)
    view = state.person_view(node, asked.context, alone=asked.alone, moment=moment)
    decision = decision_for(state, view, placement, moment, decision_id(node, placement, key), alone=asked.alone, beside=beside)
    return told_of(state, view, decision, asked.lang)


def told_of(state: EngineState, view: LivePerson, decision: Decision, lang: str | None) -> Decided:
    """What a decision says to its person now.

    Args:
        state: Not changed.
        view: Of the person.
        decision: On-site.
        lang: Of the words; None: the person's.
    """
    offer = None if decision.chosen is None else state.placements.offer(decision.chosen)
    place = state.placements.placement(decision.placement)
    medium = "" if place is None else place.channel
    reader, coupon, issued = with_coupon(view, offer, decision, state.now_ms)
    creative, contents = decision.creative, state.contents
    found = (
        None
        if offer is None
        else said(offer, reader, "", lang, creative=creative, contents=contents, medium=medium, decision=decision, now_ms=state.now_ms)
    )
    if not isinstance(found, Said):
        return Decided(decision=decision, content={})  # what cannot be said brings no code
    decision = decision if found.wording is None else replace(decision, wording=found.wording)
    return Decided(decision=decision, content=found.fields, coupon=coupon, issued=issued)


def decision_for(
    state: EngineState,
    view: LivePerson,
    placement: str,
    moment: Moment,
    id_: str,
    *,
    alone: bool = False,
    beside: tuple[Beside, ...] = (),
) -> Decision:
    """The choice for one request; the same again, whenever the same state is asked (``engine.replaying`` does).

    Args:
        state: Not changed.
        view: Of the person, with the request's facts.
        placement: Where something can be said.
        moment: Of the person, with them.
        id_: Of the decision.
        alone: As if the node were nobody else's.
        beside: What the placements that were asked together show already.
    """
    request = DecisionRequest(id=id_, placement=placement, person=view, now_ms=state.now_ms, moment=moment.as_json(), beside=beside)
    decision = state.placements.decide(request, state.learning.policies)
    return replace(decision, alone=True) if alone else decision


def act_on(state: EngineState, effects: Effects) -> list[Act]:
    """Enrol whom a folded frame set off, and take the journeys' steps. The acts are folded, so that each counts for the next.

    Args:
        state: The frame is folded into it.
        effects: Of the frame.
    """
    acts: list[Act] = []
    counted = Effects(first_offset=effects.end_offset, end_offset=effects.end_offset, at_ms=state.now_ms)
    for match in _matches(state, effects):
        act = _step(state, match)
        if act is not None:
            fold_act(state, act, counted)
            acts.append(act)
    return acts


def _matches(state: EngineState, effects: Effects) -> list[Match]:
    found = []
    for entry in effects.entries:
        # Somebody who comes back only because a fact is known again has not done anything new: the reason is then ``unknown``.
        if (
            entry.entered
            and entry.reason == "condition"
            and entry.audience in state.journeys.audiences
            and state.people.row(entry.person) >= 0
        ):
            node = state.graph.members(entry.person)[0]
            found += state.journeys.matching_entry(entry.audience, node, entry.at_ms, effects.first_offset)
    return found + list(effects.matches)


def step_for(state: EngineState, journey: Journey, enrolment: Enrolment, view: LivePerson) -> Stepped:
    """The step of an enrolment as of now; ``engine.replaying`` takes it again.

    Args:
        state: Not changed.
        journey: The enrolment's.
        enrolment: As ``Journeys.enrol`` gave it.
        view: Of its person.
    """
    moment = state.moment_of(enrolment.node).as_json()
    contents, policies = state.contents, state.learning.policies
    return take_step(journey, enrolment, view, state.placements, state.now_ms, moment, contents=contents, policies=policies)


def _step(state: EngineState, match: Match) -> Act | None:
    view = state.person_view(match.node)
    journey = state.journeys.get(match.journey)
    enrolment = state.journeys.enrol(match, view, state.enrolments, state.now_ms)
    if journey is None or enrolment is None:
        return None
    stepped = step_for(state, journey, enrolment, view)
    message = _signed(state, stepped.message)
    return Act(decision=stepped.decision, enrolment=stepped.enrolment, message=message, coupon=stepped.coupon)


def _signed(state: EngineState, message: Message | None) -> Message | None:
    """The message with who sends it, as the law of Korea asks of advertising (정보통신망법 제50조 제4항)."""
    sender = state.definitions.workspace.sender
    if message is None or not sender:
        return message
    return replace(message, content={**message.content, "sender": sender})


def gate_again(state: EngineState, messages: Sequence[Message]) -> tuple[list[Message], list[Delivery]]:
    """Claimed messages that may leave now, and what is to be recorded: what became of the others and, where contacts are limited, these."""
    return regate_claimed(
        messages,
        state.person_view,
        state.journeys,
        state.placements,
        state.enrolments,
        state.now_ms,
        lambda node: state.moment_of(node).as_json(),
        state.contents,
        state.contacts,
    )
