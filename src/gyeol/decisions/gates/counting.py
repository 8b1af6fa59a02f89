"""How many decisions a cap counts."""

from __future__ import annotations

from gyeol.decisions.gates.gate import Question
from gyeol.decisions.ledger import window_start_ms
from gyeol.expressions.durations import Duration


def counted(question: Question, window: Duration, *, placement: str | None = None, offer: str | None = None) -> int:
    """Earlier decisions in the window over all nodes of the person, without the one that is being gated again."""
    request = question.request
    count = request.person.decided(request.now_ms, window, placement=placement, offer=offer)
    own_ms = request.recorded_at_ms
    return count - 1 if count and own_ms is not None and own_ms >= window_start_ms(window, request.now_ms, question.zone) else count
