"""The index of ids: a memory-mapped table that grows without a pause; and plain dictionaries for tests.

Offsets grow with the day of receipt, so a list of (day, first offset) tells from an entry's offset whether it has aged out: an aged
entry is as good as absent, and its slot is used again. When the table is three-fifths full a new one, sized for what is still young,
takes the new ids, and every call moves a few slots of the old one over. So a look-up reads one table, sometimes two, whatever the
number of days. (A table a day was measured first: thirteen tables for ten million ids in eight days, and four times the time an id.)
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gyeol.events.dedupe import DAYS, DUPLICATE, ID_REUSED, MAX_OFFSET, NEW, PAYLOAD_BITS, UInt64s, same_payload, shorts_of, value_of
from gyeol.kernel.errors import InternalError
from gyeol.kernel.instants import DAY_MS
from gyeol.storage.dedupe_table import DEAD, LOAD, MOST_MARKS, Mark, Table

_SMALLEST = 1 << 12
_FEW = 64
"""So many ids are looked up one by one. Source: measured, NumPy's calls take 0.2 to 0.4 ms however few ids there are."""
_PARTS = 16
_MOVED = 4
"""Slots moved for each new id: the old table is empty before the new one is full, see ``MappedDedupe._grow``."""
_AT_ONCE = 256
_LOW = np.uint64(2**PAYLOAD_BITS - 1)
_SHIFT = np.uint64(PAYLOAD_BITS)


