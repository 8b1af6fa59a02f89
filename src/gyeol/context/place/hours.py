"""Opening hours of a shop: a table of weekdays, days that differ, nights that pass midnight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property

import msgspec

from gyeol.kernel.instants import Zone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN = 24 * 60


class Hours(msgspec.Struct, frozen=True, dict=True):
    """When a shop is open.

    Args:
        week: Weekday (``mon`` … ``sun``, ``holiday``) → ``"09:00-22:00"``; several spans are parted by commas; ``"18:00-02:00"`` passes
            midnight; ``"00:00-24:00"`` is all day; a day that is not there is closed. ``holiday`` counts on public holidays.
        days: Single days (``2026-02-17``) → spans, or ``closed``; they win over the week.
    """

    week: Mapping[str, str]
    days: Mapping[str, str] = {}

    @cached_property
    def _week(self) -> dict[str, list[tuple[int, int]]]:
        return {day: _spans(text) for day, text in self.week.items()}

    @cached_property
    def _days(self) -> dict[date, list[tuple[int, int]]]:
        return {date.fromisoformat(day): _spans(text) for day, text in self.days.items()}

    def _of(self, day: date, holiday: bool) -> list[tuple[int, int]]:
        if day in self._days:
            return self._days[day]
        if holiday and "holiday" in self._week:
            return self._week["holiday"]
        return self._week.get(DAYS[day.weekday()], [])

    def spans_on(self, day: date, holidays: frozenset[date] = frozenset()) -> list[tuple[int, int]]:
        """When it is open on a date, in minutes after that day's midnight; what began the day before begins below 0.

        Args:
            day: The date.
            holidays: Public holidays about then.
        """
        dates = ((back, day - timedelta(days=back)) for back in (0, 1))
        return [
            (begin - back * _DAY_MIN, end - back * _DAY_MIN) for back, date_ in dates for begin, end in self._of(date_, date_ in holidays)
        ]

    def open_until(self, now_ms: int, zone: Zone, holidays: frozenset[date] = frozenset()) -> int | None:
        """When it closes, in minutes from now on the wall clock; None while it is closed. Half-open: closed at the closing minute.

        Args:
            now_ms: The instant.
            zone: The shop's.
            holidays: Public holidays about then.
        """
        local = zone.local(now_ms)
        minute = local.hour * 60 + local.minute
        today = local.date()
        return next((end - minute for begin, end in self.spans_on(today, holidays) if begin <= minute < end), None)


def _spans(text: str) -> list[tuple[int, int]]:
    fault = hours_fault(text)
    if fault is not None:
        raise ValueError(fault)
    if text.strip() == "closed":
        return []
    spans = []
    for span in text.split(","):
        begin, end = (_minute(part) for part in span.split("-"))
        spans.append((begin, end if end > begin else end + _DAY_MIN))
    return spans


def hours_fault(text: str) -> str | None:
    """What is wrong with the spans of a day; None: nothing."""
    if text.strip() == "closed":
        return None
    for span in text.split(","):
        parts = [_minute(part) for part in span.split("-")]
        if len(parts) != 2 or min(parts) < 0:
            return f"{span.strip()!r} is no span of time: write 09:00-22:00, several parted by commas, or closed"
    return None


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    if len(hour) == len(minute) == 2 and hour.isdecimal() and minute.isdecimal():
        at = int(hour) * 60 + int(minute)
        if int(minute) < 60 and at <= _DAY_MIN:
            return at
    return -1
