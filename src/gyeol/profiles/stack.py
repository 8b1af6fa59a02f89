"""What every kind of trait does: the seam between the trait table and the kinds."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Column
from gyeol.profiles.few import OneEvent
from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice

Int64 = npt.NDArray[np.int64]


class Held(msgspec.Struct, frozen=True):
    """What the state of one value says beside the value.

    Args:
        estimate: The value is an estimate, because more was seen than is kept.
        at_ms: When the event that gave the value happened, if the kind keeps it.
    """

    estimate: bool = False
    at_ms: int | None = None


class Stack(Protocol):
    """The traits of one (event name, kind, dtype): their state stands in shared arrays by slot and is updated in one call.

    A stack is a commutative monoid: slot 0 is the neutral element, ``combine`` is associative and commutative, and folding an event
    is combining with what the event alone would give. So neither the order of events nor how they were split into batches, nodes
    and people can be seen in what ``present`` gives.

    State is declared through ``Slots`` (``profiles/slots.py``), which grows, clears, dumps and loads it.
    """

    traits: list[Trait]

    def fold(self, part: EventSlice, now_ms: int) -> None:
        """Add events. A slot may occur many times."""
        ...

    def combine(self, targets: Int64, sources: Int64) -> None:
        """Add the state of ``sources[i]`` to ``targets[i]``; equal targets stand side by side, no source is a target."""
        ...

    def present(self, index: int, slots: Int64, now_ms: int) -> Column:
        """The values of trait ``index`` of the stack as of now; a slot may occur many times, slot 0 is nobody's."""
        ...

    def held(self, index: int, slot: int) -> Held:
        """What else is known of one value."""
        ...


@runtime_checkable
class SingleStack(Protocol):
    """A stack that also takes one event by itself, and then holds what ``fold`` would have made of it."""

    def fold_one(self, event: OneEvent, now_ms: int) -> None:
        """Add one event."""
        ...


@runtime_checkable
class EntriesStack(Protocol):
    """A stack that keeps values with the time and the id of the event that said each."""

    def entries(self, index: int, slot: int) -> list[tuple[int, int, object]]:
        """(time, id, value) of what is held of one value, ascending."""
        ...
