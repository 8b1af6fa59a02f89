"""One memory-mapped open-addressing table of (key, value) pairs of uint64, for the index of ids."""

from __future__ import annotations

import mmap
import os
import struct
import sys
from pathlib import Path

import numpy as np

from gyeol.events.dedupe import PAYLOAD_BITS, UInt64s
from gyeol.kernel.errors import BackendError, VersionConflictError

VERSION = 1
LOAD = 0.6
"""Share of the slots that may be taken: at 0.6 a key that is not there is found missing in 2.4 reads on average.

Source: Knuth, The Art of Computer Programming 3, section 6.4, linear probing: (1 + 1/(1 - load)**2) / 2, with load growing from 0.3."""
DEAD = 2**64 - 1
"""The value that stands for none: of a key that is not there, or that was forgotten."""

_MAGIC = b"GYDD"
_PAGE = 4096
_HEADER = struct.Struct("<4sIqQ")  # magic, version, sequence, slots
_COUNT, _GREATEST, _MARKS, _FIRST_MARK, _MARK_WORDS = 8, 9, 10, 16, 3  # words of the header page
MOST_MARKS = (_PAGE // 8 - _FIRST_MARK) // _MARK_WORDS
_SCAN = 1 << 20
_BASE = _PAGE // 8

Mark = tuple[int, int, int]
"""(day, first offset, ids): from that offset on the entries belong to that day of receipt, until the next mark."""


class Table:
    """One file: a page of header, then ``slots`` pairs. Blocks are reserved when it is made, so that a full disk is an error then.

    Args:
        path: The file.
        sequence: Its number; the newest table has the greatest.
        slots: A power of two.
        make: Whether the file is new.
    """

    def __init__(self, path: Path, sequence: int, slots: int, *, make: bool) -> None:
        self.path, self.sequence, self.slots = path, sequence, slots
        size = _PAGE + 16 * slots
        try:
            file = os.open(path, os.O_RDWR | (os.O_CREAT | os.O_EXCL if make else 0), 0o600)
            try:
                if make:
                    _reserve(file, size)
                self._map = mmap.mmap(file, size)
            finally:
                os.close(file)
        except (OSError, ValueError) as error:
            if make:
                path.unlink(missing_ok=True)
            told = f"{path}: no table of ids of {size >> 20} MiB can be mapped ({error}): free space on that disk"
            raise BackendError("dedupe_unwritable", told, path=str(path)) from error
        if make:
            self._map[: _HEADER.size] = _HEADER.pack(_MAGIC, VERSION, sequence, slots)
        self._words = memoryview(self._map).cast("Q")
        self._flat: UInt64s = np.frombuffer(self._map, np.uint64, 2 * slots, _PAGE)
        self._mask = slots - 1

    @classmethod
    def open(cls, path: Path) -> Table:
        """The table of a file."""
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
        if len(head) < _HEADER.size or head[:4] != _MAGIC:
            raise _damaged(path)
        _, version, sequence, slots = _HEADER.unpack(head)
        if version > VERSION:
            raise VersionConflictError("dedupe_newer", f"{path}: format {version}, this release reads {VERSION}: use the newer release")
        if path.stat().st_size != _PAGE + 16 * slots:
            raise _damaged(path)
        return cls(path, sequence, slots, make=False)

    @property
    def count(self) -> int:
        """Slots taken, those of forgotten keys included."""
        return self._words[_COUNT]

    @property
    def greatest_offset(self) -> int:
        """The greatest offset ever put."""
        return self._words[_GREATEST]

    def note_offset(self, offset: int) -> None:
        """Remember an offset that is about to be put."""
        self._words[_GREATEST] = max(self._words[_GREATEST], offset)

    @property
    def marks(self) -> list[Mark]:
        """Where days begin, oldest first."""
        words = self._words[_FIRST_MARK : _FIRST_MARK + _MARK_WORDS * min(self._words[_MARKS], MOST_MARKS)].tolist()
        return [(words[i], words[i + 1], words[i + 2]) for i in range(0, len(words), _MARK_WORDS)]

    @marks.setter
    def marks(self, marks: list[Mark]) -> None:
        for i, mark in enumerate(marks):
            for j, word in enumerate(mark):
                self._words[_FIRST_MARK + _MARK_WORDS * i + j] = word
        self._words[_MARKS] = len(marks)

    def count_last(self, place: int, ids: int) -> None:
        """Set the ids of one mark."""
        self._words[_FIRST_MARK + _MARK_WORDS * place + 2] = ids

    def room(self, ids: int) -> bool:
        """Whether so many more fit."""
        return self.count + ids <= LOAD * self.slots

    def find(self, key: int) -> int:
        """The value of a key, or ``DEAD``."""
        words, slot = self._words, key & self._mask
        while (held := words[_BASE + 2 * slot]) != 0:
            if held == key:
                return words[_BASE + 2 * slot + 1]
            slot = (slot + 1) & self._mask
        return DEAD

    def put(self, key: int, value: int) -> None:
        """Set the value of a key."""
        words, slot = self._words, key & self._mask
        while (held := words[_BASE + 2 * slot]) not in (0, key):
            slot = (slot + 1) & self._mask
        words[_BASE + 2 * slot + 1] = value
        if held == 0:
            words[_BASE + 2 * slot] = key
            words[_COUNT] += 1

    def find_many(self, keys: UInt64s) -> UInt64s:
        """The value of each key, or ``DEAD``."""
        flat, mask = self._flat, np.int64(self._mask)
        values = np.full(len(keys), DEAD, np.uint64)
        slots = (keys & np.uint64(self._mask)).astype(np.int64)
        asked = np.arange(len(keys))
        while len(asked):
            held = flat[2 * slots]
            busy = np.flatnonzero(held)
            if not len(busy):
                break
            held, slots, asked = held[busy], slots[busy], asked[busy]
            hit = held == keys[asked]
            if hit.any():
                values[asked[hit]] = flat[2 * slots[hit] + 1]
                slots, asked = slots[~hit], asked[~hit]
            slots = (slots + 1) & mask
        return values

    def put_many(self, keys: UInt64s, values: UInt64s) -> None:
        """As ``put`` for keys that are all different."""
        flat, mask = self._flat, np.int64(self._mask)
        slots = (keys & np.uint64(self._mask)).astype(np.int64)
        added = 0
        while len(keys):
            places = 2 * slots
            held = flat.take(places)
            own = held == keys
            free = np.flatnonzero(held == 0)
            taken, mine = places.take(free), keys.take(free)
            flat[taken] = mine  # of two keys for one slot the later wins, the other tries the next slot
            own[free] = flat.take(taken) == mine
            added += int(np.count_nonzero(own[free]))
            flat[places[own] + 1] = values[own]
            rest = ~own
            keys, values, slots = keys[rest], values[rest], (slots[rest] + 1) & mask
        self._words[_COUNT] += added

    def part(self, start: int, end: int) -> tuple[UInt64s, UInt64s]:
        """Keys and values of some slots; views, with zeros and ``DEAD`` where there is nothing."""
        return self._flat[2 * start : 2 * end : 2], self._flat[2 * start + 1 : 2 * end : 2]

    def forget_from(self, offset: int, first_offsets: UInt64s) -> UInt64s:
        """Make the entries at or after an offset dead; the chains of slots stay whole.

        Args:
            offset: The offset.
            first_offsets: Of the marks.

        Returns:
            How many living entries each mark has.
        """
        counts = np.zeros(len(first_offsets) + 1, np.uint64)
        for start in range(0, self.slots, _SCAN):
            keys, values = self.part(start, min(start + _SCAN, self.slots))
            taken = np.flatnonzero((keys != 0) & (values != DEAD))
            offsets = values[taken] >> np.uint64(PAYLOAD_BITS)
            late = offsets >= np.uint64(offset)
            values[taken[late]] = np.uint64(DEAD)
            places = np.searchsorted(first_offsets, offsets[~late], side="right")
            counts += np.bincount(places, minlength=len(counts)).astype(np.uint64)
            del keys, values  # views would keep the file mapped
        return counts[1:]

    def flush(self) -> None:
        """Write all pages to disk. Any thread may call it; a table that was dropped meanwhile has nothing to write."""
        if sys.platform != "linux":
            self._map.flush()
            return
        # Through the file: msync holds the interpreter's lock, and the map may be closed by the thread that uses it.
        try:
            file = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def close(self) -> None:
        """Let go of the map."""
        self._flat = np.empty(0, np.uint64)
        self._words.release()
        self._map.close()

    def drop(self) -> None:
        """Close and delete."""
        self.close()
        self.path.unlink(missing_ok=True)


def _damaged(path: Path) -> BackendError:
    told = f"{path}: this is no whole table of ids; delete the folder {path.parent}, it is rebuilt from the log"
    return BackendError("dedupe_damaged", told, path=str(path))


def _reserve(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:  # macOS has none
        os.ftruncate(file, size)
