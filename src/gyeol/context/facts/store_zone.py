"""moment.store_zone: in which part of a store somebody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.context.facts.kind import text_column
from gyeol.context.place.fence import Position
from gyeol.context.place.stores import Stores
from gyeol.context.place.trail import Whereabouts
from gyeol.context.place.whereabouts import latest_places, paths_of
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

BEACON, SINCE = "moment_beacon", "moment_beacon_at"
LASTS_MS = 10 * 60_000
"""So long after a beacon was heard, or a position, somebody counts as being there. Our own choice."""
_NOWHERE = -1
_LATEST = 12
"""Of so many of the latest positions two in a row must agree."""


class StoreZones:
    """By the beacon that was heard last, else by the latest positions: two in a row must say the same, so that jitter moves nobody.

    Args:
        stores: Of the workspace; none with parts: nothing is told.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {"store_zone": NameInfo(type="text", label={"ko": "매장 안 구역", "en": "part of the store"})}
    source = "position"

    def __init__(self, stores: Stores | None = None) -> None:
        self._stores = Stores() if stores is None else stores
        self._names = [f"{self._stores.definitions[number].name}/{zone.name}" for number, zone in self._stores.zones]
        self._drawn = [(i, zone) for i, (_, zone) in enumerate(self._stores.zones) if zone.corners or zone.lat is not None]
        self._of_beacon = {zone.beacon: i for i, (_, zone) in enumerate(self._stores.zones) if zone.beacon}

    def within(self, stores: Stores) -> StoreZones:
        """The same, for the stores of a workspace."""
        return StoreZones(stores)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The last beacon and the latest positions."""
        found: list[TraitDefinition] = []
        if "beacon" in paths and self._of_beacon:
            where = f"{paths['beacon']} IS NOT NULL"
            found.append(TraitDefinition(name=BEACON, kind="last", event="$any", property=paths["beacon"]))
            found.append(TraitDefinition(name=SINCE, kind="max", event="$any", property="timestamp", where=where, scale=0))
        if "cell" in paths and self._names:
            found += latest_places(paths["cell"])
        return found

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown outside of every part, and ten minutes after the last sign."""
        found, at = np.full(n, _NOWHERE, np.int64), np.zeros(n, np.int64)
        for row, path in self._paths(read, now_ms).items():
            part = self._part(path)
            if part is not None:
                found[row], at[row] = part, path[-1].at_ms
        if self._of_beacon:
            self._hear(read, now_ms, found, at)
        found[(at + LASTS_MS <= now_ms) | (at > now_ms)] = _NOWHERE
        return {"store_zone": Derived(text_column(self._names, found), at, at + LASTS_MS)}

    def along(self, seen: Whereabouts, now_ms: int) -> dict[str, str]:
        """As ``derive``, of somebody who was seen."""
        part = self._part(seen.path) if seen.path else None
        at = 0 if part is None else seen.path[-1].at_ms
        heard = None if seen.beacon is None else self._of_beacon.get(seen.beacon)
        if heard is not None and seen.heard_ms >= at and seen.heard_ms + LASTS_MS > now_ms:
            part, at = heard, seen.heard_ms
        return {"store_zone": self._names[part]} if part is not None and part >= 0 and now_ms < at + LASTS_MS else {}

    def _paths(self, read: Read, now_ms: int) -> dict[int, list[Position]]:
        try:
            return paths_of(read, now_ms)
        except KeyError:  # no positions are kept
            return {}

    def _part(self, path: Sequence[Position]) -> int | None:
        """The part that two positions in a row, the latest that agree, lie in; None: no two do."""
        seen = [self._at(position) for position in path[-_LATEST:]]
        return next((seen[i] for i in range(len(seen) - 1, 0, -1) if seen[i] == seen[i - 1]), None)

    def _at(self, position: Position) -> int:
        """The part that holds a position; of several the first one."""
        return next((i for i, part in self._drawn if part.holds(position.lat, position.lon)), _NOWHERE)

    def _hear(self, read: Read, now_ms: int, found: Int64, at: Int64) -> None:
        try:
            said, since = read(BEACON), read(SINCE)
        except KeyError:  # no beacons are kept
            return
        if said.vocabulary is None:  # the plan says that beacons are no texts
            return
        heard = np.where(since.known, since.values, 0).astype(np.int64)
        names = said.vocabulary.words
        for row in np.flatnonzero(said.known & since.known & (heard <= now_ms) & (heard >= at)).tolist():
            part = self._of_beacon.get(names[int(said.values[row])])
            if part is not None and heard[row] + LASTS_MS > now_ms:
                found[row], at[row] = part, heard[row]
