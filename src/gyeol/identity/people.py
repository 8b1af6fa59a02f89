"""Which nodes are one person. A person is an index that lives as long as its set of nodes stays as it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.identity.growing import Growing, grown_capacity

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


class People:
    """Sets of nodes, each a ring of nodes with one label.

    Attributes:
        size: Nodes.
        allocated: Person indexes given so far; the next set gets this one.
        count: People now.
        person: Person index by node.
    """

    def __init__(self) -> None:
        self.size = self.allocated = self.count = 0
        self.person = Growing(np.int32)
        self._next = Growing(np.int32)
        self._first = Growing(np.int32, -1)

    def add(self, upto: int) -> None:
        """New nodes ``size`` to ``upto - 1``, each a person of one."""
        first, person = self.size, self.allocated
        if upto > len(self.person.data):
            capacity = grown_capacity(upto, len(self.person.data))
            self.person.reserve(capacity)
            self._next.reserve(capacity)
        there = person + upto - first
        if there > len(self._first.data):
            self._first.reserve(grown_capacity(there, len(self._first.data)))
        self.person.data[first:upto] = np.arange(person, there, dtype=np.int32)
        self._next.data[first:upto] = self._first.data[person:there] = np.arange(first, upto, dtype=np.int32)
        self.size, self.allocated = upto, there
        self.count += upto - first

    def members(self, person: int) -> list[int]:
        """The nodes of a person, ascending; none when the index has been dissolved."""
        first = self._first.view[person] if 0 <= person < self.allocated else -1
        if first < 0:
            return []
        following = self._next.view
        out = [first]
        node = following[first]
        while node != first:
            out.append(node)
            node = following[node]
        out.sort()
        return out

    def alone(self, nodes: Int64) -> npt.NDArray[np.bool_]:
        """Which of some nodes are people of one."""
        return np.asarray(self._next.data[nodes] == nodes, np.bool_)

    def first_nodes(self, people: Int64) -> Int64:
        """The least node of each of some people, -1 for an index that has been dissolved."""
        return self._first.data[people].astype(np.int64)

    def form(self, nodes: list[int]) -> int:
        """Make these nodes one person with a fresh index; whoever held any of them is dissolved.

        Args:
            nodes: Ascending. The rest of a dissolved person is to be formed anew by the caller too.
        """
        labels, following, firsts = self.person.view, self._next.view, self._first.view
        for label in {labels[node] for node in nodes}:
            if firsts[label] >= 0:
                firsts[label] = -1
                self.count -= 1
        person = self.allocated
        if person == len(self._first.data):
            self._first.reserve(grown_capacity(person + 1, person))
        self._first.view[person] = nodes[0]
        self.allocated, self.count = person + 1, self.count + 1
        before = nodes[-1]
        for node in nodes:
            labels[node] = person
            following[before] = node
            before = node
        return person

    def load(self, person: Int32, allocated: int) -> None:
        """Take the labels of a snapshot."""
        self.size, self.allocated = len(person), allocated
        self.person.take(person)
        order = np.argsort(person, kind="stable").astype(np.int32)
        labels = person[order]
        starts = np.flatnonzero(np.concatenate([[True], labels[1:] != labels[:-1]])) if len(order) else np.empty(0, np.int64)
        ends = np.append(starts[1:], len(order))[: len(starts)] - 1
        following = np.empty(len(order), np.int32)
        following[order[:-1]] = order[1:]
        following[order[ends]] = order[starts]
        self._next.take(following)
        first = np.full(allocated, -1, np.int32)
        first[labels[starts]] = order[starts]
        self._first.take(first)
        self.count = len(starts)
