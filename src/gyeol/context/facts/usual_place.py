"""moment.place, moment.travelling: whether somebody is at home, at work or elsewhere; and whether they are far from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.context.facts.kind import Asked, text_column, words
from gyeol.context.facts.store_visit import stand
from gyeol.context.place.distance import metres_between
from gyeol.context.place.fence import Fence
from gyeol.context.place.movement import travelling
from gyeol.context.place.whereabouts import LASTS_MS, latest_places, paths_of
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

PLACES = ("home", "work", "away")
NOT_OF_EVENTS = "home and work are forgotten as soon as somebody withdraws, and what was true of past events could not be told again"
"""Why conditions over events cannot read these facts."""
INSTEAD = "ask for it in audiences and in the eligibility of offers; over events read moment.sigungu or moment.at_store"
RADIUS_M = 400.0
"""Who is as near as this to the middle of the square is there: squares are about 500 m wide, so all of it and little beside."""
_MARGIN_M = 100.0


class UsualPlace:
    """By the latest positions and what was learned (``context/place/haunts.py``) of who agreed to the purpose ``location``.

    The fence of a store: two positions half a minute apart make somebody come and go, so jitter sets nothing off.

    Args:
        asks: Whether the workspace learns usual places.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "place": NameInfo(
            type="text",
            label={"ko": "지금 있는 곳", "en": "place"},
            values=words(home=("집", "at home"), work=("직장", "at work"), away=("그 밖", "elsewhere")),
        ),
        "travelling": NameInfo(type="flag", label={"ko": "여행 중", "en": "travelling"}),
    }
    source = "position"

    def __init__(self, asks: Asked | None = None) -> None:
        self._learns = asks is not None and asks.usual_places

    def asked(self, asks: Asked) -> UsualPlace:
        """The same, as a workspace asks for it."""
        return UsualPlace(asks)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The latest positions."""
        return latest_places(paths["cell"]) if "cell" in paths and self._learns else []

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown of who did not agree or of whom too little is known, and half an hour after the last position."""
        place, far = np.full(n, -1, np.int64), np.zeros(n, np.bool_)
        at, until = np.full(n, now_ms, np.int64), np.full(n, now_ms + 1, np.int64)
        known = np.zeros(n, np.bool_)
        if read.beside is not None and read.beside.learned:
            for row, path in paths_of(read, now_ms).items():
                usual = read.beside.usual(row)
                away = travelling(path[-1], usual)
                if away is None:
                    continue
                known[row], far[row] = True, away
                at[row], until[row] = path[-1].at_ms, path[-1].at_ms + LASTS_MS
                fences = [_fence(name, middle) for name, middle in (("home", usual.home), ("work", usual.work)) if middle is not None]
                inside = [fence.name for fence in fences if stand(fence, path, now_ms).inside]
                if inside:
                    place[row] = PLACES.index(inside[0])
                elif all(metres_between(path[-1].lat, path[-1].lon, f.lat, f.lon) > RADIUS_M + _MARGIN_M for f in fences):
                    place[row] = PLACES.index("away")
        return {"place": Derived(text_column(PLACES, place), at, until), "travelling": Derived(Column("flag", far, known), at, until)}


def _fence(name: str, middle: tuple[float, float]) -> Fence:
    return Fence(name=name, lat=middle[0], lon=middle[1], radius_m=RADIUS_M, margin_m=_MARGIN_M)
