"""Rising searches and categories: how many people name each in the hour, beside how many usually do.

A person counts once an hour for a name, so that nobody makes a trend alone. A count that halves every hour stands for the present, one that
halves every day for what is usual; both are kept as of the newest event, so that the same events in the order of the log give the same.
Bounded: what is named least is let go.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import msgspec

from gyeol.kernel.instants import DAY_MS, HOUR_MS

MOST_NAMES = 10_000
"""Names that are counted at once; beyond, the rarest half is let go."""
MOST_HEARD = 100_000
"""People and what they named in the hour, kept at once; beyond, the older half is let go, and those would count again."""
_HOURS = DAY_MS / HOUR_MS
LEARNING_MS = 6 * HOUR_MS
"""So long nothing is told: nobody knows yet what is usual."""


class TrendSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something rises.

    Args:
        least: How many people must name it, counted with a half-life of an hour.
        rise: How many times as often as usual.
    """

    least: float = 20.0
    rise: float = 3.0


class Rising(NamedTuple):
    """What rises most: its name, how many people named it in the hour, and how many times as many as usual that is."""

    name: str
    often: float
    rise: float


class Trend:
    """Counts names of one kind.

    Args:
        settings: When something rises.
    """

    def __init__(self, settings: TrendSettings) -> None:
        self._settings = settings
        self._of: dict[str, tuple[int, float, float]] = {}
        self._heard: dict[tuple[str, str], int] = {}
        self.first_ms = 0
        self.last_ms = 0

    def add(self, name: str, who: str, at_ms: int) -> None:
        """Somebody named it. An event older than the newest one of its name counts as much less.

        Args:
            name: What was searched for, or looked at.
            who: The person; within an hour only the first time counts.
            at_ms: When.
        """
        if not self._is_news(name, who, at_ms):
            return
        self.first_ms = self.first_ms or at_ms
        self.last_ms = max(self.last_ms, at_ms)
        then, hour, day = self._of.get(name, (at_ms, 0.0, 0.0))
        newest = max(then, at_ms)
        hour = hour * _faded(newest - then, HOUR_MS) + _faded(newest - at_ms, HOUR_MS)
        day = day * _faded(newest - then, DAY_MS) + _faded(newest - at_ms, DAY_MS)
        self._of[name] = newest, hour, day
        if len(self._of) > MOST_NAMES:
            kept = heapq.nlargest(MOST_NAMES // 2, self._of, key=lambda each: (self._at(each)[1], each))
            self._of = {each: self._of[each] for each in sorted(kept)}

    def _is_news(self, name: str, who: str, at_ms: int) -> bool:
        before = self._heard.get((name, who))
        if before is not None and abs(at_ms - before) < HOUR_MS:
            return False
        self._heard[name, who] = at_ms
        if len(self._heard) > MOST_HEARD:
            kept = heapq.nlargest(MOST_HEARD // 2, ((then, *whose) for whose, then in self._heard.items()))
            self._heard = {(name, who): then for then, name, who in kept}
        return True

    def rising(self) -> Rising | None:
        """What rises most as of the newest event; of equals the first by name. None: nothing does, or it is too early to tell."""
        if self.last_ms - self.first_ms < LEARNING_MS:
            return None
        best: Rising | None = None
        for name in sorted(self._of):
            hour, day = self._at(name)
            if hour < self._settings.least:
                continue
            # A steady stream leaves 1 / ln 2 half-lives' worth in each count: its day's is 24 times its hour's.
            rise = hour * _HOURS / day
            if rise >= self._settings.rise and (best is None or rise > best.rise):
                best = Rising(name, round(hour, 4), round(rise, 4))
        return best

    def _at(self, name: str) -> tuple[float, float]:
        then, hour, day = self._of[name]
        return hour * _faded(self.last_ms - then, HOUR_MS), day * _faded(self.last_ms - then, DAY_MS)


def _faded(age_ms: int, half_ms: int) -> float:
    return float(0.5 ** (age_ms / half_ms))
