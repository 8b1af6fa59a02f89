"""The nodes of values seen lately, as they were spelled: so that a repeated identifier is neither spelled nor hashed again."""

from __future__ import annotations

GENERATION = 65_536
"""Values a generation and type; two generations are kept. About 18 MB a type when full of UUIDs."""


class RecentNodes:
    """Text as sent → node (-1: identifies nobody), for one identifier type.

    Attributes:
        young: The newest generation; ``None`` is in it, for an event without the identifier.
        old: The generation before.
    """

    def __init__(self) -> None:
        self.young: dict[str | None, int] = {None: -1}
        self.old: dict[str | None, int] = {}

    def keep(self, nodes: dict[str, int]) -> None:
        """Remember nodes; the older half is forgotten when there are too many."""
        if len(self.young) >= GENERATION:
            self.old = self.young
            self.young = {None: -1}
        self.young.update(nodes)
