"""moment.at_store and moment.store_visit: in which store the person is, and whether they just came or dwell there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np

from gyeol.context.facts.kind import Derived, text_column, words
from gyeol.context.place.distance import METRES_PER_DEGREE
from gyeol.context.place.fence import OUTSIDE, Fence, Position, Standing, lapse, move
from gyeol.context.place.stores import Stores
from gyeol.context.place.trail import Whereabouts
from gyeol.context.place.whereabouts import LASTS_MS, latest_places, paths_of
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

VISITS = ("entered", "dwelling")
_REACH_M = 2_000.0
"""A store farther from the last position than this cannot hold somebody who was last heard of there."""


class StoreVisit:
    """The fences of the workspace's ``stores``, folded anew over the latest positions: a pure function of them.

    Args:
        stores: Of the workspace; none: nothing is told.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "at_store": NameInfo(type="text", label={"ko": "지금 있는 매장", "en": "in the store"}),
        "store_visit": NameInfo(
            type="text",
            label={"ko": "매장 방문", "en": "visit to the store"},
            values=words(entered=("막 들어옴", "just came in"), dwelling=("머무는 중", "dwelling")),
        ),
    }
    source = "position"

    def __init__(self, stores: Stores | None = None) -> None:
        self._stores = Stores() if stores is None else stores

    def within(self, stores: Stores) -> StoreVisit:
        """The same, for the stores of a workspace."""
        return StoreVisit(stores)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The latest positions."""
        return latest_places(paths["cell"]) if "cell" in paths and len(self._stores) else []

    def derive(self, read: Callable[[str], Column], n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown outside of every store, and half an hour after the last position."""
        store, visit = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
        since, until = np.full(n, now_ms, np.int64), np.full(n, now_ms + 1, np.int64)
        for row, path in paths_of(read, now_ms).items():
            here = self._inside(path, now_ms)
            if here is not None:
                number, standing = here
                fence = self._stores.fences[number]
                dwells_ms = standing.since_ms + fence.dwell_ms
                store[row], visit[row], since[row] = number, now_ms >= dwells_ms, standing.since_ms
                until[row] = path[-1].at_ms + LASTS_MS
        names = [each.name for each in self._stores.definitions]
        return {
            "at_store": Derived(text_column(names, store), since, until),
            "store_visit": Derived(text_column(VISITS, visit), since, until),
        }

    def along(self, seen: Whereabouts, now_ms: int) -> dict[str, str]:
        """As ``derive``, of somebody who was seen."""
        here = self._inside(seen.path, now_ms) if seen.path else None
        if here is None:
            return {}
        number, standing = here
        dwells = now_ms >= standing.since_ms + self._stores.fences[number].dwell_ms
        return {"at_store": self._stores.definitions[number].name, "store_visit": VISITS[dwells]}

    def _inside(self, path: Sequence[Position], now_ms: int) -> tuple[int, Standing] | None:
        """The store that somebody is in now; of several the one whose middle is nearest."""
        last = path[-1]
        for number in self._stores.near(last.lat, last.lon, _REACH_M):
            fence = self._stores.fences[number]
            if not any(abs(position.lat - fence.lat) * METRES_PER_DEGREE <= 1.001 * fence.radius_m for position in path):
                continue  # who never was as near as this cannot be in it: most stores are left out by a subtraction
            standing = stand(fence, path, now_ms)
            if standing.inside:
                return number, standing
        return None


def stand(fence: Fence, path: Sequence[Position], now_ms: int) -> Standing:
    """How somebody stands to a fence now.

    Args:
        fence: The circle.
        path: Positions, oldest first.
        now_ms: The instant.
    """
    standing = OUTSIDE
    for position in path:
        standing, _ = move(fence, standing, position)
    return lapse(fence, standing, now_ms)[0]
