"""How somebody moves: towards a place, away from where they usually are; and where they usually are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from gyeol.context.place.distance import apart, bearing, metres_between
from gyeol.context.place.fence import Position
from gyeol.kernel.instants import Zone

Kind = Literal["home", "work"]
Square = tuple[int, int]
LOOK_BACK_MS = 10 * 60_000
"""Positions older than this say nothing of where somebody is going."""
FEWEST_METRES = 60.0
"""Less than this is standing still: phones jitter by some ten metres."""
TOWARDS_DEG = 35.0
"""How far off the straight line still counts as towards."""
USUAL_CELL_DEG = 0.005
"""Side of the squares in which usual places are counted: about 500 m."""
USUAL_DAYS = 3
"""On how many different days somebody must have been there."""
TRAVEL_KM = 60.0
"""Farther than this from home and work is travelling, our own choice: beyond it few commute in Korea."""


def heading(positions: Sequence[Position], now_ms: int) -> float | None:
    """The direction in which somebody moves.

    Args:
        positions: In order of time.
        now_ms: The instant.

    Returns:
        Degrees clockwise from north; None while they stand still or too little is known.
    """
    recent = [p for p in positions if now_ms - LOOK_BACK_MS <= p.at_ms <= now_ms]
    if len(recent) < 2:
        return None
    first, last = recent[0], recent[-1]
    far = metres_between(first.lat, first.lon, last.lat, last.lon)
    if far < max(FEWEST_METRES, first.accuracy_m + last.accuracy_m):
        return None
    return bearing(first.lat, first.lon, last.lat, last.lon)


def towards(positions: Sequence[Position], lat: float, lon: float, now_ms: int) -> bool | None:
    """Whether somebody moves towards a place and has come nearer to it; None: it cannot be told."""
    going = heading(positions, now_ms)
    if going is None:
        return None
    recent = [p for p in positions if now_ms - LOOK_BACK_MS <= p.at_ms <= now_ms]
    first, last = recent[0], recent[-1]
    nearer = metres_between(last.lat, last.lon, lat, lon) < metres_between(first.lat, first.lon, lat, lon)
    return nearer and apart(going, bearing(last.lat, last.lon, lat, lon)) <= TOWARDS_DEG


class Usual(msgspec.Struct, frozen=True):
    """Where somebody usually is.

    Args:
        home: Centre of the square of their nights, (latitude, longitude).
        work: Centre of the square of their working hours, when it is another.
    """

    home: tuple[float, float] | None = None
    work: tuple[float, float] | None = None


def usual_places(positions: Sequence[Position], zone: Zone) -> Usual:
    """Learn home and work from positions; only with consent, that is the caller's to see to.

    Home is the square in which somebody was on most nights (21 to 6 o'clock), work that of most weekdays between 10 and 17 o'clock; each on
    three different days at least. Squares of one day count once, so that a long stay is no more than a short one.

    Args:
        positions: In any order; the result does not depend on it.
        zone: The person's.

    Returns:
        What could be learned.
    """
    stays: dict[tuple[Kind, Square], set[int]] = {}
    for position in positions:
        found = stay_of(position.at_ms, position.lat, position.lon, zone)
        if found is not None:
            kind, square, day = found
            stays.setdefault((kind, square), set()).add(day)
    return usual_of({stay: len(days) for stay, days in stays.items()})


def stay_of(at_ms: int, lat: float, lon: float, zone: Zone) -> tuple[Kind, Square, int] | None:
    """What a position says of usual places: home or work, the square, and the date's ordinal; None: nothing at that hour."""
    local = zone.local(at_ms)
    square = (round(lat / USUAL_CELL_DEG), round(lon / USUAL_CELL_DEG))
    if local.hour >= 21 or local.hour < 6:
        # The night belongs to the day on which it began.
        return "home", square, local.toordinal() - (local.hour < 6)
    if local.weekday() < 5 and 10 <= local.hour < 17:
        return "work", square, local.toordinal()
    return None


def usual_of(stays: Mapping[tuple[Kind, Square], int]) -> Usual:
    """Where somebody usually is.

    Args:
        stays: On how many different days somebody was in a square at the hours of home, or of work.
    """
    home, work = (_most({square: days for (of, square), days in stays.items() if of == kind}) for kind in ("home", "work"))
    return Usual(_centre(home), None if work == home else _centre(work))


def travelling(position: Position, usual: Usual) -> bool | None:
    """Whether somebody is far from home and from work; None: where they usually are is not known."""
    known = [place for place in (usual.home, usual.work) if place is not None]
    if not known:
        return None
    return all(metres_between(position.lat, position.lon, lat, lon) > TRAVEL_KM * 1_000 for lat, lon in known)


def _most(squares: Mapping[Square, int]) -> Square | None:
    best = max(sorted(squares), key=squares.__getitem__, default=None)
    return best if best is not None and squares[best] >= USUAL_DAYS else None


def _centre(square: Square | None) -> tuple[float, float] | None:
    return None if square is None else (square[0] * USUAL_CELL_DEG, square[1] * USUAL_CELL_DEG)
