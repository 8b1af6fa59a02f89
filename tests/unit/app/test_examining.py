"""What doctor says about one thing at a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from gyeol.app.core_api import Check
from gyeol.app.doctor import lake_check, port_check
from gyeol.app.examining import (
    Pulse,
    backlog_check,
    clock_check,
    dedupe_check,
    disk_check,
    engine_check,
    fsync_check,
    letters_check,
    memory_check,
    messages_check,
    state_check,
)
from gyeol.channels.outbox import OutboxPage

TODAY = date(2026, 3, 5)
GB = 1_000_000_000


class Channelled:
    """An outbox of failed messages."""

    def __init__(self, counts: dict[str, int], channels: list[str]) -> None:
        self._counts, self._channels = counts, channels

    def counts(self) -> dict[str, int]:
        return self._counts

    def list(self, state: str, limit: int) -> OutboxPage:
        class Entry:
            def __init__(self, channel: str) -> None:
                self.message = type("Message", (), {"channel": channel})

        entries: Any = [Entry(channel) for channel in self._channels]
        return OutboxPage(entries=entries)


def said(check: Check) -> tuple[bool, bool]:
    """Whether it fails, and whether it is worth a look."""
    assert check.detail
    if not check.good or check.watch:
        assert check.why and check.mend, "a finding says why it matters and what to do"
    return not check.good, check.watch


def test_the_engine_and_what_follows_it() -> None:
    assert said(engine_check(Pulse())) == (False, False)
    refusing = engine_check(Pulse(refusing="The log takes no more records: the disk is full"))
    assert said(refusing) == (True, False) and "disk is full" in refusing.detail
    assert said(state_check(10, Pulse())) == (False, False)
    assert said(state_check(200_000, Pulse())) == (True, False)
    assert "read-only" in state_check(10, Pulse(state_problem="read-only")).detail
    assert said(state_check(10, Pulse(state_problem="read-only"))) == (True, False)


@pytest.mark.parametrize(("backlog", "waited_ms", "bad"), [(0, 0, False), (90, 400, False), (1, 6_000, True), (100_000, 10, True)])
def test_the_backlog_and_its_age(backlog: int, waited_ms: int, bad: bool) -> None:
    check = backlog_check(Pulse(backlog=backlog, waiting_ms=waited_ms))
    assert said(check) == (bad, False)
    assert ("oldest" in check.detail) == (waited_ms > 0)


def test_the_disk_is_measured(tmp_path: Path) -> None:
    measured = fsync_check(tmp_path)
    assert measured.figures["max_ms"] >= measured.figures["median_ms"] > 0
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
    assert said(fsync_check(tmp_path / "nowhere")) == (True, False)


@pytest.mark.parametrize(
    ("free", "files", "told"),
    [
        (100 * GB, [], (False, False)),
        (GB // 2, [], (True, False)),
        (100 * GB, [("2026-03-03", GB), ("2026-03-04", GB)], (False, False)),
        (10 * GB, [("2026-03-03", GB), ("2026-03-04", GB)], (False, True)),
        (2 * GB, [("2026-03-03", GB), ("2026-03-04", GB)], (True, True)),
        (2 * GB, [("2026-03-05", GB)], (False, False)),  # today's file says nothing of a whole day yet
    ],
)
def test_how_long_the_disk_lasts(tmp_path: Path, free: int, files: list[tuple[str, int]], told: tuple[bool, bool]) -> None:
    assert said(disk_check(tmp_path, files, TODAY, free)) == told


def test_the_clock() -> None:
    assert said(clock_check("wall", 1_000_000, 1_000_500)) == (False, False)
    assert said(clock_check("wall", 1_010_000, 1_000_000)) == (False, True)
    back = clock_check("wall", 8_200_000, 1_000_000)
    assert said(back) == (True, True) and "2.0 h behind" in back.detail
    assert said(clock_check("data", 8_200_000, 1_000_000)) == (False, False), "imported data may lie in the future"
    assert "old" not in clock_check("wall", 0, 1_000_000).detail


def test_ids_letters_and_messages() -> None:
    assert said(dedupe_check(10, 100)) == (False, False) and said(dedupe_check(95, 100)) == (False, True)
    assert said(letters_check({})) == (False, False)
    letters = letters_check({"too_large": 2, "no_identity": 30})
    assert said(letters) == (False, True) and letters.detail == "30 no_identity, 2 too_large"
    fine: Any = Channelled({"queued": 4, "delivered": 9}, [])
    assert said(messages_check(fine)) == (False, False)
    failed: Any = Channelled({"failed": 3}, ["sms", "email", "sms"])
    check = messages_check(failed)
    assert said(check) == (False, True) and check.detail == "3 failed (email 1, sms 2)"


def test_memory() -> None:
    def machine(available_mb: int) -> str:
        return f"MemTotal: 24000000 kB\nMemAvailable: {available_mb * 1000} kB\n"

    process = "Name:\tpython\nVmRSS:\t 2000000 kB\n"
    assert said(memory_check(process, machine(8_000))) == (False, False)
    assert said(memory_check(process, machine(900))) == (False, True)
    assert said(memory_check(process, machine(100))) == (True, True)
    assert said(memory_check("", "")) == (False, False), "a system without /proc"


def test_ports_and_lake() -> None:
    def answers(status: int, body: bytes) -> Any:
        return lambda url: httpx.Response(status, content=body)

    def silent(url: str) -> httpx.Response:
        raise httpx.ConnectError("refused")

    assert said(port_check("public_port", "http://h", answers(200, b'{"status":"ready"}'))) == (False, False)
    turned = port_check("public_port", "http://h", answers(503, b'{"status":"not ready","why":"too_fast"}'))
    assert said(turned) == (True, False) and "too_fast" in turned.detail
    assert said(port_check("internal_port", "http://h", silent)) == (True, False)
    assert said(port_check("internal_port", "http://h", answers(200, b"<html>"))) == (True, False)
    assert said(lake_check(10, 10, "")) == (False, False)
    assert said(lake_check(3_000_000, 10, "")) == (False, True)
    assert said(lake_check(10, 10, "the disk is full")) == (True, False)
