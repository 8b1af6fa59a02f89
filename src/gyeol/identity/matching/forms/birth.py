"""Dates of birth in any of the usual writings, also as YYMMDD and also slightly wrong."""

from __future__ import annotations

import re
from datetime import date, timedelta

from gyeol.identity.matching.form import Derived, Form, Level, Raw

LATEST_SHORT_YEAR = 26
"""Two-digit years up to this one are of this century."""
_PARTS = re.compile(r"\d+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(r"(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?![a-z])", re.IGNORECASE)
_TIME = re.compile(r"[T ]\d{1,2}:\d\d.*$")
_FRACTION = re.compile(r"\.0+$")
_REGISTRATION = re.compile(r"(\d{6})\s*-\s*([0-9])[0-9*xX]*")
_CENTURY = {"9": "18", "0": "18", "1": "19", "2": "19", "5": "19", "6": "19", "3": "20", "4": "20", "7": "20", "8": "20"}
"""First digit behind the hyphen of a Korean resident registration number → century of birth. Source: Resident Registration Act."""
_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of spreadsheets. Source: ECMA-376, part 1, 18.17.4.1."""
_LEAST_SERIAL = 3_000


def digits(text: str) -> str | None:
    """YYYYMMDD, as far as the text says; an impossible day is kept, for it is a slip of a real one.

    Also day 30350 of a spreadsheet, YYMMDD without its first nought, months by name, and a registration number's first half.

    Run Example::

        assert digits("1983년 2월 3일") == digits("3 Feb 1983") == digits("830203") == digits("30350") == "19830203"
    """
    registered = _REGISTRATION.fullmatch(text.strip())
    if registered:
        return _CENTURY[registered[2]] + registered[1]
    bare = _FRACTION.sub("", _TIME.sub("", text.strip()))
    named = _MONTH.search(bare)
    if named:
        return _with_month(bare, named)
    numbers: list[str] = _PARTS.findall(bare)
    if len(numbers) == 1:
        return _packed(numbers[0])
    if len(numbers) < 3:
        return None
    year, month, day = numbers[:3]
    if len(numbers[2]) == 4:
        day, month, year = numbers[:3] if int(numbers[1]) <= 12 else (numbers[1], numbers[0], numbers[2])
    return f"{_year(year):0>4}{month:0>2}{day:0>2}"[:8]


def _with_month(text: str, named: re.Match[str]) -> str | None:
    month = _MONTHS.index(named[1].lower()) + 1
    numbers: list[str] = _PARTS.findall(text)
    if len(numbers) < 2:
        return None
    day, year = numbers[:2] if len(numbers[0]) < 4 else (numbers[1], numbers[0])
    return f"{_year(year):0>4}{month:02d}{day:0>2}"[:8]


def _packed(number: str) -> str | None:
    if len(number) == 5:
        # A spreadsheet cuts the first nought of YYMMDD; if that would be no day the number counts days.
        if 1 <= int(number[1:3]) <= 12 and 1 <= int(number[3:]) <= 31:
            return "200" + number
        return (_FIRST_DAY + timedelta(days=int(number))).strftime("%Y%m%d") if int(number) >= _LEAST_SERIAL else None
    if len(number) in (6, 7):
        return _year(number[:2]) + number[2:6]
    if len(number) == 13:
        return _CENTURY[number[6]] + number[:6]
    if len(number) == 4:
        return number + "0000"
    return number[:8] if len(number) >= 8 else None


def _year(year: str) -> str:
    if len(year) > 2:
        return year
    return f"{'20' if int(year) <= LATEST_SHORT_YEAR else '19'}{year:0>2}"


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
    own=True,
    differs=0.04,
)
"""Source of the levels: slips of one and two keys (Damerau 1964)."""
