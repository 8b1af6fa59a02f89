"""Phone numbers: digits in the national writing."""

from __future__ import annotations

import re
from decimal import Decimal

from gyeol.identity.matching.form import Derived, Form, Level, Raw

_NOT_DIGIT = re.compile(r"\D+")
LEAST_DIGITS = 7
"""Shorter numbers are extensions."""


_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_FRACTION = re.compile(r"\.0+$")
_EXTENSION = re.compile(r"(?:ext|x|내선)\.?\s*\d{1,5}$", re.IGNORECASE)


def national(text: str) -> str | None:
    """Digits; +82 10… and 0082 10… as 010…; a number of nothing but one digit is no number.

    A spreadsheet takes the first nought (``1012345678``), adds a fraction (``1012345678.0``) or writes ``1.012345678E+9``: all of it is
    undone, unless digits are lost (``1.01E+10``): then nothing is known.

    Run Example::

        assert national("+82 10-1234-5678") == national("1012345678.0") == national("1.012345678E+9") == "01012345678"
    """
    bare = _EXTENSION.sub("", _FRACTION.sub("", text.strip()))
    if _SCIENTIFIC.fullmatch(bare):
        whole = _whole(bare)
        if whole is None:
            return None
        bare = whole
    number = _NOT_DIGIT.sub("", bare).removeprefix("00")
    if number.startswith("82") and len(number) >= 10:
        number = "0" + number[2:].removeprefix("0")
    elif len(number) == 11 and number.startswith("1"):
        number = number[1:]
    # No area code of North America begins with 1, so ten digits from 10 on are a Korean mobile number without its first nought.
    if len(number) == 10 and number.startswith("10"):
        number = "0" + number
    if len(number) < LEAST_DIGITS or len(set(number[3:])) <= 1:
        return None
    return number


def _whole(text: str) -> str | None:
    """The number behind a scientific writing, if it is all there."""
    mantissa, exponent = text.lower().split("e")
    told = len(mantissa.partition(".")[2])
    # Of a telephone number's last digits none is nought by chance three times over.
    return str(int(Decimal(text))) if told >= int(exponent) - 2 and told >= LEAST_DIGITS - 1 else None


def _derive(raw: Raw) -> Derived | None:
    number = national(raw[0] or "")
    return None if number is None else (number, number[-4:], number[:-4], number[-7:])


FORM = Form(
    role="phone",
    ko="전화번호",
    en="phone number",
    parts=("number", "tail", "head", "local"),
    derive=_derive,
    known="number",
    levels=(
        Level("{number_l} = {number_r}", "번호가 같음", "same number", "number"),
        Level("{local_l} = {local_r}", "뒤 일곱 자리가 같음", "same last seven digits"),
        Level("damerau_levenshtein({number_l}, {number_r}) = 1", "숫자 하나 다름", "one digit apart"),
        Level("damerau_levenshtein({number_l}, {number_r}) = 2", "숫자 둘 다름", "two digits apart"),
        Level("{tail_l} = {tail_r}", "뒤 네 자리가 같음", "same last four digits"),
    ),
    keys=("number", "local", "head", "tail"),
    strong=True,
    differs=0.2,
)
"""Numbers of any country, the Korean ones in all their writings."""
