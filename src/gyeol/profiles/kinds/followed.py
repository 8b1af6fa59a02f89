"""sequence, ``A then B within d``: true once a B came after an A, at most ``within`` later; then it stays true.

"After" is a later instant: two events of one instant follow neither each other nor themselves.
"""

from __future__ import annotations

import numpy as np

from gyeol.profiles.kinds.once import OnceStack
from gyeol.profiles.kinds.timed import FIRST, SECOND, Moments
from gyeol.profiles.rules import Trait
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import Words

_LISTED = 16


class FollowedStack(OnceStack):
    """State a trait: one flag, and a list of (time, id, role)."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        super().__init__(traits, slots, name, listed=_LISTED, roles=True)

    def happened(self, index: int, owner: Int64, events: Moments) -> Int64:
        """See ``OnceStack``."""
        first, second = (events.roles & FIRST) > 0, (events.roles & SECOND) > 0
        # Ascending by owner and time, so the nearest first before each event is the last one that stands before the events of its instant.
        new_instant = np.ones(len(owner), np.bool_)
        new_instant[1:] = (owner[1:] != owner[:-1]) | (events.times[1:] != events.times[:-1])
        instant = np.maximum.accumulate(np.where(new_instant, np.arange(len(owner)), 0))
        latest = np.maximum.accumulate(np.where(first, np.arange(len(owner)), -1))
        before = np.where(instant > 0, latest[instant - 1], -1)
        follows = second & (before >= 0)
        follows &= (owner[before] == owner) & (events.times - events.times[before] <= self.traits[index].within_ms)
        return owner[follows]
