"""Sets of nodes by owner, each node in one of them or in none: 12 bytes a node, any move at once."""

from __future__ import annotations

import numpy as np

from gyeol.identity.growing import Growing, grown_capacity


class Rings:
    """Lists by owner.

    Attributes:
        owner: By node; -1: nobody's.
    """

    def __init__(self) -> None:
        self.owner = Growing(np.int32, -1)
        self._before, self._after = Growing(np.int32, -1), Growing(np.int32, -1)
        self._first = Growing(np.int32, -1)

    def fit(self, nodes: int, owners: int) -> None:
        """Make room for so many nodes and owners."""
        for columns, size in (((self.owner, self._before, self._after), nodes), ((self._first,), owners)):
            if size > len(columns[0].data):
                for column in columns:
                    column.reserve(grown_capacity(size, len(column.data)))

    def of(self, owner: int) -> list[int]:
        """The nodes of an owner, ascending."""
        found, after = [], self._after.view
        node = self._first.view[owner] if owner < len(self._first.data) else -1
        while node >= 0:
            found.append(node)
            node = after[node]
        found.sort()
        return found

    def move(self, node: int, owner: int) -> None:
        """Give a node to an owner, or to nobody (-1)."""
        before, after, first, owners = self._before.view, self._after.view, self._first.view, self.owner.view
        left, right, old = before[node], after[node], owners[node]
        if old >= 0:
            if left >= 0:
                after[left] = right
            else:
                first[old] = right
            if right >= 0:
                before[right] = left
        owners[node], before[node], after[node] = owner, -1, -1
        if owner >= 0:
            head = first[owner]
            after[node] = head
            if head >= 0:
                before[head] = node
            first[owner] = node
