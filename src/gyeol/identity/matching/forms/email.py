"""E-mail addresses."""

from __future__ import annotations

import re

from gyeol.identity.matching.form import Derived, Form, Level, Raw

_ADDRESS = re.compile(r"([^@\s]+)@([^@\s]+)")
_NUMBER_AT_END = re.compile(r"[\d._\-]+$")


def _derive(raw: Raw) -> Derived | None:
    found = _ADDRESS.fullmatch((raw[0] or "").strip().lower())
    if found is None:
        return None
    local, domain = found[1].split("+")[0], found[2].rstrip(".")
    stem = _NUMBER_AT_END.sub("", local).replace(".", "")
    return f"{local}@{domain}", local, domain, stem if len(stem) > 2 else None


FORM = Form(
    role="email",
    ko="이메일",
    en="e-mail address",
    parts=("address", "local", "domain", "stem"),
    derive=_derive,
    known="address",
    levels=(
        Level("{address_l} = {address_r}", "주소가 같음", "same address", "address"),
        Level("{local_l} = {local_r}", "@ 앞이 같음", "same before the @", "local"),
        Level("damerau_levenshtein({address_l}, {address_r}) <= 2", "글자 한두 개 다름", "one or two letters apart"),
    ),
    keys=("address", "local", "stem"),
    strong=True,
    own=True,
    differs=0.25,
)
"""Addresses; a ``+tag`` is left out. Likeness beyond slips of the finger counts nothing: people put their names
into addresses, and the name is counted already."""
