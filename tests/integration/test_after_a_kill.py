"""A command after the core was killed: the side process that it left behind may still write the lake."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder
from gyeol.app.settings import Settings, data_folder
from gyeol.kernel.errors import StateError
from gyeol.storage.lake.lake import Lake
from gyeol.storage.lake.lock import LakeLock

CLOCK = "gyeol.storage.lake.lock.time"


def test_a_command_waits_for_the_side_of_a_killed_core(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = threading.Event()
    side = LakeLock(DataFolder(data_folder(workspace)).lake)

    def leave_when_waited_for(seconds: float) -> None:
        waited.set()
        side.release()

    monkeypatch.setattr(CLOCK, SimpleNamespace(monotonic=lambda: 0.0, sleep=leave_when_waited_for))
    session = EmbeddedSession(workspace, Settings())
    try:
        assert not waited.is_set()
        assert isinstance(session.lake, Lake)
        assert waited.is_set()
    finally:
        session.close()
        side.release()


def test_a_lake_that_is_not_let_go_is_told_and_the_folder_is_free_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    side = LakeLock(DataFolder(data_folder(workspace)).lake)
    now = iter(range(0, 1_000, 10))
    session = EmbeddedSession(workspace, Settings())
    try:
        with monkeypatch.context() as patch:
            patch.setattr(CLOCK, SimpleNamespace(monotonic=lambda: float(next(now)), sleep=lambda seconds: None))
            with pytest.raises(StateError, match=r"still writes .* after 25 s"):
                _ = session.lake
        side.release()
        assert isinstance(session.lake, Lake)
    finally:
        session.close()
        side.release()
