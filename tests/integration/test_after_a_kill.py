"""After the core was killed: the side process that it left behind may still write the lake, and listen."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from tests.integration.conftest import Pair

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


@pytest.mark.slow
def test_events_are_taken_before_the_side_of_a_killed_core_has_left_its_port(pair: Pair) -> None:
    side = LakeLock(DataFolder(data_folder(pair.workspace)).lake)
    with socket.create_server(("127.0.0.1", pair.internal)):
        pair.start()
        assert pair.batch([{"type": "track", "event": "Seen", "userId": "kim", "messageId": "m1"}]).status_code == 200
    side.release()
    deadline = time.monotonic() + 120
    while not _answers(pair):
        assert time.monotonic() < deadline, "the new side process did not take over"
        time.sleep(0.1)


def _answers(pair: Pair) -> bool:
    try:
        return pair.api.get("/v1/status").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_a_port_of_somebody_else_is_told_although_there_is_a_lake(workspace: Path, pair: Pair) -> None:
    EmbeddedSession(workspace, Settings()).close()
    with socket.create_server(("127.0.0.1", pair.internal)), pytest.raises(AssertionError, match="ended early"):
        pair.start()
    assert pair.process is not None and pair.process.returncode == 3
