"""The sums of a model: weights of pieces."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.recipes import SUMS
from gyeol.context.emotion.text import Letters


class Linear(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of weights over pieces, divided by the root of their number.

    Args:
        recipe: Which pieces, a name of ``SUMS``.
        weights: ``(2 ** bits,) int8``.
        step: What one unit of a weight is worth.
        bias: Added.
    """

    recipe: str
    weights: NDArray[np.int8]
    step: float
    bias: float

    def by_letter(self, of: Letters) -> tuple[Letters, NDArray[np.int32], NDArray[np.int32]]:
        """Sums of weights and numbers of the pieces that begin at each letter.

        Returns:
            The letters that were read, sums, counts, each ``(n,)``.
        """
        bits = len(self.weights).bit_length() - 1
        read, runs = SUMS[self.recipe](of, bits)
        sums, counts = np.zeros(len(read.codes), np.int32), np.zeros(len(read.codes), np.int32)
        for run in runs:
            sums[run.first] += self.weights[run.buckets]
            counts[run.first] += 1
        return read, sums, counts

    def logits(self, of: Letters) -> NDArray[np.float64]:
        """One logit for each text, ``(texts,)``."""
        read, sums, counts = self.by_letter(of)
        total = np.add.reduceat(sums, read.starts).astype(np.float64)
        number = np.maximum(np.add.reduceat(counts, read.starts), 1)
        return total * self.step / np.sqrt(number) + self.bias
