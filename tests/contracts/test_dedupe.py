"""What every ``DedupeIndex`` does, and what only the one on disk can be asked."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gyeol.events.dedupe import DAYS, DUPLICATE, ID_REUSED, NEW, DedupeIndex, UInt64s, keys_of, same_payload, value_of
from gyeol.kernel.errors import BackendError, VersionConflictError
from gyeol.kernel.instants import DAY_MS
from gyeol.storage.dedupe import MappedDedupe, MemoryDedupe

DAY0 = 20_000 * DAY_MS
P, Q = 1 << 50, 2 << 50
"""Two payload hashes that differ in their first 24 bits."""


def ids(*values: int) -> UInt64s:
    return np.array(values, np.uint64)


def check(index: DedupeIndex, keys: list[int], payloads: int | list[int] = P, day: int = 0, offset: int = 0) -> list[int]:
    given = [payloads] * len(keys) if isinstance(payloads, int) else payloads
    found: list[int] = index.check(ids(*keys), ids(*given), DAY0 + day * DAY_MS, offset).tolist()
    return found


@pytest.fixture(params=["memory", "mapped", "mapped, small"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DedupeIndex]:
    made: DedupeIndex = MemoryDedupe()
    if request.param != "memory":
        made = MappedDedupe(tmp_path, capacity=200_000_000 if request.param == "mapped" else 60_000)
    yield made
    made.close()


@pytest.mark.parametrize("n", [1, 5, 12, 13, 200])
def test_new_then_duplicate_then_reused(index: DedupeIndex, n: int) -> None:
    keys = list(range(1, n + 1))
    assert check(index, keys) == [NEW] * n
    assert index.size() == n
    assert check(index, keys) == [DUPLICATE] * n
    assert check(index, keys, Q) == [ID_REUSED] * n
    assert check(index, [n + 1, *keys]) == [NEW] + [DUPLICATE] * n
    assert index.size() == n + 1


@pytest.mark.parametrize("n", [1, 40])
def test_a_payload_that_nobody_knows_is_equal_to_any(index: DedupeIndex, n: int) -> None:
    imported, sent = list(range(1, n + 1)), list(range(1_000, 1_000 + n))
    assert check(index, imported, 0) == [NEW] * n and check(index, sent, P) == [NEW] * n
    assert check(index, imported, P) == check(index, imported, 5) == check(index, sent, 0) == [DUPLICATE] * n
    assert check(index, sent, 5) == [ID_REUSED] * n, "a hash that begins with zeros is known all the same"


@pytest.mark.parametrize("fill", [0, 20])
def test_equal_ids_in_one_call(index: DedupeIndex, fill: int) -> None:
    more = list(range(100, 100 + fill))
    assert check(index, [1, 2, 1, 1, 3, *more], [P, P, P, Q, P, *[P] * fill]) == [NEW, NEW, DUPLICATE, ID_REUSED, NEW, *[NEW] * fill]
    assert check(index, [4, 4, 1, *range(200, 200 + fill)])[:3] == [NEW, DUPLICATE, DUPLICATE]


def test_an_id_is_known_for_seven_days_after_its_day(index: DedupeIndex) -> None:
    check(index, [1], day=0)
    for day in range(1, DAYS + 1):
        assert check(index, [1, 100 + day], day=day, offset=10 * day) == [DUPLICATE, NEW]
    assert check(index, [1, 200], day=DAYS + 1, offset=100) == [NEW, NEW]
    assert check(index, [101], day=DAYS + 1, offset=100) == [DUPLICATE]


def test_a_receipt_time_that_jumps_back_forgets_nothing(index: DedupeIndex) -> None:
    check(index, [1], day=3)
    assert check(index, [1, 2], day=0) == [DUPLICATE, NEW]
    assert check(index, [1, 2], day=3) == [DUPLICATE, DUPLICATE]


@pytest.mark.parametrize("n", [3, 100])
def test_what_was_never_appended_is_forgotten(index: DedupeIndex, n: int) -> None:
    check(index, list(range(1, n + 1)), offset=10)
    check(index, list(range(1000, 1000 + n)), offset=50)
    index.forget_from(50)
    assert check(index, list(range(1, n + 1)), offset=50) == [DUPLICATE] * n
    assert check(index, list(range(1000, 1000 + n)), Q, offset=50) == [NEW] * n
    assert check(index, list(range(1000, 1000 + n)), Q, offset=60) == [DUPLICATE] * n
    index.forget_from(0)
    assert check(index, list(range(1, n + 1)), offset=0) == [NEW] * n


def test_the_checkpoint_is_told_back_and_falls_with_what_is_forgotten(index: DedupeIndex) -> None:
    assert index.complete_until() == 0
    check(index, [1], offset=0)
    index.checkpoint(7)
    assert index.complete_until() == 7
    index.forget_from(9)
    assert index.complete_until() == 7
    index.forget_from(5)
    assert index.complete_until() == 5


def test_any_history_is_judged_as_by_a_dictionary(index: DedupeIndex) -> None:
    draw = random.Random(11)
    known: dict[int, int] = {}
    for step in range(150):
        n = draw.choice([1, 4, 12, 13, 60, 300])
        keys = [draw.randrange(1, 20_000) if draw.random() < 0.5 else draw.getrandbits(64) | 1 for _ in range(n)]
        payloads = [draw.choice([P, Q]) for _ in range(n)]
        wanted = []
        for key, payload in zip(keys, payloads, strict=True):
            wanted.append(NEW if key not in known else DUPLICATE if known[key] == payload else ID_REUSED)
            known.setdefault(key, payload)
        assert check(index, keys, payloads, day=step // 40, offset=step) == wanted
    assert index.size() == len(known)


def test_slots_that_collide_are_told_apart(index: DedupeIndex) -> None:
    same_slot = [1 + (i << 32) for i in range(200)]
    assert check(index, same_slot[:100]) == [NEW] * 100
    assert check(index, same_slot) == [DUPLICATE] * 100 + [NEW] * 100
    assert check(index, same_slot[:5]) == [DUPLICATE] * 5


def test_an_empty_call(index: DedupeIndex) -> None:
    assert check(index, []) == []


def test_keys_of_sources() -> None:
    hashes = np.arange(1000, dtype=np.uint64)
    web, app = keys_of("web", hashes), keys_of("app", hashes)
    assert not set(web.tolist()) & set(app.tolist())
    assert np.array_equal(hashes, np.arange(1000, dtype=np.uint64))
    [zero_hash] = (np.uint64(0) ^ (keys_of("web", ids(0)))).tolist()
    assert keys_of("web", ids(zero_hash)).tolist() == [1]


def test_values_hold_offset_and_payload() -> None:
    value = value_of(2**40 - 3, Q)
    assert same_payload(value, Q) and not same_payload(value, P) and value >> 24 == 2**40 - 3 and value < 2**64 - 1


# ---------------------------------------------------------------- on disk


def test_it_is_there_after_closing(tmp_path: Path) -> None:
    first = MappedDedupe(tmp_path)
    check(first, list(range(1, 100)), offset=3)
    first.checkpoint(40)
    first.close()
    again = MappedDedupe(tmp_path)
    assert (again.size(), again.complete_until()) == (99, 40)
    again.forget_from(40)
    assert check(again, [5, 500], offset=40) == [DUPLICATE, NEW]
    again.close()


def test_recovery_adds_what_came_after_the_checkpoint_and_forgets_the_rest(tmp_path: Path) -> None:
    """A crash between checkpoint and the end: entries made for frames that never became durable must not hide a retry."""
    before = MappedDedupe(tmp_path)
    check(before, [1, 2], offset=0)
    before.checkpoint(2)
    check(before, [3], offset=2)  # durable in the log
    check(before, [4], offset=3)  # lost with the crash
    # No close(): the process is gone, the page cache is not.
    after = MappedDedupe(tmp_path)
    end_offset = 3
    after.forget_from(end_offset)
    assert after.complete_until() == 2
    assert check(after, [3], offset=2) == [DUPLICATE]
    assert check(after, [4], offset=3) == [NEW]
    assert check(after, [1, 2, 3, 4], offset=4) == [DUPLICATE] * 4
    after.close()


@pytest.mark.parametrize("mark", ["", "{", "{}", '{"complete_until": null}', None])
def test_without_a_mark_nothing_is_taken_as_complete(tmp_path: Path, mark: str | None) -> None:
    index = MappedDedupe(tmp_path)
    check(index, [1], offset=8)
    index.checkpoint(9)
    index.close()
    path = tmp_path / "complete.json"
    if mark is None:
        path.unlink()
    else:
        path.write_text(mark)
    again = MappedDedupe(tmp_path)
    assert again.complete_until() == 0
    assert check(again, [1]) == [DUPLICATE]
    again.close()


def random_ids(seed: int, n: int) -> UInt64s:
    return np.random.default_rng(seed).integers(1, 2**63, n).astype(np.uint64)


def test_beyond_its_capacity_the_oldest_are_forgotten(tmp_path: Path) -> None:
    index = MappedDedupe(tmp_path, capacity=20_000)
    keys = random_ids(1, 60_000)
    for i in range(0, len(keys), 500):
        assert not index.check(keys[i : i + 500], keys[i : i + 500], DAY0, i).any()
        assert index.size() <= 20_000 + 20_000 / 16 + 500
    assert (index.check(keys[-18_000:], keys[-18_000:], DAY0, 60_000) == DUPLICATE).all()
    assert (index.check(keys[:5_000], keys[:5_000], DAY0, 60_000) == NEW).all()
    index.close()


@pytest.mark.parametrize("n", [1, 7, 40, 3_000])
def test_while_it_grows_nothing_is_lost(tmp_path: Path, n: int) -> None:
    """Every id is asked for again at each step, also while its entry is on the way from the old table to the new one."""
    index = MappedDedupe(tmp_path)
    keys = random_ids(2, 9_000 if n > 1 else 4_000)
    files = 0
    for i in range(0, len(keys), n):
        part = keys[i : i + n]
        assert not index.check(part, part, DAY0, i).any()
        files = max(files, len(list(tmp_path.glob("*.ids")))) if i % 50 == 0 else files
        some = keys[: i + n : max(1, i // 20)]
        assert (index.check(some, some, DAY0, i + n) == DUPLICATE).all()
    assert files == 2 or n == 3_000
    assert index.size() == len(keys)
    index.close()


@pytest.mark.parametrize("done", [2_500, 2_600, 3_000, 6_000])
def test_a_crash_while_it_grows_loses_nothing(tmp_path: Path, done: int) -> None:
    before = MappedDedupe(tmp_path)
    keys = random_ids(3, 20_000)
    for i in range(0, done, 20):
        before.check(keys[i : i + 20], keys[i : i + 20], DAY0, i)
    after = MappedDedupe(tmp_path)
    after.forget_from(done)
    assert after.size() == done
    assert (after.check(keys[:done], keys[:done], DAY0, done) == DUPLICATE).all()
    for i in range(done, len(keys), 20):
        assert not after.check(keys[i : i + 20], keys[i : i + 20], DAY0, i).any()
    assert (after.check(keys, keys, DAY0, len(keys)) == DUPLICATE).all()
    after.close()


def test_slots_of_aged_ids_are_used_again(tmp_path: Path) -> None:
    index = MappedDedupe(tmp_path)
    for day in range(40):
        keys = random_ids(day, 1_000)
        assert not index.check(keys, keys, DAY0 + day * DAY_MS, day * 1_000).any()
        assert index.size() == 1_000 * min(day + 1, DAYS + 1)
    assert sum(path.stat().st_size for path in tmp_path.glob("*.ids")) < 2_000_000
    index.close()


def test_after_an_orderly_close_the_table_need_not_be_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = MappedDedupe(tmp_path)
    check(index, [1, 2], offset=4)
    index.checkpoint(5)
    index.close()
    monkeypatch.setattr("gyeol.storage.dedupe_table.Table.forget_from", None)
    again = MappedDedupe(tmp_path)
    again.forget_from(5)
    assert check(again, [1, 3], offset=5) == [DUPLICATE, NEW]
    monkeypatch.undo()
    # The process dies: what it put is not vouched for.
    after = MappedDedupe(tmp_path)
    after.forget_from(5)
    assert check(after, [1, 3], offset=5) == [DUPLICATE, NEW]
    after.close()


def test_a_large_call(tmp_path: Path) -> None:
    index = MappedDedupe(tmp_path)
    keys = np.arange(1, 200_001, dtype=np.uint64)
    assert (index.check(keys, keys, DAY0, 0) == NEW).all()
    assert (index.check(keys, keys, DAY0, 0) == DUPLICATE).all()
    index.close()


def test_a_full_disk_is_an_error_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, start: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    index = MappedDedupe(tmp_path)
    keys = random_ids(4, 3_000)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(BackendError, match="free space") as error:
        index.check(keys, keys, DAY0, 0)
    assert error.value.code == "dedupe_unwritable" and len(list(tmp_path.glob("*.ids"))) == 1
    monkeypatch.undo()
    index.forget_from(0)
    assert (index.check(keys, keys, DAY0, 0) == NEW).all()
    assert (index.check(keys, keys, DAY0, 0) == DUPLICATE).all()
    index.close()


def test_a_file_that_is_no_table_or_a_newer_one_is_named(tmp_path: Path) -> None:
    index = MappedDedupe(tmp_path)
    check(index, [1])
    index.close()
    [path] = tmp_path.glob("*.ids")
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + (99).to_bytes(4, "little") + whole[8:])
    with pytest.raises(VersionConflictError):
        MappedDedupe(tmp_path)
    for broken in (b"nonsense", b"", whole[:-1], whole[:4096]):
        path.write_bytes(broken)
        with pytest.raises(BackendError, match="rebuilt from the log"):
            MappedDedupe(tmp_path)
