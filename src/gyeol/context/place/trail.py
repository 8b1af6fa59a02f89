"""What the events of one identifier said of where it was, in the order of the log: the latest positions, and the beacon heard last.

Kept exactly as the traits of ``whereabouts`` and ``facts/store_zone.py`` keep it, by (time, id), so that the stream, which reads those,
and SQL, which reads the log anew, hold the same before every event.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from gyeol.context.place.fence import Position
from gyeol.context.place.regions import Floats
from gyeol.context.place.whereabouts import DIGITS, LASTS_MS, POSITIONS, WORST_M
from gyeol.expressions.column import Mask
from gyeol.profiles.slices import at_scale

Point = tuple[float, float]
"""Latitude, longitude."""


class Whereabouts(NamedTuple):
    """Where somebody was up to an instant.

    Args:
        path: The latest positions, oldest first; none when the last of them is half an hour old.
        beacon: The one that was heard last; None: none was.
        heard_ms: When that was.
    """

    path: list[Position]
    beacon: str | None
    heard_ms: int


class Points(NamedTuple):
    """The positions that some events say.

    Args:
        lat, lon: (n,) degrees, as exact as they are kept; 0 where none is said.
        said: (n,) where there is one on the earth.
        exact: (n,) where it is exact enough to be kept as one of the latest.
    """

    lat: Floats
    lon: Floats
    said: Mask
    exact: Mask


class Trail:
    """The latest positions and the last beacon of one identifier.

    Args:
        positions: (time, id, latitude, longitude) of those that were said before, ascending.
        heard: (time, id, beacon) of the last one; None: none was heard.
    """

    def __init__(self, positions: Iterable[tuple[int, int, float, float]] = (), heard: tuple[int, int, str] | None = None) -> None:
        self._positions, self._heard = list(positions), heard

    def add(self, at_ms: int, id: int, point: Point | None, beacon: str | None) -> None:
        """Take in what an event says."""
        if point is not None:
            insort(self._positions, (at_ms, id, *point))
            del self._positions[:-POSITIONS]
        if beacon is not None:
            mine = at_ms, id, beacon
            self._heard = mine if self._heard is None else max(self._heard, mine)

    def seen(self, at_ms: int, point: Point | None, beacon: str | None) -> Whereabouts:
        """As of an event: what was said up to its time, and what it says itself, which comes last."""
        path = [Position(at, lat, lon) for at, _, lat, lon in self._positions if at <= at_ms]
        if point is not None:
            path = [*path, Position(at_ms, *point)][-POSITIONS:]
        if path and path[-1].at_ms + LASTS_MS <= at_ms:
            path = []
        if beacon is not None:
            return Whereabouts(path, beacon, at_ms)
        heard = self._heard if self._heard is not None and self._heard[0] <= at_ms else None
        return Whereabouts(path, None, 0) if heard is None else Whereabouts(path, heard[2], heard[0])


def points_of(lat: Floats, lon: Floats, vague: Floats) -> Points:
    """Positions as events say them; see ``whereabouts.latest_places``.

    Args:
        lat: (n,) degrees; NaN: not said.
        lon: As ``lat``.
        vague: (n,) metres by which they may be wrong; NaN: not said.
    """
    said = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    north, east = (at_scale(np.where(said, degrees, 0.0), DIGITS)[0] / 10.0**DIGITS for degrees in (lat, lon))
    return Points(north, east, said, said & ~(vague > WORST_M))
