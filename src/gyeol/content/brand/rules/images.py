"""Pictures need words for who does not see them: ``alt`` in markup, the field ``alt`` beside the field ``image``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import PAGES, Looked

_IMAGE = re.compile(r"<(?:img|mj-image|mj-carousel-image)\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)$", re.IGNORECASE)


def check(of: Looked) -> Iterator[Finding]:
    """``alt_missing``; ``alt_empty`` (right for decoration only); ``alt_is_file`` for a file's name in its place.

    Source: WCAG 2.2, success criterion 1.1.1, Non-text Content (Level A).
    """
    if not of.guide.alt_text:
        return
    names = {field.name for field in of.fields}
    for field in of.fields:
        if field.name == "image" and "alt" not in names:
            yield field.found("alt_missing", 0, len(field.text), "warning")
        if field.name not in PAGES:
            continue
        for found in _IMAGE.finditer(field.text):
            alt = _ALT.search(found[0])
            if alt is None:
                yield field.found("alt_missing", found.start(), found.end())
                continue
            said = (alt[1] or alt[2] or "").strip()
            start, end = found.start() + alt.start(), found.start() + alt.end()
            if not said:
                yield field.found("alt_empty", start, end, "warning")
            elif _FILE.search(said):
                yield field.found("alt_is_file", start, end, "error", None, alt=said)
