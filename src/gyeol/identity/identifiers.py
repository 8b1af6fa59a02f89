"""The table of identifiers: (type, value) → node, and back. About 75 bytes an identifier, none of them a Python object."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from gyeol.identity.growing import Growing, grown_capacity
from gyeol.identity.hash_index import HashIndex

LATEST = 2**63 - 1
"""First-seen time of an identifier that no event has dated yet."""

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
        salted = self._salted.get(type_name)
        if salted is None:
            name = type_name.encode()
            salted = self._salted[type_name] = hashlib.blake2b(len(name).to_bytes(4, "little") + name, digest_size=16, key=self._key)
        state = salted.copy()
        state.update(len(raw).to_bytes(4, "little"))
        state.update(raw)
        return bytes(state.digest())

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
        return self._seek(type_code, raw, self.digest(type_name, raw))[0]

    def intern(self, type_code: int, type_name: str, value: str) -> int:
        """The node of a normalised value; a new one when it was never seen."""
        raw = value.encode()
        node, key = self._seek(type_code, raw, self.digest(type_name, raw))
        if node >= 0:
            return node
        node = self.size
        if node == self._capacity:
            self._reserve(grown_capacity(node + 1, node))
        self._bytes += raw
        self._ends.view[node] = len(self._bytes)
        self.type.view[node] = type_code
        self.size = node + 1
        self.index.put(key, node)
        return node

    def of_digest(self, digest: bytes, type_names: Sequence[str]) -> int:
        """The node whose keyed hash this is, or -1."""
        key = int.from_bytes(digest[:8], "big") or 1
        while (node := self.index.get(key)) >= 0:
            if self.digest(type_names[self.type.view[node]], self.raw(node)) == digest:
                return node
            key = (key + _NEXT_KEY) & _KEY_MASK or 1
        return -1

    def _seek(self, type_code: int, raw: bytes, digest: bytes) -> tuple[int, int]:
        """(the node or -1, the key under which it is or would be)."""
        key = int.from_bytes(digest[:8], "big") or 1
        while (node := self.index.get(key)) >= 0:
            if self.type.view[node] == type_code and self.raw(node) == raw:
                return node, key
            key = (key + _NEXT_KEY) & _KEY_MASK or 1
        return -1, key

    def _reserve(self, capacity: int) -> None:
        for column in (self.type, self.first_ms, self._ends):
            column.reserve(capacity)
        self._capacity = capacity

    def dump(self) -> dict[str, memoryview]:
        """Everything, as bytes."""
        keys = np.empty(self.size, np.uint64)
        found, nodes = self.index.items()
        keys[nodes] = found
        lengths = np.diff(self._ends.data[: self.size], prepend=0).astype(np.uint16)
        arrays = {"lengths": lengths, "type": self.type.data[: self.size], "first_ms": self.first_ms.data[: self.size], "keys": keys}
        return {"values": memoryview(self._bytes), **{name: array.view(np.uint8).data for name, array in arrays.items()}}

    def load(self, parts: dict[str, bytes]) -> None:
        """Replace everything by what ``dump`` gave."""
        lengths = np.frombuffer(parts["lengths"], np.uint16)
        self.size = self._capacity = len(lengths)
        self._bytes = bytearray(parts["values"])
        self._ends.take(np.cumsum(lengths, dtype=np.int64))
        self.type.take(np.frombuffer(parts["type"], np.uint8).copy())
        self.first_ms.take(np.frombuffer(parts["first_ms"], np.int64).copy())
        self.index.build(np.frombuffer(parts["keys"], np.uint64), np.arange(self.size, dtype=np.int32))
