"""recent: the values of the n latest events, newest first. Monoid: the n greatest triples (time, id, value) of a union."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Column
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.dated import value_of
from gyeol.profiles.kinds.numbers import unscaled
from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import lengths_of, places, positions, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

Values = npt.NDArray[np.int64] | npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]


class RecentStack:
    """State a trait: a list of at most ``size`` (time, id, value), ascending; values as int64 at the scale or as int32 codes.

    Args:
        traits: All numbers, or all texts and flags.
        slots, name, words: Where the state stands.
    """

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._numeric = value_of(traits[0]).is_number
        self._words = [words.of(t.path) for t in traits] if not self._numeric else []
        self._lists = []
        for index, trait in enumerate(traits):
            codes = self._words[index] if value_of(trait).wanted == "text" else None
            value = FieldSpec("i8") if self._numeric else FieldSpec("i4", words=codes)
            fields = {"time": FieldSpec("i8"), "id": FieldSpec("u8"), "value": value}
            self._lists.append(slots.ring_of(f"{name}.{index}", fields, 1, trait.definition.size))

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        for index, trait in enumerate(self.traits):
            values: Values
            if self._numeric:
                values, mask = part.numbers(trait)
            else:
                values, mask = part.codes(trait, self._words[index])
            slots, times, ids = part.slots, part.times, part.ids
            if mask is not None:
                at = places(mask)
                slots, times, ids, values = slots.take(at), times.take(at), ids.take(at), values.take(at)
            if part.layers is None:
                self._add(index, slots, times, ids, values)
            elif len(slots):
                self._merge(index, slots, times, ids, values, tied=True)

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for index, trait in enumerate(self.traits):
            if self._numeric:
                value = event.number(trait)
            else:
                code = event.code(trait, self._words[index])
                value = None if code < 0 else code
            if value is not None:
                self._take(index, event, value)

    def _take(self, index: int, event: OneEvent, value: int) -> None:
        """Take one event in: at the end, as nearly always, or by way of ``_merge``."""
        lists, slot = self._lists[index], event.slot
        length = lists.length.item(slot)
        newest = lists.start.item(slot) + (lists.turn.item(slot) + length - 1) % lists.most
        if length and lists.cells["time"].item(newest) >= event.time:
            at = np.array([slot]), np.array([event.time]), np.array([event.id], np.uint64)
            self._merge(index, *at, np.array([value], lists.cells["value"].dtype), tied=True)
            return
        cell = lists.append_one(slot)
        lists.cells["time"][cell], lists.cells["id"][cell], lists.cells["value"][cell] = event.time, event.id, value

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for index, lists in enumerate(self._lists):
            owner, cell = lists.spans(sources)
            if not len(cell):
                continue
            slots, times, ids, values = targets[owner], *(lists.cells[f][cell] for f in ("time", "id", "value"))
            order = np.lexsort((ids, times, slots))
            self._merge(index, slots[order], times[order], ids[order], values[order], tied=True)

    def _add(self, index: int, slots: Int64, times: Int64, ids: UInt64, values: Values) -> None:
        """Take events in, grouped by slot and ascending by (time, id) in each: those that come after all that is held, as nearly all do,
        at the end, the others by way of ``_merge``.
        """
        lists = self._lists[index]
        starts = starts_of(slots)
        owners = slots.take(starts)
        late = (lists.cells["time"].take(lists.newest(owners)) >= times.take(starts)) & (lists.length.take(owners) > 0)
        if np.count_nonzero(late):
            each = late.repeat(lengths_of(starts, len(slots)))
            self._merge(index, slots[each], times[each], ids[each], values[each], tied=False)
            slots, times, ids, values = slots[~each], times[~each], ids[~each], values[~each]
            starts = starts_of(slots)
            owners = slots.take(starts)
        counts = lengths_of(starts, len(slots))
        if int(counts.max(initial=0)) > lists.most:
            kept = places(positions(counts) >= (counts - lists.most).repeat(counts))
            times, ids, values, counts = times.take(kept), ids.take(kept), values.take(kept), np.minimum(counts, lists.most)
        cells = lists.push(owners, counts)
        for field, new in (("time", times), ("id", ids), ("value", values)):
            lists.cells[field][cells] = new

    def _merge(self, index: int, slots: Int64, times: Int64, ids: UInt64, values: Values, tied: bool) -> None:
        """As ``_add``, wherever they belong in what is held; ``tied``: some may be equal in (time, id)."""
        lists, size = self._lists[index], self._lists[index].most
        starts = starts_of(slots)
        owners = slots.take(starts)
        counts = lengths_of(starts, len(slots))
        held = lists.length.take(owners).astype(np.int64)
        owner, cell = lists.spans(owners)
        total = held + counts
        # The held ones first, then the new ones: already in order unless a new event is not later than the last held. The k-th held
        # entry stands after all that came before it, so k new ones of the slots before: likewise the new ones.
        to_held = np.arange(len(cell)) + starts.take(owner)
        to_new = np.arange(len(slots)) + np.add.accumulate(held).repeat(counts)
        last_time = lists.cells["time"].take(lists.newest(owners))
        late = (held > 0) & (times.take(starts) <= last_time)
        merged = []
        for field, new in (("time", times), ("id", ids), ("value", values)):
            whole = np.empty(len(cell) + len(new), new.dtype)
            whole[to_held] = lists.cells[field].take(cell)
            whole[to_new] = new
            merged.append(whole)
        if tied or np.count_nonzero(late):
            group = np.arange(len(owners)).repeat(total)
            self._sort(index, merged, group, places(late.take(group)) if not tied else np.arange(len(group)))
        kept = places(positions(total) >= (total - size).repeat(total))
        cells = lists.replace(owners, np.minimum(total, size))
        for field, whole in zip(("time", "id", "value"), merged, strict=True):
            lists.cells[field][cells] = whole.take(kept)

    def _sort(self, index: int, merged: list[npt.NDArray[np.generic]], group: Int64, places: Int64) -> None:
        """Put whole groups in order, in place."""
        times, ids, values = (field[places] for field in merged)
        order = np.lexsort((ids, times, group[places]))
        equal = (group[places][order][1:] == group[places][order][:-1]) & (times[order][1:] == times[order][:-1])
        equal &= ids[order][1:] == ids[order][:-1]
        if equal.any():
            order = np.lexsort((self._rank(index, values), ids, times, group[places]))
        for field in merged:
            field[places] = field[places][order]

    def _rank(self, index: int, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """What sorts as the values do."""
        if value_of(self.traits[index]).wanted != "text":
            return values
        words = self._words[index].words
        codes, inverse = np.unique(values, return_inverse=True)
        by_word = sorted(range(len(codes)), key=lambda i: words[int(codes[i])])
        rank = np.empty(len(codes), np.int64)
        rank[by_word] = np.arange(len(codes))
        return rank[inverse]

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``. Building Python lists costs about a microsecond a row."""
        lists = self._lists[index]
        found = np.empty(len(slots), object)
        if len(slots) == 1:
            cells = lists.span_of(slots.item(0))
            found[0] = self._items(index, lists.cells["value"].take(cells[::-1]))
            return Column("list", found, np.array([len(cells) > 0]))
        lengths = lists.length.take(slots).astype(np.int64)
        _, cell = lists.spans(slots)
        # Newest first: each run is read backwards.
        ends = np.cumsum(lengths)
        items = self._items(index, lists.cells["value"][cell][np.repeat(ends, lengths) - 1 - positions(lengths)])
        found[:] = [items[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]
        return Column("list", found, lengths > 0)

    def _items(self, index: int, values: npt.NDArray[np.generic]) -> list[object]:
        """Values as Python has them."""
        trait = self.traits[index]
        if self._numeric:
            return list(unscaled(np.asarray(values, np.int64), trait).tolist())
        if value_of(trait).wanted == "flag":
            return list((values == 1).tolist())
        words = self._words[index].words
        return [words[code] for code in values.tolist()]

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        lists = self._lists[index]
        cells = lists.span_of(slot)
        return Held(at_ms=int(lists.cells["time"][cells[-1]]) if len(cells) else None)

    def entries(self, index: int, slot: int) -> list[tuple[int, int, object]]:
        """See ``EntriesStack``."""
        lists = self._lists[index]
        cells = lists.span_of(slot)
        times, ids, values = (lists.cells[field].take(cells) for field in ("time", "id", "value"))
        return list(zip(times.tolist(), ids.tolist(), self._items(index, values), strict=True))
