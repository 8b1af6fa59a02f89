"""Two points by themselves are as far apart as many at once say, and stores near a point are found by looking at few."""

from __future__ import annotations

import random

import pytest

from gyeol.context.place.distance import METRES_PER_DEGREE, metres, metres_between
from gyeol.context.place.stores import StoreDefinition, Stores


@pytest.mark.parametrize("seed", range(20))
def test_two_points_and_many(seed: int) -> None:
    chance = random.Random(seed)
    spread = chance.choice([0.001, 1.0, 90.0])
    a, b = ((chance.uniform(-spread, spread), chance.uniform(-2 * spread, 2 * spread)) for _ in range(2))
    far = metres_between(*a, *b)
    assert far == pytest.approx(float(metres(*a, *b)), rel=1e-12, abs=1e-6)
    assert far >= abs(a[0] - b[0]) * METRES_PER_DEGREE * (1 - 1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_near_stores_nearest_first(seed: int) -> None:
    chance = random.Random(seed)
    places = [(37.5 + chance.gauss(0, 0.02), 127.0 + chance.gauss(0, 0.02)) for _ in range(30)]
    places += [places[0]]  # of equals the first
    stores = Stores([StoreDefinition(name=f"s{i}", lat=lat, lon=lon) for i, (lat, lon) in enumerate(places)])
    lat, lon = 37.5 + chance.gauss(0, 0.02), 127.0 + chance.gauss(0, 0.02)
    by_hand = sorted((metres_between(lat, lon, *place), i) for i, place in enumerate(places))
    for within_m in (100.0, 1_000.0, 5_000.0):
        assert stores.near(lat, lon, within_m) == [i for away, i in by_hand if away <= within_m]
    number, away = stores.nearest_to(lat, lon)
    assert number == by_hand[0][1]
    assert away == pytest.approx(by_hand[0][0])
