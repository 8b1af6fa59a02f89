"""Is there money left for it?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.accounts import exceeded, left
from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.decisions.terms import Account
from gyeol.kernel.reason import Reason


class BudgetGate:
    """Refuses what would take more than the day's or the whole budget of the offer, its category or its partner."""

    name = "budget"
    when_unknown: Literal["refuse", "pass"] = "pass"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with money that is limited."""
        return bool(_money(candidate))

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``budget_day`` or ``budget_total``."""
        found = exceeded(_money(candidate), question)
        if found is None:
            return None
        account, span, taken, limit = found
        params = {"of": account.of, "whose": account.whose, "taken_minor": taken, "cost_minor": account.amount, "limit_minor": limit}
        return Reason(code=f"budget_{span}", params=params)

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """What was taken of each account, and its limits."""
        return left(_money(candidate), question)


def _money(candidate: Candidate) -> list[Account]:
    return [account for account in candidate.accounts if account.limited and not account.pieces]
