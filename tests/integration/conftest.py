"""Fixtures of integration tests: workspaces, sessions, and the real pair of processes on free ports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pytest
from tests.integration import commands
from tests.sdks.stand import PATIENCE_S, free_port

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder
from gyeol.app.settings import Settings, data_folder
from gyeol.storage.lake.lock import lake_held
from gyeol.storage.lake.reader import LakeReader
from gyeol.workspace.starter import init

WEB_KEY, SERVER_KEY = "web-key-for-tests", "server-key-for-tests"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The starter workspace with known keys."""
    keys = iter((WEB_KEY, SERVER_KEY))
    folder = tmp_path / "shop"
    init(folder, None, lambda: next(keys))
    return folder


@pytest.fixture
def session(workspace: Path) -> Iterator[EmbeddedSession]:
    """The starter workspace, opened in this process."""
    opened = EmbeddedSession(workspace, Settings())
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake gives rows backwards where a query asks for no order, as its files may at any time."""
    query = LakeReader.query

    def backwards(self: LakeReader, text: str, values: list[object] | None = None, *more: Any, **named: Any) -> pa.Table:
        found = query(self, text, values, *more, **named)
        return found if "ORDER BY" in text else found.take(pa.array(range(found.num_rows)[::-1], pa.int64()))

    monkeypatch.setattr(LakeReader, "query", backwards)


class Pair:
    """A running ``gyeol up``."""

    def __init__(self, workspace: Path, **environment: str) -> None:
        self.workspace = workspace
        self.public, self.internal = free_port(), free_port()
        self.environment = {
            **os.environ,
            "GYEOL_PUBLIC_PORT": str(self.public),
            "GYEOL_INTERNAL_PORT": str(self.internal),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of the public port."""
        return f"http://127.0.0.1:{self.public}"

    @property
    def api(self) -> httpx.Client:
        """A client of the internal port that holds the admin token."""
        token = DataFolder(data_folder(self.workspace), create=False).secrets().admin_token
        return httpx.Client(base_url=f"http://127.0.0.1:{self.internal}", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def start(self, *, api: bool = False, ready: str = "/readyz") -> None:
        """Start and wait until events are taken (with ``api``: until the API answers, too)."""
        command = [sys.executable, "-m", "gyeol.cli", "up", "-w", str(self.workspace)]
        self.process = subprocess.Popen(command, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL)
        self._wait(f"{self.url}{ready}")
        if api:
            self._wait(f"http://127.0.0.1:{self.internal}/")

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert self.process is not None and self.process.poll() is None, "gyeol up ended early"
            with suppress(httpx.HTTPError):
                if httpx.get(url, timeout=20).status_code < 500:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{url} did not answer in time")

    def kill(self) -> None:
        """SIGKILL the core, and wait until its side process has ended by itself: nobody else answers at the next one's ports."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while lake_held(data_folder(self.workspace) / "lake"):
            assert time.monotonic() < deadline, "the side process of the killed core does not end"
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM; returns the exit code. What does not end then is killed, so that it is in nobody's way."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def batch(self, events: list[dict[str, object]], key: str = SERVER_KEY) -> httpx.Response:
        """POST events as the SDKs do."""
        return httpx.post(f"{self.url}/v1/batch", content=msgspec.json.encode({"batch": events}), auth=(key, ""), timeout=60)


@pytest.fixture
def pair(workspace: Path) -> Iterator[Pair]:
    """The pair on the starter workspace; the test starts it."""
    running = Pair(workspace)
    yield running
    if running.process is not None:
        running.stop()


@pytest.fixture(scope="session")
def run_cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``gyeol`` with arguments in a process of its own."""
    return commands.run
