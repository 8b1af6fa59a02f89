"""The table of identifiers: (type, value) → node, and back. About 75 bytes an identifier, none of them a Python object."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gyeol.identity.growing import Growing, grown_capacity
from gyeol.identity.hash_index import HashIndex
from gyeol.identity.normalise import LONGEST

LATEST = 2**63 - 1
"""First-seen time of an identifier that no event has dated yet."""

_LENGTHS = [n.to_bytes(4, "little") for n in range(4 * LONGEST + 1)]
_NEXT_KEY = 0xD1B54A32D192ED03
_KEY_MASK = 2**64 - 1


class IdentifierTable:
    """Nodes are given in order of first sight, from 0.

    The index is keyed by the first half of the identifier's keyed hash, which is also its public id: so every id ever shown resolves
    without a second index, and nobody without the key can make two identifiers collide. Values are compared byte by byte all the same.

    Args:
        key: The workspace's identity key (1 to 64 bytes).

    Attributes:
        type: Type code by node.
        first_ms: Least event time seen with the identifier, by node.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._salted: dict[str, Any] = {}
        self.size = 0
        self._capacity = 0
        self.type = Growing(np.uint8)
        self.first_ms = Growing(np.int64, LATEST)
        self._ends = Growing(np.int64)
        self._bytes = bytearray()
        self.index = HashIndex()

    def digest(self, type_name: str, raw: bytes) -> bytes:
        """16 bytes: ``kernel.hashing.keyed_hash(key, type, value)``, three times as fast for the type's part is hashed once."""
        state = self._salt(type_name).copy()
        state.update(_LENGTHS[len(raw)] + raw)
        return bytes(state.digest())

    def _salt(self, type_name: str) -> Any:
        """The hash's state after the key and the type."""
        salted = self._salted.get(type_name)
        if salted is None:
            name = type_name.encode()
            salted = self._salted[type_name] = hashlib.blake2b(_LENGTHS[len(name)] + name, digest_size=16, key=self._key)
        return salted

    def raw(self, node: int) -> bytes:
        """The value of a node in UTF-8."""
        start = self._ends.view[node - 1] if node else 0
        return bytes(self._bytes[start : self._ends.view[node]])

    def value(self, node: int) -> str:
        """The normalised value of a node."""
        return self.raw(node).decode()

    def find(self, type_code: int, type_name: str, value: str) -> int:
        """The node of a normalised value, or -1."""
        raw = value.encode()
        key = int.from_bytes(self.digest(type_name, raw)[:8], "big") or 1
        while (node := self.index.get(key)) >= 0:
            if self.type.view[node] == type_code and self.raw(node) == raw:
                return node
            key = (key + _NEXT_KEY) & _KEY_MASK or 1
        return -1

    def intern(self, type_code: int, type_name: str, values: list[str]) -> list[int]:
        """The nodes of normalised values; new ones, numbered on, for those never seen."""
        salted, lengths, claim = self._salt(type_name), _LENGTHS, self.index.claim
        fits = self.size + len(values)
        if fits > self._capacity:
            self._reserve(grown_capacity(fits, self._capacity))
        ends, types, blob = self._ends.view, self.type.view, self._bytes
        nodes = []
        fresh = self.size
        for value in values:
            raw = value.encode()
            state = salted.copy()
            state.update(lengths[len(raw)] + raw)
            key = int.from_bytes(state.digest()[:8], "big") or 1
            while (node := claim(key, fresh)) >= 0:
                start = ends[node - 1] if node else 0
                if blob[start : ends[node]] == raw and types[node] == type_code:
                    break
                key = (key + _NEXT_KEY) & _KEY_MASK or 1
            else:
                blob += raw
                ends[fresh], types[fresh] = len(blob), type_code
                node, fresh = fresh, fresh + 1
            nodes.append(node)
        self.size = fresh
        return nodes

    def of_digest(self, digest: bytes, type_names: Sequence[str]) -> int:
        """The node whose keyed hash this is, or -1."""
        key = int.from_bytes(digest[:8], "big") or 1
        while (node := self.index.get(key)) >= 0:
            if self.digest(type_names[self.type.view[node]], self.raw(node)) == digest:
                return node
            key = (key + _NEXT_KEY) & _KEY_MASK or 1
        return -1

    def _reserve(self, capacity: int) -> None:
        for column in (self.type, self.first_ms, self._ends):
            column.reserve(capacity)
        self._capacity = capacity

    def byte_lengths(self) -> dict[str, int]:
        """How many bytes each column of ``load`` has now, but for the keys of the index."""
        return {"values": len(self._bytes), "lengths": 2 * self.size, "type": self.size, "first_ms": 8 * self.size}

    def bytes_of(self, name: str, start: int, end: int) -> bytes:
        """Part of a column of ``byte_lengths``: what is there once stays as it is, but for first times."""
        if name == "values":
            return bytes(self._bytes[start:end])
        if name == "lengths":
            first, last = start // 2, end // 2
            before = self._ends.data[first - 1] if first else 0
            return np.diff(self._ends.data[first:last], prepend=before).astype(np.uint16).tobytes()
        column, width = (self.type, 1) if name == "type" else (self.first_ms, 8)
        return bytes(column.data[start // width : end // width].tobytes())

    def dump(self) -> dict[str, memoryview]:
        """Everything, as bytes."""
        keys = np.empty(self.size, np.uint64)
        found, nodes = self.index.items()
        keys[nodes] = found
        lengths = np.diff(self._ends.data[: self.size], prepend=0).astype(np.uint16)
        arrays = {"lengths": lengths, "type": self.type.data[: self.size], "first_ms": self.first_ms.data[: self.size], "keys": keys}
        return {"values": memoryview(self._bytes), **{name: array.view(np.uint8).data for name, array in arrays.items()}}

    def load(self, parts: Mapping[str, bytes]) -> None:
        """Replace everything by what ``dump`` gave."""
        lengths = np.frombuffer(parts["lengths"], np.uint16)
        self.size = self._capacity = len(lengths)
        self._bytes = bytearray(parts["values"])
        self._ends.take(np.cumsum(lengths, dtype=np.int64))
        self.type.take(np.frombuffer(parts["type"], np.uint8).copy())
        self.first_ms.take(np.frombuffer(parts["first_ms"], np.int64).copy())
        self.index.build(np.frombuffer(parts["keys"], np.uint64), np.arange(self.size, dtype=np.int32))
