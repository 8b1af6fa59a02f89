"""Whoever watches a running pair: metrics, readiness, doctor, log lines that give nobody away; and an engine that is stuck."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.integration.conftest import SERVER_KEY, WEB_KEY, Pair

from gyeol.app.core import LocalCore
from gyeol.app.core_api import StatusRequest, VerifyRequest
from gyeol.app.folder import DataFolder
from gyeol.app.live import LiveCore
from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings, data_folder
from gyeol.engine.jobs import Job
from gyeol.events.log import FrameHeader
from gyeol.kernel.errors import BackendUnavailableError
from gyeol.server.core.app import PublicApp
from gyeol.server.core.door import Door
from gyeol.server.core.http import Request
from gyeol.server.metrics.core import core_values

SECRETS = ["kim.minji@example.com", "+821087654321", "user-7731-private", "01087654321"]
Figures = dict[tuple[str, tuple[str, ...]], float]


def figures(reply: httpx.Response) -> Figures:
    """Samples by name and labels' values."""
    reply.raise_for_status()
    return {
        (sample.name, tuple(value for key, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def hear(told_to: socket.socket, found: list[str]) -> None:
    """Everything that is told until the last word and what follows it at once; read as it comes, for a socket holds ten messages."""
    with suppress(TimeoutError):
        while True:
            found.append(told_to.recv(1_000).decode())
            if found[-1].startswith("STOPPING=1"):
                told_to.settimeout(0.1)


@pytest.mark.slow
def test_a_running_pair_is_watched(workspace: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(tmp_path / "notify"))
    states: list[str] = []
    listening = threading.Thread(target=hear, args=(systemd, states), daemon=True)
    listening.start()
    pair = Pair(workspace, GYEOL_LOG="json", GYEOL_LOG_LEVEL="debug", NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="4000000")
    pair.start(api=True)
    side = f"http://127.0.0.1:{pair.internal}"
    try:
        traits = {"email": SECRETS[0], "phone": SECRETS[1]}
        batch: list[dict[str, object]] = [
            {"type": "identify", "userId": SECRETS[2], "traits": traits, "messageId": "m1"},
            {"type": "track", "event": "Order Completed", "userId": SECRETS[2], "properties": {"revenue": 5, "phone": SECRETS[3]}},
            {"type": "track", "userId": SECRETS[2]},
        ]
        for _ in range(2):
            assert pair.batch(batch[:1]).status_code == 200
        assert pair.batch(batch[1:]).status_code == 200
        httpx.post(f"{pair.url}/v1/decide", json={"placement": "home_banner", "userId": SECRETS[2]}, auth=(SERVER_KEY, ""), timeout=60)
        assert httpx.post(f"{pair.url}/v1/batch", content=b"{not json", auth=(SERVER_KEY, ""), timeout=60).status_code == 400
        assert pair.batch(batch[:1], "no-such-key").status_code == 401

        core = figures(httpx.get(f"{pair.url}/metrics", timeout=60))
        assert core["gyeol_events_total", ("accepted",)] == 2 and core["gyeol_events_total", ("rejected",)] == 1
        assert core["gyeol_events_total", ("duplicate",)] == 1
        assert core["gyeol_refused_requests_total", ("unknown_write_key", "401")] == 1
        assert core["gyeol_decide_seconds_count", ()] == 1 and core["gyeol_fold_lag_seconds_count", ()] == 2
        assert core["gyeol_ready", ()] == 1 and core["gyeol_people", ()] == 1 and core["gyeol_backlog_events", ()] == 0
        assert core["gyeol_log_end_offset", ()] >= 4 and core["process_resident_memory_bytes", ()] > 1e7

        deadline = time.monotonic() + 120
        while True:
            told = figures(httpx.get(f"{side}/metrics", timeout=60))
            if told.get(("gyeol_decisions_total", ("fallback", "home_banner"))) or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        assert told["gyeol_decisions_total", ("fallback", "home_banner")] == 1
        assert told["gyeol_events_rejected_total", ("track_without_event",)] == told["gyeol_dead_letters", ("track_without_event",)] == 1
        assert told["gyeol_core_answers", ()] == 1 and told["gyeol_identified_people", ()] == 1
        assert told["gyeol_problem", ("events_rejected",)] == 1 and told["gyeol_problem", ("lake_stuck",)] == 0

        token = DataFolder(data_folder(workspace), create=False).secrets().admin_token
        for url in (pair.url, side):
            assert httpx.get(f"{url}/healthz", timeout=60).json() == {"status": "alive"}
            assert httpx.get(f"{url}/readyz", timeout=60).json()["status"] == "ready"
            passed_on = {"X-Forwarded-For": "198.51.100.7"}
            assert httpx.get(f"{url}/metrics", headers=passed_on, timeout=60).status_code == 401
            assert httpx.get(f"{url}/metrics", headers={"Host": "somewhere.example"}, timeout=60).status_code == 401
            assert httpx.get(f"{url}/metrics", headers={**passed_on, "Authorization": f"Bearer {token}"}, timeout=60).status_code == 200

        done = subprocess.run(
            [sys.executable, "-m", "gyeol.cli", "doctor", "-w", str(workspace), "--json"],
            env=pair.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        report = json.loads(done.stdout)
        checks = {check["name"]: check for check in report["checks"]}
        assert done.returncode == 0 and report["good"], [c for c in report["checks"] if not c["good"]]
        assert {"public_port", "internal_port", "engine", "log", "fsync", "disk", "clock", "memory", "lake", "snapshots"} <= set(checks)
        assert checks["dead_letters"]["watch"] and "track_without_event" in checks["dead_letters"]["detail"]
        assert checks["fsync"]["figures"]["median_ms"] > 0
    finally:
        assert pair.stop() == 0
    lines = capfd.readouterr().err
    listening.join(10)
    systemd.close()
    assert states[0].startswith("READY=1\nSTATUS=") and states[-1].startswith("STOPPING=1") and set(states[1:-1]) == {"WATCHDOG=1"}
    assert not [secret for secret in [*SECRETS, token, SERVER_KEY, WEB_KEY] if secret in lines]


class StuckLog:
    """A log whose disk stands still while ``free`` is not set."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self.free = threading.Event()
        self.free.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append_many(self, frames: list[tuple[FrameHeader, bytes]]) -> None:
        assert self.free.wait(120)
        self._log.append_many(frames)


class Wire:
    """Keeps the reply."""

    def __init__(self) -> None:
        self.head = b""

    def answer(self, head: bytes, body: bytes) -> None:
        self.head = head


@pytest.fixture
def parts(workspace: Path) -> Iterator[OpenCore]:
    opened = OpenCore(workspace, Settings(max_queued_events=3))
    yield opened
    opened.close()


async def test_a_disk_that_stands_still_is_seen_by_all_who_watch(parts: OpenCore) -> None:
    log: Any = StuckLog(parts.log)
    live = LiveCore(parts, asyncio.get_running_loop(), os.environ.get, log)
    await asyncio.to_thread(live.start)
    live.attach()
    nobody: Any = None
    app = PublicApp(live, parts.clock, 100_000, nobody)
    door = Door(app, 100_000)
    wires: list[Wire] = []

    def post(number: int) -> Wire:
        wire = Wire()
        event = {"type": "track", "event": "E", "userId": "u", "messageId": f"m{number}"}
        body = msgspec.json.encode({"batch": [event], "writeKey": SERVER_KEY})
        app(Request("POST", "/v1/batch", b"", {}, "127.0.0.1", body, False, wire, door.refused))
        wires.append(wire)
        return wire

    async def until(good: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not good():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    try:
        log.free.clear()
        post(0)
        await until(lambda: live.engine.waiting_ms() > 100)  # one request that waits for the disk is a backlog, too
        assert live.engine.queued_events == 0
        number = 0
        while not wires[-1].head:
            number += 1
            post(number)
            await asyncio.sleep(0.011)
            assert number < 500
        refused = wires[-1].head
        assert refused.startswith(b"HTTP/1.1 429") and b"retry-after: 1\r\n" in refused
        assert door.refused == Counter({(429, "too_fast"): 1})

        values: Any = core_values(parts, live, door)
        assert values["gyeol_refused_requests_total"] == {("429", "too_fast"): 1}
        assert values["gyeol_backlog_age_seconds"] > 0.1 and values["gyeol_backlog_events"] > 3
        assert values["gyeol_ready"] is False and values["gyeol_undurable_frames"] > 0
        status = await asyncio.to_thread(live.core.status, StatusRequest())
        assert status.backlog > 3 and status.backlog_age_ms > 100
        await until(lambda: live.engine.waiting_ms() > 5_000)
        assert core_values(parts, live, door)["gyeol_problem"] == {
            **{(code,): 0.0 for code in ("not_taking", "not_acting", "disk_low", "snapshot_failed")},
            ("backlog",): 1.0,
        }
        found = {each.name: each for each in (await asyncio.to_thread(live.core.verify, VerifyRequest())).checks}
        assert not found["backlog"].good and "the oldest for 5" in found["backlog"].detail and found["backlog"].why
    finally:
        log.free.set()
    await until(lambda: all(wire.head for wire in wires))
    assert Counter(wire.head[9:12] for wire in wires) == Counter({b"200": number, b"429": 1})
    assert live.engine.waiting_ms() == 0
    await asyncio.to_thread(live.stop)


def test_doctor_does_not_wait_for_an_engine_that_does_not_answer(parts: OpenCore) -> None:
    free = threading.Event()

    def stuck(job: Job) -> object:
        free.wait(60)
        raise BackendUnavailableError("stopping", "The core is stopping.")

    core = LocalCore(parts, stuck, patience_s=0.05)
    try:
        found = {each.name: each for each in core.verify(VerifyRequest()).checks}
    finally:
        free.set()
    assert not found["past"].good and "did not answer" in found["past"].detail and found["past"].mend
    assert found["log"].good and found["engine"].good, "the rest is told all the same"
