"""What is computed from the words of vocabularies, once a word: the hashes that choose which values are kept, and their order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from gyeol.events.batch import Vocabularies
from gyeol.expressions.column import Vocabulary
from gyeol.kernel.hashing import value_hash

Codes = npt.NDArray[np.integer]
UInt64 = npt.NDArray[np.uint64]


class Lazy:
    """A uint64 for each code, computed when first asked for."""

    def __init__(self, vocabulary: Vocabulary, compute: Callable[[str], int]) -> None:
        self._words = vocabulary.words
        self._compute = compute
        self._values = np.zeros(64, np.uint64)
        self._made = np.zeros(64, np.bool_)

    def of(self, codes: Codes) -> UInt64:
        """The numbers of some codes, (n,) uint64."""
        if len(self._values) < len(self._words):
            room = max(len(self._words), 2 * len(self._values))
            self._values = np.concatenate([self._values, np.zeros(room - len(self._values), np.uint64)])
            self._made = np.concatenate([self._made, np.zeros(room - len(self._made), np.bool_)])
        made = self._made[codes]
        if np.count_nonzero(made) < len(made):
            for code in np.unique(codes[~made]).tolist():
                self._values[code] = self._compute(self._words[code])
                self._made[code] = True
        return self._values[codes]


class WordKeys:
    """The vocabulary of a path with what is computed from its words.

    Attributes:
        hashes: ``kernel.hashing.value_hash`` of each word.
        prefixes: The first eight bytes of each word's UTF-8, as a number that sorts as the words do until two share it.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.hashes = Lazy(vocabulary, value_hash)
        self.prefixes = Lazy(vocabulary, _prefix)


def _prefix(word: str) -> int:
    return int.from_bytes(word.encode()[:8].ljust(8, b"\0"), "big")


class Words:
    """The vocabularies that traits use, by path."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies
        self._keys: dict[str, WordKeys] = {}

    def of(self, path: str) -> Vocabulary:
        """The vocabulary of a path; from then on it is one that snapshots of the traits carry."""
        return self.keys(path).vocabulary

    def keys(self, path: str) -> WordKeys:
        """The vocabulary of a path with its hashes and order."""
        found = self._keys.get(path)
        if found is None:
            found = self._keys[path] = WordKeys(self.vocabularies.of(path))
        return found

    def used(self) -> dict[str, Vocabulary]:
        """All vocabularies that traits use."""
        return {path: keys.vocabulary for path, keys in self._keys.items()}
