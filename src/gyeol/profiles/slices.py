"""A batch cut by event name: what one event name's traits are given to fold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EventBatch, EventColumnsByPath, Wanted
from gyeol.expressions.column import Column, Mask, Vocabulary
from gyeol.kernel.instants import HOUR_MS, Zone
from gyeol.profiles.conditions import EventCondition
from gyeol.profiles.few import Laws, OneEvent
from gyeol.profiles.numbers import LARGEST_NUMBER, number_text
from gyeol.profiles.rules import Grain, Trait, ValueType
from gyeol.profiles.runs import all_true, lengths_of, places, positions, starts_of

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]


class BatchView:
    """A batch with what all its slices share.

    Args:
        batch: The events.
        zone: Whose days the daily buckets are.
        conditions: The compiled ``where`` by its text.
    """

    def __init__(self, batch: EventBatch, zone: Zone, conditions: Mapping[str, EventCondition]) -> None:
        self.batch = batch
        self.zone = zone
        self.conditions = conditions

    @cached_property
    def in_order(self) -> Int64:
        """The events by (time, id)."""
        times, ids = self.batch.time_ms, self.batch.id_hash
        order = np.argsort(times)
        sorted_times = times[order]
        same = sorted_times[1:] == sorted_times[:-1]
        if np.count_nonzero(same):
            tied = np.zeros(len(order), np.bool_)
            tied[1:] = same
            tied[:-1] |= same
            where = places(tied)
            mine = order[where]
            # Runs of equal times stay where they are as a whole, so sorting all their members by (time, id) sorts each run by id.
            # The event's place in the batch comes last only so that the order is never left to the sort.
            order[where] = mine[np.lexsort((mine, ids[mine], times[mine]))]
        return order

    @cached_property
    def days(self) -> Int64:
        """The calendar day of every event."""
        return self.zone.days(self.batch.time_ms)


class EventSlice:
    """Events of one name, those of a slot side by side and in the order of (time, id).

    Args:
        view: The batch.
        at: (m,) indices into the batch; an event occurs twice if it counts for two rows.
        slots: (m,) where each counts.
        part: Columns over the events of the name.
        place: (m,) where in ``part`` each event stands; None: in the order of the slice.

    Masks are None where they would be true everywhere, which spares work.
    """

    def __init__(self, view: BatchView, at: Int64, slots: Int64, part: EventColumnsByPath, place: Int64 | None) -> None:
        self.view = view
        self.at = at
        self._part, self._place = part, place
        self.slots = slots
        self.n = len(at)
        self._masks: dict[str, Mask | None] = {}
        self._numbers: dict[tuple[str, ValueType], tuple[Int64, Mask | None]] = {}
        self._codes: dict[tuple[str, ValueType], tuple[Int32, Mask | None]] = {}

    @cached_property
    def times(self) -> Int64:
        """Event times in ms."""
        return self.view.batch.time_ms.take(self.at)

    @cached_property
    def ids(self) -> UInt64:
        """Hashes of the messageIds."""
        return self.view.batch.id_hash.take(self.at)

    @cached_property
    def starts(self) -> Int64:
        """Where each slot's events begin."""
        return starts_of(self.slots)

    @cached_property
    def owners(self) -> Int64:
        """The different slots, in the order of their events."""
        return self.slots.take(self.starts)

    @cached_property
    def layers(self) -> Int64 | None:
        """None if no slot has two events of the same (time, id); else which of its equals each event is (0, 1, …)."""
        if self.n < 2:
            return None
        equal = (self.slots[1:] == self.slots[:-1]) & (self.times[1:] == self.times[:-1])
        if not np.count_nonzero(equal):
            return None
        equal &= self.ids[1:] == self.ids[:-1]
        if not np.count_nonzero(equal):
            return None
        starts = places(np.append(True, ~equal))
        return positions(lengths_of(starts, self.n))

    def each(self, laws: Laws) -> list[OneEvent] | None:
        """The events one by one, in the order of the slice; None where the batch does not keep what is read as JSON."""
        found = self._part.each()
        if found is None or self._place is None or not found.readers.keys() >= laws.paths:
            return None
        batch = self.view.batch
        names = batch.names.words
        return [
            OneEvent(laws, found.events[place], found.readers, names[name], slot, time, id_, day)
            for place, name, slot, time, id_, day in zip(
                self._place.tolist(), batch.name.take(self.at).tolist(), self.slots.tolist(), self.times.tolist(), self.ids.tolist(),
                self.view.days.take(self.at).tolist(), strict=True,
            )
        ]  # fmt: skip

    def buckets(self, grain: Grain) -> Int64:
        """The bucket of each event: calendar days of the zone, or hours since 1970 UTC."""
        return self.view.days.take(self.at) if grain == "day" else self.times // HOUR_MS

    def where(self, text: str | None) -> Mask | None:
        """Events for which a condition is true."""
        if text is None:
            return None
        if text not in self._masks:
            self._masks[text] = trimmed(self.view.conditions[text].of(self._column, self.n))
        return self._masks[text]

    def numbers(self, trait: Trait) -> tuple[Int64, Mask | None]:
        """The property as int64 at the trait's scale, and the events that count: those with a value for which ``where`` is true."""
        assert trait.value is not None
        key = trait.path, trait.value
        if key not in self._numbers:
            self._numbers[key] = self._scaled(*key)
        values, known = self._numbers[key]
        return values, both(known, self.where(trait.where))

    def codes(self, trait: Trait, vocabulary: Vocabulary) -> tuple[Int32, Mask | None]:
        """The property as codes of ``vocabulary`` (flags: 0 and 1), and the events that count."""
        assert trait.value is not None
        key = trait.path, trait.value
        if key not in self._codes:
            column = self._column(trait.path, trait.value.wanted)
            self._codes[key] = coded(column, trait.value.wanted, vocabulary), trimmed(column.known)
        values, known = self._codes[key]
        return values, both(known, self.where(trait.where))

    def _column(self, path: str, wanted: Wanted | None) -> Column:
        whole = self._part.column(path, wanted)
        return whole if self._place is None else whole.take(self._place)

    def _scaled(self, path: str, value: ValueType) -> tuple[Int64, Mask | None]:
        column = self._column(path, value.wanted)
        if column.kind != "number":
            return np.zeros(self.n, np.int64), np.zeros(self.n, np.bool_)
        known = trimmed(column.known)
        if value.currency is not None:
            own = self._part.currency(path)
            codes = own.values if self._place is None else own.values.take(self._place)
            known = both(known, trimmed(codes == currency_code(own, value.currency)))
            minor = np.asarray(column.values, np.int64)
            return minor, both(known, trimmed(np.abs(minor) <= LARGEST_NUMBER))
        scaled, fits = at_scale(column.values, value.scale)
        return scaled, both(known, fits)


