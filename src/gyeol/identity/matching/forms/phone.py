"""Phone numbers: digits in the national writing."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw

_NOT_DIGIT = re.compile(r"\D+")
LEAST_DIGITS = 7
"""Shorter numbers are extensions."""


def national(text: str) -> str | None:
    """Digits; +82 10… and 0082 10… as 010…; a number of nothing but one digit is no number."""
    number = _NOT_DIGIT.sub("", text).removeprefix("00")
    if number.startswith("82") and len(number) >= 11:
        number = "0" + number[2:].removeprefix("0")
    elif len(number) == 11 and number.startswith("1"):
        number = number[1:]
    if len(number) < LEAST_DIGITS or len(set(number[3:])) <= 1:
        return None
    return number


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
)
"""Numbers of any country, the Korean ones in all their writings."""
