"""top: the most frequent value, ties to the smallest one; of 64 values kept by hash. See ``kinds/kept.py`` for the monoid.

Exact up to 64 different values. Above, it is the most frequent of a sample of 64 values chosen by hash, and marked as an estimate:
counts of the sample are exact, but a more frequent value may be outside of it.
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column
from gyeol.profiles.few import OneEvent
from gyeol.profiles.kinds.kept import KeptValues
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import lengths_of, places, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

MOST = 64
"""Values kept. Source: DESIGN.md, section 6."""
_NOBODY, _UNSET = -1, -2


class TopStack:
    """State a trait: at most 64 pairs of int32 code and count; the winner is worked out when somebody asks, and then kept."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._kept = [KeptValues(slots, f"{name}.{i}", words.keys(t.path), MOST, counted=True) for i, t in enumerate(traits)]
        self._best = [slots.array(f"{name}.{i}.best", np.int32, fill=_UNSET, derived=True) for i in range(len(traits))]
        for best in self._best:
            best[0] = _NOBODY

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        for trait, kept, best in zip(self.traits, self._kept, self._best, strict=True):
            codes, mask = part.codes(trait, kept.keys.vocabulary)
            slots = part.slots
            if mask is not None:
                slots, codes = slots[mask], codes[mask]
            kept.add(slots, codes)
            best[slots] = _UNSET

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for trait, kept, best in zip(self.traits, self._kept, self._best, strict=True):
            code = event.code(trait, kept.keys.vocabulary)
            if code >= 0:
                kept.add_one(event.slot, code)
                best[event.slot] = _UNSET

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for kept, best in zip(self._kept, self._best, strict=True):
            kept.combine(targets, sources)
            best[targets] = _UNSET

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        best = self._best[index]
        codes = best.take(slots)
        unset = codes == _UNSET
        if np.count_nonzero(unset):
            stale = np.sort(slots[unset])
            stale = stale[starts_of(stale)]
            best[stale] = self._winners(self._kept[index], stale)
            codes = best.take(slots)
        return Column("text", codes, codes >= 0, self._kept[index].keys.vocabulary)

    def _winners(self, kept: KeptValues, slots: Int64) -> Int64:
        """The code of each slot's most frequent value, -1 where it has none; the slots are distinct."""
        found = np.full(len(slots), _NOBODY, np.int64)
        owner, cell = kept.lists.spans(slots)
        if not len(owner):
            return found
        counts, codes = kept.lists.cells["count"][cell], kept.lists.cells["code"][cell]
        starts = starts_of(owner)
        most = np.zeros(len(slots), counts.dtype)
        most[owner[starts]] = np.maximum.reduceat(counts, starts)
        leads = counts == most[owner]
        owner, codes = owner[leads], codes[leads]
        starts = starts_of(owner)
        if len(starts) < len(owner):
            owner, codes = self._smallest(kept, owner, codes, starts)
        found[owner] = codes
        return found

    def _smallest(self, kept: KeptValues, owner: Int64, codes: Int64, starts: Int64) -> tuple[Int64, Int64]:
        """Of each owner's codes that with the smallest word."""
        prefixes = kept.keys.prefixes.of(codes)
        least = np.minimum.reduceat(prefixes, starts)
        leads = prefixes == least.repeat(lengths_of(starts, len(owner)))
        owner, codes = owner[leads], codes[leads]
        starts = starts_of(owner)
        ends = starts + lengths_of(starts, len(owner))
        words = kept.keys.vocabulary.words
        chosen = codes[starts]
        for place in places(ends - starts > 1).tolist():
            tied = codes[starts[place] : ends[place]].tolist()
            chosen[place] = min(tied, key=words.__getitem__)
        return owner[starts], chosen

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held(estimate=bool(self._kept[index].over[slot]))
