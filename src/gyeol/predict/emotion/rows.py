"""Texts as rows of words or letters, and which of them a step of learning reads."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.recipes import READS
from gyeol.context.emotion.text import letters
from gyeol.predict.emotion.plan import NetPlan

_CHUNK = 4_000
_POOL = 40
"""Batches whose texts are sorted by length together."""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as rows of words or letters, these as rows of pieces.

    Args:
        texts: Where the words of each text begin, and the end.
        words: Where the pieces of each word begin, and the end.
        pieces: Their buckets.
    """

    texts: NDArray[np.int64]
    words: NDArray[np.int64]
    pieces: NDArray[np.int32]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each text."""
        return np.diff(self.texts)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Some texts.

    Args:
        words: Words of each text, ``(texts,)``.
        sizes: Pieces of each word, ``(words,)``.
        pieces: Their buckets, word by word.
    """

    words: NDArray[np.int64]
    sizes: NDArray[np.int64]
    pieces: NDArray[np.int64]


def rows_of(plan: NetPlan, texts: list[str]) -> Rows:
    """Texts as a net reads them.

    Args:
        plan: Of the net.
        texts: As ``normalised`` gives them.
    """
    found: list[NDArray[np.int32]] = []
    words: list[NDArray[np.int64]] = []
    pieces: list[NDArray[np.int64]] = []
    for begin in range(0, len(texts), _CHUNK):
        part = texts[begin : begin + _CHUNK]
        buckets, ends, rows = READS[plan.reads](letters(part), plan.bits)
        found.append(buckets.astype(np.int32))
        pieces.append(np.diff(ends, prepend=0))
        words.append(np.bincount(rows, minlength=len(part)))
    starts = [np.concatenate([[0], np.cumsum(np.concatenate(counts))]) for counts in (words, pieces)]
    return Rows(texts=starts[0], words=starts[1], pieces=np.concatenate(found))


def batches(plan: NetPlan, rng: np.random.Generator, learnt: NDArray[np.int64], rows: Rows) -> list[NDArray[np.int64]]:
    """Which texts the steps of one pass read: each once, those of a step of about the same length.

    Args:
        plan: Of the net.
        rng: Mixes them.
        learnt: Texts to learn from.
        rows: Of all texts.
    """
    order, made, lengths = rng.permutation(learnt), [], rows.lengths
    for begin in range(0, len(order), plan.together * _POOL):
        pool = order[begin : begin + plan.together * _POOL]
        pool = pool[np.argsort(lengths[pool] + rng.random(len(pool)), kind="stable")]
        made += [pool[first : first + plan.together] for first in range(0, len(pool), plan.together)]
    return [made[i] for i in rng.permutation(len(made))]


def batch_of(plan: NetPlan, rows: Rows, texts: NDArray[np.int64]) -> Batch:
    """Some texts, cut where the plan's longest ends.

    Args:
        plan: Of the net.
        rows: Of all texts.
        texts: Which.
    """
    counts = np.minimum(rows.texts[texts + 1] - rows.texts[texts], plan.longest)
    words = ranges(rows.texts[texts], counts)
    sizes = rows.words[words + 1] - rows.words[words]
    return Batch(words=counts, sizes=sizes, pieces=rows.pieces[ranges(rows.words[words], sizes)].astype(np.int64))


def ranges(begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers from each begin, so many as its count, one row after the other."""
    ends = np.cumsum(counts)
    found: NDArray[np.int64] = np.arange(int(ends[-1])) + np.repeat(begins - (ends - counts), counts)
    return found
