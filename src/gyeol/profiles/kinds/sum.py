"""sum: the total of a property. Monoid: integers modulo 2**64 under addition, so that the order of adding cannot be seen."""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.numbers import counted, unscaled, wrapped
from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words


class SumStack:
    """State: one int64 at the declared scale a trait."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._width = len(traits)
        self._totals = slots.array(f"{name}.totals", np.int64, self._width)

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        flat = self._totals.reshape(-1)
        for index, trait in enumerate(self.traits):
            slots, values = counted(part, trait)
            np.add.at(flat, slots * self._width + index, values)

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for index, trait in enumerate(self.traits):
            value = event.number(trait)
            if value is not None:
                self._totals[event.slot, index] = wrapped(self._totals.item(event.slot, index) + value)

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        np.add.at(self._totals, targets, self._totals[sources])

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("number", unscaled(self._totals[slots, index], self.traits[index]), everywhere(len(slots)))

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()