def currency_code(currencies: Column, currency: str) -> int:
    """The code of a currency in a column of currencies; -2, which no event has, if it was never seen."""
    code = -1 if currencies.vocabulary is None else currencies.vocabulary.find(currency)
    return code if code >= 0 else -2


def trimmed(mask: Mask) -> Mask | None:
    """None instead of a mask that is true everywhere."""
    return None if all_true(mask) else mask


def both(a: Mask | None, b: Mask | None) -> Mask | None:
    """Where both masks are true."""
    if a is None:
        return b
    return a if b is None else a & b


def at_scale(values: npt.NDArray[np.generic], scale: int) -> tuple[Int64, Mask | None]:
    """Numbers as whole multiples of ``10**-scale``, half to even, and which of them are small enough to count.

    The product is first rounded to six digits, as ``kernel.money.to_minor`` does, so that 1.005 at scale 2 is the tie it looks like.
    """
    amounts = np.asarray(values, np.float64)
    with np.errstate(over="ignore"):  # what is too large is infinite then, and does not count
        amounts = np.rint(np.round(amounts * 10.0**scale, 6)) if scale else np.rint(amounts)
    fits = trimmed(np.abs(amounts) <= LARGEST_NUMBER)
    if fits is not None:
        amounts = np.where(fits, amounts, 0.0)
    return amounts.astype(np.int64), fits


def coded(column: Column, wanted: Wanted, vocabulary: Vocabulary) -> Int32:
    """A column as codes of a vocabulary. A flag wanted as a flag is 0 or 1; a number wanted as text is written as JSON writes it."""
    if column.kind == "flag":
        flags = column.values.astype(np.int32)
        return flags if wanted == "flag" else np.array([vocabulary.code("false"), vocabulary.code("true")], np.int32)[flags]
    if column.kind == "number":
        distinct, inverse = np.unique(np.where(column.known, column.values, 0), return_inverse=True)
        return np.array([vocabulary.code(number_text(number)) for number in distinct.tolist()], np.int32)[inverse]
    codes = np.asarray(column.values, np.int32)
    if column.vocabulary is None or column.vocabulary is vocabulary:
        return codes
    distinct, inverse = np.unique(np.where(column.known, codes, -1), return_inverse=True)
    words = [None if code < 0 else column.vocabulary.words[code] for code in distinct.tolist()]
    return vocabulary.encode(words)[inverse]
