"""May this kind of message leave at that hour?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, MessagePlan, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason
from gyeol.privacy.consent import NIGHT


class LawGate:
    """Asks the law table about messages; what is shown on-site is not its business."""

    name = "law"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Every message."""
        return message

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``law_unknown``, ``law_reconfirm``, ``quiet_hours`` or a missing consent."""
        message = question.request.message
        if message is None:
            return None
        person = question.request.person
        return question.laws.lawful(
            message.send_at_ms,
            person.zone,
            message.medium,
            message.message_class,
            question.consent(message.medium, message.purpose),
            question.consent(message.medium, NIGHT),
            person.country,
        )

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The rows that were asked, the label they want and the recipient's hour."""
        message = question.request.message
        if message is None:
            return {}
        return {**_rows(message, question), "local_hour": _local_hour(message, question)}


def _rows(message: MessagePlan, question: Question) -> dict[str, object]:
    country = question.request.person.country
    rules = question.laws.rules(message.medium, message.message_class, country)
    return {
        "rules": [r.name for r in rules],
        "label": question.laws.prefix(message.medium, message.message_class, country),
        "free_refusal": any(r.free_refusal for r in rules),
    }


def _local_hour(message: MessagePlan, question: Question) -> str:
    zone = question.request.person.zone
    return f"{zone.local(message.send_at_ms):%Y-%m-%d %H:%M} {zone.name}"
