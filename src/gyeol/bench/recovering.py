"""One start of a workspace's core, measured in a process of its own: ``python -m gyeol.bench.recovering WORKSPACE``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import msgspec

from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings
from gyeol.bench.report import own_peak_mib
from gyeol.engine.snapshotting import Snapshotter


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """What a start took and holds.

    Args:
        rss_mib: The most memory until started.
        snapshot_seconds: A whole snapshot, written by a forked child. ``pause_ms``: how long the engine waited for it.
        snapshot_rss_mib: The most memory of both meanwhile, pages that they share counted once.
    """

    seconds: float
    rss_mib: float
    snapshot_seconds: float
    snapshot_rss_mib: float
    pause_ms: float
    people: int
    identifiers: int


def main() -> None:
    """Open, write a snapshot beside the engine, print one line of JSON."""
    begun = time.perf_counter()
    core = OpenCore(Path(sys.argv[1]), Settings())
    seconds, rss_mib = time.perf_counter() - begun, own_peak_mib()
    begun = time.perf_counter()
    most = 0.0
    with tempfile.TemporaryDirectory(dir=core.folder.path) as folder:  # none is there, so all of it is written
        snapshotter = Snapshotter(Path(folder), lambda offset: True, seal=core.seal)
        snapshotter.begin(core.engine.state)
        while snapshotter.busy:
            most = max(most, _proportional_mib("self") + _proportional_mib(str(snapshotter.child)))
            time.sleep(0.05)
        took = time.perf_counter() - begun
    if snapshotter.problem is not None:
        raise snapshotter.problem
    recovery = Recovery(
        seconds=seconds,
        rss_mib=rss_mib,
        snapshot_seconds=took,
        snapshot_rss_mib=most or own_peak_mib(),
        pause_ms=1_000 * snapshotter.pause_s,
        people=core.engine.state.people.people,
        identifiers=core.engine.state.graph.size,
    )
    core.close()
    print(msgspec.json.encode(recovery).decode())


def _proportional_mib(process: str) -> float:
    """Resident memory of a process, each page divided by how many share it; 0 where that cannot be known (it ended, or not Linux)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


if __name__ == "__main__":
    main()
