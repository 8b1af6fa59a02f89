"""Lists that keep their newest entries: who has as many as are kept writes over the oldest one, and nothing else is moved."""

from __future__ import annotations

import numpy as np

from gyeol.profiles.lists import AnyArray, Bools, FieldSpec, Int64, SlotLists
from gyeol.profiles.runs import positions


class RingLists(SlotLists):
    """Lists of at most ``most`` entries, in the order in which they were pushed.

    A list that is full stands in a block of exactly ``most`` cells, and its oldest entry is ``turn`` cells after the first one. All
    that is read goes by ``spans``, from the oldest to the newest; so copies and dumps know nothing of the turn, and begin with none.

    Args:
        turn: By slot; 0 of lists that are not full.
        start, length, size, fields, first, most: See ``SlotLists``.
    """

    def __init__(
        self, turn: AnyArray, start: AnyArray, length: AnyArray, size: AnyArray, fields: dict[str, FieldSpec], first: int, most: int
    ) -> None:
        super().__init__(start, length, size, fields, first, most)
        self.turn, self.most = turn, most

    def spans(self, slots: Int64) -> tuple[Int64, Int64]:
        """See ``SlotLists``."""
        owner, cell = super().spans(slots)
        turns = self.turn.take(slots)
        if np.count_nonzero(turns):
            start = self.start.take(slots)
            cell += turns.take(owner)
            cell -= np.where(cell >= (start + self.most).take(owner), self.most, 0)
        return owner, cell

    def span_of(self, slot: int) -> Int64:
        """The cells of one slot, as ``spans`` has them."""
        start, turn = self.start.item(slot), self.turn.item(slot)
        cells = np.arange(start + turn, start + turn + self.length.item(slot))
        if turn:
            cells[self.most - turn :] -= self.most
        return cells

    def newest(self, slots: Int64) -> Int64:
        """The cell of each slot's newest entry; of an empty list some cell."""
        last = self.turn.take(slots) + np.maximum(self.length.take(slots).astype(np.int64) - 1, 0)
        cell: Int64 = self.start.take(slots) + last % self.most
        return cell

    def push(self, slots: Int64, counts: Int64) -> Int64:
        """Add ``counts`` entries (1 to ``most``) to each of some distinct slots, at the cost of their oldest ones.

        Returns:
            The cells of the new ones, slot after slot and the oldest first, for the caller to fill.
        """
        before = self.length.take(slots).astype(np.int64)
        after = before + counts
        length = np.minimum(after, self.most)
        self._reserve(slots, length)
        self.length[slots] = length
        cell = before + self.turn.take(slots)
        gone = after - length
        if np.count_nonzero(gone):
            self.turn[slots] = (self.turn.take(slots) + gone) % self.most
        start = self.start.take(slots)
        if int(counts.max(initial=0)) > 1:
            cell, start = cell.repeat(counts) + positions(counts), start.repeat(counts)
        cell %= self.most
        cell += start
        return cell

    def append(self, slots: Int64, counts: Int64) -> Int64:
        """See ``push``."""
        return self.push(slots, counts)

    def append_one(self, slot: int) -> int:
        """As ``push`` of one entry to one slot, in plain Python."""
        if self.length.item(slot) < self.most:
            return super().append_one(slot)
        turn = self.turn.item(slot)
        self.turn[slot] = (turn + 1) % self.most
        return int(self.start.item(slot) + turn)

    def replace(self, slots: Int64, lengths: Int64) -> Int64:
        """See ``SlotLists``."""
        self.turn[slots] = 0
        return super().replace(slots, lengths)

    def keep(self, slots: Int64, owner: Int64, cell: Int64, kept: Bools) -> None:
        """See ``SlotLists``."""
        super().keep(slots, owner, cell, kept)
        self.turn[slots] = 0

    def release(self, slots: Int64) -> None:
        """See ``SlotLists``."""
        super().release(slots)
        self.turn[slots] = 0
