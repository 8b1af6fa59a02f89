"""The facts that the clock tells, kept until one of them changes: by zone, for one instant or for many."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfoNotFoundError

import numpy as np

from gyeol.context.fact import Fact
from gyeol.context.facts import CLOCK
from gyeol.context.facts.kind import ClockKind, Situation
from gyeol.expressions.column import Mask
from gyeol.kernel.instants import Int64, Zone

_MOST_ZONES = 2_000
CLOCK_NAMES = frozenset(name for kind in CLOCK for name in kind.names)
"""All names that the clock tells, without ``moment.``."""
_KIND_OF: Mapping[str, ClockKind] = {name: kind for kind in CLOCK for name in kind.names}


class Span(NamedTuple):
    """For how long one value of one name is true in a zone: from ``start_ms`` to before ``end_ms``; None: nothing is known."""

    start_ms: int
    end_ms: int
    fact: Fact | None


@lru_cache(maxsize=_MOST_ZONES)
def zone_named(name: str) -> Zone | None:
    """An IANA zone; None for what is none."""
    if not name or len(name) > 64 or name.startswith(("/", ".")) or ".." in name:
        return None
    try:
        return Zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Clock:
    """What the clock tells in one country.

    Args:
        zone: The workspace's: of whom nothing else is known.
        country: ISO 3166 code, for holidays.
    """

    def __init__(self, zone: Zone, country: str) -> None:
        self.zone, self.country = zone, country
        self._now: dict[tuple[str, bool], tuple[int, int, tuple[Fact, ...]]] = {}
        self._spans: dict[tuple[str, str, bool], Span] = {}

    def zone_of(self, name: str | None) -> tuple[Zone, bool]:
        """The zone of a name, and whether it had to be assumed because there is none of that name."""
        found = None if name is None else zone_named(name)
        return (self.zone, True) if found is None else (found, False)

    def facts(self, at_ms: int, zone: Zone, assumed: bool) -> list[Fact]:
        """Everything that the clock tells at an instant."""
        key = zone.name, assumed
        held = self._now.get(key)
        if held is None or not held[0] <= at_ms < held[1]:
            situation = self._situation(at_ms, zone, assumed)
            found = tuple(fact for kind in CLOCK for fact in kind.observe(situation))
            held = at_ms, min(_until(fact) for fact in found), found
            if len(self._now) >= _MOST_ZONES:
                self._now.clear()
            self._now[key] = held
        return [_as_of(fact, at_ms) for fact in held[2]]

    def until_ms(self, at_ms: int, zone: Zone, names: frozenset[str]) -> int | None:
        """When the first of some facts changes; None when none of them is the clock's."""
        return min((_until(fact) for fact in self.facts(at_ms, zone, False) if fact.name in names), default=None)

    def span(self, name: str, at_ms: int, zone: Zone, assumed: bool = False) -> Span:
        """The value of a name around an instant."""
        key = name, zone.name, assumed
        held = self._spans.get(key)
        if held is None or not held.start_ms <= at_ms < held.end_ms:
            situation = self._situation(at_ms, zone, assumed)
            found = {fact.name: fact for fact in _KIND_OF[name].observe(situation)}
            end_ms = _until(found[name]) if name in found else min(map(_until, found.values()), default=situation.midnight_ms)
            if len(self._spans) >= _MOST_ZONES:
                self._spans.clear()
            held = self._spans[key] = Span(at_ms, end_ms, found.get(name))
        return held

    def spans(self, name: str, first_ms: int, last_ms: int, zone: Zone, assumed: bool = False) -> list[Span]:
        """The values of a name from one instant to another, both included."""
        found = []
        while first_ms <= last_ms:
            found.append(self.span(name, first_ms, zone, assumed)._replace(start_ms=first_ms))
            first_ms = found[-1].end_ms
        return found

    def values(self, name: str, times_ms: Int64, zone: Zone, assumed: bool = False) -> tuple[list[Fact | None], Int64]:
        """The facts of a name at many instants: the different ones, and (n,) which of them each instant has."""
        order = np.argsort(times_ms, kind="stable")
        ordered = times_ms[order]
        place = np.empty(len(times_ms), np.int64)
        facts: list[Fact | None] = []
        start = 0
        while start < len(ordered):
            span = self.span(name, int(ordered[start]), zone, assumed)
            stop = int(np.searchsorted(ordered, span.end_ms))
            place[order[start:stop]] = len(facts)
            facts.append(span.fact)
            start = stop
        return facts, place

    def _situation(self, at_ms: int, zone: Zone, assumed: bool) -> Situation:
        return Situation(now_ms=at_ms, zone=zone, country=self.country, assumed=assumed)


def known_of(facts: list[Fact | None], place: Int64) -> Mask:
    """Which instants have a fact."""
    return np.array([fact is not None for fact in facts], np.bool_)[place]


def _until(fact: Fact) -> int:
    assert fact.ttl_ms is not None
    return fact.observed_at_ms + fact.ttl_ms


def _as_of(fact: Fact, at_ms: int) -> Fact:
    if fact.observed_at_ms == at_ms:
        return fact
    return Fact(
        name=fact.name, value=fact.value, source=fact.source, observed_at_ms=at_ms, ttl_ms=_until(fact) - at_ms, confidence=fact.confidence
    )
