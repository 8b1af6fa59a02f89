"""Where the state of one event name's traits stands: a slot for each row that ever had such an event, none for the others.

A row is a node or a cached person; most rows never see most events. So the traits of an event name keep their arrays by *slot*,
and one int32 a row leads from the row to the slot. Slot 0 is the empty one: nothing is ever written to it, and it stands for
every row without a slot, which makes "never happened" an ordinary value.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Vocabulary
from gyeol.profiles.lists import FieldSpec, FreeList, SlotLists, grow_in_place
from gyeol.profiles.rings import RingLists

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
AnyArray = npt.NDArray[Any]


class ArraySpec(msgspec.Struct, frozen=True):
    """One array by slot.

    Args:
        array: (capacity,) or (capacity, width); grown in place, so kinds may hold it but never a view of it.
        fill: What an empty slot holds.
        block: It belongs to lists, which copy it themselves.
        derived: It can be computed from the others: neither dumped nor digested, and filled anew after a load.
        words: The vocabulary of each column where the array holds codes; None for a column of flags.
    """

    array: AnyArray
    fill: int | float
    derived: bool
    block: bool
    words: tuple[Vocabulary | None, ...] | None


class Slots:
    """The arrays and lists of one event name, grown, cleared, dumped and loaded together.

    Args:
        room: Slots to make room for at first.
    """

    def __init__(self, room: int = 256) -> None:
        self.capacity = room
        self.used = 1  # slot 0 is the empty one
        self.arrays: dict[str, ArraySpec] = {}
        self.lists: dict[str, SlotLists] = {}
        self.constants: dict[str, AnyArray] = {}
        self._free = FreeList()

    def array(
        self, name: str, dtype: npt.DTypeLike, width: int | None = None, *, fill: int | float = 0, derived: bool = False,
        block: bool = False, words: tuple[Vocabulary | None, ...] | None = None,
    ) -> AnyArray:  # fmt: skip
        """A new array by slot, see ``ArraySpec``; ``width`` None makes it one-dimensional."""
        made = np.full(self.capacity if width is None else (self.capacity, width), fill, dtype)
        self.arrays[name] = ArraySpec(made, fill, derived, block, words)
        return made

    def list_of(self, name: str, fields: dict[str, FieldSpec], first: int, most: int) -> SlotLists:
        """New lists by slot, see ``SlotLists``."""
        made = self.lists[name] = SlotLists(*self._blocks(name), fields, first, most)
        return made

    def ring_of(self, name: str, fields: dict[str, FieldSpec], first: int, most: int) -> RingLists:
        """New lists by slot that keep their newest ``most`` entries, see ``RingLists``."""
        turn = self.array(f"{name}.turn", np.int16, derived=True, block=True)
        made = self.lists[name] = RingLists(turn, *self._blocks(name), fields, first, most)
        return made

    def _blocks(self, name: str) -> tuple[AnyArray, AnyArray, AnyArray]:
        dtypes: dict[str, npt.DTypeLike] = {"start": np.int32, "length": np.int16, "size": np.uint8}
        start, length, size = (self.array(f"{name}.{part}", dtype, derived=True, block=True) for part, dtype in dtypes.items())
        return start, length, size

    def constant(self, name: str, values: AnyArray) -> AnyArray:
        """A small array that belongs to the whole event name (a landmark); dumped as it is."""
        self.constants[name] = values
        return values

    def allocate(self, n: int) -> Int64:
        """``n`` empty slots."""
        again = self._free.pop(n)
        fresh = n - len(again)
        if not fresh:
            return again
        if self.used + fresh > self.capacity:
            self._grow(max(self.used + fresh, self.capacity + self.capacity // 4))
        new = np.arange(self.used, self.used + fresh)
        self.used += fresh
        return np.concatenate([again, new]) if len(again) else new

    def copy(self, targets: Int64, sources: Int64) -> None:
        """Give empty slots, all different, the state of others: the cheap way to add to nothing."""
        for spec in self.arrays.values():
            if not spec.block:
                spec.array[targets] = spec.array.take(sources, axis=0)
        for lists in self.lists.values():
            lists.copy(targets, sources)

    def adopt(self, other: Slots, slots: Int64) -> Int64:
        """New slots that hold what slots of other arrays of the same names do; both use the same vocabularies."""
        made = self.allocate(len(slots))
        for name, spec in self.arrays.items():
            if not spec.block and not spec.derived:
                spec.array[made] = other.arrays[name].array[slots]
        for name, lists in self.lists.items():
            theirs = other.lists[name]
            _, cell = theirs.spans(slots)
            to = lists.replace(made, theirs.length.take(slots).astype(np.int64))
            for field, cells in lists.cells.items():
                cells[to] = theirs.cells[field][cell]
        return made

    def clear(self, slots: Int64) -> None:
        """Make slots empty; they stay allocated."""
        for lists in self.lists.values():
            lists.release(slots)
        for spec in self.arrays.values():
            spec.array[slots] = spec.fill

    def release(self, slots: Int64) -> None:
        """Make slots empty and give them back."""
        self.clear(slots)
        self._free.push(slots)

    def _grow(self, capacity: int) -> None:
        for spec in self.arrays.values():
            grow_in_place(spec.array, capacity, spec.fill)
        self.capacity = capacity

    def size_bytes(self) -> dict[str, int]:
        """Bytes of the slots in use, by array and list (spare room not counted, spare cells of lists counted)."""
        sizes = {name: spec.array[: self.used].nbytes for name, spec in self.arrays.items()}
        for name, lists in self.lists.items():
            sizes[name] = lists.size_bytes()
        return sizes
