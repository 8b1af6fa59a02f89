"""Steps over text: codes are compared where they can be, and every other question is asked once for each word, not for each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Mask, Vocabulary
from gyeol.expressions.operands import Frame, Operand
from gyeol.expressions.scalars import COMPARE

Codes = npt.NDArray[np.int32]
Truth = tuple[Mask, Mask | None]
"""(true, unknown): ``unknown`` is None when every row is known; the two never overlap."""

_LEAST_CAPACITY = 64


class WordTable:
    """For each word of a vocabulary whether a question is true of it; only words that are new since the last call are asked."""

    def __init__(self, question: Callable[[str], bool]) -> None:
        self._question = question
        self._vocabulary: Vocabulary | None = None
        self._answers = np.zeros(_LEAST_CAPACITY, np.bool_)
        self._asked = 0

    def answers(self, vocabulary: Vocabulary) -> npt.NDArray[np.bool_]:
        """(≥ 1, words) bool: the answer for each code."""
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._asked = vocabulary, 0
        words = vocabulary.words
        count = len(words)
        if count > self._asked:
            if count > len(self._answers):
                grown = np.zeros(max(count, 2 * len(self._answers)), np.bool_)
                grown[: self._asked] = self._answers[: self._asked]
                self._answers = grown
            question = self._question
            self._answers[self._asked : count] = [question(word) for word in words[self._asked : count]]
            self._asked = count
        return self._answers


def known_only(true: Mask, operand: Operand) -> Truth:
    """A freshly made truth of one operand, false where it is unknown."""
    if operand.known is not None:
        np.logical_and(true, operand.known, out=true)
    return true, operand.unknown


def text_table(at: int, question: Callable[[str], bool]) -> Callable[[list[object], Frame], Truth]:
    """A step that asks a question of each word: LIKE, long IN lists, ``<`` and ``>``."""
    table = WordTable(question)

    def run(slots: list[object], frame: Frame) -> Truth:
        operand = frame.operands[at]
        assert operand.vocabulary is not None
        # Codes of unknown rows mean nothing and may lie outside.
        return known_only(table.answers(operand.vocabulary).take(cast(Codes, operand.values), mode="clip"), operand)

    return run


def text_equals(at: int, ufunc: np.ufunc, word: str) -> Callable[[list[object], Frame], Truth]:
    """A step that compares a text with a literal by its code; a word never seen has the code -1, which no known row has."""

    def run(slots: list[object], frame: Frame) -> Truth:
        operand = frame.operands[at]
        assert operand.vocabulary is not None
        return known_only(ufunc(operand.values, operand.vocabulary.find(word)), operand)

    return run


def text_compare(op: str, left: int, right: int) -> Callable[[list[object], Frame], Truth]:
    """A step that compares two texts row by row: vocabularies differ, so words are compared, in Python. Slow, and rare."""
    compare = COMPARE[op]

    def run(slots: list[object], frame: Frame) -> Truth:
        one, two = frame.operands[left], frame.operands[right]
        return compare_rows(one, two, compare, frame.n)

    return run


def compare_rows(one: Operand, two: Operand, compare: Callable[[str, str], object], n: int) -> Truth:
    """Compare the words of two text operands."""
    assert one.vocabulary is not None and two.vocabulary is not None
    both = np.ones(n, np.bool_) if one.known is None else one.known.copy()
    if two.known is not None:
        both &= two.known
    true = np.zeros(n, np.bool_)
    rows = np.flatnonzero(both)
    lefts, rights = one.vocabulary.words, two.vocabulary.words
    pairs = zip(one.values[rows].tolist(), two.values[rows].tolist(), strict=True)
    true[rows] = [bool(compare(lefts[a], rights[b])) for a, b in pairs]
    return true, None if both.all() else ~both
