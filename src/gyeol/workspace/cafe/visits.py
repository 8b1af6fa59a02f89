"""Visits: when somebody opens the app, the site or the door, where and in which weather, and what they have in mind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.workspace.cafe import places
from gyeol.workspace.cafe.menu import PRODUCTS, STORES
from gyeol.workspace.cafe.people import Flags, Floats, Ints, People
from gyeol.workspace.cafe.places import Places
from gyeol.workspace.cafe.weather import RAIN, SNOW, Hourly

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
INTENTS = ("browse", "compare", "buy", "use", "help", "leave")
BROWSE, COMPARE, BUY, USE, HELP, LEAVE = range(len(INTENTS))
CHANNELS = ("app", "web", "till")
APP, WEB, TILL = range(len(CHANNELS))
UPSET_HALF_LIFE_MS = 2 * DAY_MS
"""After this half of an anger is left."""

_COMMUTING = (0, 0, 0, 0, 0, 1, 4, 12, 14, 7, 4, 5, 13, 11, 5, 5, 4, 4, 9, 8, 4, 3, 2, 1)
_OTHER_DAYS = (0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 8, 9, 9, 10, 11, 11, 9, 7, 6, 5, 4, 3, 2, 1)
_INTENT_ODDS = np.log(np.array([0.381, 0.175, 0.240, 0.113, 0.057, 0.034]))
"""Of who has a day off, is calm, and is between near and far of a shop; with all that moves them a third of the visits is to buy."""


class Visits(NamedTuple):
    """Visits in order of time, one in each row."""

    person: Ints
    at_ms: Ints
    channel: Ints
    store: Ints
    intent: Ints
    upset: Floats
    temperature: Floats
    wet: Flags
    product: Ints
    """What they have in mind."""
    places: Places
    """Where they are; at the till it is not looked at."""


def draw(people: People, start_ms: int, days: int, weather: Hourly, weekday: int, rng: np.random.Generator) -> Visits:
    """All visits.

    Args:
        people: The customers.
        start_ms: The first midnight in Korea.
        days: How many.
        weather: Of the same time.
        weekday: Of the first day; 0 is Monday.
        rng: Of the seed.
    """
    counts = rng.poisson(people.visits_a_day * days)
    person = np.repeat(np.arange(len(counts)), counts)
    n = len(person)
    day = rng.integers(0, days, n)
    weekend = (day + weekday) % 7 >= 5
    commuting = people.commuter[person] & ~weekend
    hour = np.where(commuting, _hours(_COMMUTING, n, rng), _hours(_OTHER_DAYS, n, rng))
    at_ms = start_ms + day * DAY_MS + hour * HOUR_MS + rng.integers(0, HOUR_MS, n)
    order = np.argsort(at_ms, kind="stable")
    person, at_ms, commuting = person[order], at_ms[order], commuting[order]
    store = np.where(commuting, people.work[person], people.home[person])
    temperature, wet = sky_at(weather, store, at_ms - start_ms)
    upset = anger(people, person, at_ms)
    shop = rng.random(n)
    channel = np.where(
        people.has_app[person], np.where(shop < 0.5, APP, np.where(shop < 0.65, WEB, TILL)), np.where(shop < 0.55, WEB, TILL)
    )
    odds = np.tile(_INTENT_ODDS, (n, 1))
    odds[:, HELP] += 3.2 * upset
    odds[:, LEAVE] += 2.2 * upset
    odds[:, BUY] += 0.6 * commuting - 1.2 * upset
    odds[:, COMPARE] += 1.2 * (people.price_sensitive[person] - 0.45)
    hour = (at_ms - start_ms) // HOUR_MS % 24
    # Randomness of their own: whoever comes, and when, is the same wherever they are.
    where = places.draw(people, person, store, commuting, rng.spawn(1)[0])
    odds += places.leaning(where, temperature, wet, commuting & np.isin(hour, places.RUSH), INTENTS)
    intent = np.where(channel == TILL, BUY, np.argmax(odds + rng.gumbel(size=odds.shape), axis=1))
    product = wanted(people, person, temperature, hour, rng)
    return Visits(person, at_ms, channel, store, intent, upset, temperature, wet, product, where)


def sky_at(weather: Hourly, store: Ints, since_ms: Ints) -> tuple[Floats, Flags]:
    """Temperature and whether it rains or snows, at shops some time after the first midnight."""
    region = np.array([each.region for each in STORES])[store]
    hour = np.minimum(since_ms // HOUR_MS, weather.temperature.shape[1] - 1)
    sky = weather.sky[region, hour]
    return weather.temperature[region, hour], (sky == RAIN) | (sky == SNOW)


def anger(people: People, person: Ints, at_ms: Ints) -> Floats:
    """How upset somebody is: 1 when something has just gone wrong, then halving."""
    since = at_ms - people.upset_ms[person]
    return np.where((people.upset_ms[person] >= 0) & (since >= 0), 0.5 ** (since / UPSET_HALF_LIFE_MS), 0.0)


def wanted(people: People, person: Ints, temperature: Floats, hour: Ints, rng: np.random.Generator) -> Ints:
    """A product that suits the person, the weather and the hour."""
    chill = np.array([p.chill for p in PRODUCTS])
    sweet = np.array([p.sweet for p in PRODUCTS])
    category = np.array([p.category for p in PRODUCTS])
    warmth = np.clip((temperature - 15) / 10, -1.5, 1.5) + 1.5 * (people.iced_lover[person] - 0.5)
    likes = np.outer(warmth, chill) + np.outer(2.5 * (people.sweet_tooth[person] - 0.4), sweet)
    likes -= np.outer(people.price_sensitive[person], np.array([p.price for p in PRODUCTS]) / 9_000)
    likes[:, category == "meal"] += np.where((hour >= 7) & (hour < 13), 0.8, -0.6)[:, None]
    likes[:, category == "dessert"] += np.where((hour >= 13) & (hour < 18), 0.7, -0.2)[:, None]
    likes[:, category == "coffee"] += np.where(hour < 12, 1.4, 0.5)[:, None]
    likes[:, category == "goods"] -= 0.5
    return np.asarray(np.argmax(likes + rng.gumbel(size=likes.shape), axis=1), np.int64)


def _hours(weights: tuple[int, ...], n: int, rng: np.random.Generator) -> Ints:
    chance: NDArray[np.float64] = np.array(weights) / sum(weights)
    return rng.choice(24, n, p=chance)
