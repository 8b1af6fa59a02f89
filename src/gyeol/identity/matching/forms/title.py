"""Long texts: titles of products and papers, lists of authors. Rare words weigh more than frequent ones."""

from __future__ import annotations

import math
from collections import Counter

from gyeol.identity.matching.form import Derived, Form, Level, Raw
from gyeol.identity.matching.forms.text import plain

RAREST = 4
"""Of each text so many of its rarest words are looked up for candidates …"""
MOST_OFTEN = 20
"""… of those that stand in at most so many texts: a word of everybody finds nobody."""
_BANDS = (9, 8, 7, 6, 5, 4, 3, 2)
"""Tenths of the cosine."""
COSINE = (
    "list_sum(list_transform(list_intersect({words_l}, {words_r}), word -> CAST(split_part(word, '|', 2) AS DOUBLE)))"
    " / sqrt({norm_l} * {norm_r})"
)


def _derive(raw: Raw) -> Derived | None:
    """The text, and the makers' names behind it: one file writes them into the title, the other into a column of their own."""
    text = plain(raw[0])
    if not text:
        return None
    words = sorted({word for part in raw for word in plain(part).split()})
    codes = sorted(w for w in words if any(c.isdigit() for c in w) and (len(w) > 2 or not w.isdigit()))
    return text, words, codes or None, 0.0, words


def _tally(parts: dict[str, list[object]], counted: Counter[str]) -> None:
    """In how many texts each word is; under "" how many texts there are."""
    for words in parts["words"]:
        if isinstance(words, list):
            counted.update(words)
            counted[""] += 1


def _weigh(parts: dict[str, list[object]], counted: Counter[str]) -> None:
    """Words get the square of their inverse document frequency behind a bar: SQL can add those up without a table beside it.

    Source: tf-idf and cosine, Salton & Buckley (1988), "Term-weighting approaches in automatic text retrieval".
    """
    total = counted[""] + 1
    texts = [words if isinstance(words, list) else None for words in parts["words"]]
    weights = {word: math.log(total / counted[word]) ** 2 + 1e-3 for words in texts for word in words or ()}
    parts["norm"] = [None if words is None else sum(weights[word] for word in words) for words in texts]
    parts["words"] = [None if words is None else [f"{word}|{weights[word]:.4f}" for word in words] for words in texts]
    parts["rare"] = [
        None if words is None else sorted((w for w in words if 1 < counted[w] <= MOST_OFTEN), key=lambda w: (counted[w], w))[:RAREST]
        for words in texts
    ]


FORM = Form(
    role="title",
    ko="긴 글",
    en="long text",
    parts=("text", "words", "codes", "norm", "rare"),
    lists=("words", "codes", "rare"),
    numbers=("norm",),
    derive=_derive,
    known="text",
    levels=(
        Level("{text_l} = {text_r}", "같음", "same", "text"),
        *(Level(f"{COSINE} >= {least / 10}", f"낱말이 {least * 10} % 같음", f"{least * 10} % of the words in common") for least in _BANDS),
    ),
    keys=("text", "rare"),
    tally=_tally,
    settle=_weigh,
    own=True,
    differs=0.05,
)
"""Cosine of the words, by their rarity."""
