"""Did the person hear enough in this placement?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.counting import counted
from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class PlacementCapGate:
    """At most ``cap`` decisions with an offer in the placement in ``cap_window``, over all nodes of the person."""

    name = "placement_cap"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Placements with a cap."""
        return placement.cap is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``placement_cap``."""
        cap = question.placement.cap
        if cap is None or counted(question, question.placement_cap_window, placement=question.placement.name) < cap:
            return None
        return Reason(code="placement_cap", params={"placement": question.placement.name, **self.compared(candidate, question)})

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """How many there were, and how many there may be."""
        return {
            "count": counted(question, question.placement_cap_window, placement=question.placement.name),
            "cap": question.placement.cap,
            "window": question.placement.cap_window,
        }
