"""Offsets that were given once are never given again: where the log's end was cut, ticks stand in the place of what was there."""

from __future__ import annotations

from itertools import pairwise

from gyeol.app.folder import DataFolder
from gyeol.engine.snapshot import manifests
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader, Log
from gyeol.events.sections import Tick
from gyeol.kernel.errors import StateError
from gyeol.storage.log.mending import cut_aside


def bridge(log: Log, acted_offset: int, folder: DataFolder) -> int:
    """Bring a log that was cut to where state.db has seen it; records there would be taken for acted upon, and left out of the lake.

    Snapshots that were taken before the damage may hold what was cut; so the ticks end where a snapshot begins to be of use.

    Args:
        log: Opened for writing.
        acted_offset: How far state.db is.
        folder: The data folder.

    Returns:
        How many ticks were appended.

    Raises:
        StateError: State.db is ahead though nothing was cut: files of the log are missing (code ``log_behind``).
    """
    end = log.end_offset()
    if end >= acted_offset:
        return 0
    if not cut_aside(folder.log):
        raise StateError(
            "log_behind",
            f"the log in {folder.log} ends at offset {end}, state.db has acted upon everything before {acted_offset}: files of the log are "
            "missing. Put them back, or restore a backup as a whole (`gyeol restore`).",
            end=end,
            acted=acted_offset,
        )
    found = manifests(folder.snapshots)
    definitions = sorted(folder.definitions.glob("*.json"))[-1].stem.partition("-")[2]
    edges = sorted({end, acted_offset, *(each.head.offset for each in found if end < each.head.offset < acted_offset)})
    for first, following in pairwise(edges):
        count = following - first
        header = FrameHeader(first_offset=first, count=count, engine_now_ms=log.last_engine_now_ms(), definitions=definitions)
        log.append(header, encode_frame(header, [Tick()] * count))
    return acted_offset - end
