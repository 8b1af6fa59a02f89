"""sequence, ``A then B within d``: true once a B came after an A, at most ``within`` later; then it stays true.

"After" is a later instant: two events of one instant follow neither each other nor themselves. Monoid: "or" of the flags; union of
the sets of events, then the test on the union. See ``kinds/timed.py`` for what is kept.
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, Mask, everywhere
from gyeol.profiles.kinds.timed import FIRST, SECOND, Moments, TimedStack, sets
from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import starts_of
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import Words

_LISTED = 16


class FollowedStack(TimedStack):
    """State a trait: one flag, and a list of (time, id, role) that is given back when the flag turns true."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        super().__init__(traits, slots, name)
        self._true = slots.array(f"{name}.true", np.bool_, len(traits))
        fields = {"time": FieldSpec("i8"), "id": FieldSpec("u8"), "role": FieldSpec("u1")}
        self._lists = [slots.list_of(f"{name}.{index}", fields, 1, _LISTED) for index in range(len(traits))]

    def take(self, index: int, moments: Moments) -> None:
        """See ``TimedStack``."""
        waiting = moments.of(~self._true[moments.slots, index])
        if not len(waiting):
            return
        lists, trait = self._lists[index], self.traits[index]
        late = waiting.times <= self.horizon[waiting.slots, index] + trait.within_ms
        slots, owner, events = sets(self.kept(index, waiting.slots[starts_of(waiting.slots)]), waiting)
        happened = np.zeros(len(slots), np.bool_)
        happened[owner[_following(owner, events, trait.within_ms)]] = True
        done = slots[happened]
        self._true[done, index] = True
        self.marked[done, index] = 0
        lists.release(done)
        if np.count_nonzero(late):
            late_slots = waiting.slots[late]
            self.mark(index, late_slots[~self._true[late_slots, index]])
        stay = ~happened[owner]
        number = np.cumsum(~happened) - 1
        stay[stay] = self.let_go(index, slots[~happened], number[owner[stay]], events.times[stay])
        cells = lists.replace(slots[~happened], np.bincount(owner[stay], minlength=len(slots))[~happened])
        kept = events.of(stay)
        lists.cells["time"][cells], lists.cells["id"][cells], lists.cells["role"][cells] = kept.times, kept.ids, kept.roles

    def kept(self, index: int, slots: Int64) -> Moments:
        """See ``TimedStack``."""
        lists = self._lists[index]
        owner, cell = lists.spans(slots)
        return Moments(slots[owner], *(lists.cells[field][cell] for field in ("time", "id", "role")))

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
                self.take(index, Moments(targets[owner], *(lists.cells[field][cell] for field in ("time", "id", "role"))))
            self.marked[targets[self._true[targets, index]], index] = 0

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("flag", self._true[slots, index], everywhere(len(slots)))


def _following(owner: Int64, events: Moments, within_ms: int) -> Mask:
    """Which events are a second that follows a first of the same owner in time."""
    first, second = (events.roles & FIRST) > 0, (events.roles & SECOND) > 0
    # Ascending by owner and time, so the nearest first before each event is the last one that stands before the events of its instant.
    new_instant = np.ones(len(owner), np.bool_)
    new_instant[1:] = (owner[1:] != owner[:-1]) | (events.times[1:] != events.times[:-1])
    instant = np.maximum.accumulate(np.where(new_instant, np.arange(len(owner)), 0))
    latest = np.maximum.accumulate(np.where(first, np.arange(len(owner)), -1))
    before = np.where(instant > 0, latest[instant - 1], -1)
    follows = second & (before >= 0)
    follows &= (owner[before] == owner) & (events.times - events.times[before] <= within_ms)
    return follows
