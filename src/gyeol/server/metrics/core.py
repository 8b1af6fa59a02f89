"""The core's figures. They are read beside the engine, without its baton: an engine that is stuck is what they must be able to show."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress

from gyeol import __version__
from gyeol.app.live import LiveCore
from gyeol.app.opening import OpenCore
from gyeol.app.problems import OF_THE_CORE, Signs, problems
from gyeol.engine.snapshot import written_s
from gyeol.kernel.errors import GyeolError
from gyeol.server.core.door import Door
from gyeol.server.metrics.exposition import Value, Values


def core_values(parts: OpenCore, live: LiveCore, door: Door) -> Values:
    """What the core's ``/metrics`` shows now. Any thread may ask."""
    engine, loop, snapshotter = parts.engine, live.engine, parts.snapshotter
    free_bytes = shutil.disk_usage(parts.folder.path).free
    values: dict[str, Value] = {
        "gyeol_build_info": {(__version__, "core"): 1},
        "gyeol_problem": problem_values(core_signs(parts, live), OF_THE_CORE),
        "gyeol_refused_requests_total": refused_values(door.refused),
        "gyeol_events_total": {
            ("accepted",): engine.state.totals.accepted,
            ("rejected",): engine.state.totals.rejected,
            ("duplicate",): engine.arrivals.duplicates,
        },
        "gyeol_frames_total": engine.frames,
        "gyeol_log_end_offset": loop.committer.durable_offset,
        "gyeol_backlog_events": loop.queued_events,
        "gyeol_backlog_age_seconds": loop.waiting_ms() / 1_000,
        "gyeol_undurable_frames": loop.committer.waiting(),
        "gyeol_unwritten_frames": loop.projector.backlog(),
        "gyeol_fold_lag_seconds": engine.recent.lags,
        "gyeol_decide_seconds": engine.recent.decides,
        "gyeol_people": engine.state.people.people,
        "gyeol_ready": live.ready()[0],
        "gyeol_connections": len(door.connections),
        "gyeol_snapshot_seconds": snapshotter.took_s,
        "gyeol_snapshot_pause_seconds": snapshotter.pause_s,
        "gyeol_disk_free_bytes": free_bytes,
        "gyeol_log_bytes": parts.log.size_bytes(),
    }
    written = written_s(parts.folder.snapshots)
    if written is not None:
        values["gyeol_snapshot_age_seconds"] = max(0.0, time.time() - written)
    with suppress(GyeolError):  # a state.db that cannot be read shows as a problem; the rest is still told
        values["gyeol_acted_offset"] = parts.store.acted_offset()
    return values


def core_signs(parts: OpenCore, live: LiveCore) -> Signs:
    """What problems of the core are read from."""
    failure, snapshot = live.engine.failure, parts.snapshotter.problem
    return Signs(
        refusing="" if failure is None else failure.message,
        acting=live.engine.projector.problem is None,
        backlog_age_ms=live.engine.waiting_ms(),
        free_bytes=shutil.disk_usage(parts.folder.path).free,
        snapshot_problem="" if snapshot is None else snapshot.message,
    )


def problem_values(signs: Signs, codes: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """0 or 1 for each of some problems: an alert needs the 0, too."""
    found = {each.code for each in problems(signs)}
    return {(code,): float(code in found) for code in codes}


def refused_values(refused: Mapping[tuple[int, str], int]) -> dict[tuple[str, ...], float]:
    """Refused requests by status and code."""
    return {(str(status), code): count for (status, code), count in sorted(refused.items())}
