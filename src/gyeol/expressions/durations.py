"""Spans of time as definitions write them: ``7d``, ``24h``, ``10m``, ``30s``."""

from __future__ import annotations

import re

import msgspec

from gyeol.kernel.errors import InputError, Problem

_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_SHAPE = re.compile(r"\s*(\d{1,9})\s*([smhdw])\s*")


class Duration(msgspec.Struct, frozen=True):
    """A span of time.

    Args:
        ms: Its length in milliseconds, > 0; a day counts as 24 hours.
        calendar_days: For spans written in days or weeks: how many calendar days a window of that length covers (today
            included); None for rolling spans, so ``7d`` and ``168h`` have the same ``ms`` but are not the same window.
    """

    ms: int
    calendar_days: int | None = None


def parse_duration(text: str, *, path: str = "", line: int | None = None) -> Duration:
    """Read a span of time.

    Args:
        text: A whole number and one of ``s``, ``m`` (minutes), ``h``, ``d``, ``w``.
        path: Where the text stands, for the error.
        line: Its line there.

    Raises:
        InputError: ``bad_duration``.

    Example:
        >>> parse_duration("7d")
        Duration(ms=604800000, calendar_days=7)
        >>> parse_duration("24h").calendar_days is None
        True
    """
    match = _SHAPE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        mend = "write a whole number above 0 and s, m, h, d or w: 30s, 10m, 24h, 7d, 2w"
        problem = Problem(path=path, line=line, code="bad_duration", what=f"'{text}' is no span of time", mend=mend)
        raise InputError("bad_duration", [problem])
    count, unit = int(match[1]), match[2]
    days = {"d": count, "w": 7 * count}.get(unit)
    return Duration(count * _UNITS_MS[unit], days)
