"""Numbers and codes that somebody was given: social security, membership, customer numbers of another system."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw

_FRACTION = re.compile(r"(?<=\d)\.0+$")
_SIGNS = re.compile(r"[\W_]+")


def _derive(raw: Raw) -> Derived | None:
    code = _SIGNS.sub("", _FRACTION.sub("", (raw[0] or "").strip().lower()))
    # A file that took it for a number lost its first noughts: 001 is 1.
    code = code.lstrip("0") if code.isdigit() else code
    return (code,) if len(set(code)) > 1 or (code.isdigit() and len(code) == 1) else None


FORM = Form(
    role="code",
    ko="번호",
    en="number or code",
    parts=("code",),
    derive=_derive,
    known="code",
    levels=(
        Level("{code_l} = {code_r}", "같음", "same", "code"),
        Level("damerau_levenshtein({code_l}, {code_r}) = 1", "한 글자 다름", "one sign apart"),
        Level("damerau_levenshtein({code_l}, {code_r}) = 2", "두 글자 다름", "two signs apart"),
    ),
    keys=("code",),
    strong=True,
    own=True,
)
"""Any code that hardly two have in common."""
