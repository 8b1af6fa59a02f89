"""Did the person have this offer often enough?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.counting import counted
from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class OfferCapGate:
    """At most ``cap`` decisions of the offer in ``cap_window``, over all nodes of the person."""

    name = "offer_cap"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with a cap."""
        return candidate.offer.cap is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``offer_cap``."""
        cap = candidate.offer.cap
        if cap is None or counted(question, candidate.cap_window, offer=candidate.offer.name) < cap:
            return None
        return Reason(code="offer_cap", params={"offer": candidate.offer.name, **self.compared(candidate, question)})

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """How many there were, and how many there may be."""
        return {
            "count": counted(question, candidate.cap_window, offer=candidate.offer.name),
            "cap": candidate.offer.cap,
            "window": candidate.offer.cap_window,
        }
