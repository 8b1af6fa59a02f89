"""Does the person wait for us to settle a complaint?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.gates.promotion import known, promotes
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason

FACT = "open_complaint"


class ComplaintGate:
    """Refuses promotion while a complaint is open, and while it is not known whether one that was open has been settled.

    Of whom no complaint was ever told nothing is unknown.
    """

    name = "complaint"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Promotion."""
        return placement.promotional and candidate.offer.promotional

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``complaint_open`` or ``complaint_unknown``."""
        value = known(question, f"moment.{FACT}")
        if value is False or not promotes(question):
            return None
        if value is True:
            return Reason(code="complaint_open")
        return Reason(code="complaint_unknown") if _was_open(question) else None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """Whether one is open."""
        return {FACT: known(question, f"moment.{FACT}")}


def _was_open(question: Question) -> bool:
    told = question.request.moment.get(FACT)
    return isinstance(told, dict) and told.get("value") is True
