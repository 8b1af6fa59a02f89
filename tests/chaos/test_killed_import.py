"""The process killed with SIGKILL during the import and started again ends with the same numbers."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(400)


def _demo(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gyeol.cli", "demo", "retailer", "--no-serve", "--folder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def _summary(process: subprocess.Popen[str]) -> dict[str, object]:
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    told: dict[str, object] = json.loads(out.splitlines()[-1])
    return told


def _import_begun(folder: Path) -> bool:
    log = folder / "retailer" / ".gyeol" / "log"
    return log.is_dir() and sum(f.stat().st_size for f in log.iterdir()) > 300_000


def test_killed_three_times_and_finished(tmp_path: Path) -> None:
    whole = _summary(_demo(tmp_path / "whole"))
    seed = 20_170_101
    rng = random.Random(seed)
    killed = 0
    for _ in range(3):
        process = _demo(tmp_path / "killed")
        try:
            while process.poll() is None and not _import_begun(tmp_path / "killed"):
                time.sleep(0.02)
            with suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(0.5, 3.0))
        finally:
            killed += process.poll() is None
            process.kill()
            process.communicate()
    assert killed >= 1, "the import was over before it could be killed; make the pauses shorter"
    finished = _summary(_demo(tmp_path / "killed"))
    for name in ("events", "people", "items", "baskets", "revenue", "redemptions", "audiences", "messages", "decisions"):
        assert finished[name] == whole[name], name
