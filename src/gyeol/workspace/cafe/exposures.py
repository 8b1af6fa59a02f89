"""Offers of the past, shown at random, and what came of them: the log that policies are judged on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gyeol.workspace.cafe.offers import FEATURES, OFFERS, chances
from gyeol.workspace.cafe.people import Flags, Floats, Ints, People
from gyeol.workspace.cafe.visits import DAY_MS, HOUR_MS, Visits, anger, sky_at
from gyeol.workspace.cafe.weather import Hourly

NO_OFFER = -1
CONTROL = 0.1
"""Share of the chances that were left without an offer."""
LAPSED_MS = 30 * DAY_MS


class Exposures(NamedTuple):
    """Chances to say something, in order of time."""

    person: Ints
    at_ms: Ints
    offer: Ints
    """Number in ``OFFERS``, or ``NO_OFFER``."""
    contexts: Floats
    """Features, shape (n, 16)."""
    taken: Flags


def contexts_of(people: People, visits: Visits, person: Ints, at_ms: Ints, start_ms: int, weekday: int, weather: Hourly,
                rng: np.random.Generator) -> Floats:  # fmt: skip
    """The features of people at instants; shape (n, 16) in the order of ``FEATURES``."""
    since = at_ms - start_ms
    hour = since // HOUR_MS % 24
    weekend = (since // DAY_MS + weekday) % 7 >= 5
    store = np.where(people.commuter[person] & ~weekend & (hour >= 9) & (hour < 18), people.work[person], people.home[person])
    temperature, wet = sky_at(weather, store, since)
    upset = anger(people, person, at_ms)
    columns = {
        "hot": np.clip((temperature - 20) / 8, 0, 1),
        "cold": np.clip((12 - temperature) / 10, 0, 1),
        "wet": wet,
        "morning": (hour >= 7) & (hour < 11),
        "afternoon": (hour >= 13) & (hour < 18),
        "evening": (hour >= 18) & (hour < 22),
        "weekend": weekend,
        "joy": np.where(upset > 0.1, 0, rng.beta(1.2, 3, len(person))),
        "upset": upset,
        "price_sensitive": people.price_sensitive[person],
        "sweet_tooth": people.sweet_tooth[person],
        "iced_lover": people.iced_lover[person],
        "regular": people.regular[person],
        "lapsed": _lapsed(visits, person, at_ms, start_ms),
        "near": people.gives_place[person] & (rng.random(len(person)) < 0.25),
        "cart": rng.random(len(person)) < 0.12,
    }
    return np.column_stack([np.asarray(columns[name], np.float64) for name in FEATURES])


def draw(people: People, visits: Visits, n: int, start_ms: int, days: int, weekday: int, weather: Hourly,
         rng: np.random.Generator) -> Exposures:  # fmt: skip
    """Chances at random instants between 7 and 22 o'clock, with an offer at random or none."""
    person = rng.integers(0, len(people.home), n)
    at_ms = np.sort(start_ms + rng.integers(0, days, n) * DAY_MS + rng.integers(7 * HOUR_MS, 22 * HOUR_MS, n))
    contexts = contexts_of(people, visits, person, at_ms, start_ms, weekday, weather, rng)
    offer = np.where(rng.random(n) < CONTROL, NO_OFFER, rng.integers(0, len(OFFERS), n))
    taken = (rng.random(n) < chances(contexts)[np.arange(n), np.maximum(offer, 0)]) & (offer != NO_OFFER)
    return Exposures(person, at_ms, offer, contexts, taken)


def _lapsed(visits: Visits, person: Ints, at_ms: Ints, start_ms: int) -> Flags:
    """Whether the last visit before an instant is 30 days old; before the first day nobody is."""
    order = np.lexsort((visits.at_ms, visits.person))
    keys = visits.person[order] * (1 << 42) + (visits.at_ms[order] - start_ms)
    at = np.searchsorted(keys, person * (1 << 42) + (at_ms - start_ms)) - 1
    known = (at >= 0) & (visits.person[order][np.maximum(at, 0)] == person)
    last = np.where(known, visits.at_ms[order][np.maximum(at, 0)], start_ms - DAY_MS)
    return at_ms - last >= LAPSED_MS
