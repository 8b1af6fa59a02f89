"""Quantities: prices, sizes."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _derive(raw: Raw) -> Derived | None:
    found = _NUMBER.search((raw[0] or "").replace(",", ""))
    return (float(found[0]),) if found else None


FORM = Form(
    role="number",
    ko="수량",
    en="quantity",
    parts=("value",),
    numbers=("value",),
    derive=_derive,
    known="value",
    levels=(
        Level("{value_l} = {value_r}", "같음", "same"),
        Level("abs({value_l} - {value_r}) <= 0.02 * greatest(abs({value_l}), abs({value_r}))", "2 % 이내", "within 2 %"),
        Level("abs({value_l} - {value_r}) <= 0.2 * greatest(abs({value_l}), abs({value_r}))", "20 % 이내", "within 20 %"),
    ),
    keys=(),
    differs=0.2,
)
"""Compared by their ratio."""
