"""Short names with many different values: towns, suburbs, makers, employers."""

from __future__ import annotations

from gyeol.identity.matching.form import Derived, Form, Level, Raw
from gyeol.identity.matching.forms.text import plain


def _derive(raw: Raw) -> Derived | None:
    text = plain(raw[0])
    return (text, sorted(set(text.split())), text[:4]) if text else None


FORM = Form(
    role="place",
    ko="이름이나 장소",
    en="short text",
    parts=("text", "words", "start"),
    lists=("words",),
    derive=_derive,
    known="text",
    levels=(
        Level("{text_l} = {text_r}", "같음", "same", "text"),
        Level("jaro_winkler_similarity({text_l}, {text_r}) >= 0.9", "비슷함", "similar"),
        Level("len(list_intersect({words_l}, {words_r})) >= 1", "한 낱말이 같음", "one word in common"),
    ),
    keys=("text", "start"),
)
"""Texts of few words."""
