"""What we know of people: all traits of all rows.

A row is a node that received events, or the cached combination of a person's nodes. The table owns which node has which row; who is
served by which row is the engine's. Not thread-safe: presenting keeps what it has worked out.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EventBatch, Vocabularies
from gyeol.events.model import TrackingPlan
from gyeol.events.reading import Reading
from gyeol.expressions.column import Column, Mask, Vocabulary, everywhere, known_everywhere
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.canonical import digest
from gyeol.kernel.instants import Zone
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.description import Described
from gyeol.profiles.few import Laws
from gyeol.profiles.group import EventGroup
from gyeol.profiles.growth import Laid, Owed, unknown
from gyeol.profiles.lists import FreeList, grow_in_place
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.rules import Trait, compile_traits
from gyeol.profiles.runs import all_true, distinct, places
from gyeol.profiles.slices import BatchView, EventSlice
from gyeol.profiles.slots import Int64
from gyeol.profiles.snapshot import Dumped, check_form, dump_groups, load_groups, row_digest
from gyeol.profiles.stack import EntriesStack
from gyeol.profiles.words import Words

ANY = "$any"
_BLOCK = 16_384
_MOST_SETS = 4_096


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
        self.owed: dict[int, Owed] = {}
        self.zone, self.plan, self.currency = zone, plan, currency
        self.words = Words(vocabularies)
        self.conditions = {text: event_condition(text) for t in self.traits for text in t.wheres}
        by_event: dict[str, list[Trait]] = {}
        for trait in self.traits:
            by_event.setdefault(" → ".join(trait.events), []).append(trait)
        self.reading = Reading(plan, currency)
        self.groups = [self.group(event, traits) for event, traits in by_event.items()]
        self.index({name: group for group in self.groups for name in group.place})
        self._signature = digest([definitions, [t.value for t in self.traits], zone.name])
        self.row_of_node: npt.NDArray[np.int32] = np.full(64, -1, np.int32)
        self.node_of_row: npt.NDArray[np.int32] = np.full(64, -1, np.int32)
        self.free_rows = FreeList()

    @property
    def unready(self) -> dict[str, int]:
        """Traits whose past has not come yet, each with the offset of the log from which on it has been folded."""
        return {name: until for until, owed in self.owed.items() for name in owed.traits}

    def group(self, key: str, traits: list[Trait]) -> EventGroup:
        """A new group of traits of one event name, or of one pair of names."""
        return EventGroup(key, traits, self.words, self.zone, Laws(traits, self.conditions, self.reading))

    def index(self, group_of: dict[str, EventGroup]) -> None:
        """Find the way from event names and trait names to groups anew."""
        self.group_of = group_of
        first: dict[tuple[str, ...], int] = {}
        for index, group in enumerate(self.groups):
            first.setdefault(group.names, index)
        self._primary = {names[0]: index for names, index in first.items() if len(names) == 1 and names[0] != ANY}
        self._any = first.get((ANY,), -1)
        # A sequence of two events, and traits that were added later to an event name that had some, stand beside.
        self._besides = [i for i in range(len(self.groups)) if i != self._any and i not in self._primary.values()]
        self._fading = frozenset(t.name for group in self.groups for stack in group.stacks for t in stack.traits if t.fades)
        self._touched_by: dict[int, frozenset[str]] = {}
        self._names: Vocabulary | None = None
        self._group_of_code: npt.NDArray[np.int64] = np.empty(0, np.int64)

    # --- rows

    def rows_of_nodes(self, nodes: Int64, create: bool = True) -> Int64:
        """The row of each node, -1 where it has none (and for node -1); with ``create`` it gets one. A node may occur many times."""
        highest = int(nodes.max(initial=-1))
        if highest + 1 >= len(self.row_of_node):  # one longer than there are nodes: -1 finds no row
            grow_in_place(self.row_of_node, max(highest + 2, len(self.row_of_node) * 5 // 4), -1)
        rows = self.row_of_node[nodes]
        if create:
            missing = rows < 0
            if np.count_nonzero(missing):
                fresh = distinct(nodes[missing])
                made = self._new_rows(len(fresh))
                self.row_of_node[fresh] = made
                self.node_of_row[made] = fresh
                rows = self.row_of_node[nodes]
        return rows.astype(np.int64)

    def node_of(self, row: int) -> int | None:
        """The node that a row belongs to; None for a row that is a person's."""
        node = int(self.node_of_row[row])
        return node if node >= 0 else None

    def new_row(self) -> int:
        """An empty row that belongs to no node."""
        return int(self._new_rows(1)[0])

    def free_row(self, row: int) -> None:
        """Forget a row; its number is used again. A node that had it has none afterwards."""
        for group in self.groups:
            group.free(np.array([row]))
        node = int(self.node_of_row[row])
        if node >= 0:
            self.row_of_node[node] = self.node_of_row[row] = -1
        self.free_rows.push(np.array([row]))

    def _new_rows(self, n: int) -> Int64:
        again = self.free_rows.pop(n)
        fresh = np.arange(self.rows, self.rows + n - len(again))
        self.rows += len(fresh)
        if self.rows > len(self.node_of_row):
            grow_in_place(self.node_of_row, max(self.rows, len(self.node_of_row) * 5 // 4), -1)
        for group in self.groups:
            group.fit(self.rows)
        return np.concatenate([again, fresh])

    # --- folding

    def fold(self, batch: EventBatch, events: Int64, rows: Int64, now_ms: int) -> frozenset[str]:
        """Add events to rows.

        Args:
            batch: Where the events are.
            events: (m,) indices into the batch.
            rows: (m,) the row of each. An event may count for several rows, a row may have many events; no pair occurs twice.
            now_ms: engine_now, for which buckets are still needed.

        Returns:
            The traits of which the value of some row may have changed; those whose value time alone changes are always among them.
        """
        names = batch.name  # first: reading the names may be what gives them codes
        group_of_event = self._groups_of(batch)[names]
        groups = group_of_event[events]
        besides = self._of_besides(batch, names)
        if self._any >= 0 or besides:
            more = [np.arange(len(events))] * (self._any >= 0) + [places(mine[events]) for mine in besides.values()]
            which = [self._any] * (self._any >= 0) + list(besides)
            again = np.concatenate(more)
            groups = np.concatenate([groups, np.repeat(np.array(which), [len(part) for part in more])])
            events = np.concatenate([events, events[again]])
            rows = np.concatenate([rows, rows[again]])
        wanted = groups >= 0
        if not all_true(wanted):
            events, rows, groups = events[wanted], rows[wanted], groups[wanted]
        view = BatchView(batch, self.zone, self.conditions)
        rank = np.empty(batch.n, np.int64)
        rank[view.in_order] = np.arange(batch.n)
        row_bits, rank_bits = self.rows.bit_length(), batch.n.bit_length()
        # One sort of whole numbers puts the events in order of (event name, row, time, id).
        keys = (((groups << row_bits) | rows) << rank_bits) | rank[events]
        keys.sort()
        events = view.in_order[keys & ((1 << rank_bits) - 1)]
        keys >>= rank_bits
        rows = keys & ((1 << row_bits) - 1)
        bounds = np.searchsorted(keys >> row_bits, np.arange(len(self.groups) + 1)).tolist()
        place = np.empty(batch.n, np.int64)
        touched = 0
        for index, (group, start, stop) in enumerate(zip(self.groups, bounds[:-1], bounds[1:], strict=True)):
            if start < stop:
                touched |= 1 << index
                at, slots = events[start:stop], group.slots_for(rows[start:stop])
                if batch.columnar:
                    part = EventSlice(view, at, slots, batch.part(at), None)
                elif index == self._any:
                    part = EventSlice(view, at, slots, batch, at)
                else:
                    mine = places(besides[index]) if index in besides else places(group_of_event == index)
                    place[mine] = np.arange(len(mine))
                    part = EventSlice(view, at, slots, batch.part(mine), place.take(at))
                group.fold(part, now_ms)
        return self._touched(touched)

    def _touched(self, groups: int) -> frozenset[str]:
        """The traits of some event names (a bit each), and all that time alone changes. Kept: few sets of names ever come together."""
        found = self._touched_by.get(groups)
        if found is None:
            if len(self._touched_by) > _MOST_SETS:
                self._touched_by.clear()
            names = (name for i, group in enumerate(self.groups) if groups >> i & 1 for name in group.place)
            found = self._touched_by[groups] = self._fading.union(names)
        return found

    def _of_besides(self, batch: EventBatch, names: npt.NDArray[np.int32]) -> dict[int, Mask]:
        """For each group that stands beside others, which events are its; only groups that have any."""
        found: dict[int, Mask] = {}
        for index in self._besides:
            wanted = self.groups[index].names
            codes = [batch.names.find(name) for name in wanted]
            mine = np.ones(batch.n, np.bool_) if wanted == (ANY,) else (names == codes[0]) | (names == codes[-1])
            if np.count_nonzero(mine):
                found[index] = mine
        return found

    def _groups_of(self, batch: EventBatch) -> Int64:
        """The group of each code of an event name, -1 for names without traits."""
        known, words = len(self._group_of_code), batch.names.words
        if batch.names is not self._names:
            self._names, known, self._group_of_code = batch.names, 0, np.empty(0, np.int64)
        if known < len(words):
            more = np.array([self._primary.get(word, -1) for word in words[known:]], np.int64)
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
        for group in self.groups:
            group.free(forgotten)
            group.rebuild(targets, sources)
            for stack in group.missed:
                stack.look_again()

    # --- presenting

    def column(self, name: str, rows: Int64, now_ms: int, slots: dict[str, Int64] | None = None) -> Column:
        """The values of a trait over rows as of now; row -1 is somebody of whom nothing is known. KeyError for other names.

        Args:
            name: The trait.
            rows: (n,).
            now_ms: The instant.
            slots: Kept by who asks for several traits over the same rows: the way from rows to slots by event name.
        """
        group = self.group_of[name]
        if self.owed and name in self.unready:
            return unknown(self.schema()[name].type, len(rows))
        stack, index = group.place[name]
        slots = {} if slots is None else slots
        where = slots.get(group.event)
        if where is None:
            where = slots[group.event] = group.slot_of[rows].astype(np.int64)
        if len(rows) <= _BLOCK:
            return stack.present(index, where, now_ms)
        # A block at a time: what is computed on the way stays in the processor's cache.
        parts = [stack.present(index, where[start : start + _BLOCK], now_ms) for start in range(0, len(rows), _BLOCK)]
        always = all(known_everywhere(part.known) for part in parts)
        known = everywhere(len(rows)) if always else np.concatenate([part.known for part in parts])
        return Column(parts[0].kind, np.concatenate([part.values for part in parts]), known, parts[0].vocabulary)

    def entries(self, name: str, row: int) -> list[tuple[int, int, object]]:
        """(time, id, value) of what a row holds of a trait that keeps values with the events that said them, ascending.

        Args:
            name: The trait; ``recent``, ``first`` or ``last``.
            row: -1 is somebody of whom nothing is known.
        """
        group = self.group_of[name]
        stack, index = group.place[name]
        assert isinstance(stack, EntriesStack)
        return stack.entries(index, int(group.slot_of[row]))

    def describe(self, name: str, row: int, now_ms: int) -> Described:
        """One value with what is known beside it."""
        group = self.group_of[name]
        stack, index = group.place[name]
        held = stack.held(index, int(group.slot_of[row]))
        value = self.column(name, np.array([row]), now_ms).item(0)
        return Described(value=value, estimate=held.estimate, as_of_ms=now_ms, at_ms=held.at_ms)

    def schema(self) -> dict[str, NameInfo]:
        """What conditions may read."""
        return {trait.name: trait.info() for trait in self.traits}

    def paths(self) -> set[str]:
        """Event paths that traits read: properties and what stands in ``where``."""
        read = {path for condition in self.conditions.values() for path in condition.paths}
        return read | {t.definition.property for t in self.traits if t.definition.property is not None}

    def next_edge_ms(self, now_ms: int) -> int | None:
        """The next instant at which a window's bucket ends, so that values change without any event; None without windows."""
        return min((w.next_edge_ms(now_ms) for group in self.groups for w in group.windows), default=None)

    # --- keeping

    def dump(self) -> Dumped:
        """Everything, for a snapshot: arrays and bytes by name."""
        nodes = places(self.row_of_node >= 0)
        laid = [Laid(key=g.event, traits=g.traits, live=[n for n in g.place if self.group_of.get(n) is g]) for g in self.groups]
        found: Dumped = {
            "node": nodes.astype(np.int32),
            "node.row": self.row_of_node[nodes],
            "free": self.free_rows.all(),
            "rows": np.array([self.rows]),
            "signature": self._signature.encode(),
            "layout": msgspec.msgpack.encode(laid),
            "owed": msgspec.msgpack.encode(list(self.owed.values())),
        }
        return found | dump_groups(self.groups, self.words, self.rows)

    def load(self, dumped: Dumped) -> None:
        """Take back what ``dump`` gave; the table must be new.

        Raises:
            VersionConflictError: The snapshot was made with other definitions or by another release; fold the log from its start.
        """
        check_form(dumped, self._signature)
        self._lay_out(msgspec.msgpack.decode(_bytes(dumped["layout"]), type=list[Laid]))
        self.owed = {each.until: each for each in msgspec.msgpack.decode(_bytes(dumped["owed"]), type=list[Owed])}
        load_groups(self.groups, self.words, dumped)
        self.rows = int(np.asarray(dumped["rows"])[0])
        nodes = np.asarray(dumped["node"])
        grow_in_place(self.row_of_node, max(int(nodes.max(initial=0)) + 2, len(self.row_of_node)), -1)
        grow_in_place(self.node_of_row, max(self.rows, len(self.node_of_row)), -1)
        self.row_of_node[nodes] = np.asarray(dumped["node.row"])
        self.node_of_row[np.asarray(dumped["node.row"])] = nodes
        self.free_rows.push(np.asarray(dumped["free"], np.int64))

    def _lay_out(self, laid: list[Laid]) -> None:
        """Groups as they stood when the snapshot was taken."""
        if [(each.key, [t.name for t in each.traits]) for each in laid] == [(g.event, list(g.place)) for g in self.groups]:
            return
        self.conditions |= {text: event_condition(text) for each in laid for t in each.traits for text in t.wheres}
        self.groups = [self.group(each.key, each.traits) for each in laid]
        self.index({name: group for group, each in zip(self.groups, laid, strict=True) for name in each.live})

    def state_digest(self, rows: Int64) -> str:
        """32 hex digits over the state of rows: equal for tables that hold the same, whatever their codes and slots."""
        return row_digest(self.groups, self.words, rows)

    def size_bytes(self) -> dict[str, int]:
        """Bytes of the state by part: ``event.stack…`` for the stacks, ``event.slots`` for the way from rows to slots."""
        sizes = {"nodes": self.row_of_node.nbytes + self.node_of_row.nbytes}
        for group in self.groups:
            sizes[f"{group.event}.slots"] = group.slot_of.nbytes
            sizes |= {f"{group.event}.{name}": size for name, size in group.slots.size_bytes().items()}
        return sizes


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
