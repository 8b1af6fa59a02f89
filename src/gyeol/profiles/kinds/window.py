"""Windows of count and sum: totals by bucket, presented as of any later instant. Monoid: bucket by bucket, integers under addition.

``7d`` is today and the six dates before in the workspace's zone. ``24h`` is the current hour and the 23 hours before it, hours of UTC:
so a rolling window covers between 23 and 24 hours, rounded at its old end. All windows of one event name and grain share their
buckets: ``views_7d`` and ``views_30d`` add over the same list. Events older than the longest window are not needed and left out.
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, Mask, everywhere
from gyeol.kernel.instants import HOUR_MS, Zone
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.numbers import unscaled, wrapped
from gyeol.profiles.lists import FieldSpec, SlotLists
from gyeol.profiles.rules import Grain, Trait, Window
from gyeol.profiles.runs import all_true, lengths_of, places, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held

_BUCKET_BITS = 28
_BUCKET = (1 << _BUCKET_BITS) - 1
_NEVER = -1
_ENDED = np.iinfo(np.int32).max


def bucket_of(at_ms: int, grain: Grain, zone: Zone) -> int:
    """The bucket in which an instant lies."""
    return zone.day(at_ms) if grain == "day" else at_ms // HOUR_MS


def window_of(trait: Trait) -> Window:
    """The trait's window; only for traits that have one."""
    assert trait.window is not None
    return trait.window


