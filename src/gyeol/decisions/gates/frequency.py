"""Did the person hear enough of this kind, wherever it was?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.ledger import window_start_ms
from gyeol.decisions.model import PlacementDefinition
from gyeol.decisions.terms import Cap
from gyeol.kernel.reason import Reason


class FrequencyGate:
    """The workspace's ``caps``: decisions of a channel, a category or a partner, across placements and journeys, over all nodes."""

    name = "frequency"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Promotion that a cap counts."""
        return bool(candidate.caps)

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``frequency``, of the first cap that is reached; transactional messages are none of their business."""
        message = question.request.message
        if message is not None and message.message_class == "transactional":
            return None
        for cap in candidate.caps:
            count = _counted(cap, question) if _here(cap, question) else 0
            if count >= cap.definition.most:
                return Reason(code="frequency", params={"cap_name": cap.definition.name, **_compared(cap, count)})
        return None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """What each cap counted."""
        return {cap.definition.name: _compared(cap, _counted(cap, question)) for cap in candidate.caps if _here(cap, question)}


def _here(cap: Cap, question: Question) -> bool:
    """Whether the cap is of the channel: where the placement leaves it open, of the one that is looked at."""
    message = question.request.message
    if cap.picks.channels is None or message is None or message.channel is None:
        return question.placement.name in cap.picks.placements
    return message.channel in cap.picks.channels


def _compared(cap: Cap, count: int) -> dict[str, object]:
    return {"count": count, "most": cap.definition.most, "window": cap.definition.window}


def _counted(cap: Cap, question: Question) -> int:
    known = question.memo.get(cap.definition.name)
    if known is not None:
        return known
    request = question.request
    count = request.person.counted(request.now_ms, cap.window, cap.picks)
    own_ms = request.recorded_at_ms
    if count and own_ms is not None and own_ms >= window_start_ms(cap.window, request.now_ms, question.zone):
        count -= 1
    question.memo[cap.definition.name] = count
    return count
