"""Snapshots in blocks: only what changed is written, what is damaged is named, and the engine goes on meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine import blocks
from gyeol.engine.snapshot import Loaded, draft_snapshot, load_snapshot, manifests, safe_offset, write_snapshot
from gyeol.engine.snapshotting import Snapshotter
from gyeol.engine.state import EngineState
from gyeol.kernel.cut import Cut
from gyeol.kernel.errors import StateError
from gyeol.privacy.sealing import PLAIN

KEY = b"k" * 32


def loading(make: Any, folder: Path) -> Loaded:
    return load_snapshot(folder, lambda: EngineState(make.definitions, KEY), 10**12)


@pytest.fixture
def crowd(shop: Any, make: Any) -> Any:
    """A shop with enough people for arrays of several blocks."""
    for start in range(0, 9_000, 3_000):
        shop.collect(*(make.order(f"u{i}", f"a{i}") for i in range(start, start + 3_000)))
    return shop


def written(folder: Path) -> dict[str, int]:
    return {f"{path.parent.name}/{path.name}": path.stat().st_size for path in sorted(folder.glob("*/*.blocks"))}


def test_only_blocks_that_changed_are_written(crowd: Any, make: Any, tmp_path: Path) -> None:
    for _ in range(2):
        write_snapshot(tmp_path, crowd.state)
        crowd.collect(make.order("u5"))
    first = written(tmp_path)
    assert set(first) == {"a/00000001.blocks", "b/00000001.blocks"}, "the chains share nothing"
    write_snapshot(tmp_path, crowd.state)
    again = written(tmp_path)
    assert set(again) == {*first, "a/00000002.blocks"}
    assert again["a/00000002.blocks"] < first["a/00000001.blocks"] / 3
    loaded = loading(make, tmp_path)
    assert (loaded.offset, state_digest(loaded.state)) == (crowd.state.offset, state_digest(crowd.state))


def test_files_that_are_mostly_dead_or_too_many_are_left(crowd: Any, make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_FILES", 3)
    for number in range(2 * 5):
        write_snapshot(tmp_path, crowd.state)
        crowd.collect(*(make.order(f"u{i}") for i in range(number * 900, number * 900 + 100)))
    assert all(len(list((tmp_path / chain).glob("*.blocks"))) <= blocks.MOST_FILES for chain in "ab")
    write_snapshot(tmp_path, crowd.state)
    assert state_digest(loading(make, tmp_path).state) == state_digest(crowd.state)


def test_written_whole_nothing_of_older_snapshots_stays(crowd: Any, make: Any, tmp_path: Path) -> None:
    for _ in range(4):
        write_snapshot(tmp_path, crowd.state)
        crowd.collect(make.order("u5"))
    before = set(written(tmp_path))
    for _ in range(2):
        write_snapshot(tmp_path, crowd.state, whole=True)
        crowd.collect(make.order("u5"))
    assert not before & set(written(tmp_path)) and len(written(tmp_path)) == 2
    assert loading(make, tmp_path).offset == crowd.state.offset - 1


@pytest.mark.parametrize("harm", ["flip", "cut", "missing"])
def test_a_damaged_block_is_named_and_the_other_snapshot_is_used(crowd: Any, make: Any, tmp_path: Path, harm: str) -> None:
    write_snapshot(tmp_path, crowd.state)
    older = crowd.state.offset
    crowd.collect(make.order("u1"))
    newest = write_snapshot(tmp_path, crowd.state)
    path = newest.parent / "00000001.blocks"
    data = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if harm == "cut" else data[:9_000] + bytes([data[9_000] ^ 1]) + data[9_001:])
    loaded = loading(make, tmp_path)
    assert loaded.offset == older
    [told] = loaded.problems
    assert newest.name in told and ("block" in told)
    write_snapshot(tmp_path, crowd.state)
    assert loading(make, tmp_path).offset == crowd.state.offset, "nothing of the damaged one was built upon"


def test_a_snapshot_of_another_key_is_refused_and_one_of_another_form_is_left_where_it_is(
    shop: Any, make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.collect(make.order("u1"))
    path = write_snapshot(tmp_path, shop.state)
    with pytest.raises(StateError, match="another identity key"):
        load_snapshot(tmp_path, lambda: EngineState(make.definitions, b"other key"), 10**9)
    monkeypatch.setattr("gyeol.profiles.snapshot.FORM", 99)
    loaded = loading(make, tmp_path)
    assert (loaded.offset, len(loaded.problems)) == (0, 1) and path.exists(), "the release that wrote it can still use it"


def test_what_a_crash_leaves_is_swept_away(crowd: Any, make: Any, tmp_path: Path) -> None:
    write_snapshot(tmp_path, crowd.state)
    crowd.collect(make.order("u1"))
    draft = draft_snapshot(tmp_path, crowd.state.parts(), crowd.state.offset, crowd.state.definitions.hash)
    assert draft.path.exists() and loading(make, tmp_path).offset < crowd.state.offset, "a draft is no snapshot"
    write_snapshot(tmp_path, crowd.state)
    assert not list(tmp_path.glob("*/*.draft")) and len(written(tmp_path)) == 2


def test_two_snapshots_are_needed_before_the_log_may_be_shortened(shop: Any, make: Any, tmp_path: Path) -> None:
    assert safe_offset(tmp_path) == 0
    shop.collect(make.order("u1"))
    write_snapshot(tmp_path, shop.state)
    assert safe_offset(tmp_path) == 0
    first = shop.state.offset
    shop.collect(make.order("u1"))
    write_snapshot(tmp_path, shop.state)
    assert safe_offset(tmp_path) == first == safe_offset(tmp_path, shop.state.definitions.hash)
    assert safe_offset(tmp_path, "other definitions") == 0, "they may have to be folded anew from the start"


def waited(found: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while not found() and time.monotonic() < deadline:
        time.sleep(0.02)
    return found()


def test_the_engine_goes_on_while_a_snapshot_is_taken(crowd: Any, make: Any, tmp_path: Path) -> None:
    taken: list[int] = []
    snapshotter = Snapshotter(tmp_path, lambda offset: True, taken.append)
    offset, digest = crowd.state.offset, state_digest(crowd.state)
    assert snapshotter.begin(crowd.state)
    while snapshotter.busy:
        crowd.collect(make.order("u1"), make.order("someone new"))
    assert taken == [offset] and snapshotter.problem is None
    assert crowd.state.offset > offset, "records were folded meanwhile"
    loaded = loading(make, tmp_path)
    assert (loaded.offset, state_digest(loaded.state)) == (offset, digest), "it is the state at the record where it was begun"


def test_no_snapshot_replaces_an_older_one_before_state_db_has_seen_its_records(shop: Any, make: Any, tmp_path: Path) -> None:
    seen = [False]
    snapshotter = Snapshotter(tmp_path, lambda offset: seen[0])
    shop.collect(make.order("u1"))
    assert snapshotter.begin(shop.state) and not snapshotter.begin(shop.state), "one at a time"
    assert waited(lambda: bool(list(tmp_path.glob("*/*.draft")))) and not manifests(tmp_path)
    seen[0] = True
    snapshotter.wait()
    assert len(manifests(tmp_path)) == 1


def test_a_snapshot_that_is_given_up_leaves_the_others(shop: Any, make: Any, tmp_path: Path) -> None:
    shop.collect(make.order("u1"))
    snapshotter = Snapshotter(tmp_path, lambda offset: False)
    snapshotter.begin(shop.state)
    begun = time.monotonic()
    snapshotter.stop()
    assert time.monotonic() - begun < 5 and not manifests(tmp_path) and not snapshotter.begin(shop.state)


def test_a_snapshot_of_records_that_were_taken_back_is_never_published(shop: Any, make: Any, tmp_path: Path) -> None:
    reached = [0]
    snapshotter = Snapshotter(tmp_path, lambda offset: reached[0] >= offset)
    shop.collect(make.order("u1"))
    snapshotter.begin(shop.state)
    assert waited(lambda: bool(list(tmp_path.glob("*/*.draft"))))
    snapshotter.give_up()  # the append failed; other records get these offsets
    reached[0] = 10**6
    assert not snapshotter.busy and not manifests(tmp_path)
    assert snapshotter.begin(shop.state), "the next one is taken"
    snapshotter.wait()
    assert len(manifests(tmp_path)) == 1 and snapshotter.problem is None


def test_a_child_that_hangs_is_ended_and_told(shop: Any, make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gyeol.engine.snapshotting.draft_snapshot", lambda *args, **named: time.sleep(30))
    monkeypatch.setattr("gyeol.engine.snapshotting._LONGEST_S", 0.1)
    shop.collect(make.order("u1"))
    snapshotter = Snapshotter(tmp_path, lambda offset: True)
    snapshotter.begin(shop.state)
    snapshotter.wait(10)
    assert not snapshotter.busy and snapshotter.child == 0
    assert snapshotter.problem is not None and "signal 9" in snapshotter.problem.message


ORPHANED = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from gyeol.engine import snapshotting

snapshotting.draft_snapshot = lambda *args, **named: (print("writing", flush=True), time.sleep(60))
state = SimpleNamespace(offset=1, parts=lambda: iter(()), definitions=SimpleNamespace(hash=""))
snapshotter = snapshotting.Snapshotter(Path(sys.argv[1]), lambda offset: True)
snapshotter.begin(state)
time.sleep(60)
"""


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHANED, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None and parent.stdout.readline() == b"writing\n"
    parent.kill()
    parent.wait()
    begun = time.monotonic()
    # The child holds the same output: it ends only when both are gone.
    assert parent.stdout.read() == b"" and time.monotonic() - begun < 10
    parent.stdout.close()


