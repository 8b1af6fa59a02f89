"""A column of values over some rows, with its mask of what is known: what conditions, traits and batches hand to one another."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

Kind = Literal["number", "text", "flag", "list"]
"""number: float64 or int64 · text: int32 codes into a vocabulary · flag: bool · list: object array of Python lists."""

Mask = npt.NDArray[np.bool_]


class Vocabulary:
    """Texts of one property path and their codes, given in order of first sight. Codes mean nothing outside the process."""

    __slots__ = ("codes", "words")

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.words: list[str] = []

    def code(self, word: str) -> int:
        """The code of a text; a new text gets the next code."""
        found = self.codes.get(word)
        if found is None:
            found = self.codes[word] = len(self.words)
            self.words.append(word)
        return found

    def find(self, word: str) -> int:
        """The code of a text, or -1 when it was never seen."""
        return self.codes.get(word, -1)

    def encode(self, words: list[str | None]) -> npt.NDArray[np.int32]:
        """Codes of many texts; -1 where None."""
        code = self.code
        return np.fromiter((-1 if w is None else code(w) for w in words), np.int32, len(words))


_EVERYWHERE: Mask = np.ones(32_768, np.bool_)
_EVERYWHERE.flags.writeable = False


def everywhere(n: int) -> Mask:
    """(n,) true: nothing is NULL. It is shared, so it cannot be written to, and ``known_everywhere`` knows it without looking."""
    return _EVERYWHERE[:n] if n <= len(_EVERYWHERE) else np.ones(n, np.bool_)


def known_everywhere(mask: Mask) -> bool:
    """Whether a mask is true everywhere."""
    return mask.base is _EVERYWHERE or bool(mask.all())


class Column(msgspec.Struct, frozen=True):
    """Values over n rows.

    Args:
        kind: What the values are, see ``Kind``.
        values: (n,) array; what stands where ``known`` is false means nothing.
        known: (n,) bool; false = NULL (absent, null, stale).
        vocabulary: For ``text``: what the codes mean.
        stale: (n,) bool or None: rows that are unknown because a fact has aged, not because it was never there.
    """

    kind: Kind
    values: npt.NDArray[np.generic]
    known: Mask
    vocabulary: Vocabulary | None = None
    stale: Mask | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: npt.NDArray[np.integer]) -> Column:
        """The column over some rows, in their order."""
        stale = None if self.stale is None else self.stale.take(rows)
        return Column(self.kind, self.values.take(rows), self.known.take(rows), self.vocabulary, stale)

    def item(self, row: int) -> object:
        """The Python value of one row: None, float, int, bool, str or list."""
        if not self.known[row]:
            return None
        value = self.values[row]
        if self.kind == "text":
            assert self.vocabulary is not None
            return self.vocabulary.words[int(value)]
        return value.item() if isinstance(value, np.generic) else value
