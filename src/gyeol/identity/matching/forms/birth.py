"""Dates of birth in any of the usual writings, also as YYMMDD and also slightly wrong."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw

LATEST_SHORT_YEAR = 26
"""Two-digit years up to this one are of this century."""
_PARTS = re.compile(r"\d+")


def digits(text: str) -> str | None:
    """YYYYMMDD, as far as the text says; an impossible day is kept, for it is a slip of a real one.

    Run Example::

        assert digits("1983년 2월 3일") == "19830203"
        assert digits("830203") == "19830203"
    """
    numbers: list[str] = _PARTS.findall(text.split("T")[0].split(" 0")[0] if len(text) > 14 else text)
    if len(numbers) == 1:
        number = numbers[0]
        if len(number) in (6, 7):
            number = ("20" if int(number[:2]) <= LATEST_SHORT_YEAR else "19") + number[:6]
        elif len(number) == 4:
            return number + "0000"
        return number[:8] if len(number) >= 8 else None
    if len(numbers) < 3:
        return None
    year, month, day = numbers[:3]
    if len(numbers[2]) == 4:
        day, month, year = numbers[:3] if int(numbers[1]) <= 12 else (numbers[1], numbers[0], numbers[2])
    if len(year) == 2:
        year = ("20" if int(year) <= LATEST_SHORT_YEAR else "19") + year
    return f"{year:0>4}{month:0>2}{day:0>2}"[:8]


def _derive(raw: Raw) -> Derived | None:
    day = digits(raw[0] or "")
    if day is None or not day.strip("0"):
        return None
    return day, day[:4], day[4:], day[2:]


FORM = Form(
    role="birth",
    ko="생년월일",
    en="date of birth",
    parts=("day", "year", "month_day", "short"),
    derive=_derive,
    known="day",
    levels=(
        Level("{day_l} = {day_r}", "같은 날", "same date", "day"),
        Level("damerau_levenshtein({day_l}, {day_r}) = 1", "숫자 하나 다름", "one digit apart"),
        Level("{month_day_l} = {month_day_r}", "월일이 같음", "same month and day"),
        Level("damerau_levenshtein({day_l}, {day_r}) = 2", "숫자 둘 다름", "two digits apart"),
        Level("{year_l} = {year_r}", "같은 해", "same year"),
    ),
    keys=("day", "year", "month_day"),
    strong=True,
)
"""Source of the levels: slips of one and two keys (Damerau 1964)."""
