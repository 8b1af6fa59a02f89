"""Emoji and exclamation marks: how many, and which."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Field, Looked

_JOINED = "(?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d[\u2190-\u2bff\U0001f000-\U0001faff])*"
_ONE = "[\u2600-\u27bf\u2b05-\u2b55\u231a-\u23ff\u3030\u303d\U0001f000-\U0001faff]"
EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}{_JOINED}")
"""Source: Unicode 15, emoji-data: pictures with skin tones, joined pictures, flags."""


def check(of: Looked) -> Iterator[Finding]:
    """``emoji_too_many``, ``emoji_not_allowed``, ``exclamations``."""
    signs = of.guide.signs
    most = signs.emoji_channels.get(of.channel, signs.emoji)
    if most is not None or signs.emoji_allowed:
        for field in of.spoken:
            if not field.plain.isascii():
                yield from _emoji(field, most, signs.emoji_allowed)
    if signs.exclamations is not None:
        yield from _exclamations(of, signs.exclamations)


def _emoji(field: Field, most: int | None, allowed: list[str]) -> Iterator[Finding]:
    drawn = list(EMOJI.finditer(field.plain))
    for found in drawn:
        if allowed and found[0].rstrip("\ufe0f") not in [one.rstrip("\ufe0f") for one in allowed]:
            yield field.found("emoji_not_allowed", found.start(), found.end(), "warning", "", emoji=found[0], allowed=allowed)
    if most is not None and len(drawn) > most:
        yield field.found("emoji_too_many", drawn[most].start(), drawn[-1].end(), "warning", None, count=len(drawn), most=most)


def _exclamations(of: Looked, most: int) -> Iterator[Finding]:
    marks = [(field, m) for field in of.spoken for m in re.finditer("[!！]", field.plain)]
    if len(marks) > most:
        field, mark = marks[most]
        yield field.found("exclamations", mark.start(), mark.end(), "warning", None, count=len(marks), most=most)
