"""From what a frame set off to records: decisions on request, and the enrolments, decisions and messages of journeys."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from gyeol.channels.model import Delivery, Message
from gyeol.decisions.engine import decision_id
from gyeol.decisions.gates.gate import DecisionRequest
from gyeol.engine.effects import Act, Effects
from gyeol.engine.fold import fold_act
from gyeol.engine.jobs import Decide, Decided
from gyeol.engine.state import EngineState
from gyeol.journeys.regate import regate_claimed
from gyeol.journeys.saying import said
from gyeol.journeys.step import take_step
from gyeol.journeys.trigger import Match
from gyeol.kernel.reason import Reason


def decide_for(state: EngineState, node: int, placement: str, asked: Decide, key: str) -> Decided:
    """One decision as of now; the caller records it.

    Args:
        state: Not changed.
        node: For whom.
        placement: Where something can be said.
        asked: The request: its facts and its language.
        key: Of the request; the same key gives the decision the same id.

    Raises:
        NotFoundError: No such placement.
    """
    view = state.person_view(node, asked.context, alone=asked.alone)
    request = DecisionRequest(
        id=decision_id(node, placement, key),
        placement=placement,
        person=view,
        now_ms=state.now_ms,
        moment=state.moment_of(node, asked.context, alone=asked.alone).as_json(),
    )
    decision = state.placements.decide(request)
    offer = None if decision.chosen is None else state.placements.offer(decision.chosen)
    content = {} if offer is None else said(offer, view, "", asked.lang)
    return Decided(decision=decision, content={} if isinstance(content, Reason) else content)


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


def _step(state: EngineState, match: Match) -> Act | None:
    view = state.person_view(match.node)
    journey = state.journeys.get(match.journey)
    enrolment = state.journeys.enrol(match, view, state.enrolments, state.now_ms)
    if journey is None or enrolment is None:
        return None
    moment = state.moment_of(match.node).as_json()
    stepped = take_step(journey, enrolment, view, state.placements, state.now_ms, moment)
    return Act(decision=stepped.decision, enrolment=stepped.enrolment, message=_signed(state, stepped.message))


def _signed(state: EngineState, message: Message | None) -> Message | None:
    """The message with who sends it, as the law of Korea asks of advertising (정보통신망법 제50조 제4항)."""
    sender = state.definitions.workspace.sender
    if message is None or not sender:
        return message
    return replace(message, content={**message.content, "sender": sender})


def gate_again(state: EngineState, messages: Sequence[Message]) -> tuple[list[Message], list[Delivery]]:
    """Claimed messages that may leave now, and what became of the others."""
    return regate_claimed(
        messages, state.person_view, state.journeys, state.placements, state.enrolments, state.now_ms, state.moment().as_json()
    )
