"""Since when somebody is in an audience: 16 bytes a member, nothing for those who are not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MOST_PENDING = 4_096
"""So many new entries wait in a dict before they are merged into the sorted arrays: a merge of 100,000 members takes about 1 ms."""


class Since:
    """Row → instant, for one audience.

    A matrix of int64 would take 400 MB for 1 M rows and 50 audiences, of which one in ten or so is a member. Entries of rows that
    have left stay until the next merge: who asks must know from elsewhere that a row is a member.
    """

    def __init__(self) -> None:
        self._rows = np.empty(0, np.int64)
        self._at_ms = np.empty(0, np.int64)
        self._pending: dict[int, int] = {}

    def get(self, row: int) -> int | None:
        """The instant kept for a row."""
        waiting = self._pending.get(row)
        if waiting is not None:
            return waiting
        place = int(np.searchsorted(self._rows, row))
        return int(self._at_ms[place]) if place < len(self._rows) and self._rows[place] == row else None

    def put(self, rows: Int64, at_ms: int, kept: Mask) -> None:
        """Keep an instant for rows.

        Args:
            rows: Each once.
            at_ms: The instant.
            kept: By row: whose entries are worth keeping; all others are forgotten at the next merge.
        """
        if len(rows) <= MOST_PENDING:
            self._pending.update(dict.fromkeys(rows.tolist(), at_ms))
            if len(self._pending) > MOST_PENDING:
                self.merge(kept)
            return
        self.merge(kept)
        self._merge(rows, np.full(len(rows), at_ms, np.int64), kept)

    def merge(self, kept: Mask) -> None:
        """Bring all entries into the sorted arrays."""
        rows = np.fromiter(self._pending, np.int64, len(self._pending))
        at_ms = np.fromiter(self._pending.values(), np.int64, len(self._pending))
        self._pending = {}
        self._merge(rows, at_ms, kept)

    def dump(self, kept: Mask) -> tuple[Int64, Int64]:
        """(rows, instants), by row: the same for the same memberships, whatever their history."""
        self.merge(kept)
        return self._rows, self._at_ms

    def load(self, rows: Int64, at_ms: Int64) -> None:
        """Take what ``dump`` gave."""
        self._rows, self._at_ms, self._pending = np.array(rows, np.int64), np.array(at_ms, np.int64), {}

    def _merge(self, rows: Int64, at_ms: Int64, kept: Mask) -> None:
        all_rows, all_at = np.concatenate((self._rows, rows)), np.concatenate((self._at_ms, at_ms))
        order = np.argsort(all_rows, kind="stable")
        all_rows, all_at = all_rows[order], all_at[order]
        # Of two entries of a row the later one, which the stable sort put last, is the one that holds.
        last = np.append(all_rows[1:] != all_rows[:-1], True) if len(all_rows) else np.empty(0, np.bool_)
        last &= kept[all_rows]
        self._rows, self._at_ms = all_rows[last], all_at[last]
