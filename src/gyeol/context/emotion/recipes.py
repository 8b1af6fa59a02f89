"""Which pieces a part of a model reads, by name: the same in training and in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gyeol.context.emotion.features import Runs, letter_runs, word_runs, words
from gyeol.context.emotion.text import Letters, jamo

Read = tuple[Letters, Iterator[Runs]]


def _syllables(of: Letters, bits: int) -> Read:
    def runs() -> Iterator[Runs]:
        yield from letter_runs(of, 1, 5, 2, bits)
        whole = words(of, stem=2)
        yield from word_runs(whole, 3, 3, bits)
        yield from word_runs(whole, 2, 4, bits, stems=True, gap=True)

    return of, runs()


def _jamo(of: Letters, bits: int) -> Read:
    apart = jamo(of)
    return apart, letter_runs(apart, 3, 8, 1, bits)


def _letters(of: Letters, bits: int) -> Read:
    return of, letter_runs(of, 2, 6, 1, bits)


def _words(of: Letters, bits: int) -> Read:
    def runs() -> Iterator[Runs]:
        whole = words(of, stem=4)
        yield from word_runs(whole, 3, 3, bits, gap=True)
        yield from word_runs(whole, 2, 4, bits, stems=True)

    return of, runs()


RECIPES: dict[str, Callable[[Letters, int], Read]] = {"syllables": _syllables, "jamo": _jamo, "letters": _letters, "words": _words}
"""``syllables`` and ``jamo`` read Korean, ``letters`` and ``words`` English: runs of letters, of words, of the beginnings of words."""
