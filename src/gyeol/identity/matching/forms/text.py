"""Plain spelling of a text: NFKC, lower case, punctuation as spaces."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

_PUNCTUATION = re.compile(r"[^\w\s*]|_")


def plain(text: str | None) -> str:
    """One spelling; accents fall, ``*`` stays (it hides a letter), an absent text is empty."""
    if not text:
        return ""
    folded = normalize("NFKC", text).lower()
    if not folded.isascii():
        # Hangul decomposes too and is put together again; only marks above Latin letters fall.
        folded = normalize("NFC", "".join(c for c in normalize("NFD", folded) if not combining(c)))
    return " ".join(_PUNCTUATION.sub(" ", folded).split())
