"""Is what the offer speaks of still true?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.gates.promotion import known
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class FreshnessGate:
    """Refuses an offer whose facts of the Moment are not known, or have aged."""

    name = "freshness"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers that name facts."""
        return bool(candidate.offer.fresh)

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``moment_stale``, with the facts that have aged and those that nobody told."""
        stale = [name for name in candidate.offer.fresh if known(question, name) is None]
        if not stale:
            return None
        aged = [name for name in stale if _aged(question, name)]
        return Reason(code="moment_stale", params={"facts": stale, "aged": aged})

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The facts."""
        return {name: known(question, name) for name in candidate.offer.fresh}


def _aged(question: Question, name: str) -> bool:
    try:
        return question.request.person.stale(name)
    except KeyError:  # a fact that nothing defines any more
        return False