class MappedDedupe:
    """A ``DedupeIndex`` in a folder.

    Args:
        folder: Made if missing. It holds derived state: deleting it costs only the time to add the log's ids again.
        capacity: Most ids; beyond it the oldest are forgotten early, a sixteenth of the capacity at a time.
    """

    def __init__(self, folder: Path, capacity: int = 200_000_000) -> None:
        self._folder, self._capacity = folder, capacity
        folder.mkdir(parents=True, exist_ok=True)
        found = sorted(map(Table.open, folder.glob("*.ids")), key=lambda t: t.sequence)
        self._table = found[-1] if found else self._made(1, _SMALLEST)
        self._old = found[-2] if len(found) > 1 else None
        self._moved = self._owed = 0
        self._marks: list[Mark] = self._table.marks
        self._complete, self._trusted = _read_mark(folder / "complete.json")
        if self._trusted:  # from now on a crash may leave entries that were never appended
            self._vouch(self._complete, closed=False)

    def _made(self, sequence: int, slots: int) -> Table:
        return Table(self._folder / f"{sequence:08d}.ids", sequence, slots, make=True)

    @property
    def _oldest(self) -> int:
        """Entries before this offset have aged out."""
        return self._marks[0][1] if self._marks else 0

    def check(self, keys: UInt64s, payloads: UInt64s, received_ms: int, first_offset: int) -> npt.NDArray[np.uint8]:
        """See ``DedupeIndex``."""
        if first_offset > MAX_OFFSET:
            raise InternalError("dedupe_offset", f"offset {first_offset} does not fit into 40 bits")
        if not len(keys):
            return np.empty(0, np.uint8)
        self._mark(received_ms // DAY_MS, first_offset)
        if len(keys) <= _FEW:
            return np.array(self._check_few(keys.tolist(), payloads.tolist(), first_offset), np.uint8)
        again = _again(keys)
        if not len(again):
            return self._check_many(keys, payloads, first_offset)
        status = np.zeros(len(keys), np.uint8)
        first = np.ones(len(keys), np.bool_)
        first[again] = False
        status[first] = self._check_many(keys[first], payloads[first], first_offset)
        for i in again.tolist():  # a second one within the call now finds the first
            status[i] = self._check_few([int(keys[i])], [int(payloads[i])], first_offset)[0]
        return status

    def _mark(self, day: int, first_offset: int) -> None:
        """Begin a new mark with a new day, or when the last one is large; forget the marks that are too old, or too much."""
        if self._marks:
            last_day, _, ids = self._marks[-1]
            if day <= last_day and ids < self._capacity // _PARTS:
                return
            day, first_offset = max(day, last_day), max(first_offset, self._marks[-1][1])
        self._marks.append((day, first_offset, 0))
        while self._marks[0][0] + DAYS < day or self.size() > self._capacity or len(self._marks) > MOST_MARKS:
            if len(self._marks) == 1:
                break
            del self._marks[0]
        self._table.marks = self._marks

    def _check_few(self, keys: list[int], payloads: list[int], first_offset: int) -> list[int]:
        self._make_room(len(keys), first_offset)
        table, old, oldest = self._table, self._old, self._oldest
        statuses: list[int] = []
        added = 0
        for key, payload in zip(keys, payloads, strict=True):
            value = table.find(key)
            if old is not None and (value == DEAD or value >> PAYLOAD_BITS < oldest):
                value = old.find(key)
            if value != DEAD and value >> PAYLOAD_BITS >= oldest:
                statuses.append(DUPLICATE if same_payload(value, payload) else ID_REUSED)
                continue
            table.put(key, value_of(first_offset, payload))
            statuses.append(NEW)
            added += 1
        if added:
            self._added(added)
        return statuses

    def _check_many(self, keys: UInt64s, payloads: UInt64s, first_offset: int) -> npt.NDArray[np.uint8]:
        values = self._table.find_many(keys)
        absent = np.flatnonzero(self._gone(values))
        if self._old is not None and len(absent):
            values[absent] = self._old.find_many(keys[absent])
            absent = absent[self._gone(values[absent])]
        short, held = shorts_of(payloads), values & _LOW
        status = np.where((held == short) | (held == 0) | (short == 0), DUPLICATE, ID_REUSED).astype(np.uint8)
        status[absent] = NEW
        if len(absent):
            self._make_room(len(absent), first_offset)
            self._table.put_many(keys[absent], short[absent] | np.uint64(first_offset << PAYLOAD_BITS))
            self._added(len(absent))
        return status

    def _gone(self, values: UInt64s) -> npt.NDArray[np.bool_]:
        """Which values are none, forgotten, or aged out."""
        return np.asarray((values == np.uint64(DEAD)) | (values >> _SHIFT < np.uint64(self._oldest)))

    def _added(self, ids: int) -> None:
        """Count new ids, and move some slots of the old table over."""
        day, first_offset, held = self._marks[-1]
        self._marks[-1] = (day, first_offset, held + ids)
        self._table.count_last(len(self._marks) - 1, held + ids)
        if self._old is not None:
            self._owed += _MOVED * ids
            if self._owed >= _AT_ONCE:
                self._move(self._owed)
                self._owed = 0

    def _move(self, slots: int) -> None:
        old = self._old
        if old is None:
            return
        end = min(self._moved + slots, old.slots)
        keys, values = old.part(self._moved, end)
        alive = np.flatnonzero((keys != 0) & ~self._gone(values))
        self._table.put_many(keys[alive], values[alive])
        del keys, values  # views would keep the file mapped
        self._moved = end
        if end == old.slots:
            old.drop()
            self._old = None

    def _make_room(self, ids: int, first_offset: int) -> None:
        self._table.note_offset(first_offset)
        if self._table.room(ids):
            return
        if self._old is not None:
            self._move(self._old.slots)
        if not self._table.room(ids):
            self._grow(ids, first_offset)

    def _grow(self, ids: int, first_offset: int) -> None:
        """Begin a table with room for what is young, for these ids, and for those that come until the old table is empty."""
        old = self._table
        wanted = (self.size() + ids + (old.slots + _AT_ONCE) / _MOVED) / LOAD
        self._table = self._made(old.sequence + 1, max(_SMALLEST, 1 << int(wanted).bit_length()))
        self._old, self._moved, self._owed = old, 0, 0
        self._table.marks = self._marks
        self._table.note_offset(max(first_offset, old.greatest_offset))

    def forget_from(self, offset: int) -> None:
        """See ``DedupeIndex``. Reads the whole table, unless it was closed in order and holds nothing so late."""
        self._complete = min(self._complete, offset)
        if self._trusted and self._table.greatest_offset < offset:
            return
        while self._marks and self._marks[-1][1] > offset:
            del self._marks[-1]
        first_offsets = np.array([first for _, first, _ in self._marks], np.uint64)
        if self._old is not None:
            self._old.forget_from(offset, first_offsets)
            self._move(self._old.slots)
        counts = self._table.forget_from(offset, first_offsets).tolist()
        self._marks = [(day, first, count) for (day, first, _), count in zip(self._marks, counts, strict=True)]
        self._table.marks = self._marks
        self._trusted = True

    def complete_until(self) -> int:
        """See ``DedupeIndex``."""
        return self._complete

    def checkpoint(self, offset: int) -> None:
        """See ``DedupeIndex``. The mark is written after the pages that it vouches for. Another thread may go on asking meanwhile."""
        self._vouch(offset, closed=False)

    def _vouch(self, offset: int, *, closed: bool) -> None:
        flushed: list[Table] = []
        while (tables := [table for table in (self._old, self._table) if table is not None and table not in flushed]) != []:
            for table in tables:  # again for one that was begun meanwhile: what the others held may be in it
                table.flush()
            flushed += tables
        fresh = self._folder / "complete.new"
        with fresh.open("w") as file:
            json.dump({"complete_until": offset, "closed": closed}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / "complete.json")
        self._complete = offset

    def size(self) -> int:
        """See ``DedupeIndex``."""
        return sum(ids for _, _, ids in self._marks)

    def close(self) -> None:
        """See ``DedupeIndex``. What is in order then needs no look through the whole table at the next start."""
        self._vouch(self._complete, closed=True)
        for table in (self._old, self._table):
            if table is not None:
                table.close()
        self._old = None


def _again(keys: UInt64s) -> npt.NDArray[np.int64]:
    """Where a key stands that stood before, ascending. A sort that keeps the order of equals would cost five times as much."""
    order = np.argsort(keys)
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    if not np.count_nonzero(same):
        return np.empty(0, np.int64)
    starts = np.flatnonzero(np.append(True, ~same))
    later = np.ones(len(keys), np.bool_)
    later[np.minimum.reduceat(order, starts)] = False
    return np.flatnonzero(later)


def _read_mark(path: Path) -> tuple[int, bool]:
    """The offset before which all is in the index, and whether the folder was closed in order; without a mark nothing is known."""
    try:
        mark = json.loads(path.read_text())
        return int(mark["complete_until"]), bool(mark["closed"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, False


class MemoryDedupe:
    """A ``DedupeIndex`` in dictionaries, one a day: for tests, rehearsals and the demo in memory."""

    def __init__(self) -> None:
        self._days: dict[int, dict[int, int]] = {}
        self._complete = 0

    def check(self, keys: UInt64s, payloads: UInt64s, received_ms: int, first_offset: int) -> npt.NDArray[np.uint8]:
        """See ``DedupeIndex``."""
        day = max([received_ms // DAY_MS, *self._days])
        for old in [d for d in self._days if d + DAYS < day]:
            del self._days[old]
        held = self._days.setdefault(day, {})
        status = np.zeros(len(keys), np.uint8)
        for i, (key, payload) in enumerate(zip(keys.tolist(), payloads.tolist(), strict=True)):
            value = next((ids[key] for ids in self._days.values() if key in ids), None)
            if value is None:
                held[key] = value_of(first_offset, payload)
            else:
                status[i] = DUPLICATE if same_payload(value, payload) else ID_REUSED
        return status

    def forget_from(self, offset: int) -> None:
        """See ``DedupeIndex``."""
        for day, ids in self._days.items():
            self._days[day] = {key: value for key, value in ids.items() if value >> PAYLOAD_BITS < offset}
        self._complete = min(self._complete, offset)

    def complete_until(self) -> int:
        """See ``DedupeIndex``."""
        return self._complete

    def checkpoint(self, offset: int) -> None:
        """See ``DedupeIndex``."""
        self._complete = offset

    def size(self) -> int:
        """See ``DedupeIndex``."""
        return sum(map(len, self._days.values()))

    def close(self) -> None:
        """See ``DedupeIndex``."""
