"""Where people are, as their events say it: the traits that keep it, and how facts read them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gyeol.context.behaviour.recorded import Read as Traits
from gyeol.context.place.fence import Position
from gyeol.expressions.column import Column, Mask
from gyeol.kernel.instants import Int64
from gyeol.profiles.model import TraitDefinition

LATITUDE, LONGITUDE, SINCE = "moment_latitude", "moment_longitude", "moment_cell_at"
PATH = ("moment_path_latitude", "moment_path_longitude", "moment_path_at")
"""Of the latest positions: latitudes, longitudes, times."""
DIGITS = 6
"""Of degrees that are kept: 10 cm."""
POSITIONS = 60
"""So many of the latest are kept: at one in five seconds they still reach back as far as somebody must stay to dwell."""
WORST_M = 200
"""Positions less accurate than this say nothing."""
LASTS_MS = 30 * 60_000
"""For how long a position says in or near which store somebody is; as fences have it."""
Read = Callable[[str], Column]


def said_at(path: str) -> str:
    """The condition over an event that says where it happened."""
    return f"{path}.latitude BETWEEN -90 AND 90 AND {path}.longitude BETWEEN -180 AND 180"


def last_place(path: str) -> list[TraitDefinition]:
    """The traits that keep where somebody was last, and when."""
    where = said_at(path)
    return [
        *(
            TraitDefinition(name=name, kind="last", event="$any", property=f"{path}.{leaf}", where=where, scale=DIGITS)
            for name, leaf in ((LATITUDE, "latitude"), (LONGITUDE, "longitude"))
        ),
        TraitDefinition(name=SINCE, kind="max", event="$any", property="timestamp", where=where, scale=0),
    ]


def latest_places(path: str) -> list[TraitDefinition]:
    """The traits that keep the latest positions; all three of the same events, so the n-th of each belong together."""
    where = f"{said_at(path)} AND ({path}.accuracy IS NULL OR {path}.accuracy <= {WORST_M})"
    leaves = (f"{path}.latitude", f"{path}.longitude", "timestamp")
    return [
        TraitDefinition(name=name, kind="recent", event="$any", property=leaf, where=where, scale=0 if leaf == "timestamp" else DIGITS,
                        size=POSITIONS)
        for name, leaf in zip(PATH, leaves, strict=True)
    ]  # fmt: skip


def fresh_places(read: Read, now_ms: int) -> tuple[Mask, Int64]:
    """(n,) of whom a position counts now, and when it was."""
    since = read(SINCE)
    at_ms = np.where(since.known, since.values, 0).astype(np.int64)
    known = since.known & read(LATITUDE).known & read(LONGITUDE).known
    return known & (at_ms <= now_ms) & (now_ms < at_ms + LASTS_MS), at_ms


def paths_of(read: Read, now_ms: int) -> dict[int, list[Position]]:
    """Row → the latest positions, oldest first, of those of whom a position counts now."""
    if isinstance(read, Traits):
        return read.once(("paths", now_ms), lambda: _paths_of(read, now_ms))
    return _paths_of(read, now_ms)


def _paths_of(read: Read, now_ms: int) -> dict[int, list[Position]]:
    columns = [read(name) for name in PATH]
    known = columns[0].known & columns[1].known & columns[2].known
    found: dict[int, list[Position]] = {}
    for row in np.flatnonzero(known).tolist():
        lats, lons, times = (_numbers(column, row) for column in columns)
        if times[0] + LASTS_MS <= now_ms:  # the newest stands first: most people were not heard of for long
            continue
        positions = [Position(int(at), lat, lon) for lat, lon, at in zip(lats, lons, times, strict=True) if at <= now_ms]
        if positions and now_ms < positions[0].at_ms + LASTS_MS:
            found[row] = positions[::-1]
    return found


def _numbers(column: Column, row: int) -> list[float]:
    values = column.values[row]
    assert isinstance(values, list)
    return values
