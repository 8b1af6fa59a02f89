"""mean: the average of a property. Monoid: pairs (sum, number of values) under addition."""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.numbers import counted, wrapped
from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

_ONE = np.int32(1)


class MeanStack:
    """State: an int64 sum at the declared scale and an int32 number a trait."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._width = len(traits)
        self._totals = slots.array(f"{name}.totals", np.int64, self._width)
        self._counts = slots.array(f"{name}.counts", np.int32, self._width)

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        totals, counts = self._totals.reshape(-1), self._counts.reshape(-1)
        for index, trait in enumerate(self.traits):
            slots, values = counted(part, trait)
            cells = slots * self._width + index
            np.add.at(totals, cells, values)
            np.add.at(counts, cells, _ONE)

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for index, trait in enumerate(self.traits):
            value = event.number(trait)
            if value is not None:
                self._totals[event.slot, index] = wrapped(self._totals.item(event.slot, index) + value)
                self._counts[event.slot, index] += _ONE

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        np.add.at(self._totals, targets, self._totals[sources])
        np.add.at(self._counts, targets, self._counts[sources])

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        value = self.traits[index].value
        assert value is not None
        counts = self._counts[slots, index]
        known = counts > 0
        return Column("number", self._totals[slots, index] / (np.maximum(counts, 1) * 10.0**value.scale), known)

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()
