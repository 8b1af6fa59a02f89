"""The parts of a model: sums of weights over pieces, and a small net over words."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.features import pieces, words
from gyeol.context.emotion.recipes import RECIPES
from gyeol.context.emotion.text import Letters, jamo

MOST_PIECES = 512
"""Of a word that are read: longer ones, some 120 letters without a space, are no words."""


class Linear(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of weights over pieces, divided by the root of their number.

    Args:
        recipe: Which pieces, a name of ``RECIPES``.
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
        read, runs = RECIPES[self.recipe](of, bits)
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


class Net(msgspec.Struct, frozen=True, kw_only=True):
    """Words as sums of vectors of their pieces; windows of one to K words, the greatest value of each filter, a weighted sum.

    A convolution over words after Kim, "Convolutional Neural Networks for Sentence Classification" (EMNLP 2014), with the
    words of Bojanowski et al., "Enriching Word Vectors with Subword Information" (TACL 2017).

    Args:
        vectors: ``(2 ** bits, d) int8``.
        step: What one unit of a vector is worth.
        filters: ``(K, K, d, h) float32``: of windows of k+1 words the first k+1 of the second axis count.
        bias: ``(K, h)``.
        out: ``(K, h)``.
        constant: Added.
    """

    vectors: NDArray[np.int8]
    step: float
    filters: NDArray[np.float32]
    bias: NDArray[np.float32]
    out: NDArray[np.float32]
    constant: float

    def logits(self, of: Letters) -> NDArray[np.float64]:
        """One logit for each text, ``(texts,)``."""
        widest, size = self.filters.shape[0], self.filters.shape[2]
        texts = len(of.starts)
        buckets, ends, rows = word_pieces(of, len(self.vectors).bit_length() - 1)
        result = np.full(texts, self.constant)
        if len(rows) == 0:
            return result
        counts = np.diff(ends, prepend=0)
        sums = _sums(self.vectors, buckets, ends - counts, counts)
        vectors = sums.astype(np.float32) * (self.step / np.sqrt(counts)).astype(np.float32)[:, None]
        numbers = np.bincount(rows, minlength=texts)
        # K - 1 rows of nothing before each text and after the last: no window reaches into another text.
        gap = widest - 1
        begins = np.cumsum(numbers) - numbers + gap * np.arange(1, texts + 1)
        padded = np.zeros((len(rows) + gap * (texts + 1), size), np.float32)
        padded[np.arange(len(rows)) + gap * (rows.astype(np.int64) + 1)] = vectors
        some = np.flatnonzero(numbers > 0)
        for k in range(widest):
            height = len(padded) - k
            values = padded[:height] @ self.filters[k, 0]
            for j in range(1, k + 1):
                values += padded[j : j + height] @ self.filters[k, j]
            bounds = np.stack([begins[some] - k, np.minimum(begins[some] + numbers[some], height)], 1).ravel()
            if bounds[-1] >= height:
                bounds = bounds[:-1]
            greatest = np.maximum.reduceat(values, bounds, axis=0)[::2] + self.bias[k]
            result[some] += np.maximum(greatest, 0) @ self.out[k]
        return result


def _sums(vectors: NDArray[np.int8], buckets: NDArray[np.int64], begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int32]:
    """The sum of the vectors of each word's pieces, ``(words, d)``: the first piece of all words, then the second, …

    Three times as fast as ``np.add.reduceat`` over rows.
    """
    order = np.argsort(-counts, kind="stable")
    begins, counts = begins[order], counts[order]
    sums = np.zeros((len(counts), vectors.shape[1]), np.int32)
    numbers = np.arange(min(int(counts[0]), MOST_PIECES))
    for number, words_left in zip(numbers, np.searchsorted(-counts, -numbers, side="left"), strict=True):
        sums[:words_left] += vectors[buckets[begins[:words_left] + number]]
    result = np.empty_like(sums)
    result[order] = sums
    return result


def word_pieces(of: Letters, bits: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """The pieces that a net reads: buckets in the order of words, where each word's end, the text of each word."""
    whole = words(of, stem=2)
    found = [*pieces(of, (1, 2, 3), 1, bits), *pieces(jamo(of), (4, 6), 2, bits)]
    found.append(((whole.hashes >> np.uint64(64 - bits)).astype(np.int64), np.arange(len(whole.hashes))))
    owners = np.concatenate([owner for _, owner in found])
    order = np.argsort(owners, kind="stable")
    buckets = np.concatenate([bucket for bucket, _ in found])[order]
    return buckets, np.cumsum(np.bincount(owners, minlength=len(whole.hashes))), whole.rows
