"""decay: a sum in which every event loses half of its weight each half-life. Monoid: float64 under addition, compared at 1e-9.

Forward decay: an event counts ``value × 2**((time − landmark) / half_life)``, which never changes; what is presented is the sum
times ``2**((landmark − now) / half_life)``. The landmark is a whole number of half-lives; when times run far ahead of it, it moves
up and all sums are multiplied by a power of two, which is exact (sums below 2**-1022 become 0: such an event is more than 500
half-lives old). An event in the future of ``now`` (at most five minutes after ingest's clamp) counts a little more than its value.

Source: Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, a Practical Time Decay Model for Streaming Systems, ICDE 2009, section 3.
"""

from __future__ import annotations

import math

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.few import OneEvent
from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

_FARTHEST = 400
"""Half-lives that a time may lie after the landmark: 2**400 times the largest number is still far below 2**1023."""
_UNSET = np.iinfo(np.int64).min


class DecayStack:
    """State: one float64 a trait, and one landmark a trait for all slots."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._width = len(traits)
        self._sums = slots.array(f"{name}.sums", np.float64, self._width)
        self._landmarks = slots.constant(f"{name}.landmarks", np.full(self._width, _UNSET, np.int64))
        self._scales = [1.0 if t.value is None else 10.0**-t.value.scale for t in traits]

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        flat = self._sums.reshape(-1)
        for index, trait in enumerate(self.traits):
            values, mask = (None, part.where(trait.where)) if trait.value is None else part.numbers(trait)
            slots, times = part.slots, part.times
            if mask is not None:
                slots, times = slots[mask], times[mask]
                values = None if values is None else values[mask]
                if not len(slots):
                    continue
            whole, rest = np.divmod(times, trait.half_life_ms)
            ahead = whole - self._landmark(index, int(whole.max()))
            weights = np.ldexp(np.exp2(rest / trait.half_life_ms), ahead.clip(-2000, _FARTHEST))
            if values is not None:
                weights *= values * self._scales[index]
            np.add.at(flat, slots * self._width + index, weights)

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """See ``SingleStack``."""
        for index, trait in enumerate(self.traits):
            value = (1 if event.counts(trait.where) else None) if trait.value is None else event.number(trait)
            if value is None:
                continue
            whole, rest = divmod(event.time, trait.half_life_ms)
            ahead = whole - self._landmark(index, whole)
            weight = math.ldexp(2.0 ** (rest / trait.half_life_ms), min(max(ahead, -2000), _FARTHEST))
            self._sums[event.slot, index] += weight * (value * self._scales[index])

    def _landmark(self, index: int, latest: int) -> int:
        """The landmark in half-lives since 1970, moved up first if ``latest`` lies too far ahead."""
        landmark = int(self._landmarks[index])
        if landmark == _UNSET:
            landmark = latest
        elif latest - landmark > _FARTHEST:
            sums = self._sums[:, index]
            self._sums[:, index] = np.ldexp(sums, max(landmark - latest, -4000))
            landmark = latest
        self._landmarks[index] = landmark
        return landmark

    def rebase(self, slots: Int64, other: DecayStack) -> None:
        """Slots were taken over from another stack of the same traits: its landmarks are moved to ours, or ours to its."""
        for index, theirs in enumerate(other._landmarks.tolist()):
            if theirs != _UNSET:
                ahead = theirs - self._landmark(index, theirs)
                self._sums[slots, index] = np.ldexp(self._sums[slots, index], max(min(ahead, 4000), -4000))

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        np.add.at(self._sums, targets, self._sums[sources])

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        landmark = int(self._landmarks[index])
        sums = self._sums[slots, index]
        if landmark != _UNSET:
            whole, rest = divmod(now_ms, self.traits[index].half_life_ms)
            faded = float(np.exp2(-rest / self.traits[index].half_life_ms))
            ahead = whole - landmark
            if -1000 < ahead < 1000:
                sums *= np.ldexp(faded, -ahead)
            else:
                sums = np.ldexp(sums * faded, max(min(-ahead, 4000), -4000))
        return Column("number", sums, everywhere(len(slots)))

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()
