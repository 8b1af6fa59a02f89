"""A core process that is killed, and the ledger of a client that was answered."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.sdks.stand import PATIENCE_S, free_port

from gyeol.app.data_key import open_vault
from gyeol.app.settings import data_folder
from gyeol.bench.kit import kit_folder
from gyeol.events.frames import decode_frame
from gyeol.events.heads import decode_head
from gyeol.events.sections import EventRows, Rejections
from gyeol.kernel.errors import ConfigError
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.workspace.starter import init

KEY = "server-key-for-tests"
ROUNDS = int(os.environ.get("GYEOL_CHAOS_ROUNDS", "4"))
LOAD_S = 2.5


class Core:
    """The core process alone on a workspace."""

    def __init__(self, workspace: Path, **settings: str) -> None:
        self.workspace, self.port = workspace, free_port()
        self._environment = {**os.environ, "GYEOL_PUBLIC_PORT": str(self.port), **settings}
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *before: str) -> None:
        """Start and wait until events are taken; ``before``: what the command is run under."""
        command = [*before, sys.executable, "-m", "gyeol.bench.core_process", str(self.workspace)]
        self.process = subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", "the core did not start"
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=20).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the core does not answer")

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self.process is not None
        self.process.kill()
        self._ended()

    def stop(self) -> None:
        """SIGTERM, and wait; what does not end then is killed, so that it is in nobody's way."""
        if self.process is None or self.process.poll() is not None:
            return
        try:
            # The core itself, which may run under another program: that one ends with it.
            os.kill(int((data_folder(self.workspace) / "lock").read_text()), signal.SIGTERM)
            self._ended()
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.kill()
            raise

    def _ended(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()

    def log(self) -> SqliteLog:
        """The log, for reading."""
        data = data_folder(self.workspace)
        return SqliteLog(data / "log", read_only=True, seal=open_vault(data, make=False))


class Client:
    """The bench kit's own open-loop client, and all that it was ever answered 200 for."""

    def __init__(self, folder: Path, events: int) -> None:
        self.folder, self.file, self._skip = folder, folder / "events.ndjson", 0
        self.events = events
        command = [sys.executable, str(kit_folder() / "generate.py"), "--events", str(events), "--people", "2000", "--seed", "11"]
        subprocess.run([*command, "--format", "ndjson", "--out", str(self.file)], check=True, stdout=subprocess.DEVNULL)
        self.acknowledged: list[str] = []

    def begin(self, url: str, *, rate: int, seconds: float, batch: int) -> subprocess.Popen[bytes]:
        """Offer the next part of the stream."""
        command = [sys.executable, str(kit_folder() / "load.py"), "--url", url, "--write-key", KEY, "--rate", str(rate)]
        command += ["--batch", str(batch), "--seconds", str(seconds), "--drain", "5", "--connections", "16", "--file", str(self.file)]
        command += ["--skip", str(self._skip), "--ledger", str(self.folder / "ledger")]
        self._skip += int(rate * seconds)
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def read_ledger(self) -> int:
        """Take over what the last run was answered for."""
        path = self.folder / "ledger"
        found = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        self.acknowledged += found
        return len(found)


def kept_ids(log: SqliteLog) -> tuple[Counter[str], set[str]]:
    """messageIds of accepted events with how often each stands in the log, and those of rejected ones."""
    accepted: Counter[str] = Counter()
    rejected: set[str] = set()
    for data in log.read(0):
        for section in decode_frame(data).sections:
            if isinstance(section, EventRows):
                accepted.update(decode_head(raw).messageId or "" for raw in section.raw)
            elif isinstance(section, Rejections):
                rejected |= {event.message_id for event in section.items}
    return accepted, rejected


class Rounds:
    """Kill, start again, look: as often as is asked for."""

    def __init__(self, core: Core, client: Client, seed: int) -> None:
        self.core, self.client, self.rng = core, client, random.Random(seed)
        self.start_s: list[float] = []

    def run(self, rounds: int) -> None:
        """Each round: offer load, kill the core in the middle of it, keep the ledger."""
        for number in range(rounds):
            begun = time.monotonic()
            self.core.start()
            self.start_s.append(time.monotonic() - begun)
            batch = self.rng.choice((1, 7, 100))
            end = self.core.log().end_offset()
            offered = self.client.begin(self.core.url, rate=700 if batch == 1 else 2_000, seconds=LOAD_S, batch=batch)
            try:
                deadline = time.monotonic() + PATIENCE_S
                while self.core.log().end_offset() < end + 300 and time.monotonic() < deadline:
                    time.sleep(0.01)
                time.sleep(self.rng.uniform(0.0, 0.6 * LOAD_S))
                self.core.kill()
                offered.wait(PATIENCE_S)
            finally:
                offered.kill()
                offered.wait()
            print(f"round {number}: started in {self.start_s[-1]:.1f} s", flush=True)
            assert self.client.read_ledger() > 0, f"round {number}: nothing was answered; the kill comes too early"

    def lost(self) -> Sequence[str]:
        """Acknowledged events that are nowhere."""
        accepted, rejected = kept_ids(self.core.log())
        # An event without an id that the client knows was answered too; the ledger has an empty line for it.
        return [name for name in set(self.client.acknowledged) if name and name not in accepted and name not in rejected]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    keys = iter(("web-key-for-tests", KEY))
    folder = tmp_path / "shop"
    init(folder, None, lambda: next(keys))
    return folder


@pytest.fixture
def core(workspace: Path) -> Iterator[Core]:
    made = Core(workspace, GYEOL_SNAPSHOT_EVERY_RECORDS="15000")
    yield made
    made.stop()


@pytest.fixture
def client(tmp_path: Path) -> Client:
    try:
        kit_folder()
    except ConfigError as error:
        pytest.skip(error.message)
    return Client(tmp_path, int(2_000 * LOAD_S * (ROUNDS + 2)))  # each round its own events


@pytest.fixture
def rounds(core: Core, client: Client) -> Rounds:
    return Rounds(core, client, seed=20_261_122)
