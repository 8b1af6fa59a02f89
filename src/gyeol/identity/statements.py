"""The store of evidence: one record a (pair, trust), a list of records a node, and the pairs that commands joined or cut.

A record takes about 55 bytes with its place in the index. Nothing is removed: what a command withdraws stays as withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from gyeol.identity.evidence import KINDS, Evidence
from gyeol.identity.growing import Growing, grown_capacity
from gyeol.identity.hash_index import HashIndex

ACCEPTED, HELD, BARRED = 0, 1, 2

MAX_NODES = 2**29
Order = tuple[int, int]
"""(offset, at_ms) of a command: of two commands on one pair the greater one holds."""
Commands = tuple[Mapping[int, Order], Mapping[int, Order], Mapping[int, Order]]


def pair_key(a: int, b: int, trust: int) -> int:
    """One 63-bit number for a pair of nodes in either order and a trust rank of 1 to 3. ``extract`` computes the same in NumPy."""
    return (a << 34 | b << 2 | trust) if a < b else (b << 34 | a << 2 | trust)


class StatementStore:
    """Records by number, from 0.

    Attributes:
        a, b: The nodes, ``a < b``.
        trust: Trust rank.
        at_ms: Earliest event time of the record's statements.
        count: How many there were.
        source, kind: Of the earliest statement; codes into ``sources`` and ``evidence.KINDS``.
        verdict: What joining last said: ACCEPTED (also for records that do not take part), HELD, or BARRED: left out by hand, and so
            joined in no case, but weighed with the others.
        cuts, merges, holds: Pair (trust 0 in its key) → the latest command of the kind. The latest of all three says what becomes of the
            pair: cut, its statements count nowhere; held, they join nobody but count where others are judged; merged, they are true.
    """

    def __init__(self) -> None:
        self.size = 0
        self._capacity = 0
        self._heads = Growing(np.int32, -1)
        self.a, self.b = Growing(np.int32), Growing(np.int32)
        self._next_a, self._next_b = Growing(np.int32), Growing(np.int32)
        self.trust, self.kind, self.verdict = Growing(np.uint8), Growing(np.uint8), Growing(np.uint8)
        self.at_ms, self.count, self.source = Growing(np.int64), Growing(np.uint32), Growing(np.uint16)
        self.sources: list[str] = []
        self._source_codes: dict[str, int] = {}
        self.index = HashIndex()
        self.cuts: dict[int, Order] = {}
        self.merges: dict[int, Order] = {}
        self.holds: dict[int, Order] = {}

    def fit_nodes(self, capacity: int) -> None:
        """Make room for the lists of so many nodes."""
        if capacity > len(self._heads.data):
            self._heads.reserve(grown_capacity(capacity, len(self._heads.data)))

    def add(self, evidence: Evidence) -> tuple[int, bool | None]:
        """Keep a statement.

        Returns:
            Its record, and None when the record is new, else whether the record became earlier.
        """
        record = self.size
        found = self.index.claim(pair_key(evidence.a, evidence.b, evidence.trust), record)
        if found >= 0:
            return found, self._repeat(found, evidence)
        if record == self._capacity:
            self._reserve(grown_capacity(record + 1, record))
        a, b = (evidence.a, evidence.b) if evidence.a < evidence.b else (evidence.b, evidence.a)
        heads = self._heads.view
        self.a.view[record], self.b.view[record] = a, b
        self._next_a.view[record], self._next_b.view[record] = heads[a], heads[b]
        heads[a] = heads[b] = record
        self.trust.view[record] = evidence.trust
        self.at_ms.view[record] = evidence.at_ms
        self.count.view[record] = evidence.count
        self.kind.view[record] = KINDS.index(evidence.kind)
        self.source.view[record] = self._source(evidence.source)
        self.size = record + 1
        return record, None

    def _repeat(self, record: int, evidence: Evidence) -> bool:
        """Count a statement that has a record. Returns whether the record became earlier."""
        self.count.view[record] += evidence.count
        before = self.at_ms.view[record]
        if evidence.at_ms > before:
            return False
        said = (KINDS.index(evidence.kind), evidence.source)
        if evidence.at_ms < before or said < (self.kind.view[record], self.sources[self.source.view[record]]):
            self.kind.view[record] = said[0]
            self.source.view[record] = self._source(evidence.source)
        self.at_ms.view[record] = evidence.at_ms
        return bool(evidence.at_ms < before)

    def around(self, node: int) -> Iterator[tuple[int, int]]:
        """(record, the other node) of every record of a node, newest first."""
        if node >= len(self._heads.data):
            return
        first, a, b = self._heads.view[node], self.a.view, self.b.view
        next_a, next_b = self._next_a.view, self._next_b.view
        record = first
        while record >= 0:
            left = a[record]
            if left == node:
                yield record, b[record]
                record = next_a[record]
            else:
                yield record, left
                record = next_b[record]

    def sole(self, node: int) -> bool:
        """Whether a node has one record or none."""
        if node >= len(self._heads.data):
            return True
        record = self._heads.view[node]
        following = self._next_a if record >= 0 and self.a.view[record] == node else self._next_b
        return record < 0 or following.view[record] < 0

    def is_cut(self, a: int, b: int) -> bool:
        """Whether the latest command on the pair is a cut; of two at the same offset and time the cut holds."""
        if not self.cuts:
            return False
        pair = pair_key(a, b, 0)
        cut = self.cuts.get(pair)
        return cut is not None and cut >= self.merges.get(pair, cut) and cut >= self.holds.get(pair, cut)

    def is_held(self, a: int, b: int) -> bool:
        """Whether the latest command on the pair leaves its statements out for good."""
        if not self.holds:
            return False
        pair = pair_key(a, b, 0)
        hold = self.holds.get(pair)
        return hold is not None and hold >= self.merges.get(pair, hold) and not self.is_cut(a, b)

    def command(self, table: dict[int, Order], a: int, b: int, order: Order) -> None:
        """Remember a merge or a cut of a pair, if it is the latest of its kind."""
        pair = pair_key(a, b, 0)
        table[pair] = max(order, table.get(pair, order))

    def merged_pairs(self) -> list[tuple[int, int]]:
        """All pairs that were ever merged by command."""
        return [(key >> 34, key >> 2 & (MAX_NODES - 1)) for key in sorted(self.merges)]

    def _source(self, name: str) -> int:
        code = self._source_codes.get(name)
        if code is None:
            code = self._source_codes[name] = len(self.sources)
            self.sources.append(name)
        return code

    def _columns(self) -> dict[str, Growing]:
        """The columns that a snapshot holds, by name; the lists follow from them."""
        names = ("a", "b", "trust", "kind", "verdict", "at_ms", "count", "source")
        return {name: getattr(self, name) for name in names}

    def _reserve(self, capacity: int) -> None:
        for column in (*self._columns().values(), self._next_a, self._next_b):
            column.reserve(capacity)
        self._capacity = capacity

    def dump(self) -> dict[str, memoryview]:
        """The columns as bytes; sources and commands are the caller's to keep."""
        return {name: column.data[: self.size].view(np.uint8).data for name, column in self._columns().items()}

    def load(self, parts: Mapping[str, bytes], sources: list[str], commands: Commands, nodes: int) -> None:
        """Replace everything. ``commands``: cuts, merges and holds. ``nodes`` is how many identifiers there are."""
        for name, column in self._columns().items():
            column.take(np.frombuffer(parts[name], column.data.dtype).copy())
        self.size = self._capacity = len(self.a.data)
        self.sources, self._source_codes = list(sources), {name: code for code, name in enumerate(sources)}
        self.cuts, self.merges, self.holds = map(dict, commands)
        a, b = self.a.data.astype(np.uint64), self.b.data.astype(np.uint64)
        keys = np.bitwise_or(a << np.uint64(34) | b << np.uint64(2), self.trust.data)
        self.index.build(keys.astype(np.uint64), np.arange(self.size, dtype=np.int32))
        self._thread(nodes)

    def _thread(self, nodes: int) -> None:
        """Make the lists again: in each node's list a record is followed by the node's one before it."""
        records = np.arange(self.size, dtype=np.int32)
        owners = np.concatenate([self.a.data, self.b.data])
        both = np.concatenate([records, records])
        order = np.lexsort((both, owners))
        owners, both, sides = owners[order], both[order], order >= self.size
        before = np.full(len(both), -1, np.int32)
        same = owners[1:] == owners[:-1]
        before[1:][same] = both[:-1][same]
        self._next_a.take(_scattered(both[~sides], before[~sides], self.size))
        self._next_b.take(_scattered(both[sides], before[sides], self.size))
        self._heads.take(np.full(nodes, -1, np.int32))
        newest = np.append(~same, True)[: len(both)]
        self._heads.data[owners[newest]] = both[newest]


def _scattered(at: npt.NDArray[np.int32], values: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int32]:
    out = np.empty(size, np.int32)
    out[at] = values
    return out
