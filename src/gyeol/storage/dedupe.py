"""The index of ids: memory-mapped open-addressing tables, one or more a day; and a plain dictionary for tests.

A table is never rehashed: when it is three-fifths full the next, four times larger, is begun, so that no call waits for a copy. Old
tables are dropped as whole files. Blocks are reserved on disk when a table is made: a full disk is an error then, not a signal later.

Measured (2 shared cores, 8 tables of a day each, 10 M ids): see the table in ``docs`` and ``tests/contracts/test_dedupe.py``.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gyeol.events.dedupe import DAYS, DUPLICATE, ID_REUSED, MAX_OFFSET, NEW, PAYLOAD_BITS, UInt64s, same_payload, value_of
from gyeol.kernel.errors import BackendError, InternalError, VersionConflictError
from gyeol.kernel.instants import DAY_MS

VERSION = 1
_MAGIC = b"GYDD"
_PAGE = 4096
_HEADER = struct.Struct("<4sIqqQ")  # magic, version, day, sequence, slots; the count follows as u64 at _COUNT
_COUNT = 64
_LOAD = 0.6
_SMALLEST, _LARGEST = 1 << 12, 1 << 24
_FEW = 12
_DEAD = 2**64 - 1
_LOW = np.uint64(2**PAYLOAD_BITS - 1)


class _Table:
    """One file: a page of header, then ``slots`` pairs (key, value) of uint64."""

    def __init__(self, path: Path, day: int, sequence: int, slots: int, *, make: bool) -> None:
        self.path, self.day, self.sequence, self.slots = path, day, sequence, slots
        size = _PAGE + 16 * slots
        flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if make else 0)
        file = os.open(path, flags, 0o600)
        try:
            if make:
                _reserve(file, size)
            self._map = mmap.mmap(file, size)
        except OSError as error:
            if make:
                path.unlink()
            raise BackendError(
                "dedupe_unwritable", f"{path}: no room for {size >> 20} MiB of ids ({error}): free space on that disk", path=str(path)
            ) from error
        finally:
            os.close(file)
        if make:
            self._map[: _HEADER.size] = _HEADER.pack(_MAGIC, VERSION, day, sequence, slots)
        self._words = memoryview(self._map).cast("Q")
        self._flat: UInt64s = np.frombuffer(self._map, np.uint64, 2 * slots, _PAGE)
        self._mask = slots - 1

    @classmethod
    def open(cls, path: Path) -> _Table:
        """The table of a file."""
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
        if len(head) < _HEADER.size or head[:4] != _MAGIC:
            raise BackendError("dedupe_damaged", f"{path}: no table of ids; delete the folder, it is rebuilt from the log", path=str(path))
        _, version, day, sequence, slots = _HEADER.unpack(head)
        if version > VERSION:
            raise VersionConflictError("dedupe_newer", f"{path}: format {version}, this release reads {VERSION}: use the newer release")
        return cls(path, day, sequence, slots, make=False)

    @property
    def count(self) -> int:
        """Entries, dead ones included."""
        return self._words[_COUNT // 8]

    def room(self, ids: int) -> bool:
        """Whether so many more fit."""
        return self.count + ids <= _LOAD * self.slots

    def find(self, key: int) -> int:
        """The value of a key, or ``_DEAD`` where there is none."""
        words, slot = self._words, key & self._mask
        base = _PAGE // 8
        while (held := words[base + 2 * slot]) != 0:
            if held == key:
                return words[base + 2 * slot + 1]
            slot = (slot + 1) & self._mask
        return _DEAD

    def put(self, key: int, value: int) -> None:
        """Add an entry, or give a dead one a new value."""
        words, slot = self._words, key & self._mask
        base = _PAGE // 8
        while (held := words[base + 2 * slot]) not in (0, key):
            slot = (slot + 1) & self._mask
        words[base + 2 * slot + 1] = value
        if held == 0:
            words[base + 2 * slot] = key
            words[_COUNT // 8] += 1

    def find_many(self, keys: UInt64s, values: UInt64s) -> None:
        """Write the values of the keys found into ``values``; the others stay as they are."""
        flat, mask = self._flat, np.int64(self._mask)
        slots = (keys & np.uint64(self._mask)).astype(np.int64)
        asked = np.arange(len(keys))
        while len(asked):
            held = flat[2 * slots]
            busy = np.flatnonzero(held)
            if not len(busy):
                return
            held, slots, asked = held[busy], slots[busy], asked[busy]
            hit = held == keys[asked]
            if hit.any():
                values[asked[hit]] = flat[2 * slots[hit] + 1]
                slots, asked = slots[~hit], asked[~hit]
            slots = (slots + 1) & mask

    def put_many(self, keys: UInt64s, values: UInt64s) -> None:
        """As ``put`` for keys that are all different."""
        flat, mask = self._flat, np.int64(self._mask)
        slots = (keys & np.uint64(self._mask)).astype(np.int64)
        added = 0
        while len(keys):
            held = flat[2 * slots]
            free = held == 0
            own = held == keys
            at = 2 * slots[free]
            flat[at] = keys[free]  # of two keys for one slot the later wins, the other tries the next slot
            own |= flat[2 * slots] == keys
            flat[2 * slots[own] + 1] = values[own]
            added += int(np.count_nonzero(own & free))
            keys, values, slots = keys[~own], values[~own], (slots[~own] + 1) & mask
        self._words[_COUNT // 8] += added

    def kill_from(self, offset: int) -> None:
        """Mark as dead the entries of frames at or after an offset; the chains of slots stay whole."""
        values = self._flat[1::2]
        late = np.flatnonzero((values >> np.uint64(PAYLOAD_BITS) >= np.uint64(offset)) & (self._flat[::2] != 0))
        values[late] = np.uint64(_DEAD)

    def flush(self) -> None:
        """Write all pages to disk."""
        self._map.flush()

    def close(self) -> None:
        """Let go of the map."""
        self._flat = np.empty(0, np.uint64)
        self._words.release()
        self._map.close()

    def drop(self) -> None:
        """Close and delete."""
        self.close()
        self.path.unlink(missing_ok=True)


def _reserve(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:  # macOS has none
        os.ftruncate(file, size)


class MappedDedupe:
    """A ``DedupeIndex`` in a folder.

    Args:
        folder: Made if missing. It holds derived state: deleting it costs only the time to add the log's ids again.
        capacity: Most ids; beyond it the oldest tables go early, a table (at most an eighth of the capacity) at a time.
        largest: Slots of the largest table (a power of two).
    """

    def __init__(self, folder: Path, capacity: int = 200_000_000, largest: int = _LARGEST) -> None:
        self._folder = folder
        self._capacity = capacity
        self._largest = min(largest, max(_SMALLEST, _power_of_two(int(capacity / 8 / _LOAD)) // 2))
        folder.mkdir(parents=True, exist_ok=True)
        self._tables = sorted(map(_Table.open, folder.glob("*.ids")), key=lambda t: t.sequence)
        self._mark = folder / "complete.json"
        try:
            self._complete, self._active = _read_mark(self._mark)
        except (ValueError, KeyError, TypeError):  # without a mark nothing is known to be complete
            self._complete, self._active = 0, 0

    def check(self, keys: UInt64s, payloads: UInt64s, received_ms: int, first_offset: int) -> npt.NDArray[np.uint8]:
        """See ``DedupeIndex``."""
        if first_offset > MAX_OFFSET:
            raise InternalError("dedupe_offset", f"offset {first_offset} does not fit into 40 bits")
        table = self._table(received_ms // DAY_MS, len(keys))
        if len(keys) <= _FEW:
            pairs = zip(keys.tolist(), payloads.tolist(), strict=True)
            return np.array([self._check_one(table, k, p, first_offset) for k, p in pairs], np.uint8)
        status = np.zeros(len(keys), np.uint8)
        order = np.argsort(keys, kind="stable")
        again = np.flatnonzero(keys[order[1:]] == keys[order[:-1]]) + 1
        first = np.delete(order, again) if len(again) else order
        status[first] = self._check_many(table, keys[first], payloads[first], first_offset)
        for i in order[again].tolist():  # a second one within the call now finds the first
            status[i] = self._check_one(table, int(keys[i]), int(payloads[i]), first_offset)
        return status

    def _check_one(self, table: _Table, key: int, payload: int, first_offset: int) -> int:
        for held in reversed(self._tables):
            value = held.find(key)
            if value != _DEAD:
                return DUPLICATE if same_payload(value, payload) else ID_REUSED
        table.put(key, value_of(first_offset, payload))
        return NEW

    def _check_many(self, table: _Table, keys: UInt64s, payloads: UInt64s, first_offset: int) -> npt.NDArray[np.uint8]:
        values = np.full(len(keys), _DEAD, np.uint64)
        asked = np.arange(len(keys))
        for held in reversed(self._tables):
            found = np.full(len(asked), _DEAD, np.uint64)
            held.find_many(keys[asked], found)
            known = found != np.uint64(_DEAD)
            if known.any():
                values[asked[known]] = found[known]
                asked = asked[~known]
        short = payloads >> np.uint64(64 - PAYLOAD_BITS)
        status = np.where((values & _LOW) == short, DUPLICATE, ID_REUSED).astype(np.uint8)
        status[asked] = NEW
        table.put_many(keys[asked], short[asked] | np.uint64(first_offset << PAYLOAD_BITS))
        return status

    def _table(self, day: int, ids: int) -> _Table:
        """The table that takes new ids; makes the next one, and forgets the oldest, when it is time."""
        newest = self._tables[-1] if self._tables else None
        if newest is not None and day <= newest.day and newest.room(ids):
            return newest
        day = max(day, newest.day) if newest is not None else day
        slots = self._next_slots(newest, day, ids)
        sequence = 1 if newest is None else newest.sequence + 1
        while self._tables and (self._tables[0].day + DAYS < day or self.size() + int(_LOAD * slots) > self._capacity):
            self._tables.pop(0).drop()
        table = _Table(self._folder / f"{sequence:08d}.ids", day, sequence, slots, make=True)
        self._tables.append(table)
        return table

    def _next_slots(self, newest: _Table | None, day: int, ids: int) -> int:
        if newest is None:
            wanted = _SMALLEST
        elif newest.day == day:
            wanted = 4 * newest.slots
        else:  # as many as came on the day before
            wanted = int(sum(t.count for t in self._tables if t.day == newest.day) / _LOAD)
        return max(min(_power_of_two(wanted), self._largest), _SMALLEST, _power_of_two(int(ids / _LOAD) + 1))

    def forget_from(self, offset: int) -> None:
        """See ``DedupeIndex``. Only tables that took ids since the last checkpoint can hold such entries."""
        for table in self._tables:
            if table.sequence >= self._active:
                table.kill_from(offset)
        self._complete = min(self._complete, offset)

    def complete_until(self) -> int:
        """See ``DedupeIndex``."""
        return self._complete

    def checkpoint(self, offset: int) -> None:
        """See ``DedupeIndex``. The mark is written after the pages that it vouches for."""
        for table in self._tables:
            if table.sequence >= self._active:
                table.flush()
        active = self._tables[-1].sequence if self._tables else 0
        fresh = self._mark.with_suffix(".new")
        with fresh.open("w") as file:
            json.dump({"version": VERSION, "complete_until": offset, "active": active}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._mark)
        self._complete, self._active = offset, active

    def size(self) -> int:
        """See ``DedupeIndex``."""
        return sum(table.count for table in self._tables)

    def close(self) -> None:
        """See ``DedupeIndex``."""
        for table in self._tables:
            table.close()
        self._tables = []


def _read_mark(path: Path) -> tuple[int, int]:
    if not path.exists():
        return 0, 0
    mark = json.loads(path.read_text())
    return int(mark["complete_until"]), int(mark["active"])


def _power_of_two(least: int) -> int:
    return 1 << max(0, least - 1).bit_length()


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
