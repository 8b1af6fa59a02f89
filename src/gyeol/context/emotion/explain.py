"""Why a text was scored as it was: what each word adds, by leaving it out."""

from __future__ import annotations

import re

import msgspec
import numpy as np

from gyeol.context.emotion.model import Language, language_of, model_of, prepared
from gyeol.context.emotion.score import Asked

_WORD = re.compile(r"\S+")
MOST_WORDS = 200
"""Words that are left out one by one; of longer texts the first ones."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A word and what it adds.

    Args:
        text: The word.
        start: Where it begins, in characters.
        end: Where it ends, exclusive.
        weight: Log odds of "positive" with it less those without it; below zero it speaks for "negative".
    """

    text: str
    start: int
    end: int
    weight: float


def explain(text: str, lang: Asked = "auto") -> tuple[Language, float, list[Piece]]:
    """What each word of a text adds to its score.

    Args:
        text: As somebody wrote it.
        lang: Its language, or ``auto``.

    Returns:
        The language, the log odds of the whole text, its words in order. Words act together, so the weights need not add up.
    """
    language = language_of(text) if lang == "auto" else lang
    found = list(_WORD.finditer(text))[:MOST_WORDS]
    without = [text[: word.start()] + " " + text[word.end() :] for word in found]
    logits = model_of(language).logits(prepared([text, *without]))
    weights = np.round(logits[0] - logits[1:], 3)
    return (
        language,
        round(float(logits[0]), 4),
        [
            Piece(text=word.group(), start=word.start(), end=word.end(), weight=float(weight))
            for word, weight in zip(found, weights, strict=True)
        ],
    )
