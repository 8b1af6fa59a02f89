"""first and last: the value of the earliest or the latest event, by (time, id). Monoid: the lesser or the greater of two such triples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Column, Mask
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.numbers import unscaled
from gyeol.profiles.rules import Trait, ValueType
from gyeol.profiles.runs import all_true, last_of, lengths_of, places, positions, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

Values = npt.NDArray[np.int64] | npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]


class DatedStack:
    """State a trait: time, id, and the value as int64 at the declared scale or as an int32 code.

    Two events may have the same time and id (one messageId from two sources): then the greater value is taken, so that order still
    cannot be seen.

    Args:
        traits: All numbers, or all texts and flags.
        slots, name, words: Where the state stands.
        latest: Last (the greatest (time, id)) or first (the least).
    """

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words, *, latest: bool) -> None:
        self.traits = traits
        self._width = len(traits)
        self._latest = latest
        self._none = np.iinfo(np.int64).min if latest else np.iinfo(np.int64).max
        self._times = slots.array(f"{name}.times", np.int64, self._width, fill=self._none)
        self._ids = slots.array(f"{name}.ids", np.uint64, self._width)
        self._numeric = value_of(traits[0]).is_number
        self._words = [words.of(t.path) for t in traits] if not self._numeric else []
        if self._numeric:
            self._values = slots.array(f"{name}.values", np.int64, self._width)
        else:
            codes = tuple(w if value_of(t).wanted == "text" else None for w, t in zip(self._words, traits, strict=True))
            self._values = slots.array(f"{name}.values", np.int32, self._width, fill=-1, words=codes)

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        for index, trait in enumerate(self.traits):
            values: Values
            if self._numeric:
                values, mask = part.numbers(trait)
            else:
                values, mask = part.codes(trait, self._words[index])
            for at in self._winners(part, mask):
                self._offer(index, part.slots.take(at), part.times.take(at), part.ids.take(at), values.take(at))

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        slot, time, id_ = event.slot, event.time, event.id
        for index, trait in enumerate(self.traits):
            if self._numeric:
                value = event.number(trait)
            else:
                code = event.code(trait, self._words[index])
                value = None if code < 0 else code
            if value is None:
                continue
            held = self._times.item(slot, index), self._ids.item(slot, index)
            if (time, id_) == held:
                wins = self._greater(index, value, self._values.item(slot, index))
            else:
                wins = held[0] == self._none or ((time, id_) > held if self._latest else (time, id_) < held)
            if wins:
                self._times[slot, index], self._ids[slot, index], self._values[slot, index] = time, id_, value

    def _winners(self, part: EventSlice, mask: Mask | None) -> Iterator[Int64]:
        """Where in the slice the first or last event of each slot stands; several times if equal (time, id) must be compared."""
        layers = part.layers
        for layer in range(1 if layers is None else int(layers.max()) + 1):
            wanted = mask if layers is None else (layers == layer if mask is None else mask & (layers == layer))
            if wanted is None:
                yield last_of(part.starts, part.n) if self._latest else part.starts
                continue
            chosen = places(wanted)
            if len(chosen):
                starts = starts_of(part.slots[chosen])
                yield chosen[last_of(starts, len(chosen)) if self._latest else starts]

    def _offer(self, index: int, slots: Int64, times: Int64, ids: UInt64, values: Values) -> None:
        """Take over what comes later (or earlier); the slots are distinct."""
        cells = slots * self._width + index
        held_times = self._times.reshape(-1).take(cells)
        wins = times > held_times if self._latest else times < held_times
        same = times == held_times
        if np.count_nonzero(same):
            held_ids = self._ids.reshape(-1)[cells]
            wins |= same & (ids > held_ids if self._latest else ids < held_ids)
            for i in places(same & (ids == held_ids)).tolist():
                wins[i] = self._greater(index, int(values[i]), int(self._values[slots[i], index]))
        if not all_true(wins):
            cells, times, ids, values = cells[wins], times[wins], ids[wins], values[wins]
        self._times.reshape(-1)[cells] = times
        self._ids.reshape(-1)[cells] = ids
        self._values.reshape(-1)[cells] = values

    def _greater(self, index: int, a: int, b: int) -> bool:
        value = value_of(self.traits[index])
        if value.wanted != "text":
            return a > b
        words = self._words[index].words
        return words[a] > words[b]

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for at in rounds(targets):
            into, out = targets[at], sources[at]
            for index in range(self._width):
                has = self._times[out, index] != self._none
                taken = out[has]
                self._offer(index, into[has], self._times[taken, index], self._ids[taken, index], self._values[taken, index])

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        trait = self.traits[index]
        values = self._values[slots, index]
        known = self._times[slots, index] != self._none
        if self._numeric:
            return Column("number", unscaled(values, trait), known)
        if value_of(trait).wanted == "flag":
            return Column("flag", values == 1, known)
        return Column("text", values, known, self._words[index])

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        at_ms = int(self._times[slot, index])
        return Held(at_ms=None if at_ms == self._none else at_ms)

    def entries(self, index: int, slot: int) -> list[tuple[int, int, object]]:
        """See ``EntriesStack``."""
        column = self.present(index, np.array([slot], np.int64), 0)
        return [(int(self._times[slot, index]), int(self._ids[slot, index]), column.item(0))] if column.known[0] else []


def value_of(trait: Trait) -> ValueType:
    """How the trait's values are kept; only for traits with a property."""
    assert trait.value is not None
    return trait.value


def rounds(targets: Int64) -> Iterator[Int64]:
    """Places in ``targets`` such that each round names a target at most once; equal targets stand side by side."""
    starts = starts_of(targets)
    turn = positions(lengths_of(starts, len(targets)))
    for number in range(int(turn.max(initial=-1)) + 1):
        yield places(turn == number)
