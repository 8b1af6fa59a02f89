"""Which pairs have a record, for a whole batch at once: a direct-mapped cache before the index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.identity.hash_index import HashIndex

Int64 = npt.NDArray[np.int64]

_BITS = 17
_MANY = 256
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - _BITS)


class KnownPairs:
    """The records of pairs seen lately: 131,072 places, 1.5 MB. A record never moves, so nothing here ever becomes wrong.

    Args:
        index: Pair key (``statements.pair_key``) → record.
    """

    def __init__(self, index: HashIndex) -> None:
        self._index = index
        self._keys = np.zeros(1 << _BITS, np.int64)
        self._records = np.full(1 << _BITS, -1, np.int32)

    def records(self, keys: Int64) -> Int64:
        """(n,) the record of each pair key, -1 where there is none yet."""
        places = (keys.astype(np.uint64) * _ODD >> _SHIFT).astype(np.int64)
        records = self._records[places].astype(np.int64)
        missing = np.flatnonzero(self._keys[places] != keys)
        if len(missing):
            found = self._look_up(keys[missing])
            records[missing] = found
            there = found >= 0
            self._keys[places[missing[there]]] = keys[missing[there]]
            self._records[places[missing[there]]] = found[there]
        return records

    def _look_up(self, keys: Int64) -> Int64:
        """From the index; of many keys each different one once, for a pair that is new to a batch often occurs in it again."""
        get = self._index.get
        if len(keys) <= _MANY:
            return np.array([get(key) for key in keys.tolist()], np.int64)
        order = np.argsort(keys)
        ordered = keys[order]
        new = np.append(True, ordered[1:] != ordered[:-1])
        found = np.array([get(key) for key in ordered[new].tolist()], np.int64)
        records = np.empty(len(keys), np.int64)
        records[order] = found[np.cumsum(new) - 1]
        return records