class WindowStack:
    """State: a list of (bucket, totals), the totals of all different (where, property) of the traits; only buckets with events.

    What is presented is worked out when somebody asks, and kept until the slot or the bucket changes.

    Args:
        traits: Counts and sums of one event name with windows of one grain.
        slots, name: Where the state stands.
        zone: Whose days the daily buckets are.
    """

    def __init__(self, traits: list[Trait], slots: Slots, name: str, zone: Zone) -> None:
        self.traits = traits
        self._zone = zone
        self._grain: Grain = window_of(traits[0]).grain
        self._longest = max(window_of(t).buckets for t in traits)
        measures = {(t.where, t.definition.property, t.value): t for t in traits}
        self._measures = list(measures.values())
        self._measure_of = [list(measures).index((t.where, t.definition.property, t.value)) for t in traits]
        dtype = "i4" if all(t.value is None for t in traits) else "i8"
        fields = {"bucket": FieldSpec("i4"), "total": FieldSpec(dtype, len(measures))}
        self._lists: SlotLists = slots.list_of(name, fields, 1, self._longest + 1)
        self._sums = slots.array(f"{name}.sums", dtype, len(traits), derived=True)
        # The bucket for which the sums hold; _ENDED where everything has left the windows, so that they hold from _now on.
        self._as_of = slots.array(f"{name}.as_of", np.int32, fill=_NEVER, derived=True)
        self._now = 0

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        horizon = bucket_of(now_ms, self._grain, self._zone) - self._longest
        buckets = part.buckets(self._grain)
        amounts: list[tuple[Int64 | None, Mask | None]] = [
            (None, part.where(trait.where)) if trait.value is None else part.numbers(trait) for trait in self._measures
        ]
        wanted = (buckets > max(horizon, _NEVER)) & (buckets < _BUCKET)
        masks = [mask for _, mask in amounts if mask is not None]
        if len(masks) == len(amounts):
            wanted &= masks[0] if len(masks) == 1 else np.logical_or.reduce(masks)
        chosen = places(wanted)
        if not len(chosen):
            return
        whole = len(chosen) == part.n
        slots = part.slots if whole else part.slots.take(chosen)
        cells = self._cells(slots, buckets if whole else buckets.take(chosen), horizon)
        totals = self._lists.cells["total"].reshape(-1)
        for index, (values, mask) in enumerate(amounts):
            picked = mask if mask is None or whole else mask[chosen]
            into = (cells if picked is None else cells[picked]) * len(amounts) + index
            if values is None:
                np.add.at(totals, into, totals.dtype.type(1))
            else:
                mine = values if whole else values[chosen]
                np.add.at(totals, into, mine if picked is None else mine[picked])
        self._as_of[slots] = _NEVER

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        amounts = [(1 if event.counts(trait.where) else None) if trait.value is None else event.number(trait) for trait in self._measures]
        horizon = bucket_of(now_ms, self._grain, self._zone) - self._longest
        bucket = event.bucket(self._grain)
        if not max(horizon, _NEVER) < bucket < _BUCKET or amounts.count(None) == len(amounts):
            return
        lists, slot = self._lists, event.slot
        start, length = lists.start.item(slot), lists.length.item(slot)
        cell = start + length - 1
        if not length or lists.cells["bucket"].item(cell) != bucket:
            held = lists.cells["bucket"][start : start + length].tolist()
            if bucket in held:
                cell = start + held.index(bucket)
            elif length < lists.sizes.item(lists.size.item(slot)) or not length or min(held) > horizon:
                cell = lists.append_one(slot)
                lists.cells["bucket"][cell] = bucket
                lists.cells["total"][cell] = 0
            else:
                cell = int(self._cells(np.array([slot]), np.array([bucket]), horizon)[0])
        totals = lists.cells["total"]
        for index, amount in enumerate(amounts):
            if amount is not None:
                totals[cell, index] = wrapped(totals.item(cell, index) + amount)
        self._as_of[slot] = _NEVER

    def _cells(self, slots: Int64, buckets: Int64, horizon: int) -> Int64:
        """The cell of each (slot, bucket), made where there was none; equal pairs side by side, and so are equal slots."""
        lists = self._lists
        lengths = lists.length.take(slots)
        cells: Int64 = lists.start.take(slots).astype(np.int64) + (lengths - 1)
        # Most events fall into the bucket that their slot got last.
        missed = places((lengths == 0) | (lists.cells["bucket"].take(cells) != buckets))
        if not len(missed):
            return cells
        starts = starts_of((slots.take(missed) << _BUCKET_BITS) | buckets.take(missed))
        firsts = missed.take(starts)
        wanted_slots, wanted = slots.take(firsts), buckets.take(firsts)
        if self._prune(wanted_slots, horizon):
            return self._cells(slots, buckets, horizon)
        place = self._places(wanted_slots, wanted)
        offset = (lengths - 1).astype(np.int64)
        offset[missed] = place.repeat(lengths_of(starts, len(missed)))
        return np.asarray(lists.start.take(slots) + offset, np.int64)

    def _prune(self, slots: Int64, horizon: int) -> bool:
        """Drop buckets that no window needs any more from lists about to outgrow their blocks; says whether any went."""
        lists = self._lists
        slots = slots[starts_of(slots)]
        lengths = lists.length.take(slots)
        full = slots[(lengths > 0) & (lengths == lists.capacity(slots))]
        if not len(full):
            return False
        owner, cell = lists.spans(full)
        kept = lists.cells["bucket"][cell] > horizon
        if all_true(kept):
            return False
        lists.keep(full, owner, cell, kept)
        return True

    def _places(self, slots: Int64, buckets: Int64) -> Int64:
        """The place in its slot's list of each distinct (slot, bucket), appended where there was none."""
        lists = self._lists
        owner, cell = lists.spans(slots)
        same = places(lists.cells["bucket"].take(cell) == buckets.take(owner))
        found = owner.take(same)
        place = np.full(len(slots), -1, np.int64)
        place[found] = cell.take(same) - lists.start.take(slots.take(found))
        new = places(place < 0)
        if len(new):
            having = slots.take(new)
            starts = starts_of(having)
            grown = having.take(starts)
            cells = lists.append(grown, lengths_of(starts, len(new)))
            lists.cells["bucket"][cells] = buckets[new]
            lists.cells["total"][cells] = 0
            place[new] = cells - lists.start.take(having)
        return place

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        lists = self._lists
        owner, cell = lists.spans(sources)
        if not len(cell):
            return
        buckets, into = lists.cells["bucket"][cell].astype(np.int64), targets[owner]
        order = np.lexsort((buckets, into))
        totals = lists.cells["total"][cell[order]]
        cells = self._cells(into[order], buckets[order], _NEVER)
        np.add.at(lists.cells["total"], cells, totals)
        self._as_of[targets] = _NEVER

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        now = bucket_of(now_ms, self._grain, self._zone)
        as_of = self._as_of.take(slots)
        stale = as_of != now
        if now >= self._now:
            self._now = now
            stale &= as_of != _ENDED
        if np.count_nonzero(stale):
            self._refresh(slots[stale], now)
        sums = self._sums[slots, index].astype(np.int64)
        trait = self.traits[index]
        return Column("number", sums if trait.value is None else unscaled(sums, trait), everywhere(len(slots)))

    def _refresh(self, slots: Int64, now: int) -> None:
        """Add up the buckets of some slots for all traits; a slot may occur many times."""
        lists = self._lists
        owner, cell = lists.spans(slots)
        age = now - lists.cells["bucket"][cell]
        sums = np.zeros((len(slots), len(self.traits)), self._sums.dtype)
        for index, (trait, measure) in enumerate(zip(self.traits, self._measure_of, strict=True)):
            inside = (age >= 0) & (age < window_of(trait).buckets)
            column = np.zeros(len(slots), self._sums.dtype)
            np.add.at(column, owner[inside], lists.cells["total"][cell[inside], measure])
            sums[:, index] = column
        self._sums[slots] = sums
        as_of = np.full(len(slots), _ENDED if now == self._now else now, np.int32)
        as_of[owner[age < self._longest]] = now
        self._as_of[slots] = as_of

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()

    def next_edge_ms(self, now_ms: int) -> int:
        """The next instant at which a bucket ends."""
        if self._grain == "hour":
            return (now_ms // HOUR_MS + 1) * HOUR_MS
        return self._zone.day_start_ms(self._zone.day(now_ms) + 1)
