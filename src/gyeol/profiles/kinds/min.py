"""min: the least value of a property. Monoid: integers under minimum."""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.numbers import counted, unscaled
from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

_NONE = np.iinfo(np.int64).max


class MinStack:
    """State: one int64 at the declared scale a trait; the greatest int64 means none."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._width = len(traits)
        self._values = slots.array(f"{name}.values", np.int64, self._width, fill=_NONE)

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        flat = self._values.reshape(-1)
        for index, trait in enumerate(self.traits):
            slots, values = counted(part, trait)
            np.minimum.at(flat, slots * self._width + index, values)

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for index, trait in enumerate(self.traits):
            value = event.number(trait)
            if value is not None and value < self._values.item(event.slot, index):
                self._values[event.slot, index] = value

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        np.minimum.at(self._values, targets, self._values[sources])

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        values = self._values[slots, index]
        return Column("number", unscaled(values, self.traits[index]), values != _NONE)

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()
