"""Snapshots under a data key: nothing of who somebody is in their bytes, the same state with the key, whole anew under another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import crc32c
import msgspec
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine.snapshot import Loaded, load_snapshot, manifests, write_snapshot
from gyeol.engine.snapshotting import Snapshotter
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import ConfigError
from gyeol.privacy.sealing import PLAIN, Seal, Vault, key_of

OLD, NEW = b"o" * 32, b"n" * 32
NAMES = (b"user-number-4711", b"device-of-4711")


@pytest.fixture
def crowd(shop: Any, make: Any) -> Any:
    """A shop with enough people for arrays of several blocks."""
    shop.collect(*(make.order(f"user-number-{i}", f"device-of-{i}") for i in range(3_000, 6_000)))
    return shop


def loading(make: Any, folder: Path, seal: Seal) -> Loaded:
    return load_snapshot(folder, lambda: EngineState(make.definitions, b"k" * 32), 10**12, seal)


def found_in(folder: Path) -> set[bytes]:
    data = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return {name for name in NAMES if name in data}


def test_a_forked_child_seals_and_the_key_gives_the_state_back(crowd: Any, make: Any, tmp_path: Path) -> None:
    snapshotter = Snapshotter(tmp_path, lambda offset: True, seal=Vault([OLD]))
    assert snapshotter.begin(crowd.state)
    snapshotter.wait()
    assert snapshotter.problem is None and found_in(tmp_path) == set()
    loaded = loading(make, tmp_path, Vault([OLD]))
    assert (loaded.offset, state_digest(loaded.state)) == (crowd.state.offset, state_digest(crowd.state))
    for without in (PLAIN, Vault([NEW])):
        with pytest.raises(ConfigError) as raised:
            loading(make, tmp_path, without)
        assert raised.value.code == "data_key_unknown"
    assert len(manifests(tmp_path)) == 1, "a missing key is no damage: nothing was put aside"


@pytest.mark.parametrize(("first", "then"), [(PLAIN, Vault([NEW])), (Vault([OLD]), Vault([NEW, OLD]))])
def test_blocks_under_another_key_or_none_are_not_named_again(crowd: Any, make: Any, tmp_path: Path, first: Seal, then: Seal) -> None:
    for _ in range(2):
        write_snapshot(tmp_path, crowd.state, seal=first)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.blocks")}
    assert {key_of(data) for data in before.values()} == {first.writes}
    for _ in range(2):
        crowd.collect(make.order("somebody else"))
        write_snapshot(tmp_path, crowd.state, seal=then)
    assert {key_of(path.read_bytes()) for path in tmp_path.rglob("*.blocks")} == {then.writes}
    assert state_digest(loading(make, tmp_path, Vault([NEW])).state) == state_digest(crowd.state)


def test_a_manifest_in_another_ones_place_is_put_aside(crowd: Any, make: Any, tmp_path: Path) -> None:
    vault = Vault([OLD])
    older = write_snapshot(tmp_path, crowd.state, seal=vault)
    crowd.collect(make.order("somebody else"))
    newer = write_snapshot(tmp_path, crowd.state, seal=vault)
    head = int.from_bytes(newer.read_bytes()[:4], "little") + 4
    first, second = older.read_bytes(), newer.read_bytes()
    # The body of the older one under the head of the newer one, with the right checksum: only the seal can tell.
    told = msgspec.msgpack.decode(second[4:head])
    body = first[int.from_bytes(first[:4], "little") + 4 :]
    forged = msgspec.msgpack.encode([*told[:3], crc32c.crc32c(body)])
    newer.write_bytes(len(forged).to_bytes(4, "little") + forged + body)
    loaded = loading(make, tmp_path, vault)
    assert loaded.offset < crowd.state.offset and len(loaded.problems) == 1
