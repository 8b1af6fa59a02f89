"""The traits of one event name: the way from rows to slots, and the stacks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from gyeol.kernel.instants import Zone
from gyeol.profiles.few import FEW, Laws
from gyeol.profiles.kinds.count import CountStack
from gyeol.profiles.kinds.decay import DecayStack
from gyeol.profiles.kinds.distinct import DistinctStack
from gyeol.profiles.kinds.first import FirstStack
from gyeol.profiles.kinds.followed import FollowedStack
from gyeol.profiles.kinds.last import LastStack
from gyeol.profiles.kinds.max import MaxStack
from gyeol.profiles.kinds.mean import MeanStack
from gyeol.profiles.kinds.min import MinStack
from gyeol.profiles.kinds.missed import MissedStack
from gyeol.profiles.kinds.recent import RecentStack
from gyeol.profiles.kinds.sequence import SequenceStack
from gyeol.profiles.kinds.sum import SumStack
from gyeol.profiles.kinds.timed import TimedStack
from gyeol.profiles.kinds.top import TopStack
from gyeol.profiles.kinds.window import WindowStack
from gyeol.profiles.lists import grow_in_place
from gyeol.profiles.model import TraitKindName
from gyeol.profiles.rules import Trait
from gyeol.profiles.runs import distinct, starts_of
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.stack import SingleStack, Stack
from gyeol.profiles.words import Words

KINDS: dict[TraitKindName, Callable[[list[Trait], Slots, str, Words], Stack]] = {
    "count": CountStack, "sum": SumStack, "mean": MeanStack, "min": MinStack, "max": MaxStack, "first": FirstStack, "last": LastStack,
    "recent": RecentStack, "decay": DecayStack, "distinct": DistinctStack, "top": TopStack, "sequence": SequenceStack,
}  # fmt: skip
"""The open kinds. A kind with a window is a ``WindowStack`` instead, a sequence of two events one of ``PAIRS``."""
PAIRS: dict[str, Callable[[list[Trait], Slots, str, Words], Stack]] = {"followed": FollowedStack, "missed": MissedStack}


class EventGroup:
    """Traits of one event name, or of the two names of a sequence.

    Args:
        event: The name, ``$any``, or the two names in words.
        traits: Its traits, in the order of the definitions.
        words, zone: Shared by the table.
        laws: How the traits' values are read of one event.
    """

    def __init__(self, event: str, traits: list[Trait], words: Words, zone: Zone, laws: Laws) -> None:
        self.event = event
        self.names = traits[0].events
        self.traits = traits
        self._laws = laws
        self.slots = Slots()
        self.slot_of: npt.NDArray[np.int32] = np.zeros(1, np.int32)  # one longer than there are rows: -1 finds slot 0
        self.stacks: list[Stack] = []
        self.windows: list[WindowStack] = []
        self.timed: list[TimedStack] = []
        self.place: dict[str, tuple[Stack, int]] = {}
        for key, members in _stacked(traits).items():
            name = ".".join(key)
            if members[0].window is not None:
                windows = WindowStack(members, self.slots, name, zone)
                self.windows.append(windows)
                stack: Stack = windows
            else:
                stack = (PAIRS.get(key[0]) or KINDS[members[0].definition.kind])(members, self.slots, name, words)
                if isinstance(stack, TimedStack):
                    self.timed.append(stack)
            self.stacks.append(stack)
            self.place.update({trait.name: (stack, index) for index, trait in enumerate(members)})
        self._single = [stack for stack in self.stacks if isinstance(stack, SingleStack)]
        self._others = [stack for stack in self.stacks if not isinstance(stack, SingleStack)]

    def fit(self, rows: int) -> None:
        """Make room for rows (and the one that -1 finds)."""
        if rows >= len(self.slot_of):
            grow_in_place(self.slot_of, max(rows + 1, len(self.slot_of) * 5 // 4), 0)

    def slots_for(self, rows: Int64) -> Int64:
        """The slots of rows, made where there are none."""
        slots = self.slot_of[rows]
        missing = slots == 0
        if np.count_nonzero(missing):
            fresh = distinct(rows[missing])
            self.slot_of[fresh] = self.slots.allocate(len(fresh))
            slots = self.slot_of[rows]
        return slots.astype(np.int64)

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """Add events to every stack: few of them one by one, which is the cheaper way then."""
        events = part.each(self._laws) if part.n <= FEW and self._laws.simple else None
        for event in events or ():
            for single in self._single:
                single.fold_one(event, now_ms)
        for stack in self.stacks if events is None else self._others:
            stack.fold(part, now_ms)

    def rebuild(self, targets: Int64, sources: Int64) -> None:
        """Make each target row, of which nothing is known yet, the combination of its source rows (pairs, equal targets side by side)."""
        held = self.slot_of[sources]
        has = held > 0
        if not np.count_nonzero(has):
            return
        into, out = self.slots_for(targets[has]), held[has].astype(np.int64)
        starts = starts_of(into)
        self.slots.copy(into.take(starts), out.take(starts))
        if len(starts) < len(into):
            others = np.ones(len(into), np.bool_)
            others[starts] = False
            for stack in self.stacks:
                stack.combine(into[others], out[others])

    def row_of_slots(self) -> Int64:
        """The row of every slot in use, -1 for those that are nobody's."""
        row_of = np.full(self.slots.used, -1, np.int64)
        having = np.flatnonzero(self.slot_of)
        row_of[self.slot_of[having]] = having
        return row_of

    @property
    def missed(self) -> list[MissedStack]:
        """The stacks whose values time alone may change."""
        return [stack for stack in self.timed if isinstance(stack, MissedStack)]

    def free(self, rows: Int64) -> None:
        """Forget what is known of some distinct rows."""
        slots = self.slot_of[rows]
        taken = slots > 0
        if np.count_nonzero(taken):
            self.slots.release(slots[taken].astype(np.int64))
            self.slot_of[rows] = 0


def _stacked(traits: list[Trait]) -> dict[tuple[str, ...], list[Trait]]:
    """Traits by what may stand in one array: kind and dtype, windows by grain."""
    stacks: dict[tuple[str, ...], list[Trait]] = {}
    for trait in traits:
        if trait.window is not None:
            key: tuple[str, ...] = ("window", trait.window.grain)
        elif trait.definition.kind in ("first", "last", "recent") and trait.value is not None:
            key = (trait.definition.kind, "number" if trait.value.is_number else "text")
        elif trait.definition.then is not None or trait.definition.then_no is not None:
            key = ("followed" if trait.definition.then is not None else "missed",)
        else:
            key = (trait.definition.kind,)
        stacks.setdefault(key, []).append(trait)
    return stacks
