"""Sequences: what their three forms have in common. Their state is a set of times, of which the old ones are let go.

Of the times of a slot the newest 64 are kept, and beyond those whatever lies within ``within`` + 24 h of the newest (never more than
4,096). What was let go lies at or before the slot's *horizon*. An event that comes so late that it may belong together with a time
that was let go *marks* the slot: its value may then be wrong, and it is folded anew from the events of the lake. That is the only way
in which the order of events could be seen, and it is gone with the mark.

A state is a set: joining two states that hold an event both keeps it once. So what was folded anew is simply joined with what has
come meanwhile.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Mask
from gyeol.kernel.instants import DAY_MS
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import lengths_of, places, positions, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import Held

LATENESS_MS = DAY_MS
"""How late an event may come and still be seen with all others. Source: DESIGN.md, section 6."""
_NEWEST = 64
_MOST = 4096
NEVER = np.iinfo(np.int64).max
LONG_AGO = np.iinfo(np.int64).min
UInt64 = npt.NDArray[np.uint64]
UInt8 = npt.NDArray[np.uint8]
FIRST, SECOND = 1, 2
"""Which of the two events of a sequence an event is; one may be both."""


class Moments(msgspec.Struct, frozen=True):
    """Events of a sequence, (n,) each: slots side by side.

    Args:
        slots: Whose.
        times: ms.
        ids: Hashes of the messageIds.
        roles: ``FIRST``, ``SECOND`` or both.
    """

    slots: Int64
    times: Int64
    ids: UInt64
    roles: UInt8

    def of(self, chosen: Any) -> Moments:
        """Some of them."""
        return Moments(self.slots[chosen], self.times[chosen], self.ids[chosen], self.roles[chosen])

    def __len__(self) -> int:
        return len(self.slots)


class TimedStack:
    """The base of the three forms.

    State: for each trait the horizon and the mark: the offset of the log after the event that set it, 0 without one.
    """

    def __init__(self, traits: list[Trait], slots: Slots, name: str) -> None:
        self.traits = traits
        self.horizon = slots.array(f"{name}.horizon", np.int64, len(traits), fill=LONG_AGO)
        self.marked = slots.array(f"{name}.marked", np.int64, len(traits))
        self.offset = 0

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """See ``Stack``."""
        self.offset = part.view.batch.offset(part.view.batch.n - 1) + 1
        for index, trait in enumerate(self.traits):
            roles = _roles(part, trait)
            chosen = places(roles)
            if len(chosen):
                self.take(index, Moments(part.slots[chosen], part.times[chosen], part.ids[chosen], roles[chosen]))

    def take(self, index: int, moments: Moments) -> None:
        """Add events to a trait's slots."""
        raise NotImplementedError

    def kept(self, index: int, slots: Int64) -> Moments:
        """What is held of some slots, slot after slot."""
        raise NotImplementedError

    def forget(self, index: int, slots: Int64) -> None:
        """Make a trait's slots empty; they are distinct."""
        raise NotImplementedError

    def mark(self, index: int, slots: Int64) -> None:
        """These slots are to be folded anew."""
        self.marked[slots, index] = np.maximum(self.marked[slots, index], max(self.offset, 1))

    def refold(self, index: int, moments: Moments, slots: Int64, until: int) -> None:
        """Put the whole history of some slots in the place of what is held, and join what has come since.

        Args:
            index: Of the trait.
            moments: All events of these slots before ``until``.
            slots: Distinct.
            until: An offset of the log; marks by later events stay.
        """
        held, marks = self.kept(index, slots), self.marked[slots, index].copy()
        self.forget(index, slots)
        self.horizon[slots, index] = LONG_AGO
        for each in (moments, held):
            if len(each):
                order = np.lexsort((each.ids, each.times, each.slots))
                self.take(index, each.of(order))
        self.marked[slots, index] = np.where(marks > until, marks, 0)

    def held(self, index: int, slot: int) -> Held:
        """See ``Stack``."""
        return Held(estimate=bool(self.marked[slot, index]))

    def join_horizons(self, index: int, targets: Int64, sources: Int64) -> None:
        """Before slots are joined: mark those where something that one has let go may belong to what another holds or has let go.

        Equal targets stand side by side. The joined horizon is the latest of all.
        """
        starts = starts_of(targets)
        distinct = targets[starts]
        owner = np.concatenate([np.arange(len(distinct)), np.arange(len(distinct)).repeat(lengths_of(starts, len(targets)))])
        slots = np.concatenate([distinct, sources])
        horizon = self.horizon[slots, index]
        gone = horizon != LONG_AGO
        latest = np.full(len(distinct), LONG_AGO)
        np.maximum.at(latest, owner, horizon)
        oldest = np.full(len(distinct), NEVER)
        np.minimum.at(oldest, owner[~gone], self.oldest(index, slots[~gone]))
        many = np.bincount(owner, gone, len(distinct))
        self.mark(index, distinct[(many > 1) | ((many == 1) & (oldest - self.traits[index].within_ms <= latest))])
        self.horizon[distinct, index] = latest
        np.maximum.at(self.marked[:, index], targets, self.marked[sources, index])

    def oldest(self, index: int, slots: Int64) -> Int64:
        """The earliest time that each of some slots holds; ``NEVER`` where it holds none."""
        found = np.full(len(slots), NEVER)
        distinct, inverse = np.unique(slots, return_inverse=True)
        held = self.kept(index, distinct)
        starts = starts_of(held.slots)
        first = np.full(len(distinct), NEVER)
        first[np.searchsorted(distinct, held.slots[starts])] = held.times[starts]
        found[:] = first[inverse]
        return found

    def let_go(self, index: int, slots: Int64, owner: Int64, times: Int64) -> Mask:
        """Which of some times stay, ascending within ``owner``, an index into the distinct slots; the horizon moves up to the others."""
        within_ms = self.traits[index].within_ms
        lengths = np.bincount(owner, minlength=len(slots))
        newest = times[np.add.accumulate(lengths)[owner] - 1]
        place = positions(lengths)
        stay = place >= (lengths[owner] - _NEWEST)
        stay |= times >= newest - within_ms - LATENESS_MS
        stay &= place >= (lengths[owner] - _MOST)
        gone = ~stay
        if np.count_nonzero(gone):
            np.maximum.at(self.horizon[:, index], slots[owner[gone]], times[gone])
        return stay


