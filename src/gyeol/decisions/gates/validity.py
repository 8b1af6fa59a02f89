"""Is the offer on now?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class ValidityGate:
    """Refuses before ``valid_from`` and from ``valid_until`` on, at the instant when the offer is seen."""

    name = "validity"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with a date."""
        return candidate.offer.valid_from is not None or candidate.offer.valid_until is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``not_yet_valid`` or ``no_longer_valid``."""
        at_ms = _seen_at_ms(question)
        if candidate.valid_from_ms is not None and at_ms < candidate.valid_from_ms:
            return Reason(code="not_yet_valid", params={"at_ms": at_ms, "valid_from_ms": candidate.valid_from_ms})
        if candidate.valid_until_ms is not None and at_ms >= candidate.valid_until_ms:
            return Reason(code="no_longer_valid", params={"at_ms": at_ms, "valid_until_ms": candidate.valid_until_ms})
        return None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The dates and the instant."""
        return {"at_ms": _seen_at_ms(question), "valid_from_ms": candidate.valid_from_ms, "valid_until_ms": candidate.valid_until_ms}


def _seen_at_ms(question: Question) -> int:
    message = question.request.message
    return question.request.now_ms if message is None else message.send_at_ms
