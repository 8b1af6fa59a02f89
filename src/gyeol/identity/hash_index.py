"""An exact map from 64-bit keys to 32-bit numbers in about 23 bytes an entry, without a Python object in it.

Sixty-four open-addressing tables, each grown by itself: a dictionary of millions stalls for 200 ms when it grows, one such shard for
milliseconds. Nothing is ever removed. Measured: 0.4 µs a look-up; a dict of ints needs 100 bytes an entry.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UInt64 = npt.NDArray[np.uint64]
Int32 = npt.NDArray[np.int32]

_MASK = 2**64 - 1
_ODD = 0x9E3779B97F4A7C15
_SHARD_SHIFT = 58
SHARDS = 64
_FULLEST = 0.7


def _slot_shift(capacity: int) -> int:
    """Slots are the product's bits right below the shard's: only the high bits of a product depend on the whole key."""
    return _SHARD_SHIFT - (capacity.bit_length() - 1)


def _place(keys: UInt64, values: Int32, capacity: int) -> tuple[UInt64, Int32]:
    """A table of ``capacity`` (a power of two) that holds these different keys, filled with linear probing."""
    table, held = np.zeros(capacity, np.uint64), np.full(capacity, -1, np.int32)
    mixed = keys * np.uint64(_ODD)
    slots = ((mixed >> np.uint64(_slot_shift(capacity))) & np.uint64(capacity - 1)).astype(np.int64)
    waiting = np.arange(len(keys))
    owner = np.full(capacity, -1, np.int64)
    while len(waiting):
        at = slots[waiting]
        free = owner[at] < 0
        owner[at[free]] = waiting[free]
        lost = owner[at] != waiting
        waiting = waiting[lost]
        slots[waiting] = (slots[waiting] + 1) & (capacity - 1)
    table[slots], held[slots] = keys, values
    return table, held


def _views(arrays: tuple[UInt64, Int32]) -> tuple[memoryview, memoryview, int, int]:
    """The keys, the values, the shift and the mask of a shard, as the scalar paths want them."""
    capacity = len(arrays[0])
    return arrays[0].data, arrays[1].data, _slot_shift(capacity), capacity - 1


class HashIndex:
    """Keys are ints from 1 to 2**64 − 1, each put once; values are ints from 0 to 2**31 − 1."""

    def __init__(self) -> None:
        empty = np.empty(0, np.uint64)
        self._arrays: list[tuple[UInt64, Int32]] = [_place(empty, np.empty(0, np.int32), 16) for _ in range(SHARDS)]
        self._shards = [_views(arrays) for arrays in self._arrays]
        self._room = [int(16 * _FULLEST)] * SHARDS

    def get(self, key: int) -> int:
        """The value of a key, or -1."""
        mixed = (key * _ODD) & _MASK
        table, held, shift, mask = self._shards[mixed >> _SHARD_SHIFT]
        slot = (mixed >> shift) & mask
        while found := table[slot]:
            if found == key:
                return int(held[slot])
            slot = (slot + 1) & mask
        return -1

    def claim(self, key: int, value: int) -> int:
        """The value of a key; or -1, and then the key has this value from now on."""
        mixed = (key * _ODD) & _MASK
        number = mixed >> _SHARD_SHIFT
        table, held, shift, mask = self._shards[number]
        slot = (mixed >> shift) & mask
        while found := table[slot]:
            if found == key:
                return int(held[slot])
            slot = (slot + 1) & mask
        table[slot] = key
        held[slot] = value
        self._room[number] -= 1
        if not self._room[number]:
            self._grow(number)
        return -1

    def build(self, keys: UInt64, values: Int32) -> None:
        """Replace everything by these different keys."""
        shard = (keys * np.uint64(_ODD)) >> np.uint64(_SHARD_SHIFT)
        order = np.argsort(shard, kind="stable")
        edges = np.searchsorted(shard[order], np.arange(SHARDS + 1).astype(np.uint64))
        for number in range(SHARDS):
            mine = order[edges[number] : edges[number + 1]]
            capacity = 16
            while len(mine) >= int(capacity * _FULLEST):
                capacity *= 2
            self._keep(number, _place(keys[mine], values[mine], capacity), len(mine))

    def items(self) -> tuple[UInt64, Int32]:
        """All keys and their values, in no useful order."""
        full = [(table[table != 0], held[table != 0]) for table, held in self._arrays]
        return np.concatenate([k for k, _ in full]), np.concatenate([v for _, v in full])

    def __len__(self) -> int:
        return int(sum(np.count_nonzero(table) for table, _ in self._arrays))

    def _grow(self, number: int) -> None:
        table, held = self._arrays[number]
        full = table != 0
        self._keep(number, _place(table[full], held[full], 2 * len(table)), int(np.count_nonzero(full)))

    def _keep(self, number: int, arrays: tuple[UInt64, Int32], used: int) -> None:
        self._arrays[number] = arrays
        self._shards[number] = _views(arrays)
        self._room[number] = int(len(arrays[0]) * _FULLEST) - used
