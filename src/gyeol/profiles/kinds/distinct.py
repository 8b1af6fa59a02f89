"""distinct: how many different values, exact up to 256, an estimate above. See ``kinds/kept.py`` for the monoid."""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.kept import KeptValues
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import places
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

MOST = 256
"""Values kept. The estimate's relative standard error is 1 / sqrt(k − 2) = 6.3 %. Source: DESIGN.md, section 6; Beyer et al. 2007."""


class DistinctStack:
    """State a trait: at most 256 int32 codes."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._kept = [KeptValues(slots, f"{name}.{i}", words.keys(t.path), MOST, counted=False) for i, t in enumerate(traits)]

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        for trait, kept in zip(self.traits, self._kept, strict=True):
            codes, mask = part.codes(trait, kept.keys.vocabulary)
            if mask is None:
                kept.add(part.slots, codes)
            else:
                kept.add(part.slots[mask], codes[mask])

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for trait, kept in zip(self.traits, self._kept, strict=True):
            code = event.code(trait, kept.keys.vocabulary)
            if code >= 0:
                kept.add_one(event.slot, code)

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for kept in self._kept:
            kept.combine(targets, sources)

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``. An estimate is (k − 1) / h, h the k-th smallest hash as a share of 2**64, rounded to a whole number."""
        kept = self._kept[index]
        values = kept.lists.length.take(slots).astype(np.int64)
        over = places(kept.over.take(slots))
        if len(over):
            _, cell = kept.lists.spans(slots[over])
            hashes = kept.keys.hashes.of(kept.lists.cells["code"][cell])
            largest = hashes.reshape(-1, MOST).max(axis=1)
            values[over] = np.rint((MOST - 1) / (largest / 2.0**64)).astype(np.int64)
        return Column("number", values, everywhere(len(slots)))

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held(estimate=bool(self._kept[index].over[slot]))
