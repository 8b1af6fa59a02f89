"""One start of a workspace's core, measured in a process of its own: ``python -m gyeol.bench.recovering WORKSPACE``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec

from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings
from gyeol.bench.report import own_peak_mib


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """What a start took and holds. ``rss_mib``: the most memory until started; ``snapshot_rss_mib``: while a snapshot is written."""

    seconds: float
    rss_mib: float
    snapshot_seconds: float
    snapshot_rss_mib: float
    people: int
    identifiers: int


def main() -> None:
    """Open, write a snapshot, print one line of JSON."""
    begun = time.perf_counter()
    core = OpenCore(Path(sys.argv[1]), Settings())
    seconds, rss_mib = time.perf_counter() - begun, own_peak_mib()
    begun = time.perf_counter()
    core.snapshot()
    recovery = Recovery(
        seconds=seconds,
        rss_mib=rss_mib,
        snapshot_seconds=time.perf_counter() - begun,
        snapshot_rss_mib=own_peak_mib(),
        people=core.engine.state.people.people,
        identifiers=core.engine.state.graph.size,
    )
    core.close()
    print(msgspec.json.encode(recovery).decode())


if __name__ == "__main__":
    main()
