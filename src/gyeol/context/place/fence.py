"""Geofences: entering, dwelling, leaving; a position that jitters about the border sets nothing off.

A position counts as inside when it lies within the radius, and as outside only when it lies beyond it by more than its own inaccuracy and a
margin; between the two nothing changes. A change must last ``settle_ms`` before it is told, and is dated when it began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from gyeol.context.place.distance import metres_between

Crossing = Literal["enter", "dwell", "exit"]


class Fence(msgspec.Struct, frozen=True, kw_only=True):
    """A circle that somebody can be in.

    Args:
        name: Of the shop or zone.
        lat: Degrees.
        lon: Degrees.
        radius_m: More than 0.
        margin_m: How far beyond the radius one must be to have left.
        settle_ms: How long somebody must be in, or out, before it counts.
        dwell_ms: After how long within it they dwell.
        worst_accuracy_m: Positions less accurate than this are left out.
        lost_ms: After how long without a position they count as gone.
    """

    name: str
    lat: float
    lon: float
    radius_m: float
    margin_m: float = 25.0
    settle_ms: int = 30_000
    dwell_ms: int = 5 * 60_000
    worst_accuracy_m: float = 200.0
    lost_ms: int = 30 * 60_000


class Position(msgspec.Struct, frozen=True):
    """Where somebody was.

    Args:
        at_ms: When.
        lat: Degrees.
        lon: Degrees.
        accuracy_m: Radius of 68 % confidence, as phones tell it.
    """

    at_ms: int
    lat: float
    lon: float
    accuracy_m: float = 0.0


class Standing(msgspec.Struct, frozen=True):
    """How somebody stands to one fence.

    Args:
        inside: What was told last.
        since_ms: Since when.
        turned_ms: When positions began to say otherwise; -1: they do not.
        dwelt: Whether dwelling was told.
        last_ms: Of the last position that was looked at; -1: none.
    """

    inside: bool = False
    since_ms: int = -1
    turned_ms: int = -1
    dwelt: bool = False
    last_ms: int = -1


OUTSIDE = Standing()
"""Nothing is known yet."""


def move(fence: Fence, standing: Standing, position: Position) -> tuple[Standing, list[tuple[Crossing, int]]]:
    """Take one more position into account.

    Args:
        fence: The circle.
        standing: So far.
        position: One older than the last, or too inaccurate, changes nothing.

    Returns:
        The new standing, and what happened: (crossing, when it began).
    """
    if position.at_ms <= standing.last_ms or position.accuracy_m > fence.worst_accuracy_m:
        return standing, []
    told = list(_lost(fence, standing, position.at_ms))
    if told:
        standing = Standing(since_ms=told[-1][1], last_ms=standing.last_ms)
    away = metres_between(position.lat, position.lon, fence.lat, fence.lon)
    inside = away <= fence.radius_m
    outside = away > fence.radius_m + fence.margin_m + position.accuracy_m
    says_otherwise = outside if standing.inside else inside
    says_the_same = inside if standing.inside else outside
    turned = standing.turned_ms
    if says_otherwise and turned < 0:
        turned = position.at_ms
    elif says_the_same:
        turned = -1
    now = Standing(standing.inside, standing.since_ms, turned, standing.dwelt, position.at_ms)
    if turned >= 0 and position.at_ms - turned >= fence.settle_ms:
        now = Standing(not standing.inside, turned, -1, False, position.at_ms)
        told.append(("enter" if now.inside else "exit", turned))
    if now.inside and not now.dwelt and now.turned_ms < 0 and position.at_ms - now.since_ms >= fence.dwell_ms:
        now = Standing(True, now.since_ms, -1, True, position.at_ms)
        told.append(("dwell", now.since_ms + fence.dwell_ms))
    return now, told


def lapse(fence: Fence, standing: Standing, now_ms: int) -> tuple[Standing, list[tuple[Crossing, int]]]:
    """What time alone brings: somebody of whom nothing is heard any more has left when they were last heard of."""
    told = list(_lost(fence, standing, now_ms))
    return (Standing(since_ms=told[-1][1], last_ms=standing.last_ms), told) if told else (standing, [])


def _lost(fence: Fence, standing: Standing, now_ms: int) -> Iterator[tuple[Crossing, int]]:
    if standing.inside and now_ms - standing.last_ms >= fence.lost_ms:
        yield "exit", standing.last_ms
