"""Rule 1: an identifier stated with too many different values of a limited type is shared, and its evidence merges nothing.

Whether it is, is a number by node: statements of trust up to that number merge nothing (0: not shared). A statement counts in a node's
fan-out as far as ``Policy.weighs`` says. Statements between two values of one type do not count: the limit itself judges them (rule 2).

Two values of one limited type that a command has joined count as one value: the operator has said that they are the same.
"""

from __future__ import annotations

import numpy as np

from gyeol.identity.growing import Growing, grown_capacity
from gyeol.identity.identifiers import IdentifierTable
from gyeol.identity.limits import crowded
from gyeol.identity.policy import COMMAND, Policy
from gyeol.identity.statements import StatementStore


class Sharing:
    """Which statements count, under a policy.

    Attributes:
        level: By node: statements of trust up to it merge nothing.
        same: Node → the node that stands for its class of values that commands made one; only classes of two and more.
    """

    def __init__(self, table: IdentifierTable, statements: StatementStore, policy: Policy) -> None:
        self._table, self._statements, self.policy = table, statements, policy
        self.level = Growing(np.uint8)
        self.same: dict[int, int] = {}

    def fit_nodes(self, size: int) -> None:
        """Make room for so many nodes."""
        if size > len(self.level.data):
            self.level.reserve(grown_capacity(size, len(self.level.data)))

    def live(self, record: int, a: int, b: int) -> bool:
        """Whether a statement may join anybody: its source may state it, and no command has withdrawn it or left it out."""
        statements = self._statements
        return self.counts(record, a, b) and not (statements.holds and statements.is_held(a, b))

    def counts(self, record: int, a: int, b: int) -> bool:
        """Whether a statement counts in the fan-out of its identifiers: what was left out by hand still does, but for the word of hands."""
        statements, types = self._statements, self._table.type.view
        trust = statements.trust.view[record]
        if not self.policy.admitted[trust][types[a]][types[b]] or statements.is_cut(a, b):
            return False
        return trust != COMMAND or not (statements.holds and statements.is_held(a, b))

    def passes(self, a: int, b: int, trust: int) -> bool:
        """Whether a live statement of this trust goes on to rule 2: neither of its identifiers is shared up to its trust."""
        level = self.level.view
        return bool(trust > level[a] and trust > level[b])

    def value(self, node: int) -> int:
        """What stands for the node's value where values of limited types are counted."""
        return self.same.get(node, node) if self.same else node

    def fan_out(self, node: int) -> dict[int, dict[int, int]]:
        """Limited type → value → up to which trust it counts, over the node's live statements."""
        policy, types, trusts = self.policy, self._table.type.view, self._statements.trust.view
        own = types[node]
        found: dict[int, dict[int, int]] = {}
        for record, other in self._statements.around(node):
            kind = types[other]
            weight = policy.weights[own][kind][trusts[record]]
            if weight and self.counts(record, node, other):
                values = found.setdefault(kind, {})
                value = self.value(other)
                values[value] = max(values.get(value, 0), weight)
        return found

    def recount(self, node: int) -> tuple[int, int]:
        """Set the node's level anew; returns (before, after)."""
        before = self.level.view[node]
        after = max((level for _, _, level in self.crowds(node)), default=0)
        self.level.view[node] = after
        return before, after

    def crowds(self, node: int) -> list[tuple[int, int, int]]:
        """(type, different values, trust up to which they are too many) of each limited type of which a node was stated with too many."""
        found = []
        for kind, values in self.fan_out(node).items():
            limit = self.policy.limit[kind]
            if limit is not None and len(values) > limit:
                timed = kind in self.policy.limits.timed
                level = self._timed_level(node, kind, limit) if timed else sorted(values.values(), reverse=True)[limit]
                if level:
                    found.append((kind, len(values), level))
        return found

    def _timed_level(self, node: int, kind: int, limit: int) -> int:
        """Up to which trust a node's values of a type are too many within the type's length of time."""
        policy, types, statements = self.policy, self._table.type.view, self._statements
        weights = policy.weights[types[node]][kind]
        stated = [
            (weights[statements.trust.view[record]], self.value(other), statements.at_ms.view[record])
            for record, other in statements.around(node)
            if types[other] == kind and self.counts(record, node, other)
        ]
        for level in sorted({weight for weight, _, _ in stated if weight}, reverse=True):
            first: dict[int, int] = {}
            for weight, value, at_ms in stated:
                if weight >= level:
                    first[value] = min(at_ms, first.get(value, at_ms))
            if crowded(first.values(), limit, policy.limits.per_ms[kind]):
                return level
        return 0

    def reclass(self, a: int, b: int) -> list[int]:
        """After a command on two values of one type: find their classes anew. Returns the nodes whose class may have changed."""
        changed: list[int] = []
        for start in (a, b):
            if start in changed:
                continue
            members = self._commanded(start)
            changed += members
            for node in members:
                self.same.pop(node, None)
                if len(members) > 1:
                    self.same[node] = members[0]
        return changed

    def rebuild_classes(self) -> None:
        """Find all classes anew from the commands that were given."""
        self.same.clear()
        types = self._table.type.view
        for a, b in self._statements.merged_pairs():
            if types[a] == types[b] and self.policy.limit[types[a]] is not None:
                self.reclass(a, b)

    def dump(self) -> memoryview:
        """The levels as bytes; classes follow from the statements."""
        return self.level.data[: self._table.size].data

    def load(self, level: bytes) -> None:
        """Take the levels of a snapshot, once the statements are there."""
        self.level.take(np.frombuffer(level, np.uint8).copy())
        self.rebuild_classes()

    def _commanded(self, start: int) -> list[int]:
        """Values of the start's type that live commands join with it, ascending."""
        types, trusts = self._table.type.view, self._statements.trust.view
        kind, seen, waiting = types[start], {start}, [start]
        while waiting:
            node = waiting.pop()
            for record, other in self._statements.around(node):
                if other not in seen and types[other] == kind and trusts[record] == COMMAND and self.live(record, node, other):
                    seen.add(other)
                    waiting.append(other)
        return sorted(seen)
