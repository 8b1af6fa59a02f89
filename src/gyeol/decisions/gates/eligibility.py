"""Is the offer meant for this person now?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class EligibilityGate:
    """Refuses unless the offer's condition is true; unknown is not true."""

    name = "eligibility"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with a condition."""
        return candidate.offer.eligibility is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``not_eligible``, or ``eligibility_unknown`` when a value that decides it is not known."""
        person = question.request.person
        truth = candidate.eligibility.holds(person.values, person.stale) if candidate.eligibility is not None else True
        if truth:
            return None
        return Reason(code="eligibility_unknown" if truth is None else "not_eligible", params=self.compared(candidate, question))

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The condition and the person's values of the names in it."""
        condition = candidate.eligibility
        if condition is None:
            return {}
        value = question.request.person.values
        return {"condition": condition.text, "values": {name: value(name) for name in condition.names}}
