"""The seam to whatever keeps decisions for reading. They come in through the state store's unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gyeol.decisions.model import Decision


class DecisionStore(Protocol):
    """Decisions by id."""

    def get(self, decision_id: str) -> Decision | None:
        """One decision, or None."""
        ...

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[Decision]:
        """The newest decisions taken for any of these nodes."""
        ...

    def counts(self) -> dict[str, int]:
        """How many decisions each placement has; placements without any are left out."""
        ...
