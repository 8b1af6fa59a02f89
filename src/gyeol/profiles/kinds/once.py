"""Sequences that stay true once they were: what ``A ≥ n within d`` and ``A then B within d`` have in common.

Monoid: "or" of the flags; union of the sets of events, then the test on the union. See ``kinds/timed.py`` for what is kept of a set.
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.kinds.timed import FIRST, Moments, TimedStack, sets
from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import starts_of
from gyeol.profiles.slots import Int64, Slots


class OnceStack(TimedStack):
    """State a trait: one flag, and a list of events that is given back when the flag turns true.

    Args:
        traits, slots, name: See ``TimedStack``.
        listed: Entries that most lists end with.
        roles: Whether it must be kept which of the two events an event is.
    """

    def __init__(self, traits: list[Trait], slots: Slots, name: str, *, listed: int, roles: bool) -> None:
        super().__init__(traits, slots, name)
        self._true = slots.array(f"{name}.true", np.bool_, len(traits))
        fields = {"time": FieldSpec("i8"), "id": FieldSpec("u8")} | ({"role": FieldSpec("u1")} if roles else {})
        self._lists = [slots.list_of(f"{name}.{index}", fields, 1, listed) for index in range(len(traits))]

    def happened(self, index: int, owner: Int64, events: Moments) -> Int64:
        """The owners of whose events a trait has come true; one may be named many times.

        Args:
            index: Of the trait.
            owner: (n,) whose each event is, ascending.
            events: (n,) ascending by (time, id) within an owner.
        """
        raise NotImplementedError

    def take(self, index: int, moments: Moments) -> None:
        """See ``TimedStack``."""
        waiting = moments.of(~self._true[moments.slots, index])
        if not len(waiting):
            return
        lists = self._lists[index]
        late = waiting.times <= self.horizon[waiting.slots, index] + self.traits[index].within_ms
        slots, owner, events = sets(self.kept(index, waiting.slots[starts_of(waiting.slots)]), waiting)
        done = np.zeros(len(slots), np.bool_)
        done[self.happened(index, owner, events)] = True
        self._true[slots[done], index] = True
        self.marked[slots[done], index] = 0
        lists.release(slots[done])
        if np.count_nonzero(late):
            late_slots = waiting.slots[late]
            self.mark(index, late_slots[~self._true[late_slots, index]])
        stay, number = ~done[owner], np.cumsum(~done) - 1
        stay[stay] = self.let_go(index, slots[~done], number[owner[stay]], events.times[stay])
        cells = lists.replace(slots[~done], np.bincount(owner[stay], minlength=len(slots))[~done])
        left = events.of(stay)
        lists.cells["time"][cells], lists.cells["id"][cells] = left.times, left.ids
        if "role" in lists.cells:
            lists.cells["role"][cells] = left.roles

    def kept(self, index: int, slots: Int64) -> Moments:
        """See ``TimedStack``."""
        cells = self._lists[index].cells
        owner, cell = self._lists[index].spans(slots)
        roles = cells["role"][cell] if "role" in cells else np.full(len(cell), FIRST, np.uint8)
        return Moments(slots[owner], cells["time"][cell], cells["id"][cell], roles)

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
            owner, _ = lists.spans(sources)
            if len(owner):
                held = self.kept(index, sources)
                self.take(index, Moments(targets[owner], held.times, held.ids, held.roles))
            self.marked[targets[self._true[targets, index]], index] = 0

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("flag", self._true[slots, index], everywhere(len(slots)))