def test_a_disk_that_takes_no_snapshot_is_told(shop: Any, make: Any, tmp_path: Path) -> None:
    shop.collect(make.order("u1"))
    (tmp_path / "a").write_text("in the way")
    snapshotter = Snapshotter(tmp_path, lambda offset: True)
    snapshotter.begin(shop.state)
    snapshotter.wait()
    assert snapshotter.problem is not None and snapshotter.problem.code == "snapshot_unwritable"


@pytest.mark.parametrize("shape", [(0,), (20_000,), (200_000,), (50_000, 3), (3, 50_000), (5, 7)])
def test_arrays_of_any_shape_come_back(shape: tuple[int, ...], tmp_path: Path) -> None:
    value = np.random.default_rng(1).integers(0, 9, shape).astype(np.int32)
    tree = {"part": {"array": value, "bytes": value.tobytes(), "list": [1, "결", None]}, "ends": Cut(value, np.array([len(value)]))}
    draft = draft_snapshot(tmp_path, tree.items(), 3, "00")
    draft.path.replace(draft.final)
    [manifest] = manifests(tmp_path)
    back: Any = blocks.Branch("", manifest.tree(PLAIN), blocks.BlockReader({1: draft.path.parent / "00000001.blocks"}))
    assert np.array_equal(back["part"]["array"], value) and back["part"]["array"].dtype == np.int32
    assert back["part"]["bytes"] == value.tobytes() and back["part"]["list"] == [1, "결", None]
    assert np.array_equal(back["ends"], value) and set(back["part"]) == {"array", "bytes", "list"}


def test_a_block_without_its_file_is_named() -> None:
    leaf = blocks.Leaf("<i4", (1,), 0, np.zeros(1, blocks.PLACE).tobytes())
    with pytest.raises(StateError, match="missing"):
        blocks.BlockReader({}).array("/traits/orders", leaf)
