"""The workspace's stores: where they stand, when they are open, how near somebody is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

import msgspec
import numpy as np

from gyeol.context.place.distance import METRES_PER_DEGREE, metres, metres_between
from gyeol.context.place.fence import Fence
from gyeol.context.place.hours import Hours
from gyeol.context.place.regions import Floats, Ints
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.instants import Zone

_PARTS = 4_096


class StoreZone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a store: a counter, a floor, a terrace. It is told by a beacon, by a circle or by corners.

    Args:
        name: Unique in its store; ``moment.store_zone`` says ``<store>/<zone>``.
        label: What people call it, by language.
        beacon: The id that events say (``moment: {beacon: …}``) of who is near it.
        lat, lon, radius_m: Who is as near as this is in it.
        corners: [latitude, longitude] of at least three, in the order of the border.
    """

    name: str
    label: dict[str, str] = {}
    beacon: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 10.0
    corners: list[list[float]] = []

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies in it.

        Source: the even-odd rule, as W. R. Franklin writes it for a ray to the east.
        """
        if self.corners:
            inside, (before_lat, before_lon) = False, self.corners[-1]
            for corner_lat, corner_lon in self.corners:
                if (corner_lat > lat) != (before_lat > lat):
                    crossing = corner_lon + (lat - corner_lat) / (before_lat - corner_lat) * (before_lon - corner_lon)
                    inside ^= lon < crossing
                before_lat, before_lon = corner_lat, corner_lon
            return inside
        if self.lat is None or self.lon is None:
            return False
        return metres_between(lat, lon, self.lat, self.lon) <= self.radius_m


class StoreDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A store.

    Args:
        name: As events say it (``properties.store``); unique.
        label: What people call it, by language.
        lat: Degrees.
        lon: Degrees.
        radius_m: Who is as near as this is in it.
        hours: Weekday (``mon`` … ``sun``, ``holiday``) → ``09:00-22:00``; several spans are parted by commas; a day that is not there is
            closed. Without any, nobody knows when it is open.
        days: Days that differ (``2026-02-17``) → spans, or ``closed``.
        dwell: After how long somebody dwells in it: ``5m``.
        zones: Parts of it.
    """

    name: str
    lat: float
    lon: float
    label: dict[str, str] = {}
    radius_m: float = 80.0
    hours: dict[str, str] = {}
    days: dict[str, str] = {}
    dwell: str = "5m"
    zones: list[StoreZone] = []


class Stores:
    """Some stores, to be looked up by position.

    Args:
        definitions: In the order of the files.
        country: ISO 3166 code, for holidays.
    """

    def __init__(self, definitions: Sequence[StoreDefinition] = (), country: str = "KR") -> None:
        self.definitions, self.country = tuple(definitions), country
        self.lat = np.array([store.lat for store in definitions], np.float64)
        self.lon = np.array([store.lon for store in definitions], np.float64)

    def __len__(self) -> int:
        return len(self.definitions)

    @cached_property
    def hours(self) -> list[Hours | None]:
        """When each is open; None: nobody knows."""
        return [Hours(store.hours, store.days) if store.hours or store.days else None for store in self.definitions]

    @cached_property
    def fences(self) -> list[Fence]:
        """The circle of each."""
        return [
            Fence(name=store.name, lat=store.lat, lon=store.lon, radius_m=store.radius_m, dwell_ms=parse_duration(store.dwell).ms)
            for store in self.definitions
        ]

    @cached_property
    def zones(self) -> list[tuple[int, StoreZone]]:
        """All parts of stores: (number of the store, part)."""
        return [(number, zone) for number, store in enumerate(self.definitions) for zone in store.zones]

    def nearest(self, lat: Floats, lon: Floats) -> tuple[Ints, Floats]:
        """The number of the nearest store of each point, and how many metres it is away; there must be a store."""
        found, away = np.empty(len(lat), np.int64), np.empty(len(lat), np.float64)
        for start in range(0, len(lat), _PARTS):
            part = slice(start, start + _PARTS)
            far = metres(lat[part, None], lon[part, None], self.lat, self.lon)
            found[part] = np.argmin(far, axis=1)
            away[part] = np.take_along_axis(far, found[part, None], axis=1)[:, 0]
        return found, away

    def nearest_to(self, lat: float, lon: float) -> tuple[int, float]:
        """As ``nearest``, of one point."""
        away = metres(lat, lon, self.lat, self.lon)
        found = int(away.argmin())
        return found, away.item(found)

    def near(self, lat: float, lon: float, within_m: float) -> list[int]:
        """The numbers of the stores within a distance, nearest first."""
        # Nothing is nearer than its latitude says; a little more than that is looked at one by one.
        band = np.abs(self.lat - lat) <= 1.001 * within_m / METRES_PER_DEGREE
        found = [(metres_between(lat, lon, float(self.lat[i]), float(self.lon[i])), i) for i in band.nonzero()[0].tolist()]
        return [i for away, i in sorted(found) if away <= within_m]

    def open_minutes(self, store: int, now_ms: int, zone: Zone, holidays: frozenset[date]) -> int | None:
        """For how many minutes a store stays open; 0: it is closed; None: nobody knows its hours."""
        hours = self.hours[store]
        return None if hours is None else hours.open_until(now_ms, zone, holidays) or 0
