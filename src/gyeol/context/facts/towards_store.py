"""moment.towards_store: the store towards which the person is walking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np

from gyeol.context.facts.kind import Derived, text_column
from gyeol.context.place.distance import metres_between
from gyeol.context.place.fence import Position
from gyeol.context.place.movement import LOOK_BACK_MS, towards
from gyeol.context.place.stores import Stores
from gyeol.context.place.trail import Whereabouts
from gyeol.context.place.whereabouts import latest_places, paths_of
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

REACH_M = 2_000.0
"""A store farther away is not what somebody walks to, our own choice."""


class TowardsStore:
    """Worked out from the latest positions and the workspace's ``stores``.

    Args:
        stores: Of the workspace; none: nothing is told.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "towards_store": NameInfo(type="text", label={"ko": "향하고 있는 매장", "en": "on the way to the store"})
    }
    source = "position"

    def __init__(self, stores: Stores | None = None) -> None:
        self._stores = Stores() if stores is None else stores

    def within(self, stores: Stores) -> TowardsStore:
        """The same, among the stores of a workspace."""
        return TowardsStore(stores)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The latest positions."""
        return latest_places(paths["cell"]) if "cell" in paths and len(self._stores) else []

    def derive(self, read: Callable[[str], Column], n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """The nearest store that lies ahead; unknown of who stands still, has arrived, or was not heard of for ten minutes."""
        store = np.full(n, -1, np.int64)
        at, until = np.full(n, now_ms, np.int64), np.full(n, now_ms + 1, np.int64)
        for row, path in paths_of(read, now_ms).items():
            ahead = self._ahead(path, now_ms)
            if ahead is not None:
                store[row], at[row], until[row] = ahead, path[-1].at_ms, path[-1].at_ms + LOOK_BACK_MS
        names = [each.name for each in self._stores.definitions]
        return {"towards_store": Derived(text_column(names, store), at, until)}

    def along(self, seen: Whereabouts, now_ms: int) -> dict[str, str]:
        """As ``derive``, of somebody who was seen."""
        if not seen.path or seen.path[-1].at_ms + LOOK_BACK_MS <= now_ms:
            return {}
        ahead = self._ahead(seen.path, now_ms)
        return {} if ahead is None else {"towards_store": self._stores.definitions[ahead].name}

    def _ahead(self, path: Sequence[Position], now_ms: int) -> int | None:
        """The nearest store that lies ahead of who came along a path and has not arrived."""
        last = path[-1]
        for number in self._stores.near(last.lat, last.lon, REACH_M):
            to = self._stores.definitions[number]
            arrived = metres_between(last.lat, last.lon, to.lat, to.lon) <= to.radius_m
            if not arrived and towards(path, to.lat, to.lon, now_ms):
                return number
        return None
