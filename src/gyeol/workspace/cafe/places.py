"""Where people are when they open the app or the site, and what place × weather makes of what they have in mind: known truth.

Half of the visits that are not made at a shop happen about one, the rest at home; some are made at a table of the shop, some on the way
to it. Within 300 m of a shop people are likelier to come to buy or to use something now, the more so in heat, cold or rain and, of
commuters, on the way to work or home; beyond 2 km they look about. All of that is log-odds of our own, which stand below: nothing of it was
measured of real people. What is told of a place is some metres off, and few tell it; the truth knows it of everybody.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gyeol.context.place.distance import METRES_PER_DEGREE
from gyeol.context.place.stores import StoreDefinition, Stores
from gyeol.workspace.cafe.menu import STORES
from gyeol.workspace.cafe.people import Flags, Floats, Ints, People

SHOPS = Stores([StoreDefinition(name=store.id, lat=store.lat, lon=store.lon) for store in STORES])
INSIDE_M, NEAR_M, FAR_M = 80.0, 300.0, 2_000.0
"""At a shop, near one (a walk of four minutes), and farther than anybody walks to one."""
WALK_MS, WALK_M = 4 * 60_000, 300.0
"""Who walks to a shop was so much farther from it so long ago."""
NOISE_M = 12.0
"""How far off is what a phone tells, north and east. Source: van Diggelen, Enge, ION GNSS+ 2015: 4.9 m under open sky; more in streets."""
RUSH = (7, 8, 18, 19)
"""Hours of the way to work and home, of commuters on weekdays."""
_AT_TABLE = 0.07
_ABOUT_SHOP, _ABOUT_WORK = 0.5, 0.75
"""Of the others: share that is about their shop, on a day off and on a day at work; the rest is at home."""
_WALKS = 0.25
"""Of those about a shop: on the way to it."""
_TABLE_M, _ABOUT_M = 20.0, 440.0
"""Spread, north and east, about the shop."""
ODDS: dict[str, dict[str, float]] = {
    "inside": {"use": 1.2, "buy": 0.5},
    "going": {"buy": 0.9, "use": 0.5},
    "near": {"buy": 0.5, "use": 0.3},
    "far": {"browse": 0.5, "compare": 0.3, "use": -0.5, "buy": -0.3},
    "heat": {"buy": 0.8},
    "chill": {"buy": 0.7, "use": 0.2},
    "wet": {"use": 0.5, "buy": 0.3},
    "rush": {"buy": 0.8},
}
"""What is added to the log-odds of an intent. The first four exclude each other; the last four count only with one of the first three.
``heat`` grows from 22 °C to 1 at 30 °C, ``chill`` from 10 °C to 1 at 2 °C."""


class Places(NamedTuple):
    """Where people truly are, one visit in each row.

    Args:
        lat: Degrees.
        lon: Degrees.
        was_lat: Where they were ``WALK_MS`` before; of who does not walk the same.
        was_lon: The same.
        away_m: Metres to the nearest shop.
        going: Whether they walk to their shop.
    """

    lat: Floats
    lon: Floats
    was_lat: Floats
    was_lon: Floats
    away_m: Floats
    going: Flags


def draw(people: People, person: Ints, store: Ints, at_work: Flags, rng: np.random.Generator) -> Places:
    """Where people are at their visits.

    Args:
        people: The customers.
        person: (n,) who comes.
        store: (n,) to which shop they would go.
        at_work: (n,) whether it is a day at work.
        rng: Of the seed, of places alone.
    """
    n = len(person)
    table = rng.random(n) < _AT_TABLE
    about = ~table & (rng.random(n) < np.where(at_work, _ABOUT_WORK, _ABOUT_SHOP))
    spread = np.where(table, _TABLE_M, _ABOUT_M)
    north, east = rng.normal(0, 1, n) * spread, rng.normal(0, 1, n) * spread
    going = about & (rng.random(n) < _WALKS)
    shop_lat, shop_lon = SHOPS.lat[store], SHOPS.lon[store]
    longer = np.where(going, 1 + WALK_M / np.maximum(np.hypot(north, east), 1.0), 1.0)
    here, before = (_moved(shop_lat, shop_lon, north * times, east * times) for times in (1.0, longer))
    at_home = ~table & ~about
    lat, lon = np.where(at_home, people.lat[person], here[0]), np.where(at_home, people.lon[person], here[1])
    was_lat, was_lon = np.where(going, before[0], lat), np.where(going, before[1], lon)
    return Places(lat, lon, was_lat, was_lon, SHOPS.nearest(lat, lon)[1], going)


def told(lat: Floats, lon: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """What phones tell of places: latitudes and longitudes to a ten-centimetre."""
    found = _moved(lat, lon, rng.normal(0, NOISE_M, len(lat)), rng.normal(0, NOISE_M, len(lat)))
    return np.round(found[0], 6), np.round(found[1], 6)


def leaning(places: Places, temperature: Floats, wet: Flags, rush: Flags, intents: tuple[str, ...]) -> Floats:
    """What place × weather adds to the log-odds of each intent, shape (n, intents).

    Args:
        places: Of n visits.
        temperature: (n,) °C.
        wet: (n,) whether it rains or snows.
        rush: (n,) whether somebody commutes and it is the hour of it.
        intents: Their names.
    """
    inside = places.away_m <= INSIDE_M
    going = places.going & ~inside
    near = ~inside & ~going & (places.away_m <= NEAR_M)
    close = inside | going | near
    columns = {
        "inside": inside,
        "going": going,
        "near": near,
        "far": ~close & (places.away_m > FAR_M),
        "heat": close * np.clip((temperature - 22) / 8, 0, 1),
        "chill": close * np.clip((10 - temperature) / 8, 0, 1),
        "wet": close & wet,
        "rush": close & rush,
    }
    weights = np.array([[ODDS[name].get(intent, 0.0) for intent in intents] for name in columns])
    return np.asarray(np.column_stack([np.asarray(each, np.float64) for each in columns.values()]) @ weights)


def _moved(lat: Floats, lon: Floats, north_m: Floats, east_m: Floats) -> tuple[Floats, Floats]:
    """Points so many metres farther, on a plane: good to a metre within some kilometres."""
    return lat + north_m / METRES_PER_DEGREE, lon + east_m / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
