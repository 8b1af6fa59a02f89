"""Is the person one of those who are left alone, so that we can tell what offers change?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.hashing import sticky_share
from gyeol.kernel.reason import Reason


class HoldoutGate:
    """Keeps a fixed share of people on the fallback.

    An assignment sticks to the node that was first exposed to it; before any exposure it is cut from (salt, subject).
    """

    name = "holdout"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Placements with a holdout."""
        return placement.holdout > 0

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``holdout``."""
        return Reason(code="holdout", params=_share(question.placement)) if _held(question) else None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The share, the salt and the arm."""
        return {**_share(question.placement), "held_out": _held(question)}


def holdout_salt(placement: PlacementDefinition) -> str:
    """What the sticky assignment is salted with: placements that share a salt hold out the same people."""
    return placement.holdout_salt or placement.name


def _share(placement: PlacementDefinition) -> dict[str, object]:
    return {"share": placement.holdout, "salt": holdout_salt(placement)}


def _held(question: Question) -> bool:
    person, salt = question.request.person, holdout_salt(question.placement)
    earlier = person.assignment(salt)
    return sticky_share(salt, person.subject) < question.placement.holdout if earlier is None else earlier
