"""Postal codes."""

from __future__ import annotations

from gyeol.identity.matching.form import Derived, Form, Level, Raw
from gyeol.identity.matching.forms.text import plain


def _derive(raw: Raw) -> Derived | None:
    spelt = plain(raw[0])
    code = spelt.replace(" ", "")
    if not code.strip("0"):
        return None
    # British codes are written in two parts; of others the first three say where.
    return code, spelt.split()[0] if " " in spelt else code[:3]


FORM = Form(
    role="postcode",
    ko="우편번호",
    en="postal code",
    parts=("code", "area"),
    derive=_derive,
    known="code",
    levels=(
        Level("{code_l} = {code_r}", "같음", "same", "code"),
        Level("damerau_levenshtein({code_l}, {code_r}) = 1", "한 글자 다름", "one sign apart"),
        Level("{area_l} = {area_r}", "같은 지역", "same area", "area"),
    ),
    keys=("code", "area"),
    differs=0.2,
)
"""Codes of any country."""
