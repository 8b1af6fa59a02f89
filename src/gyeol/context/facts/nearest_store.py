"""moment.nearest_store, moment.store_distance_m, moment.store_open: the store nearest to the person, how far it is, whether it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read as Traits
from gyeol.context.fact import Fact, FactValue
from gyeol.context.facts.holiday import calendar_of
from gyeol.context.facts.kind import Derived, text_column
from gyeol.context.place.regions import Floats
from gyeol.context.place.stores import Stores
from gyeol.context.place.whereabouts import LASTS_MS, LATITUDE, LONGITUDE, SINCE, fresh_places, last_place
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

_EPOCH = date(1970, 1, 1)
_MINUTE_MS = 60_000
_LOOK_MS = 15 * _MINUTE_MS
"""How long a closed store is taken to stay closed, before it is looked at again."""
_MOST_DAYS = 100_000
"""Hours of so many days of stores are held ready, some ten megabytes."""


class NearestStore:
    """Worked out from the last position and the workspace's ``stores``.

    Args:
        stores: Of the workspace; none: nothing is told.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "nearest_store": NameInfo(type="text", label={"ko": "가장 가까운 매장", "en": "nearest store"}),
        "store_distance_m": NameInfo(
            type="number", label={"ko": "가장 가까운 매장까지의 거리", "en": "distance to the nearest store"}, unit="m"
        ),
        "store_open": NameInfo(type="flag", label={"ko": "가장 가까운 매장 영업 중", "en": "the nearest store is open"}),
    }
    source = "position"

    def __init__(self, stores: Stores | None = None) -> None:
        self._stores = Stores() if stores is None else stores
        self._spans: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def within(self, stores: Stores) -> NearestStore:
        """The same, among the stores of a workspace."""
        return NearestStore(stores)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The last position."""
        return last_place(paths["cell"]) if "cell" in paths and len(self._stores) else []

    def derive(self, read: Callable[[str], Column], n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown half an hour after the last position."""
        known, at_ms = fresh_places(read, now_ms)
        rows = np.flatnonzero(known)
        store, away = np.full(n, -1, np.int64), np.zeros(n, np.float64)
        lat, lon = (np.asarray(read(name).values, np.float64)[rows] for name in (LATITUDE, LONGITUDE))
        store[rows], away[rows] = self._stores.nearest(lat, lon)
        until = at_ms + LASTS_MS
        # One place more than there are stores: -1 finds that nothing is told.
        told_of, minutes_of = np.zeros(len(self._stores) + 1, np.bool_), np.zeros(len(self._stores) + 1, np.int64)
        for each in np.unique(store[rows]).tolist():
            stays = self._open(each, now_ms, zone)
            told_of[each], minutes_of[each] = stays is not None, stays or 0
        told, minutes = told_of[store], minutes_of[store]
        now = np.full(n, now_ms, np.int64)
        turns = np.minimum(until, now_ms + np.where(minutes > 0, minutes * _MINUTE_MS, _LOOK_MS))
        names = [each.name for each in self._stores.definitions]
        return {
            "nearest_store": Derived(text_column(names, store), at_ms, until),
            "store_distance_m": Derived(Column("number", np.round(away), known), at_ms, until),
            "store_open": Derived(Column("flag", minutes > 0, told), now, turns),
        }

    def one(self, read: Traits, now_ms: int, zone: Zone) -> list[Fact]:
        """As ``derive``, of one person."""
        lat, lon, at_ms = (read(name).item(0) for name in (LATITUDE, LONGITUDE, SINCE))
        if not (isinstance(lat, float) and isinstance(lon, float) and isinstance(at_ms, int) and at_ms <= now_ms < at_ms + LASTS_MS):
            return []
        store, away = self._stores.nearest_to(lat, lon)
        values: dict[str, FactValue] = {"nearest_store": self._stores.definitions[store].name, "store_distance_m": float(round(away))}
        told = [Fact(name=name, value=value, source=self.source, observed_at_ms=at_ms, ttl_ms=LASTS_MS) for name, value in values.items()]
        minutes = self._open(store, now_ms, zone)
        if minutes is not None:
            looks_ms = min(at_ms + LASTS_MS - now_ms, minutes * _MINUTE_MS if minutes else _LOOK_MS)
            told.append(Fact(name="store_open", value=minutes > 0, source=self.source, observed_at_ms=now_ms, ttl_ms=looks_ms))
        return told

    def of_points(self, lat: Floats, lon: Floats, at_ms: Int64, zone: Zone, *, hours: bool) -> dict[str, list[FactValue | None]]:
        """The facts of some points at an instant each.

        Args:
            lat: (n,) degrees.
            lon: (n,) degrees.
            at_ms: (n,).
            zone: The workspace's.
            hours: Whether ``store_open`` is wanted.
        """
        store, away = self._stores.nearest(lat, lon)
        names = [each.name for each in self._stores.definitions]
        found: dict[str, list[FactValue | None]] = {
            "nearest_store": [names[each] for each in store.tolist()],
            "store_distance_m": [*np.round(away).tolist()],
        }
        if hours:
            found["store_open"] = [self._opens(each, at, zone) for each, at in zip(store.tolist(), at_ms.tolist(), strict=True)]
        return found

    def _opens(self, store: int, at_ms: int, zone: Zone) -> bool | None:
        """Whether a store is open at an instant; None: nobody knows. As ``_open`` has it, at a fraction of its cost."""
        day, minute = divmod((at_ms + zone.offset_ms(at_ms)) // _MINUTE_MS, 24 * 60)
        hours = self._stores.hours[store]
        if hours is None or day <= 0:
            return None
        spans = self._spans.get((store, day))
        if spans is None:
            if len(self._spans) >= _MOST_DAYS:
                self._spans.clear()
            on = _EPOCH + timedelta(days=day)
            spans = self._spans[store, day] = hours.spans_on(on, self._holidays(on))
        return any(begin <= minute < end for begin, end in spans)

    def _holidays(self, today: date) -> frozenset[date]:
        """Of a date and the one before, those that are public holidays."""
        days = (today - timedelta(days=1), today)
        return frozenset(day for day in days if day in (calendar_of(self._stores.country, day.year).holidays or {}))

    def _open(self, store: int, now_ms: int, zone: Zone) -> int | None:
        return self._stores.open_minutes(store, now_ms, zone, self._holidays(zone.local(now_ms).date()))