def _roles(part: EventSlice, trait: Trait) -> UInt8:
    """Which of the sequence's events each event is; 0: none."""
    names = part.view.batch.name.take(part.at) if len(trait.events) == 2 else None
    known = part.view.batch.names
    roles: UInt8 = np.zeros(part.n, np.uint8)
    definition = trait.definition
    for role, event, where in ((FIRST, trait.events[0], definition.where), (SECOND, trait.events[-1], definition.then_where)):
        if role == SECOND and names is None:
            break
        mine = np.ones(part.n, np.bool_) if names is None else names == known.find(event)
        mask = part.where(where)
        roles[mine if mask is None else mine & mask] |= role
    return roles


def sets(held: Moments, new: Moments) -> tuple[Int64, Int64, Moments]:
    """Two groups of events as one set.

    Returns:
        The distinct slots of ``new``; of each event the index into them; the events by (slot, time, id), equal ones once.
    """
    slots = new.slots[starts_of(new.slots)]
    order_of = np.argsort(slots)
    both = [np.concatenate([getattr(held, field), getattr(new, field)]) for field in ("slots", "times", "ids", "roles")]
    owner = order_of[np.searchsorted(slots, both[0], sorter=order_of)]
    order = np.lexsort((both[2], both[1], owner))
    owner, times, ids, roles = owner[order], both[1][order], both[2][order], both[3][order]
    same = (owner[1:] == owner[:-1]) & (times[1:] == times[:-1]) & (ids[1:] == ids[:-1])
    if np.count_nonzero(same):
        starts = places(np.append(True, ~same))
        roles = np.bitwise_or.reduceat(roles, starts)
        owner, times, ids = owner[starts], times[starts], ids[starts]
    return slots, owner, Moments(slots[owner], times, ids, roles)
