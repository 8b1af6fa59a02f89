"""Signs of an intent that no action tells: where somebody is, what the weather is like there, and whether people are on their way.

What they weigh was learned together with what actions weigh (``model``); here it is only told which of them there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.place.distance import metres_between
from gyeol.context.place.fence import Position
from gyeol.context.place.movement import towards
from gyeol.context.place.stores import Stores
from gyeol.context.place.whereabouts import paths_of
from gyeol.kernel.instants import Int64

Sign = Literal[
    "at_store", "towards_store", "near_store", "far_from_stores",
    "hot_near_store", "cold_near_store", "rain_near_store", "commute_near_store",
]  # fmt: skip
SIGNS: tuple[Sign, ...] = get_args(Sign)
"""One of the first four where a position is known, or none of them between near and far; the others only beside one of the first three."""
NEAR_M = 300.0
"""As far as this a store is near: a walk of four minutes. Our own choice."""
REACH_M = 2_000.0
"""A store farther away is not what somebody walks to; as ``moment.towards_store`` has it."""
_FEELS: dict[object, Sign] = {"hot": "hot_near_store", "cold": "cold_near_store"}
_WET = ("rain", "snow", "storm")
_WAYS = ("to_work", "to_home")


def signs_of(read: Read, at: Int64, now_ms: int, stores: Stores) -> Mapping[int, tuple[Sign, ...]]:
    """The signs of some people, by their place; who is not there has none.

    Args:
        read: Traits, and what is known beside them.
        at: (m,) places of the people (ascending, distinct).
        now_ms: The instant.
        stores: Of the workspace, at least one.
    """
    try:
        paths = paths_of(read if len(at) == read.n else lambda trait: read(trait, at), now_ms)
    except KeyError:  # the workspace does not say where to find positions
        return {}
    placed = ((i, sign_of(path, now_ms, stores)) for i, path in paths.items())
    found: dict[int, tuple[Sign, ...]] = {int(at[i]): (sign,) for i, sign in placed if sign is not None}
    close = [place for place, (sign,) in found.items() if sign != "far_from_stores"]
    if not close or read.beside is None:
        return found
    places = np.array(close, np.int64)
    feels, weather, commute = (read.beside.column(name, places) for name in ("feels", "weather", "commute"))
    for i, place in enumerate(close):
        found[place] += signs_beside(feels.item(i), weather.item(i), commute.item(i))
    return found


def sign_of(path: Sequence[Position], now_ms: int, stores: Stores) -> Sign | None:
    """What the latest positions say; None between near and far.

    Args:
        path: In order of time, at least one.
        now_ms: The instant.
        stores: At least one.
    """
    last = path[-1]
    within = stores.near(last.lat, last.lon, REACH_M)
    if not within:
        return "far_from_stores"
    nearest = stores.definitions[within[0]]
    away = metres_between(last.lat, last.lon, nearest.lat, nearest.lon)
    if away <= nearest.radius_m:
        return "at_store"
    if any(towards(path, stores.definitions[each].lat, stores.definitions[each].lon, now_ms) for each in within):
        return "towards_store"
    return "near_store" if away <= NEAR_M else None


def signs_beside(feels: object, weather: object, commute: object) -> tuple[Sign, ...]:
    """What else there is of signs for somebody who is close to a store.

    Args:
        feels: ``moment.feels`` there; None: not known.
        weather: ``moment.weather`` there.
        commute: ``moment.commute``.
    """
    felt = _FEELS.get(feels)
    there: tuple[Sign, ...] = () if felt is None else (felt,)
    there += ("rain_near_store",) if weather in _WET else ()
    return there + (("commute_near_store",) if commute in _WAYS else ())
