"""Does anybody live at that address?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class SuppressionGate:
    """Refuses messages to an address of which its server has said that there is none; what is shown on-site is not its business."""

    name = "suppression"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Every message."""
        return message

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``address_unreachable``."""
        message = question.request.message
        said = None if message is None else question.request.person.unreachable(message.medium)
        if message is None or said is None:
            return None
        params = {"medium": message.medium, "at_ms": said.at_ms, "source": said.source, "send_key": said.proof}
        return Reason(code="address_unreachable", params=params)

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """Nothing: that nothing bad is known of an address proves nothing."""
        return {}
