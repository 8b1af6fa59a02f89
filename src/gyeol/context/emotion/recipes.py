"""Which pieces the parts of a model read, by name: the same in training and in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.features import Runs, letter_runs, marked, pieces, word_runs, words
from gyeol.context.emotion.text import Letters, jamo, squeezed

Summed = tuple[Letters, Iterator[Runs]]
Row = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]
"""Buckets of pieces in the order of what they belong to (words, letters), where the pieces of each end, the text of each."""


def _syllables_unspaced(of: Letters, bits: int) -> Summed:
    together = squeezed(of)
    return together, letter_runs(together, 1, 6, 2, bits)


def _jamo_unspaced(of: Letters, bits: int) -> Summed:
    apart = squeezed(jamo(of))
    return apart, letter_runs(apart, 3, 8, 1, bits)


def _letters(of: Letters, bits: int) -> Summed:
    return of, letter_runs(of, 2, 6, 1, bits)


def _words(of: Letters, bits: int) -> Summed:
    def runs() -> Iterator[Runs]:
        whole = words(of, stem=4)
        yield from word_runs(whole, 3, 3, bits, gap=True)
        yield from word_runs(whole, 2, 4, bits, stems=True)

    return of, runs()


SUMS: dict[str, Callable[[Letters, int], Summed]] = {
    "syllables_unspaced": _syllables_unspaced,
    "jamo_unspaced": _jamo_unspaced,
    "letters": _letters,
    "words": _words,
}
"""What sums are over. The first two read Korean, as if it had no spaces, for people set them as they like; ``letters`` and
``words`` read English."""


def _row_of_words(of: Letters, bits: int) -> Row:
    whole = words(of, stem=2)
    found = [*pieces(of, (1, 2, 3), 1, bits), *pieces(jamo(of), (4, 6), 2, bits)]
    found.append(((whole.hashes >> np.uint64(64 - bits)).astype(np.int64), np.arange(len(whole.hashes))))
    return _row(found, whole.rows)


def _row_of_letters(of: Letters, bits: int) -> Row:
    together = squeezed(of)
    apart = jamo(together)
    inner = together.codes != ord(" ")
    number = np.cumsum(inner) - 1
    owner = np.cumsum(np.append(False, (np.diff(apart.at) != 0) | (np.diff(apart.rows) != 0)))
    found = [(marked(of, 3, bits), np.arange(int(inner.sum())))]
    for run in letter_runs(together, 1, 3, 4, bits):
        middle = (run.first + run.last) // 2
        found.append((run.buckets[inner[middle]], number[middle[inner[middle]]]))
    for run in (*letter_runs(apart, 4, 4, 5, bits), *letter_runs(apart, 6, 6, 5, bits)):
        first = owner[run.first]
        found.append((run.buckets[inner[first]], number[first[inner[first]]]))
    return _row(found, together.rows[inner])


def _row(found: list[tuple[NDArray[np.int64], NDArray[np.int64]]], rows: NDArray[np.int32]) -> Row:
    owners = np.concatenate([owner for _, owner in found])
    buckets = np.concatenate([bucket for bucket, _ in found])[np.argsort(owners, kind="stable")]
    return buckets, np.cumsum(np.bincount(owners, minlength=len(rows))), rows


READS: dict[str, Callable[[Letters, int], Row]] = {"words": _row_of_words, "letters": _row_of_letters}
"""What nets go through: words, or the letters of a text as if it had no spaces."""
