"""Did the person agree to hear this here?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason
from gyeol.privacy.law import consent_reason


class ConsentGate:
    """Asks consent for the offer's purpose and, where the law wants it, for the message's own.

    On-site it is the placement's channel whose consent is asked, for a message the medium that carries it. No statement means no.
    """

    name = "consent"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with a purpose, and every message."""
        return message or candidate.offer.purpose is not None

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``consent_missing`` or ``consent_withdrawn``."""
        for channel, purpose in _asked(candidate, question):
            consent = question.consent(channel, purpose)
            if not consent.granted:
                return consent_reason(consent)
        return None

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The statement that allows it; empty when none is asked. Where two are asked, the message's own comes first."""
        statements: list[dict[str, object]] = []
        for channel, purpose in _asked(candidate, question):
            c = question.consent(channel, purpose)
            statements.append(
                {
                    "status": c.status,
                    "channel": c.channel,
                    "purpose": c.purpose,
                    "at_ms": c.at_ms,
                    "id": f"{c.id:016x}",
                    "source": c.source,
                    "proof": c.proof,
                    "simulated": c.simulated,
                }
            )
        if not statements:
            return {}
        return statements[0] if len(statements) == 1 else {**statements[0], "also": statements[1:]}


def _asked(candidate: Candidate, question: Question) -> list[tuple[str, str]]:
    message = question.request.message
    if message is None:
        purpose = candidate.offer.purpose
        return [] if purpose is None else [(question.placement.channel, purpose)]
    asked = []
    if question.laws.needs_consent(message.medium, message.message_class, question.request.person.country):
        asked.append((message.medium, message.purpose))
    if candidate.offer.purpose is not None:
        asked.append((message.medium, candidate.offer.purpose))
    return list(dict.fromkeys(asked))
