"""sequence: true once ``at_least`` events have fallen within ``within`` of each other.

State: a flag, and until it is true the times of events: the newest 64, and beyond those whatever lies within ``within`` + 24 h of
the newest (never more than 4,096: only an ``at_least`` in the dozens within seconds could need more). Monoid: "or" of the flags;
union of the times, then the test on the union, then the same cut.

What is exact: any order and any split of events none of which arrives more than 24 h behind the newest event of its row. A later
arrival counts only together with times that are still kept; a run of events that is spread over two nodes and older than that when
the nodes are joined is not seen. Once true it stays true.
"""

from __future__ import annotations

import numpy as np

from gyeol.expressions.column import Column
from gyeol.kernel.instants import DAY_MS
from gyeol.profiles.lists import FieldSpec
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import all_true, lengths_of, places, positions, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held
from gyeol.profiles.words import Words

LATENESS_MS = DAY_MS
"""How late an event may come and still be seen with all others. Source: DESIGN.md, section 6."""
_NEWEST = 64
_MOST = 4096


class SequenceStack:
    """State a trait: one flag, and a list of int64 times, ascending; the list is given back when the flag turns true."""

    def __init__(self, traits: list[Trait], slots: Slots, name: str, words: Words) -> None:
        self.traits = traits
        self._true = slots.array(f"{name}.true", np.bool_, len(traits))
        self._lists = [slots.list_of(f"{name}.{index}", {"time": FieldSpec("i8")}, 1, _NEWEST) for index in range(len(traits))]

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        for index, trait in enumerate(self.traits):
            wanted = ~self._true[part.slots, index]
            mask = part.where(trait.where)
            if mask is not None:
                wanted &= mask
            chosen = places(wanted)
            if len(chosen):
                self._merge(index, part.slots[chosen], part.times[chosen])

    def combine(self, targets: Int64, sources: Int64) -> None:
        """See ``Stack``."""
        for index, lists in enumerate(self._lists):
            happened = targets[self._true[sources, index]]
            self._true[happened, index] = True
            lists.release(happened[starts_of(happened)])
            waiting = ~self._true[targets, index]
            owner, cell = lists.spans(sources[waiting])
            if len(cell):
                self._merge(index, targets[waiting][owner], lists.cells["time"][cell])

    def _merge(self, index: int, slots: Int64, times: Int64) -> None:
        """Take times in, of slots that are not true yet; slots side by side."""
        lists, trait = self._lists[index], self.traits[index]
        starts = starts_of(slots)
        distinct = slots[starts]
        counts = lengths_of(starts, len(slots))
        held_owner, cell = lists.spans(distinct)
        owner = np.concatenate([held_owner, np.arange(len(distinct)).repeat(counts)])
        times = np.concatenate([lists.cells["time"][cell], times])
        order = np.lexsort((times, owner))
        owner, times = owner[order], times[order]
        reach = trait.definition.at_least - 1
        close = (owner[reach:] == owner[: len(owner) - reach]) & (times[reach:] - times[: len(times) - reach] <= trait.within_ms)
        lengths = np.bincount(owner, minlength=len(distinct))
        happened = np.zeros(len(distinct), np.bool_)
        happened[owner[reach:][close]] = True
        if np.count_nonzero(happened):
            done = distinct[happened]
            self._true[done, index] = True
            lists.release(done)
            stays = ~happened[owner]
            owner, times = owner[stays], times[stays]
            distinct, lengths = distinct[~happened], lengths[~happened]
            if not len(distinct):
                return
        newest = times[np.add.accumulate(lengths) - 1].repeat(lengths)
        place = positions(lengths)
        kept = place >= (lengths - _NEWEST).repeat(lengths)
        kept |= times >= newest - trait.within_ms - LATENESS_MS
        kept &= place >= (lengths - _MOST).repeat(lengths)
        if not all_true(kept):
            group = np.arange(len(distinct)).repeat(lengths)
            times, lengths = times[kept], np.bincount(group[kept], minlength=len(distinct))
        lists.cells["time"][lists.replace(distinct, lengths)] = times

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """See ``Stack``."""
        return Column("flag", self._true[slots, index], np.ones(len(slots), np.bool_))

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held()
