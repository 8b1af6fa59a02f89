"""Signs of an intent that no action tells: where somebody is, and what the weather is like there.

They are a rule of our own, not learned: in the made-up coffee chain, which the weights were learned from, neither changes what somebody
intends. So they weigh little: together less than one action, enough to tip the scales where actions leave a doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.place.distance import metres_between
from gyeol.context.place.movement import towards
from gyeol.context.place.stores import Stores
from gyeol.context.place.whereabouts import paths_of
from gyeol.kernel.instants import Int64

Sign = Literal["at_store", "towards_store", "near_store", "hot_near_store", "cold_near_store", "rain_near_store"]
WEIGHTS: dict[Sign, dict[str, float]] = {
    "at_store": {"use": 0.3, "buy": 0.2},
    "towards_store": {"buy": 0.3, "use": 0.15},
    "near_store": {"buy": 0.15, "use": 0.1},
    "hot_near_store": {"buy": 0.15},
    "cold_near_store": {"buy": 0.15},
    "rain_near_store": {"buy": 0.1, "use": 0.1},
}
"""Log-odds that a sign adds to intents: 0.15 makes a chance of 0.30 one of 0.33."""
SIGNS: tuple[Sign, ...] = tuple(WEIGHTS)
NEAR_M = 300.0
"""As far as this a store is near: a walk of four minutes. Our own choice."""
REACH_M = 2_000.0
"""A store farther away is not what somebody walks to; as ``moment.towards_store`` has it."""
_FEELS: dict[object, Sign] = {"hot": "hot_near_store", "cold": "cold_near_store"}
_WET = ("rain", "snow", "storm")


def signs_of(read: Read, at: Int64, now_ms: int, stores: Stores) -> Mapping[int, tuple[Sign, ...]]:
    """The signs of some people, by their place; who is not there has none.

    Args:
        read: Traits, and what is known beside them.
        at: (m,) places of the people (ascending, distinct).
        now_ms: The instant.
        stores: Of the workspace, at least one.
    """
    found: dict[int, tuple[Sign, ...]] = {}
    try:
        paths = paths_of(read if len(at) == read.n else lambda trait: read(trait, at), now_ms)
    except KeyError:  # the workspace does not say where to find positions
        return found
    for i, path in paths.items():
        last = path[-1]
        within = stores.near(last.lat, last.lon, REACH_M)
        if not within:
            continue
        nearest = stores.definitions[within[0]]
        away = metres_between(last.lat, last.lon, nearest.lat, nearest.lon)
        if away <= nearest.radius_m:
            found[int(at[i])] = ("at_store",)
        elif any(towards(path, stores.definitions[each].lat, stores.definitions[each].lon, now_ms) for each in within):
            found[int(at[i])] = ("towards_store",)
        elif away <= NEAR_M:
            found[int(at[i])] = ("near_store",)
    if not found or read.beside is None:
        return found
    places = np.array(list(found), np.int64)
    feels, weather = (read.beside.column(name, places) for name in ("feels", "weather"))
    for i, place in enumerate(places.tolist()):
        felt = _FEELS.get(feels.item(i))
        found[place] += (() if felt is None else (felt,)) + (("rain_near_store",) if weather.item(i) in _WET else ())
    return found
