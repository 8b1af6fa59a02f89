"""What is known of the stores as of an event: which one is nearest, and where somebody is in one, or on the way to it.

The nearest store follows from the event's own position alone. In which store somebody is follows from this and from the last 60
positions, and the last beacon, that the log held before the event under the same identifier: who is joined with whom may change later, and
what an event was joined with may not. The stores are those of now: other ones are other definitions, by which the past is told anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

import msgspec

from gyeol.context.fact import FactValue
from gyeol.context.facts.kind import FactKind
from gyeol.context.facts.nearest_store import NearestStore
from gyeol.context.facts.store_visit import StoreVisit
from gyeol.context.facts.store_zone import StoreZones
from gyeol.context.facts.towards_store import TowardsStore
from gyeol.context.place.regions import Floats
from gyeol.context.place.stores import StoreDefinition, Stores
from gyeol.context.place.trail import Whereabouts
from gyeol.events.reading import Reading
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone

NEAREST: tuple[str, ...] = tuple(NearestStore.names)
"""By the event's own position. Without ``moment.``, as all names here."""
ALONG: tuple[str, ...] = (*StoreVisit.names, *TowardsStore.names, *StoreZones.names)
"""By earlier positions, too."""
NAMES: tuple[str, ...] = (*NEAREST, *ALONG)
_PLACE, _FENCE = ("name", "lat", "lon"), ("name", "lat", "lon", "radius_m")
_RESTS_ON: dict[str, tuple[str, ...]] = {
    "nearest_store": _PLACE,
    "store_distance_m": _PLACE,
    "store_open": (*_PLACE, "hours", "days"),
    "at_store": _FENCE,
    "store_visit": (*_FENCE, "dwell"),
    "towards_store": _FENCE,
    "store_zone": ("name", "zones"),
}
"""Which fields of a store each fact follows from."""


class AlongKind(FactKind, Protocol):
    """Facts that follow from where somebody was, and from nothing else."""

    def along(self, seen: Whereabouts, now_ms: int) -> dict[str, str]:
        """What counts at an instant, by name."""
        ...


class StoresOfEvents:
    """The facts that some conditions over events ask for.

    Args:
        names: Without ``moment.``; others are passed over.
        moment: Of the workspace: where events say where they happened; without ``cell`` only beacons are heard.
        stores: Of the workspace; without any nothing is told.
        reading: Types by the tracking plan.
        zone: The workspace's.

    Attributes:
        nearest, along: What can be told of what is asked for.
        degrees: The paths of latitude, longitude and accuracy; none: events say no position.
        beacon: The path of the beacon.
    """

    def __init__(self, names: Iterable[str], moment: Mapping[str, str], stores: Stores, reading: Reading, zone: Zone) -> None:
        wanted, kinds = frozenset(names), reading.types
        path = moment.get("cell")
        degrees = () if path is None else (f"{path}.latitude", f"{path}.longitude", f"{path}.accuracy")
        # Of another type by the plan they are no degrees, and the traits that keep positions are empty.
        self.degrees = degrees if all(kinds.get(each, "number") == "number" for each in degrees) else ()
        heard = moment.get("beacon") if any(part.beacon for _, part in stores.zones) else None
        self.beacon = heard if heard is not None and kinds.get(heard, "text") == "text" else None
        self.nearest = tuple(name for name in NEAREST if name in wanted and self.degrees and len(stores))
        told = [name for name in ALONG if name in wanted and len(stores) and (self.degrees or (name in StoreZones.names and self.beacon))]
        self.along = tuple(told)
        along: tuple[AlongKind, ...] = (StoreVisit(stores), TowardsStore(stores), StoreZones(stores))
        self._kinds = [kind for kind in along if not kind.names.keys().isdisjoint(self.along)]
        self._near, self._zone = NearestStore(stores), zone

    def __bool__(self) -> bool:
        return bool(self.nearest or self.along)

    @property
    def names(self) -> tuple[str, ...]:
        """What can be told of what is asked for."""
        return self.nearest + self.along

    def paths(self, name: str) -> list[str]:
        """The paths of events from which a fact follows; none when it cannot be told."""
        if name in self.nearest:
            return [*self.degrees[:2]]
        return [*self.degrees, *([] if self.beacon is None else [self.beacon])] if name in self.along else []

    def of_points(self, lat: Floats, lon: Floats, at_ms: Int64) -> dict[str, list[FactValue | None]]:
        """(n,) of some points at an instant each, by name; see ``NearestStore.of_points``."""
        found = self._near.of_points(lat, lon, at_ms, self._zone, hours="store_open" in self.nearest)
        return {name: found[name] for name in self.nearest}

    def told(self, seen: Whereabouts, at_ms: int) -> dict[str, str]:
        """What counts at an instant of where somebody was, by name."""
        return {name: value for kind in self._kinds for name, value in kind.along(seen, at_ms).items() if name in self.along}


class AskingStores(NamedTuple):
    """Which events ask for what.

    Args:
        stores: The facts.
        events: Names of the events whose conditions read them; ``$any``: all.
        kinds: Name with ``moment.`` → its type, of what can be told.
    """

    stores: StoresOfEvents
    events: frozenset[str]
    kinds: dict[str, NameInfo]


def rests_on(name: str, stores: Iterable[StoreDefinition]) -> object:
    """What of the stores decides a fact; for two lists of stores the same where they tell the same.

    Args:
        name: Without ``moment.``.
        stores: Of a workspace, in order.
    """
    held = ({key: getattr(store, key) for key in _RESTS_ON.get(name, ())} for store in stores)
    return [{**each, "zones": [_unlabelled(part) for part in each["zones"]]} if "zones" in each else each for each in held]


def _unlabelled(part: msgspec.Struct) -> msgspec.Struct:
    return msgspec.structs.replace(part, label={})
