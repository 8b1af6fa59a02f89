"""Is the person here for something else than being offered things?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.gates.promotion import known, promotes
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason

CODES = {"help": "seeking_help", "leave": "about_to_leave"}
"""The intents that promotion does not answer, and what is said of each."""


class IntentGate:
    """Refuses promotion while the person looks for help or for the way out."""

    name = "intent"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Promotion."""
        return placement.promotional and candidate.offer.promotional

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``seeking_help`` or ``about_to_leave``."""
        intent = known(question, "moment.intent")
        code = CODES.get(intent) if isinstance(intent, str) else None
        if code is None or not promotes(question):
            return None
        return Reason(code=code, params={"confidence": known(question, "moment.intent_confidence")})

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The intent."""
        return {"intent": known(question, "moment.intent")}
