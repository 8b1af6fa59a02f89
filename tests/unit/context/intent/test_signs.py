"""Which signs of place, weather and the way to work there are."""

from __future__ import annotations

import pytest

from gyeol.context.intent.signs import NEAR_M, REACH_M, Sign, sign_of, signs_beside
from gyeol.context.place.distance import METRES_PER_DEGREE
from gyeol.context.place.fence import Position
from gyeol.context.place.stores import StoreDefinition, Stores

STORES = Stores([StoreDefinition(name="s", lat=37.5, lon=127.0, radius_m=80)])
NOW, MINUTE = 1_780_000_000_000, 60_000


def north(metres: float, minutes_ago: float = 0) -> Position:
    """So far north of the store."""
    return Position(NOW - int(minutes_ago * MINUTE), 37.5 + metres / METRES_PER_DEGREE, 127.0)


@pytest.mark.parametrize(("path", "sign"), [
    ([north(70)], "at_store"),
    ([north(700, 5), north(70)], "at_store"),
    ([north(700, 5), north(250)], "towards_store"),
    ([north(1_900, 5), north(1_500)], "towards_store"),
    ([north(100, 5), north(250)], "near_store"),
    ([north(700, 11), north(250)], "near_store"),
    ([north(NEAR_M - 1)], "near_store"),
    ([north(NEAR_M + 1)], None),
    ([north(REACH_M - 1)], None),
    ([north(REACH_M + 1)], "far_from_stores"),
    ([north(2_900, 5), north(2_500)], "far_from_stores"),
])  # fmt: skip
def test_where_somebody_is(path: list[Position], sign: Sign | None) -> None:
    assert sign_of(path, NOW, STORES) == sign


@pytest.mark.parametrize(("feels", "weather", "commute", "signs"), [
    ("hot", "clear", "none", ("hot_near_store",)),
    ("cold", "snow", "to_home", ("cold_near_store", "rain_near_store", "commute_near_store")),
    ("mild", "storm", "to_work", ("rain_near_store", "commute_near_store")),
    ("warm", "fog", "none", ()),
    (None, None, None, ()),
])  # fmt: skip
def test_what_counts_beside_a_store_that_is_close(feels: str | None, weather: str | None, commute: str | None, signs: tuple[Sign]) -> None:
    assert signs_beside(feels, weather, commute) == signs
