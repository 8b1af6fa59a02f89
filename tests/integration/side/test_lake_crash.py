"""The lake's writer killed at any instant: rows and offset move together, and nothing is written twice or lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gyeol.storage.lake.reader import LakeReader

FRAMES, EVENTS_A_FRAME = 120, 60

CHILD = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("side_world", sys.argv[1])
side = importlib.util.module_from_spec(spec)
spec.loader.exec_module(side)
world = side.World(side.MemoryLog(), side.MemoryStateStore())
side.fill(world, int(sys.argv[3]), int(sys.argv[4]))
lake = side.Lake(Path(sys.argv[2]), world.log, world.store, world.definitions_of, commit_rows=540)
print("ready", flush=True)
while lake.catch_up() < world.log.end_offset():
    pass
print("done", flush=True)
"""


def state_of(folder: Path) -> tuple[int, int, int, int]:
    """(offset, events, different offsets, greatest offset)."""
    reader = LakeReader(folder)
    try:
        offset = "(SELECT log_offset FROM lake.main.lake_offset)"
        text = f"SELECT {offset} o, count(*) n, count(DISTINCT log_offset) d, max(log_offset) m FROM events"
        row: dict[str, Any] = reader.query(text).to_pylist()[0]
    finally:
        reader.close()
    return row["o"], row["n"], row["d"], -1 if row["m"] is None else row["m"]


def test_killed_at_random_points(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    arguments = [
        sys.executable,
        "-c",
        CHILD,
        str(Path(__file__).parent / "conftest.py"),
        str(tmp_path / "lake"),
        str(FRAMES),
        str(EVENTS_A_FRAME),
    ]
    kills, before = 0, 0
    for _ in range(4):
        child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.2))
        child.kill()
        rest = child.stdout.read()
        child.wait()
        kills += "done" not in rest
        offset, events, different, greatest = state_of(tmp_path / "lake")
        assert events == different == offset, f"seed {seed}"
        assert greatest == offset - 1, f"seed {seed}"
        assert offset >= before, f"seed {seed}"
        before = offset
    assert kills > 0, "every writer finished before it was killed: give it more to write"
    finished = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True)
    assert finished.stdout.split() == ["ready", "done"]
    total = FRAMES * EVENTS_A_FRAME
    assert state_of(tmp_path / "lake") == (total, total, total, total - 1)
    left = {path.name for path in (tmp_path / "lake" / "data").rglob("*.parquet")}
    reader = LakeReader(tmp_path / "lake")
    listed = reader.query("SELECT data_file FROM ducklake_list_files('lake', 'events')").column(0).to_pylist()
    reader.close()
    assert left == {Path(name).name for name in listed}, "files that no version names were left behind"
