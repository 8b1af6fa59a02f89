"""The nodes of values seen lately, as they were spelled: so that a repeated identifier is neither spelled nor hashed again."""

from __future__ import annotations

GENERATION = 65_536
"""Values a generation and type; two generations are kept. About 20 MB a type when full of UUIDs."""


class RecentNodes:
    """Text as sent → node (-1: identifies nobody), for one identifier type.

    Attributes:
        young: The newest generation; ``None`` is in it, for an event without the identifier.
    """

    def __init__(self) -> None:
        self.young: dict[str | None, int] = {None: -1}
        self._old: dict[str | None, int] = {}

    def look(self, text: str) -> int | None:
        """The node of a text that is not in ``young``; None when it is not in the older generation either."""
        node = self._old.get(text)
        if node is not None:
            self.keep(text, node)
        return node

    def keep(self, text: str, node: int) -> None:
        """Remember a node; the oldest half is forgotten when there are too many."""
        if len(self.young) >= GENERATION:
            self._old = self.young
            self.young = {None: -1}
        self.young[text] = node
