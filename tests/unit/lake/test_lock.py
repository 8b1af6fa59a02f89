"""One process writes a lake; the next one waits until it has left, and says so when it does not."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gyeol.kernel.errors import BackendError, StateError, VersionConflictError
from gyeol.storage.lake import store
from gyeol.storage.lake.lock import LakeLock
from gyeol.storage.lake.store import LakeStore


def test_who_comes_next_waits_until_the_first_has_left(tmp_path: Path) -> None:
    first = LakeLock(tmp_path)
    leaving = threading.Timer(0.15, first.release)
    leaving.start()
    second = LakeLock(tmp_path, patience_s=10)
    leaving.join()
    second.release()
    second.release()
    LakeLock(tmp_path, patience_s=0).release()
    assert list(tmp_path.iterdir()) == []


def test_who_waited_long_enough_is_told_what_to_do(tmp_path: Path) -> None:
    first = LakeStore(tmp_path)
    with pytest.raises(StateError, match="end any other `gyeol`") as told:
        LakeStore(tmp_path, patience_s=0.1)
    assert told.value.code == "lake_in_use"
    first.close()
    LakeStore(tmp_path, patience_s=0).close()


def test_a_lake_that_could_not_be_opened_is_left_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LakeStore(tmp_path).close()
    with monkeypatch.context() as patch:
        patch.setattr(store, "LAKE_FORMAT", 0)
        with pytest.raises(VersionConflictError):
            LakeStore(tmp_path)
    LakeStore(tmp_path, patience_s=0).close()


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="may be read and written"):
        LakeLock(tmp_path / "not there")
