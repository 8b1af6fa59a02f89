"""Does the person have it already?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.gates.promotion import known
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class BoughtGate:
    """Refuses an offer of what was bought lately: the offer says which event tells so, and for how long it counts."""

    name = "bought"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers that name an event."""
        return candidate.bought is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``already_bought``; ``bought_unknown`` while the past of an offer's new event is still being worked out."""
        compared = self.compared(candidate, question)
        count = compared.get("count")
        if count is None:
            return Reason(code="bought_unknown", params={"event": compared["event"]})
        return Reason(code="already_bought", params=compared) if count else None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """How often, of which event, and in which window."""
        bought, trait = candidate.offer.bought, candidate.bought
        if bought is None or trait is None:
            return {}
        told: dict[str, object] = {"event": bought.event, "count": known(question, trait)}
        return told if bought.within is None else {**told, "window": bought.within}
