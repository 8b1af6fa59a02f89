"""sequence, ``A then no B for d``: true while an A has had no B after it, and ``within`` has passed since.

The first A after the latest B is what counts: the value turns true ``within`` after it, by time alone, and false with the next B. "After"
is a later instant. Monoid: the greater of the latest B's; union of the times of A's from there on. Of those the first is always known;
a B that comes late and falls among times that were let go marks the slot (``kinds/timed.py``).
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column, everywhere
from gyeol.profiles.kinds.timed import FIRST, LONG_AGO, NEVER, SECOND, Moments, TimedStack, sets
from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import starts_of
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import Words

_LISTED = 16


class MissedStack(TimedStack):
    """State a trait: the time of the latest B, of the first A from there on, and a list of the times of A's from there on."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        super().__init__(traits, slots, name)
        self._latest = slots.array(f"{name}.latest", np.int64, len(traits), fill=LONG_AGO)
        self._since = slots.array(f"{name}.since", np.int64, len(traits), fill=NEVER)
        self._lists = [slots.list_of(f"{name}.{index}", {"time": FieldSpec("i8")}, 1, _LISTED) for index in range(len(traits))]
        self._soonest = LONG_AGO

    def take(self, index: int, moments: Moments) -> None:
        """See ``TimedStack``."""
        second = moments.of((moments.roles & SECOND) > 0)
        if len(second):
            self._end(index, second.slots, second.times)
        first = moments.of((moments.roles & FIRST) > 0)
        first = first.of(first.times >= self._latest[first.slots, index])
        if len(first):
            self._begin(index, first)

    def _end(self, index: int, slots: Int64, times: Int64) -> None:
        """Events B: what came before them no longer waits."""
        lists = self._lists[index]
        distinct = slots[starts_of(slots)]
        before = self._latest[distinct, index]
        np.maximum.at(self._latest[:, index], slots, times)
        latest, since = self._latest[distinct, index], self._since[distinct, index]
        ends = (latest > before) & (latest > since)
        self.mark(index, distinct[ends & (latest <= self.horizon[distinct, index])])
        ended = distinct[ends]
        owner, cell = lists.spans(ended)
        waits = lists.cells["time"][cell] >= self._latest[ended, index][owner]
        times_left, owner_left = lists.cells["time"][cell[waits]], owner[waits]
        self._since[ended, index] = NEVER
        np.minimum.at(self._since[:, index], ended[owner_left], times_left)
        lists.keep(ended, owner, cell, waits)
        self._sooner(index, ended)

    def _begin(self, index: int, first: Moments) -> None:
        """Events A that no B has followed."""
        lists = self._lists[index]
        plain = Moments(first.slots, first.times, np.zeros(len(first), np.uint64), first.roles)
        slots, owner, events = sets(self.kept(index, first.slots[starts_of(first.slots)]), plain)
        np.minimum.at(self._since[:, index], first.slots, first.times)
        stay = self.let_go(index, slots, owner, events.times)
        cells = lists.replace(slots, np.bincount(owner[stay], minlength=len(slots)))
        lists.cells["time"][cells] = events.times[stay]
        self._sooner(index, slots)

    def kept(self, index: int, slots: Int64) -> Moments:
        """See ``TimedStack``: the times of A's, with no ids."""
        lists = self._lists[index]
        owner, cell = lists.spans(slots)
        return Moments(slots[owner], lists.cells["time"][cell], np.zeros(len(cell), np.uint64), np.full(len(cell), FIRST, np.uint8))

    def forget(self, index: int, slots: Int64) -> None:
        """See ``TimedStack``."""
        self._lists[index].release(slots)
        self._since[slots, index] = NEVER

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for index, lists in enumerate(self._lists):
            ended = self._latest[sources, index] != LONG_AGO
            self._end(index, targets[ended], self._latest[sources[ended], index])
            latest, since = self._latest[targets, index], self._since[sources, index]
            self.mark(index, targets[(since < latest) & (latest <= self.horizon[sources, index])])
            np.maximum.at(self.horizon[:, index], targets, self.horizon[sources, index])
            np.maximum.at(self.marked[:, index], targets, self.marked[sources, index])
            owner, cell = lists.spans(sources)
            # The first A of the other may have been let go from its list, so it is taken beside it.
            slots = np.concatenate([targets[owner], targets])
            times = np.concatenate([lists.cells["time"][cell], since])
            waits = (times != NEVER) & (times >= self._latest[slots, index])
            order = np.flatnonzero(waits)[np.lexsort((times[waits], slots[waits]))]
            if len(order):
                n = len(order)
                self._begin(index, Moments(slots[order], times[order], np.zeros(n, np.uint64), np.full(n, FIRST, np.uint8)))

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("flag", self._since[slots, index] <= now_ms - self.traits[index].within_ms, everywhere(len(slots)))

    # --- time

    def look_again(self) -> None:
        """Slots were copied from others: somebody may be due sooner than was known."""
        self._soonest = LONG_AGO

    def _sooner(self, index: int, slots: Int64) -> None:
        since = self._since[slots, index]
        soonest = int(since.min(initial=NEVER))
        if soonest != NEVER:
            self._soonest = min(self._soonest, soonest + self.traits[index].within_ms)

    def next_due_ms(self, now_ms: int) -> int:
        """The next instant after now at which somebody's value turns true by time alone, or an earlier one; ``NEVER`` without."""
        if self._soonest <= now_ms:
            self._soonest = NEVER
            for index, trait in enumerate(self.traits):
                due = self._since[:, index]
                due = due[(due > now_ms - trait.within_ms) & (due != NEVER)]
                if len(due):
                    self._soonest = min(self._soonest, int(due.min()) + trait.within_ms)
        return self._soonest

    def due(self, after_ms: int, until_ms: int) -> tuple[Int64, Int64]:
        """(slots, instants) of whose value turns true after one instant, up to and including another."""
        slots, instants = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for index, trait in enumerate(self.traits):
            since = self._since[:, index]
            mine = np.flatnonzero((since > after_ms - trait.within_ms) & (since <= until_ms - trait.within_ms))
            slots.append(mine)
            instants.append(since[mine] + trait.within_ms)
        return np.concatenate(slots), np.concatenate(instants)
