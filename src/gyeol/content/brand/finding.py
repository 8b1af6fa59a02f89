"""One thing that a text does against the guide: a code and values, never a sentence."""

from __future__ import annotations

import msgspec

from gyeol.content.brand.model import Severity


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding.

    Args:
        code: Of the catalogue (``catalogue.py``), which renders it in Korean and English.
        field: The field it is about; empty: the whole message.
        start, end: Where in the field, in **UTF-16 code units**, half-open, as browsers count; both 0 where it is about the whole field.
        severity: ``error``: the text breaks the guide. ``warning``: it should be looked at.
        params: The values of the sentence.
        mend: A text that may stand from ``start`` to ``end`` instead; None: nobody can say.
    """

    code: str
    field: str = ""
    start: int = 0
    end: int = 0
    severity: Severity = "error"
    params: dict[str, object] = {}
    mend: str | None = None


def utf16_places(text: str) -> list[int] | None:
    """For each code point of a text (and its end) the place in UTF-16 code units; None when the two are the same."""
    if text.isascii() or max(text) <= "\uffff":
        return None
    places, at = [], 0
    for letter in text:
        places.append(at)
        at += 2 if letter > "\uffff" else 1
    return [*places, at]
