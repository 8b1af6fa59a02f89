"""Has the person heard enough from us by message, or is a better one about to leave?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.gates.promotion import promotes
from gyeol.decisions.model import PlacementDefinition
from gyeol.kernel.reason import Reason


class ContactBudgetGate:
    """At the last look before an advertising message leaves: it may when the person's budget of contacts is not used up, and no message
    that is worth more waits for the place. What loses is told by which it was beaten, and tries again when there is room.
    """

    name = "contact_budget"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = True

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Messages."""
        return message

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``contact_budget`` or ``outcompeted``."""
        contest = question.request.contest
        if contest is None or not contest.lost or not promotes(question):
            return None
        params: dict[str, object] = {"count": contest.count, "most": contest.most, "window": contest.window}
        params |= {"value": contest.value, "until_ms": contest.until_ms}
        if contest.lost == "outcompeted":
            params |= {"winner": contest.winner, "winner_value": contest.winner_value}
        return Reason(code=contest.lost, params=params)

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """How many left in the window, how many may, and what it is worth."""
        contest = question.request.contest
        if contest is None:
            return {}
        return {"count": contest.count, "most": contest.most, "window": contest.window, "value": contest.value}
