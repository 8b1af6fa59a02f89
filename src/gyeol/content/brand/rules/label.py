"""The label that the law puts before advertisements: the sender writes it, so the author neither writes it twice nor in disguise.

Source: 정보통신망법 시행령 제61조 제3항, 별표 6: ``(광고)`` stands at the very beginning, and changing it to get past filters is forbidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Looked, matches

_BRACKETS = r"[(\[{（【<〔「]"
_CLOSING = r"[)\]}）】>〕」]"
_LABEL = re.compile(rf"{_BRACKETS}\s*(?:광\W{{0,2}}고|廣告|광곡|AD|Ad|ad|홍보|홍\W보)\s*{_CLOSING}|^\s*광고\s*[:)\]]")


def check(of: Looked) -> Iterator[Finding]:
    """``label_written``, ``label_misplaced``, ``label_disguised``, ``label_on_service``."""
    for field, found in matches(_LABEL, of.spoken):
        start, end = found.span()
        params: dict[str, object] = {"label": of.label, "found": found[0]}
        if of.message_class == "transactional":
            yield field.found("label_on_service", start, end, "error", "", **params)
        elif not of.label:
            continue
        elif found[0] != of.label:
            yield field.found("label_disguised", start, end, "error", "", **params)
        elif field.name not in of.labelled or start > 0:
            yield field.found("label_misplaced", start, end, "error", "", **params)
        else:
            yield field.found("label_written", start, end, "warning", "", **params)
