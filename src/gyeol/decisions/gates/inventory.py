"""Are any left?"""

from __future__ import annotations

from typing import Literal

from gyeol.decisions.gates.accounts import exceeded, left
from gyeol.decisions.gates.gate import Candidate, Question
from gyeol.decisions.model import PlacementDefinition
from gyeol.decisions.terms import Account
from gyeol.kernel.reason import Reason


class InventoryGate:
    """Refuses an offer whose article is out of stock, or of which (or of whose partner) so many as may be were offered."""

    name = "inventory"
    when_unknown: Literal["refuse", "pass"] = "refuse"
    shared = False

    def concerns(self, placement: PlacementDefinition, candidate: Candidate, message: bool) -> bool:
        """Offers with an article, or with pieces that are limited."""
        inventory = candidate.offer.inventory
        return bool(_pieces(candidate)) or (inventory is not None and inventory.sku is not None)

    def refuse(self, candidate: Candidate, question: Question) -> Reason | None:
        """``out_of_stock``, ``stock_unknown`` (unless the offer says ``when_unknown: pass``), ``pieces_day`` or ``pieces_total``."""
        inventory = candidate.offer.inventory
        if inventory is not None and inventory.sku is not None:
            stock = question.request.person.stock(inventory.sku)
            if stock is None and inventory.when_unknown == "refuse":
                return Reason(code="stock_unknown", params={"sku": inventory.sku})
            if stock is not None and stock < inventory.least:
                return Reason(code="out_of_stock", params={"sku": inventory.sku, "stock": stock, "least": inventory.least})
        found = exceeded(_pieces(candidate), question)
        if found is None:
            return None
        account, span, taken, limit = found
        params = {"of": account.of, "whose": account.whose, "count": taken, "most": limit}
        return Reason(code=f"pieces_{span}", params=params)

    def compared(self, candidate: Candidate, question: Question) -> dict[str, object]:
        """The stock, and what was taken of each account."""
        inventory = candidate.offer.inventory
        told: dict[str, object] = left(_pieces(candidate), question)
        if inventory is not None and inventory.sku is not None:
            told |= {"sku": inventory.sku, "stock": question.request.person.stock(inventory.sku), "least": inventory.least}
        return told


def _pieces(candidate: Candidate) -> list[Account]:
    return [account for account in candidate.accounts if account.limited and account.pieces]
