"""sequence, ``A ≥ n within d``: true once ``at_least`` events have fallen within ``within`` of each other; then it stays true.

Monoid: "or" of the flags; union of the sets of (time, id), then the test on the union. See ``kinds/timed.py`` for what is kept.
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.kinds.timed import FIRST, Moments, TimedStack, sets
from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import starts_of
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import Words

_LISTED = 64


class SequenceStack(TimedStack):
    """State a trait: one flag, and a list of (time, id) that is given back when the flag turns true."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        super().__init__(traits, slots, name)
        self._true = slots.array(f"{name}.true", np.bool_, len(traits))
        fields = {"time": FieldSpec("i8"), "id": FieldSpec("u8")}
        self._lists = [slots.list_of(f"{name}.{index}", fields, 1, _LISTED) for index in range(len(traits))]

    def take(self, index: int, moments: Moments) -> None:
        """See ``TimedStack``."""
        waiting = moments.of(~self._true[moments.slots, index])
        if not len(waiting):
            return
        lists, trait = self._lists[index], self.traits[index]
        late = waiting.times <= self.horizon[waiting.slots, index] + trait.within_ms
        slots, owner, events = sets(self.kept(index, waiting.slots[starts_of(waiting.slots)]), waiting)
        reach = trait.definition.at_least - 1
        times = events.times
        close = (owner[reach:] == owner[: len(owner) - reach]) & (times[reach:] - times[: len(times) - reach] <= trait.within_ms)
        happened = np.zeros(len(slots), np.bool_)
        happened[owner[reach:][close]] = True
        done = slots[happened]
        self._true[done, index] = True
        self.marked[done, index] = 0
        lists.release(done)
        if np.count_nonzero(late):
            late_slots = waiting.slots[late]
            self.mark(index, late_slots[~self._true[late_slots, index]])
        stay = ~happened[owner]
        stay[stay] = self.let_go(index, slots[~happened], _renumbered(owner[stay], happened), times[stay])
        lengths = np.bincount(owner[stay], minlength=len(slots))[~happened]
        cells = lists.replace(slots[~happened], lengths)
        lists.cells["time"][cells], lists.cells["id"][cells] = times[stay], events.ids[stay]

    def kept(self, index: int, slots: Int64) -> Moments:
        """See ``TimedStack``."""
        lists = self._lists[index]
        owner, cell = lists.spans(slots)
        return Moments(slots[owner], lists.cells["time"][cell], lists.cells["id"][cell], np.full(len(cell), FIRST, np.uint8))

    def forget(self, index: int, slots: Int64) -> None:
        """See ``TimedStack``."""
        self._lists[index].release(slots)

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for index, lists in enumerate(self._lists):
            happened = targets[self._true[sources, index]]
            self._true[happened, index] = True
            lists.release(happened[starts_of(happened)])
            self.join_horizons(index, targets, sources)
            owner, cell = lists.spans(sources)
            if len(cell):
                into = targets[owner]
                self.take(index, Moments(into, lists.cells["time"][cell], lists.cells["id"][cell], np.full(len(cell), FIRST, np.uint8)))
            self.marked[targets[self._true[targets, index]], index] = 0

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("flag", self._true[slots, index], everywhere(len(slots)))


def _renumbered(owner: Int64, gone: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Int64:
    """Indices into what is left when some owners are gone."""
    return (np.cumsum(~gone) - 1)[owner]
