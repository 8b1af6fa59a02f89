"""A short list for every slot, all in a few flat arrays: what windows, sets and recent values are kept in.

Most people have one or two entries, a few have hundreds. So a list owns a block of cells whose size is one of a row of sizes
(doubling up to a largest one); a list that outgrows its block moves to one of the next size, and its old block is used again.
Everything is done for many slots at once.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Vocabulary
from gyeol.profiles.runs import places, positions

Int64 = npt.NDArray[np.int64]
AnyArray = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]

LARGEST = 32_000
"""Cells of the largest block; lengths are int16."""


class FieldSpec(msgspec.Struct, frozen=True):
    """One value of every entry: its dtype, how many of them (None: one), and the vocabulary where it holds codes."""

    dtype: str
    width: int | None = None
    words: Vocabulary | None = None


def grow_in_place(array: AnyArray, length: int, fill: int | float) -> None:
    """Make an array longer without a second copy; nobody may hold a view of it.

    The C library moves the pages of a large block instead of its bytes, so that growing costs no pause and no double memory.
    """
    before = len(array)
    array.resize((length, *array.shape[1:]), refcheck=False)
    if fill:
        array[before:] = fill


class FreeList:
    """Numbers given back, to be handed out again before new ones are."""

    def __init__(self) -> None:
        self._kept = np.empty(16, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, numbers: Int64) -> None:
        """Keep some numbers."""
        end = self._count + len(numbers)
        if end > len(self._kept):
            grow_in_place(self._kept, max(end, 2 * len(self._kept)), 0)
        self._kept[self._count : end] = numbers
        self._count = end

    def pop(self, at_most: int) -> Int64:
        """Up to ``at_most`` of the numbers kept last."""
        start = max(self._count - at_most, 0)
        taken = self._kept[start : self._count].copy()
        self._count = start
        return taken

    def all(self) -> Int64:
        """The numbers kept, the one to be popped last first."""
        return self._kept[: self._count].copy()


class SlotLists:
    """A list for every slot, in no particular order (kinds that need an order keep it).

    Args:
        start, length, size: Arrays by slot: the first cell of the block, entries used, the index of the block's size (0: no block).
        fields: What an entry holds.
        first: Cells of the smallest block.
        most: A size that blocks shall have exactly, because most lists end there; sizes double beyond it up to ``LARGEST``.
    """

    def __init__(self, start: AnyArray, length: AnyArray, size: AnyArray, fields: dict[str, FieldSpec], first: int, most: int) -> None:
        self.start, self.length, self.size = start, length, size
        self.specs = fields
        sizes = [0]
        cells = first
        while cells < most:
            sizes.append(cells)
            cells *= 2
        cells = most
        while cells < LARGEST:
            sizes.append(cells)
            cells *= 2
        self.sizes = np.array([*sizes, LARGEST])
        self.cells: dict[str, AnyArray] = {name: np.zeros(64 if f.width is None else (64, f.width), f.dtype) for name, f in fields.items()}
        self.room, self.top = 64, 0
        self._free = [FreeList() for _ in self.sizes]

    def spans(self, slots: Int64) -> tuple[Int64, Int64]:
        """All entries of some slots: (index into ``slots``, cell) of each, slot after slot."""
        lengths = self.length.take(slots).astype(np.int64)
        owner = np.arange(len(slots)).repeat(lengths)
        first = np.add.accumulate(lengths)
        first -= lengths
        cell = np.arange(len(owner))
        cell += (self.start.take(slots) - first).take(owner)
        return owner, cell

    def capacity(self, slots: Int64) -> Int64:
        """Cells of each slot's block."""
        return self.sizes.take(self.size.take(slots))

    def append(self, slots: Int64, counts: Int64) -> Int64:
        """Make each of some distinct slots longer by ``counts``; returns the new cells, slot after slot, for the caller to fill."""
        before = self.length.take(slots).astype(np.int64)
        self._reserve(slots, before + counts)
        self.length[slots] = before + counts
        return (self.start.take(slots) + before).repeat(counts) + positions(counts)

    def append_one(self, slot: int) -> int:
        """As ``append`` of one cell to one slot, in plain Python."""
        length, size = self.length.item(slot), self.size.item(slot)
        if length == self.sizes.item(size):
            if size + 1 == len(self.sizes):
                raise OverflowError(f"a list of more than {LARGEST} entries")
            start, old = int(self._take(size + 1, 1)[0]), self.start.item(slot)
            for array in self.cells.values():
                array[start : start + length] = array[old : old + length]
            if size:
                self._free[size].push(np.array([old]))
            self.start[slot], self.size[slot] = start, size + 1
        self.length[slot] = length + 1
        return int(self.start.item(slot) + length)

    def replace(self, slots: Int64, lengths: Int64) -> Int64:
        """Give each of some distinct slots a new list of ``lengths`` entries; returns its cells for the caller to fill."""
        self.length[slots] = 0
        self._reserve(slots, lengths)
        self.length[slots] = lengths
        return self.start.take(slots).astype(np.int64).repeat(lengths) + positions(lengths)

    def copy(self, targets: Int64, sources: Int64) -> None:
        """Give distinct empty slots the entries of others."""
        _, cell = self.spans(sources)
        if len(cell):
            to = self.replace(targets, self.length.take(sources).astype(np.int64))
            for array in self.cells.values():
                array[to] = array.take(cell, axis=0)

    def keep(self, slots: Int64, owner: Int64, cell: Int64, kept: Bools) -> None:
        """Drop entries of some distinct slots: ``owner`` and ``cell`` are their spans, ``kept`` says which entries stay."""
        owner, cell = owner[kept], cell[kept]
        lengths = np.bincount(owner, minlength=len(slots))
        to = self.start.take(slots).astype(np.int64).repeat(lengths) + positions(lengths)
        for array in self.cells.values():
            array[to] = array[cell]
        self.length[slots] = lengths

    def release(self, slots: Int64) -> None:
        """Empty some distinct slots and take their blocks back."""
        self._give_back(self.start.take(slots), self.size.take(slots))
        self.length[slots] = 0
        self.size[slots] = 0
        self.start[slots] = 0

    def size_bytes(self) -> int:
        """Bytes of all blocks handed out so far."""
        return sum(a[: self.top].nbytes for a in self.cells.values())

    def _reserve(self, slots: Int64, lengths: Int64) -> None:
        """Blocks of at least ``lengths`` cells; entries move along."""
        before = self.size.take(slots)
        moving = places(lengths > self.sizes.take(before))
        if not len(moving):
            return
        movers, old = slots[moving], before[moving]
        size = self.sizes.searchsorted(lengths[moving])
        tally = np.bincount(size)
        if len(tally) > len(self.sizes):
            raise OverflowError(f"a list of more than {LARGEST} entries")
        starts = np.empty(len(movers), np.int64)
        for index in places(tally > 0).tolist():
            starts[size == index] = self._take(index, int(tally[index]))
        if np.count_nonzero(old):
            owner, cell = self.spans(movers)
            old_start = self.start.take(movers)
            to = cell + (starts - old_start).take(owner)
            for array in self.cells.values():
                array[to] = array.take(cell, axis=0)
            self._give_back(old_start, old)
        self.start[movers] = starts
        self.size[movers] = size

    def _take(self, size: int, n: int) -> Int64:
        cells = int(self.sizes[size])
        again = self._free[size].pop(n)
        fresh = n - len(again)
        if not fresh:
            return again
        if self.top + fresh * cells > self.room:
            self.room = max(self.top + fresh * cells, self.room + self.room // 4)
            for array in self.cells.values():
                grow_in_place(array, self.room, 0)
        new = self.top + cells * np.arange(fresh)
        self.top += fresh * cells
        return np.concatenate([again, new]) if len(again) else new

    def _give_back(self, starts: AnyArray, sizes: AnyArray) -> None:
        tally = np.bincount(sizes)
        for size in places(tally > 0).tolist():
            if size:
                self._free[size].push(starts[sizes == size])
