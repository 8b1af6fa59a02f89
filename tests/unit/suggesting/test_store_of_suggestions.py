"""``suggestions.db``: records, keys, pairs and judgements, sealed; and the comparison of records."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.identity.suggesting.attributes import Attributes, Stated
from gyeol.identity.suggesting.prior import shipped
from gyeol.kernel.errors import BackendError, StateError
from gyeol.privacy.sealing import Vault
from gyeol.storage.suggesting.comparing import likeness
from gyeol.storage.suggesting.store import Likely, SuggestionStore

HANA = Attributes({"name": Stated("백하나", 1, True), "phone": Stated("010-2345-6789", 1, True)})


def _likely(a: int, b: int, weight: float) -> Likely:
    return Likely(a=a, b=b, weight=weight, model="d1", prior=-8.0, likeness={"name": 3}, bits={"name": 9.0}, at_ms=7)


def test_what_is_kept_comes_back_after_a_restart_and_nothing_personal_is_readable(tmp_path: Path) -> None:
    path, seal = tmp_path / "suggestions.db", Vault([bytes(32)])
    store = SuggestionStore(path, seal)
    with store.transaction():
        store.keep(3, HANA, [(0, 11), (2, 12)])
        store.keep(5, HANA, [(0, 11)])
        store.use(shipped(4))
        store.suggest(_likely(3, 5, 9.5))
        store.passed(42)
    store.close()
    assert not any("백하나".encode() in file.read_bytes() or b"2345" in file.read_bytes() for file in tmp_path.iterdir())
    again = SuggestionStore(path, seal)
    assert (again.offset, again.count(), again.changed(9), again.near(3, 9)) == (42, 2, [3, 5], [5])
    assert again.records([3, 4]) == {3: HANA} and again.model == shipped(4)
    assert again.suggested(9) == [_likely(3, 5, 9.5)] and again.unjudged() == 1
    again.close()
    other = SuggestionStore(path, Vault([bytes([1]) * 32, bytes(32)]))
    assert other.records([3]) == {3: HANA}
    other.close()


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = SuggestionStore(tmp_path / "s.db")

    def broken_off() -> None:
        with store.transaction():
            store.keep(1, HANA, [])
            raise StateError("no", "no")

    with pytest.raises(StateError):
        broken_off()
    assert store.count() == 0 and store.offset == -1


def test_judged_pairs_wait_no_longer_and_changed_records_lose_what_they_suggested(tmp_path: Path) -> None:
    store = SuggestionStore(tmp_path / "s.db")
    with store.transaction():
        for node in range(6):
            store.keep(node, HANA, [(0, 1)])
        for a, b, weight in ((0, 1, 5.0), (2, 3, 9.0), (4, 5, 7.0)):
            store.suggest(_likely(a, b, weight))
        store.judge(3, 2, "rejected", 1)
    assert [(each.a, each.b) for each in store.suggested(9)] == [(4, 5), (0, 1)]
    assert store.judged("rejected") == [(2, 3)] and store.suggestion(3, 2) == _likely(2, 3, 9.0)
    with store.transaction():
        store.compared([5])
        store.shorten(1)
    assert store.suggested(9) == [], "the strongest that is kept was judged"
    with store.transaction():
        store.forget(2)
    assert store.suggestion(2, 3) is None and store.nodes() == [0, 1, 3, 4, 5]


def test_a_key_that_many_share_says_nothing(tmp_path: Path) -> None:
    store = SuggestionStore(tmp_path / "s.db")
    with store.transaction():
        for node in range(10):
            store.keep(node, HANA, [(0, 1), (1, node // 2)])
    assert store.near(0, 5) == [1] and store.near(0, 20) == list(range(1, 10))
    assert store.sharing(1, 5, 3) == [(0, 1), (2, 3), (4, 5)]


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(b"nothing like a database, but long enough to be looked at" * 40)
    with pytest.raises(BackendError) as raised:
        SuggestionStore(path)
    assert raised.value.code == "suggestions_failed" and "delete" in raised.value.message


def test_likeness_is_told_by_role() -> None:
    other = Attributes({"name": Stated("Hana Baek", 1, True), "phone": Stated("010-2345-6788", 1, True)})
    found = likeness({1: HANA, 2: other, 3: Attributes({"name": Stated("김철수", 1, True)})}, [(1, 2), (1, 3)])
    assert found["email"].tolist() == [-1, -1] and found["phone"].tolist() == [3, -1]
    assert found["name"][0] > 5 > found["name"][1] == 0
    assert likeness({}, []) == {role: pytest.approx([]) for role in found}
