"""Numbers and codes that somebody was given: social security, membership, customer numbers of another system."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw

_SIGNS = re.compile(r"[\W_]+")


def _derive(raw: Raw) -> Derived | None:
    code = _SIGNS.sub("", (raw[0] or "").lower())
    return (code,) if len(set(code)) > 1 else None


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
)
"""Any code that hardly two have in common."""
