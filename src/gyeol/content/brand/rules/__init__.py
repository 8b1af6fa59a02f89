"""What a text is held against, one file for each kind of rule, in the order in which findings of the same place are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Looked
from gyeol.content.brand.rules import (
    banned_words,
    colours,
    images,
    label,
    length,
    links,
    numbers,
    required_words,
    signs,
    speech_level,
)

Rule = Callable[[Looked], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    banned_words.check,
    speech_level.check,
    label.check,
    length.check,
    links.check,
    numbers.check,
    signs.check,
    images.check,
    colours.check,
    required_words.check,
)
