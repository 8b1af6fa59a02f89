"""What the tests of SDKs stand on: a core process of its own, and its log read from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from gyeol.app.core_api import PersonReply, PersonRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.data_key import open_vault
from gyeol.app.remote_core import RemoteCore
from gyeol.events.frames import decode_frame
from gyeol.events.sections import EventRows
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.workspace.starter import init

HERE = Path(__file__).parent
WEB_KEY, SERVER_KEY = "web-key-for-tests", "server-key-for-tests"
PATIENCE_S = 120.0
"""So long something may take that a quiet machine does at once: what is waited for never comes, or it is a bug."""
_given: set[int] = set()


class Kept(NamedTuple):
    """One event as the log keeps it; instants in milliseconds, ``said`` is its JSON."""

    source: str
    time_ms: int
    received_ms: int
    said: dict[str, Any]


def free_port() -> int:
    """A port that nobody listens on now, and that was given to nobody before: who asks for two gets two."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def until(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Wait for a condition; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


class Core:
    """The core process on the starter workspace, at one address across restarts.

    Args:
        folder: Of the workspace; made here.
        environment: Settings by variable.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        keys = iter((WEB_KEY, SERVER_KEY))
        init(folder, None, lambda: next(keys))
        self._folder, self.port = folder, free_port()
        self._environment = {**os.environ, **environment, "GYEOL_PUBLIC_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None
        self._read: list[object] = []
        self._next_offset = 0

    @property
    def url(self) -> str:
        """Of the public port."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, unless it runs, and wait until events are taken."""
        if self._process is not None and self._process.poll() is None:
            return
        command = [sys.executable, "-m", "gyeol.bench.core_process", str(self._folder)]
        self._process = subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE)
        assert self._process.stdout is not None and self._process.stdout.readline() == b"ready\n", "the core did not start"

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def stop(self) -> None:
        """SIGTERM; what does not end then is killed, so that it is in nobody's way."""
        assert self._process is not None
        self._process.terminate()
        try:
            self._ended()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def _ended(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()

    def kept(self, marked: str) -> list[Kept]:
        """The log's events whose JSON contains a text, in the log's order."""
        needle = marked.encode()
        found: list[Kept] = []
        for section in self._sections():
            if isinstance(section, EventRows):
                times, received = (np.frombuffer(data, "<i8") for data in (section.time, section.received))
                sources = np.frombuffer(section.source, "<i2")
                found += [
                    Kept(section.sources[sources[i]], int(times[i]), int(received[i]), msgspec.json.decode(raw))
                    for i, raw in enumerate(section.raw)
                    if needle in raw
                ]
        return found

    def person(self, who: str) -> PersonReply:
        """What the core knows of ``type:value``."""
        client = CoreClient(self._folder / ".gyeol" / "core.sock")
        try:
            return RemoteCore(client.call).person(PersonRequest(id=who))
        finally:
            client.close()

    def _sections(self) -> list[object]:
        """Of the whole log; what was read before is not read again, since a log only grows."""
        log = SqliteLog(self._folder / ".gyeol" / "log", read_only=True, seal=open_vault(self._folder / ".gyeol", make=False))
        try:
            for frame in map(decode_frame, log.read(self._next_offset)):
                self._read += frame.sections
                self._next_offset = frame.header.first_offset + frame.header.count
        finally:
            log.close()
        return self._read
