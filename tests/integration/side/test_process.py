"""The side process as it runs: over real HTTP and the real socket, with restarts of the core and a clean stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.sdks.stand import free_port

from gyeol.app.applied import Applied
from gyeol.app.core_rpc import RpcServer
from gyeol.app.folder import DataFolder
from gyeol.app.remote_core import dispatch
from gyeol.app.settings import Settings, data_folder
from gyeol.kernel.errors import ConfigError
from gyeol.server.side.process import run_side
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.storage.state.store import SqlStateStore

UNHURRIED = """
import threading, time, typing

evaluate = typing._eval_type

def unhurried(*args, **options):
    if threading.active_count() > 1:
        time.sleep(0.002)
    return evaluate(*args, **options)

typing._eval_type = unhurried
"""
"""While there are several threads, another one gets its turn whenever an annotation is evaluated."""


class Socket:
    """A core behind its unix socket, in a thread."""

    def __init__(self, path: Path, core: Any) -> None:
        self._path, self._core = path, core
        self.start()

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._server = RpcServer(self._path, self._answer)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result()

    async def _answer(self, method: str, params: object) -> object:
        return msgspec.to_builtins(await asyncio.to_thread(dispatch, self._core, method, params), builtin_types=(bytes,))

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Side:
    """A workspace with a core behind a socket, and the side process beside it."""

    def __init__(self, workspace: Path, new_world: Any, new_core: Any, parent: int | None = None, **environment: str) -> None:
        self.folder = DataFolder(data_folder(workspace))
        self.world = new_world(SqliteLog(self.folder.log), SqlStateStore(self.folder.state))
        Applied(self.folder.definitions).keep(self.world.definitions)
        self.world.collect([{"event": "Viewed", "userId": "ann", "time": 1}])
        self.core = new_core(self.world)
        self.socket = Socket(self.folder.socket, self.core)
        self.port = free_port()
        self.command = [sys.executable, "-m", "gyeol.server.side", str(workspace), *([] if parent is None else [str(parent)])]
        self.environment = {**os.environ, "GYEOL_INTERNAL_PORT": str(self.port), "GYEOL_LAKE_COMMIT_S": "0.2", **environment}
        self.process = self.run()
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {self.folder.secrets().admin_token}"}, timeout=30
        )

    def run(self) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command, env=self.environment, stderr=subprocess.PIPE, text=True)

    def until(self, good: Callable[[], bool], seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if good():
                    return
            except httpx.TransportError:
                code = self.process.poll()
                assert code is None, (code, self.process.stderr and self.process.stderr.read())
            time.sleep(0.05)
        pytest.fail("it did not come about in time")

    def status(self) -> Any:
        return self.client.get("/v1/status").raise_for_status().json()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.client.close()
        self.world.store.close()
        self.world.log.close()


@pytest.fixture
def side(tmp_path: Path, new_world: Any, new_core: Any) -> Iterator[Side]:
    made = Side(tmp_path, new_world, new_core)
    yield made
    made.close()


def test_serves_follows_the_log_survives_a_restart_of_the_core_and_stops_cleanly(side: Side) -> None:
    side.until(lambda: side.client.get("/v1/status").status_code == 200)
    assert side.client.get("/v1/status", headers={"Authorization": ""}).status_code == 401
    assert side.client.get("/").status_code == 200
    side.until(lambda: side.status()["lake_offset"] == 1)
    side.world.collect([{"event": "Order Completed", "userId": "ann", "time": 2, "properties": {"revenue": 1}}])
    side.until(lambda: [e["name"] for e in side.client.get("/v1/people/ann/timeline").json()["events"]] == ["Order Completed", "Viewed"])
    side.until(lambda: side.status()["lake_offset"] == 2)
    assert side.client.post("/v1/sql", json={"sql": "SELECT count(*) FROM events"}).json()["rows"] == [[2]]
    side.until(lambda: any(getattr(told, "lake_offset", None) == 2 for told in side.core.told))

    side.socket.stop()
    side.socket.start()
    side.until(lambda: side.client.get("/v1/status").status_code == 200)

    side.world.collect([{"event": "Viewed", "userId": "bob", "time": 3}])
    side.process.send_signal(signal.SIGTERM)
    assert side.process.wait(120) == 0
    side.socket.stop()


def test_it_ends_when_its_parent_was_gone_before_it_looked(tmp_path: Path, new_world: Any, new_core: Any) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    side = Side(tmp_path, new_world, new_core, parent=gone.pid)
    try:
        assert side.process.wait(120) == 0
    finally:
        side.close()
        side.socket.stop()


@pytest.mark.slow
def test_threads_that_all_read_the_definitions_first_do_not_end_the_process(tmp_path: Path, new_world: Any, new_core: Any) -> None:
    (tmp_path / "sitecustomize.py").write_text(UNHURRIED)
    side = Side(tmp_path, new_world, new_core, PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    try:
        # The lake's thread, the sender and the API's threads read them as soon as they run.
        side.until(lambda: side.client.get("/v1/audiences").status_code == 200 and side.status()["lake_offset"] == 1)
        side.process.send_signal(signal.SIGTERM)
        assert side.process.wait(120) == 0
    finally:
        side.close()
        side.socket.stop()


def test_the_internal_port_is_never_open_to_others(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SSH tunnel"):
        run_side(tmp_path, Settings(internal_host="0.0.0.0"))


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="Stop what listens there"):
            run_side(tmp_path, Settings(internal_port=taken.getsockname()[1]))


def test_no_data_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        run_side(tmp_path, Settings(internal_port=free_port()))
