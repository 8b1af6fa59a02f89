"""Instants as text and back, and the zone's calendar days and hours as integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
Int64 = npt.NDArray[np.int64]


def parse_instant(text: str) -> int | None:
    """Milliseconds of an ISO-8601 instant; a time without a zone is UTC. None when it is no instant."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    try:
        return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except OverflowError:
        return None


def instant_text(at_ms: int) -> str:
    """ISO-8601 with milliseconds and ``Z``."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(at_ms))
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class Zone:
    """A time zone's calendar as integers: day 0 is 1970-01-01 in that zone.

    Vectorised over arrays of milliseconds; exact across daylight-saving changes because offsets are looked up by UTC hour.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._info = ZoneInfo(name)
        self._offset_ms = lru_cache(maxsize=100_000)(self._offset_of_quarter)

    def _offset_of_quarter(self, quarter: int) -> int:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
        offset = at.astimezone(self._info).utcoffset()
        return 0 if offset is None else int(offset / timedelta(milliseconds=1))

    def offset_ms(self, at_ms: int) -> int:
        """The zone's distance from UTC at an instant, in milliseconds (east is positive)."""
        return self._offset_ms(int(at_ms) // 900_000)

    def days(self, at_ms: Int64) -> Int64:
        """The calendar day of each instant."""
        if len(at_ms) == 0:
            return np.empty(0, np.int64)
        quarters, inverse = np.unique(np.asarray(at_ms, np.int64) // 900_000, return_inverse=True)
        offsets = np.fromiter((self._offset_ms(int(q)) for q in quarters), np.int64, len(quarters))
        return np.asarray((at_ms + offsets[inverse]) // DAY_MS, np.int64)

    def day(self, at_ms: int) -> int:
        """The calendar day of one instant."""
        return (int(at_ms) + self.offset_ms(at_ms)) // DAY_MS

    def day_start_ms(self, day: int) -> int:
        """The first instant of a calendar day."""
        at = datetime(1970, 1, 1, tzinfo=self._info) + timedelta(days=int(day))
        return int(at.timestamp() * 1000)

    def local(self, at_ms: int) -> datetime:
        """The instant on the zone's wall clock."""
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(at_ms))).astimezone(self._info)
