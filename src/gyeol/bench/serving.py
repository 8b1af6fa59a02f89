"""Servers under measurement: started on a core of their own, watched from outside, ended in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gyeol.app.core_api import StatusReply, StatusRequest
from gyeol.app.core_client import CoreClient
from gyeol.app.folder import DataFolder
from gyeol.app.remote_core import RemoteCore
from gyeol.app.settings import Settings, as_environment, data_folder
from gyeol.kernel.errors import InternalError

_PATIENCE_S = 60.0
_TICK = os.sysconf("SC_CLK_TCK")


def split_cores() -> tuple[set[int], set[int]]:
    """(server's cores, client's cores): one each where there are two, else both share what there is."""
    cores = sorted(os.sched_getaffinity(0))
    return ({cores[0]}, set(cores[1:2])) if len(cores) > 1 else (set(cores), set(cores))


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A server process.

    Args:
        process: Already started.
        port: Where it listens.
    """

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process, self.port = process, port
        self.url = f"http://127.0.0.1:{port}"
        self._wait()

    def _wait(self) -> None:
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise InternalError("bench_server_failed", "the server under measurement did not start; its words are on stderr")
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:  # it said that it is ready to listen; the first answer says that it does
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise InternalError("bench_server_silent", f"nothing answers on {self.url}")

    def cpu_s(self) -> float:
        """Processor seconds so far, in user and system mode."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory_mib(self, line: str = "VmHWM") -> float:
        """Resident memory in MiB: the most ever (``VmHWM``) or now (``VmRSS``)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(each for each in status.splitlines() if each.startswith(line)).split()[1]) / 1024

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def noop_server() -> Iterator[Served]:
    """A server that only answers, on the server's core."""
    port = free_port()
    with _served([sys.executable, "-m", "gyeol.bench.noop_server", str(port)], port, {}) as served:
        yield served


class ServedCore:
    """The core process of a workspace."""

    def __init__(self, served: Served, workspace: Path) -> None:
        self.served, self._workspace = served, workspace

    def status(self) -> StatusReply:
        """What the core says of itself, once nothing waits in it."""
        client = CoreClient(DataFolder(data_folder(self._workspace), create=False).socket, timeout_s=_PATIENCE_S)
        try:
            core = RemoteCore(client.call)
            while (status := core.status(StatusRequest())).backlog:
                time.sleep(0.02)
            return status
        finally:
            client.close()


@contextmanager
def core_server(workspace: Path) -> Iterator[ServedCore]:
    """The real core process of a workspace (public port, engine, log, state.db), on the server's core; the side process is not started."""
    port = free_port()
    settings = Settings(public_port=port, dedupe_capacity=20_000_000)
    with _served([sys.executable, "-m", "gyeol.bench.core_process", str(workspace)], port, as_environment(settings)) as served:
        yield ServedCore(served, workspace)


@contextmanager
def _served(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Served]:
    """The server on its core; this process, and what it starts meanwhile, on the client's."""
    before = os.sched_getaffinity(0)
    server_cores, client_cores = split_cores()
    try:
        os.sched_setaffinity(0, server_cores)  # a child begins on its parent's cores
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        os.sched_setaffinity(0, client_cores)
        served = Served(process, port)
        try:
            yield served
        finally:
            served.stop()
    finally:
        os.sched_setaffinity(0, before)
