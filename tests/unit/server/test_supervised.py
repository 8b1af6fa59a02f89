"""What systemd hears, and that it takes the unit file."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from gyeol.server.supervised import keep_alive, notify, watchdog_s

ROOT = Path(__file__).parents[3]


def listener(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(path)
    made.settimeout(5)
    return made


@pytest.mark.parametrize("abstract", [False, True])
def test_what_is_told_arrives(tmp_path: Path, abstract: bool) -> None:
    name = f"gyeol-test-{os.getpid()}"
    with listener("\0" + name if abstract else str(tmp_path / "notify")) as heard:
        assert notify("READY=1", {"NOTIFY_SOCKET": "@" + name if abstract else str(tmp_path / "notify")})
        assert heard.recv(100) == b"READY=1"


def test_nobody_listens() -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": "/nowhere/at/all"})


def test_somebody_who_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    with listener(environment["NOTIFY_SOCKET"]):
        told = [notify("WATCHDOG=1", environment) for _ in range(2_000)]
    assert told[0] and not told[-1]


def test_the_watchdog_is_fed_more_often_than_it_bites(tmp_path: Path) -> None:
    assert watchdog_s({}) is None
    assert watchdog_s({"WATCHDOG_USEC": "20000000"}) == 5.0
    assert watchdog_s({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}) is None

    async def some() -> None:
        await asyncio.wait_for(keep_alive({}), 1)  # nobody asks
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "40000"}
        feeding = asyncio.create_task(keep_alive(environment))
        for _ in range(3):
            assert await asyncio.to_thread(heard.recv, 100) == b"WATCHDOG=1"
        feeding.cancel()

    with listener(str(tmp_path / "notify")) as heard:
        asyncio.run(some())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = (ROOT / "deploy/gyeol@.service").read_text(encoding="utf-8")
    # The command is not installed here; systemd looks whether it can be run.
    (tmp_path / "gyeol@.service").write_text(unit.replace("/opt/gyeol/bin/gyeol", "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "gyeol@.service")], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "gyeol" in line]
    assert (done.returncode, told) == (0, [])


def test_the_unit_says_what_the_core_does() -> None:
    unit = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / "deploy/gyeol@.service").read_text(encoding="utf-8"), re.MULTILINE))
    assert (unit["Type"], unit["NotifyAccess"], unit["TimeoutStartSec"]) == ("notify", "main", "infinity")
    assert unit["ExecStart"] == "/opt/gyeol/bin/gyeol up -w /var/lib/gyeol/%i"
    # The side has 15 s to end, the door 5; a snapshot and the lake's last commit come after.
    assert int(unit["TimeoutStopSec"]) >= 60 and unit["KillMode"] == "mixed"


def test_the_image_is_made_of_what_is_there() -> None:
    """There is no base image to build on here, so its steps are read: each file exists, nothing large or secret goes in."""
    text = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    steps = [line for line in re.sub(r"\\\n", " ", text).splitlines() if line and not line.startswith("#")]
    for step in steps:
        match step.split():
            case ["COPY", source, _] if source != ".":
                assert (ROOT / source).exists() and source not in ignored
            case ["FROM", image, *_]:
                assert re.fullmatch(r"[\w.]+/\w+/\w+:[\w.-]+", image), "a full name with a tag"
    assert {".git", ".venv", "**/node_modules", "**/.gyeol", "**/*.env"} <= set(ignored)
    assert not {"src", "web", "Makefile", "pyproject.toml", "README.md", "LICENSE", "requirements.lock"} & set(ignored)
    last = {step.split()[0]: step for step in steps}
    assert last["USER"] == "USER 10001:10001" and last["CMD"] == 'CMD ["up", "-w", "/workspace"]'
    assert "/healthz" in last["HEALTHCHECK"] and "no-cache-dir" in text and "rm -rf /var/lib/apt/lists" in text
