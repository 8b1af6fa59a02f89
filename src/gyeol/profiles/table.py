"""What we know of people: all traits of all rows.

A row is a node that received events, or the cached combination of a person's nodes. The table owns which node has which row; who is
served by which row is the engine's. Not thread-safe: presenting keeps what it has worked out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EventBatch, Vocabularies
from gyeol.events.model import TrackingPlan
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.canonical import digest
from gyeol.kernel.instants import Zone
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.description import Described
from gyeol.profiles.group import EventGroup
from gyeol.profiles.lists import FreeList, grow_in_place
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.rules import Trait, compile_traits
from gyeol.profiles.runs import all_true, distinct, places
from gyeol.profiles.slices import BatchView, EventSlice
from gyeol.profiles.slots import Int64
from gyeol.profiles.snapshot import Dumped, dump_groups, load_groups, row_digest
from gyeol.profiles.words import Words

ANY = "$any"
_BLOCK = 16_384


class TraitTable:
    """Traits as columns by row.

    Args:
        definitions: In the order of the files.
        vocabularies: Shared with the batches: codes of texts come from them.
        zone: Whose days the daily buckets are.
        plan: What properties are; without a rule numbers are wanted by sum, mean, min, max and decay, texts by the others.
        currency: ISO 4217 code of money without a currency of its own (the workspace's).

    Raises:
        InputError: Every problem of every definition.
    """

    def __init__(
        self, definitions: list[TraitDefinition], vocabularies: Vocabularies, zone: Zone, plan: TrackingPlan, currency: str = "KRW"
    ) -> None:
        self.traits = compile_traits(definitions, plan, currency)
        self.rows = 0
        self._zone = zone
        self._words = Words(vocabularies)
        self._conditions = {t.where: event_condition(t.where) for t in self.traits if t.where is not None}
        by_event: dict[str, list[Trait]] = {}
        for trait in self.traits:
            by_event.setdefault(trait.definition.event, []).append(trait)
        self._groups = [EventGroup(event, traits, self._words, zone) for event, traits in by_event.items()]
        self._any = list(by_event).index(ANY) if ANY in by_event else -1
        self._group_of = {name: group for group in self._groups for name in group.place}
        self._signature = digest([definitions, [t.value for t in self.traits], zone.name])
        self._row_of_node: npt.NDArray[np.int32] = np.full(64, -1, np.int32)
        self._node_of_row: npt.NDArray[np.int32] = np.full(64, -1, np.int32)
        self._free_rows = FreeList()
        self._names: Vocabulary | None = None
        self._group_of_code: npt.NDArray[np.int64] = np.empty(0, np.int64)

    # --- rows

    def rows_of_nodes(self, nodes: Int64, create: bool = True) -> Int64:
        """The row of each node, -1 where it has none (and for node -1); with ``create`` it gets one. A node may occur many times."""
        highest = int(nodes.max(initial=-1))
        if highest + 1 >= len(self._row_of_node):  # one longer than there are nodes: -1 finds no row
            grow_in_place(self._row_of_node, max(highest + 2, len(self._row_of_node) * 5 // 4), -1)
        rows = self._row_of_node[nodes]
        if create:
            missing = rows < 0
            if np.count_nonzero(missing):
                fresh = distinct(nodes[missing])
                made = self._new_rows(len(fresh))
                self._row_of_node[fresh] = made
                self._node_of_row[made] = fresh
                rows = self._row_of_node[nodes]
        return rows.astype(np.int64)

    def new_row(self) -> int:
        """An empty row that belongs to no node."""
        return int(self._new_rows(1)[0])

    def free_row(self, row: int) -> None:
        """Forget a row; its number is used again. A node that had it has none afterwards."""
        for group in self._groups:
            group.free(np.array([row]))
        node = int(self._node_of_row[row])
        if node >= 0:
            self._row_of_node[node] = self._node_of_row[row] = -1
        self._free_rows.push(np.array([row]))

    def _new_rows(self, n: int) -> Int64:
        again = self._free_rows.pop(n)
        fresh = np.arange(self.rows, self.rows + n - len(again))
        self.rows += len(fresh)
        if self.rows > len(self._node_of_row):
            grow_in_place(self._node_of_row, max(self.rows, len(self._node_of_row) * 5 // 4), -1)
        for group in self._groups:
            group.fit(self.rows)
        return np.concatenate([again, fresh])

    # --- folding

    def fold(self, batch: EventBatch, events: Int64, rows: Int64, now_ms: int) -> None:
        """Add events to rows.

        Args:
            batch: Where the events are.
            events: (m,) indices into the batch.
            rows: (m,) the row of each. An event may count for several rows, a row may have many events; no pair occurs twice.
            now_ms: engine_now, for which buckets are still needed.
        """
        names = batch.name[events]  # first: reading the names may be what gives them codes
        groups = self._groups_of(batch)[names]
        if self._any >= 0:
            events = np.concatenate([events, events])
            rows = np.concatenate([rows, rows])
            groups = np.concatenate([groups, np.full(len(groups), self._any)])
        wanted = groups >= 0
        if not all_true(wanted):
            events, rows, groups = events[wanted], rows[wanted], groups[wanted]
        view = BatchView(batch, self._zone, self._conditions)
        rank = np.empty(batch.n, np.int64)
        rank[view.in_order] = np.arange(batch.n)
        row_bits, rank_bits = self.rows.bit_length(), batch.n.bit_length()
        # One sort of whole numbers puts the events in order of (event name, row, time, id).
        keys = (((groups << row_bits) | rows) << rank_bits) | rank[events]
        keys.sort()
        events = view.in_order[keys & ((1 << rank_bits) - 1)]
        keys >>= rank_bits
        rows = keys & ((1 << row_bits) - 1)
        bounds = np.searchsorted(keys >> row_bits, np.arange(len(self._groups) + 1)).tolist()
        for group, start, stop in zip(self._groups, bounds[:-1], bounds[1:], strict=True):
            if start < stop:
                part = EventSlice(view, events[start:stop], group.slots_for(rows[start:stop]))
                group.fold(part, now_ms)

    def _groups_of(self, batch: EventBatch) -> Int64:
        """The group of each code of an event name, -1 for names without traits."""
        known, words = len(self._group_of_code), batch.names.words
        if batch.names is not self._names:
            self._names, known, self._group_of_code = batch.names, 0, np.empty(0, np.int64)
        if known < len(words):
            index = {group.event: i for i, group in enumerate(self._groups) if group.event != ANY}
            more = np.array([index.get(word, -1) for word in words[known:]], np.int64)
            self._group_of_code = np.concatenate([self._group_of_code, more])
        return self._group_of_code

    def rebuild(self, target_row: int, source_rows: list[int]) -> None:
        """Make a row the combination of others; what it held before is forgotten."""
        self.rebuild_many([(target_row, source_rows)])

    def rebuild_many(self, plans: list[tuple[int, list[int]]]) -> None:
        """As ``rebuild`` for several targets, none of which is a source, in one pass: cheaper when many people are joined at once."""
        targets = np.repeat(np.array([t for t, _ in plans], np.int64), [len(s) for _, s in plans])
        sources = np.array([row for _, rows in plans for row in rows], np.int64)
        if np.isin(targets, sources).any():
            raise ValueError("a row cannot be rebuilt from itself")
        forgotten = distinct(np.array([t for t, _ in plans], np.int64))
        for group in self._groups:
            group.free(forgotten)
            group.rebuild(targets, sources)

    # --- presenting

    def column(self, name: str, rows: Int64, now_ms: int) -> Column:
        """The values of a trait over rows as of now; row -1 is somebody of whom nothing is known. KeyError for other names."""
        group = self._group_of[name]
        stack, index = group.place[name]
        first = stack.present(index, group.slot_of[rows[:_BLOCK]].astype(np.int64), now_ms)
        if len(rows) <= _BLOCK:
            return first
        # A block at a time: what is computed on the way stays in the processor's cache, and memory is touched once.
        values, known = np.empty(len(rows), first.values.dtype), np.empty(len(rows), np.bool_)
        values[:_BLOCK], known[:_BLOCK] = first.values, first.known
        for start in range(_BLOCK, len(rows), _BLOCK):
            stop = start + _BLOCK
            more = stack.present(index, group.slot_of[rows[start:stop]].astype(np.int64), now_ms)
            values[start:stop], known[start:stop] = more.values, more.known
        return Column(first.kind, values, known, first.vocabulary)

    def describe(self, name: str, row: int, now_ms: int) -> Described:
        """One value with what is known beside it."""
        group = self._group_of[name]
        stack, index = group.place[name]
        held = stack.held(index, int(group.slot_of[row]))
        value = self.column(name, np.array([row]), now_ms).item(0)
        return Described(value=value, estimate=held.estimate, as_of_ms=now_ms, at_ms=held.at_ms)

    def schema(self) -> dict[str, NameInfo]:
        """What conditions may read."""
        return {trait.name: trait.info() for trait in self.traits}

    def paths(self) -> set[str]:
        """Event paths that traits read: properties and what stands in ``where``."""
        read = {path for condition in self._conditions.values() for path in condition.paths}
        return read | {t.definition.property for t in self.traits if t.definition.property is not None}

    def next_edge_ms(self, now_ms: int) -> int | None:
        """The next instant at which a window's bucket ends, so that values change without any event; None without windows."""
        return min((w.next_edge_ms(now_ms) for group in self._groups for w in group.windows), default=None)

    # --- keeping

    def dump(self) -> Dumped:
        """Everything, for a snapshot: arrays and bytes by name."""
        nodes = places(self._row_of_node >= 0)
        found: Dumped = {
            "node": nodes.astype(np.int32),
            "node.row": self._row_of_node[nodes],
            "free": self._free_rows.all(),
            "rows": np.array([self.rows]),
            "signature": self._signature.encode(),
        }
        return found | dump_groups(self._groups, self._words, self.rows)

    def load(self, dumped: Dumped) -> None:
        """Take back what ``dump`` gave; the table must be new.

        Raises:
            VersionConflictError: The snapshot was made with other definitions or by another release; fold the log from its start.
        """
        load_groups(self._groups, self._words, dumped, self._signature)
        self.rows = int(dumped["rows"][0])
        nodes = np.asarray(dumped["node"])
        grow_in_place(self._row_of_node, max(int(nodes.max(initial=0)) + 2, len(self._row_of_node)), -1)
        grow_in_place(self._node_of_row, max(self.rows, len(self._node_of_row)), -1)
        self._row_of_node[nodes] = np.asarray(dumped["node.row"])
        self._node_of_row[np.asarray(dumped["node.row"])] = nodes
        self._free_rows.push(np.asarray(dumped["free"], np.int64))

    def state_digest(self, rows: Int64) -> str:
        """32 hex digits over the state of rows: equal for tables that hold the same, whatever their codes and slots."""
        return row_digest(self._groups, self._words, rows)

    def size_bytes(self) -> dict[str, int]:
        """Bytes of the state by part: ``event.stack…`` for the stacks, ``event.slots`` for the way from rows to slots."""
        sizes = {"nodes": self._row_of_node.nbytes + self._node_of_row.nbytes}
        for group in self._groups:
            sizes[f"{group.event}.slots"] = group.slot_of.nbytes
            sizes |= {f"{group.event}.{name}": size for name, size in group.slots.size_bytes().items()}
        return sizes
