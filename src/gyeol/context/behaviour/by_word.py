"""What follows from words alone, worked out once a word and looked up by its code: no event is asked by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from gyeol.kernel.instants import Int64

_UNSEEN = np.iinfo(np.int16).min
Codes = npt.NDArray[np.integer]


class ByWord:
    """A small number for each word of a vocabulary, of the one that was asked for last.

    Args:
        tell: The number of a word, greater than -32768; it must follow from the word alone.
    """

    def __init__(self, tell: Callable[[str], int]) -> None:
        self._tell = tell
        self._held: tuple[Sequence[str], npt.NDArray[np.int16]] = (), np.empty(0, np.int16)

    def of(self, codes: Codes, words: Sequence[str]) -> Int64:
        """(n,) the numbers of some codes of a vocabulary, whose words may become more and nothing else."""
        of, numbers = self._held
        if of is not words:
            numbers = np.empty(0, np.int16)
        if len(numbers) < len(words):
            more = np.full(max(len(words), len(numbers) * 5 // 4) - len(numbers), _UNSEEN, np.int16)
            numbers = np.concatenate([numbers, more])
            self._held = words, numbers
        found = numbers.take(codes)
        new = codes[found == _UNSEEN]
        if len(new):
            for code in np.unique(new).tolist():
                numbers[code] = self._tell(words[code])
            found = numbers.take(codes)
        return found.astype(np.int64)
