"""count: how many events. Monoid: integers under addition."""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.few import OneEvent
from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

_ONE = np.int32(1)


class CountStack:
    """State: one int32 a trait."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._width = len(traits)
        self._counts = slots.array(f"{name}.counts", np.int32, self._width)

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        flat = self._counts.reshape(-1)
        cells = part.slots * self._width
        for index, trait in enumerate(self.traits):
            mask = part.where(trait.where)
            mine = cells if mask is None else cells[mask]
            np.add.at(flat, mine + index, _ONE)

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for index, trait in enumerate(self.traits):
            if event.counts(trait.where):
                self._counts[event.slot, index] += 1

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        np.add.at(self._counts, targets, self._counts[sources])

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("number", self._counts[slots, index].astype(np.int64), everywhere(len(slots)))

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()
