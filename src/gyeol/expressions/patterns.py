"""LIKE patterns: ``%`` stands for any text, ``_`` for one character; case matters, there is no escape."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

PatternShape = Literal["exact", "starts", "ends", "contains", "other"]


def shape_of(pattern: str) -> tuple[PatternShape, str]:
    """What a pattern asks, and the text in it: ``%세일`` is ("ends", "세일")."""
    inner = pattern.strip("%")
    if "%" in inner or "_" in inner or not inner:
        return "other", pattern
    starts, ends = pattern.endswith("%"), pattern.startswith("%")
    shape: PatternShape = "contains" if starts and ends else "starts" if starts else "ends" if ends else "exact"
    return shape, inner


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a text matches the pattern."""
    shape, inner = shape_of(pattern)
    match shape:
        case "starts":
            return lambda word: word.startswith(inner)
        case "ends":
            return lambda word: word.endswith(inner)
        case "contains":
            return lambda word: inner in word
        case "exact":
            return lambda word: word == inner
    expression = re.compile("".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern), re.DOTALL)
    return lambda word: expression.fullmatch(word) is not None
