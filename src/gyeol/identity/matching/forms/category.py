"""Values of a small set: sex, state, occupation."""

from __future__ import annotations

from gyeol.identity.matching.form import Derived, Form, Level, Raw
from gyeol.identity.matching.forms.text import plain

_SEX = dict.fromkeys(("m", "male", "man", "남", "남자", "남성"), "male") | dict.fromkeys(
    ("f", "female", "woman", "여", "여자", "여성"), "female"
)


def _derive(raw: Raw) -> Derived | None:
    text = plain(raw[0])
    return (_SEX.get(text, text),) if text else None


FORM = Form(
    role="category",
    ko="분류",
    en="category",
    parts=("value",),
    derive=_derive,
    known="value",
    levels=(Level("{value_l} = {value_r}", "같음", "same", "value"),),
    keys=("value",),
)
"""Same or not."""
