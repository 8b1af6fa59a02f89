"""sequence, ``A ≥ n within d``: true once ``at_least`` events have fallen within ``within`` of each other; then it stays true."""

from __future__ import annotations

from gyeol.profiles.kinds.once import OnceStack
from gyeol.profiles.kinds.timed import Moments
from gyeol.profiles.rules import Trait
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import Words

_LISTED = 64


class SequenceStack(OnceStack):
    """State a trait: one flag, and a list of (time, id)."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        super().__init__(traits, slots, name, listed=_LISTED, roles=False)

    def happened(self, index: int, owner: Int64, events: Moments) -> Int64:
        """See ``OnceStack``."""
        trait, times = self.traits[index], events.times
        reach = trait.definition.at_least - 1
        close = (owner[reach:] == owner[: len(owner) - reach]) & (times[reach:] - times[: len(times) - reach] <= trait.within_ms)
        found: Int64 = owner[reach:][close]
        return found
