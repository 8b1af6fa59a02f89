"""Is it shown elsewhere on the same page?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class ElsewhereGate:
    """Of the placements that are asked together each shows something else, and not too much of one category."""

    name = "elsewhere"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """What is shown on-site; ``decisions.engine`` asks only where placements were asked before this one."""
        return not message

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``shown_elsewhere`` or ``diversity``."""
        beside, offer = question.request.beside, candidate.offer
        for each in beside:
            if each.offer == offer.name:
                return Reason(code="shown_elsewhere", params={"placement": each.placement})
        most = question.placement.diversity
        if most is None or offer.category is None:
            return None
        count = sum(each.category == offer.category for each in beside)
        if count < most:
            return None
        return Reason(code="diversity", params={"category": offer.category, "count": count, "most": most})

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """What the others show."""
        return {each.placement: each.offer for each in question.request.beside}
