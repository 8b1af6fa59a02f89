"""The identifier table: nodes, ids, collisions."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.identity.identifiers import LATEST, IdentifierTable
from gyeol.kernel.hashing import keyed_hash

KEY = b"k" * 16


def test_nodes_are_numbered_in_order_of_first_sight() -> None:
    table = IdentifierTable(KEY)
    assert table.intern(0, "user_id", ["a", "b", "a", "한글"]) == [0, 1, 0, 2]
    assert table.intern(1, "email", ["a", "b"]) == [3, 4]
    assert [table.value(n) for n in range(5)] == ["a", "b", "한글", "a", "b"]
    assert table.type.view[2] == 0 and table.type.view[4] == 1 and table.first_ms.view[4] == LATEST
    assert table.find(0, "user_id", "한글") == 2 and table.find(1, "email", "한글") == -1


def test_a_digest_is_the_kernels_keyed_hash_and_leads_back() -> None:
    table = IdentifierTable(KEY)
    table.intern(0, "user_id", [f"u{i}" for i in range(1000)])
    for node in (0, 1, 999):
        digest = table.digest("user_id", table.raw(node))
        assert digest.hex() == keyed_hash(KEY, "user_id", f"u{node}")
        assert table.of_digest(digest, ["user_id"]) == node
    assert table.of_digest(bytes(16), ["user_id"]) == -1
    assert table.of_digest(table.digest("user_id", b"u1000"), ["user_id"]) == -1


class _Collides:
    """A hash state whose first half is the same for every value."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    def copy(self) -> _Collides:
        return _Collides(self._data)

    def update(self, data: bytes) -> None:
        self._data += data

    def digest(self) -> bytes:
        return b"same 64 bits"[:8] + self._data[-8:].rjust(8, b".")


def test_identifiers_whose_hashes_collide_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    table = IdentifierTable(KEY)
    salted: Any = _Collides()
    monkeypatch.setattr(table, "_salt", lambda name: salted)
    values = [f"v{i}" for i in range(50)]
    assert table.intern(0, "user_id", values) == list(range(50))
    assert table.intern(0, "user_id", values[::-1]) == list(range(50))[::-1]
    assert [table.find(0, "user_id", v) for v in values] == list(range(50))
    assert table.find(0, "user_id", "v50") == -1
    assert table.of_digest(table.digest("user_id", b"v33"), ["user_id"]) == 33


def test_the_type_is_part_of_the_identifier() -> None:
    table = IdentifierTable(KEY)
    assert table.intern(0, "a", ["bc"]) == [0] and table.intern(1, "ab", ["c"]) == [1]
