"""A small net: a text as a row of vectors, windows over it, a recurrent reader that goes through it both ways."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.recipes import READS
from gyeol.context.emotion.text import Letters

MOST_PIECES = 512
"""Of a word that are read: longer ones, some 120 letters without a space, are no words."""


class Gru(msgspec.Struct, frozen=True, kw_only=True):
    """Gated recurrent units, forwards and backwards: Cho et al. (EMNLP 2014); the reset gate after the product, so that each
    step is one product.

    Args:
        inner: Weights of what is read, ``(2, d, 3h)``: reset, update, new.
        outer: Weights of what is remembered, ``(2, h, 3h)``.
        inner_bias: ``(2, 3h)``.
        outer_bias: ``(2, 3h)``.
    """

    inner: NDArray[np.float32]
    outer: NDArray[np.float32]
    inner_bias: NDArray[np.float32]
    outer_bias: NDArray[np.float32]

    def pooled(self, given: NDArray[np.float32], begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float32]:
        """The greatest and the mean value that each unit takes over a text.

        Args:
            given: What is read, ``(rows, d)``.
            begins: First row of each text.
            counts: Rows of each text, at least 1.

        Returns:
            ``(texts, 4h)``: the greatest of both ways, then the means.
        """
        size = self.outer.shape[1]
        order = np.argsort(-counts, kind="stable")
        begins, counts = begins[order], counts[order]
        numbers = np.arange(int(counts[0]))
        left = np.searchsorted(-counts, -numbers, side="left")
        # First what each text's first step reads, then its second: a step reads one piece of memory.
        text = np.arange(int(left.sum())) - np.repeat(np.cumsum(left) - left, left)
        forwards, step = begins[text], np.repeat(numbers, left)
        rows = np.stack([forwards + step, forwards + counts[text] - 1 - step])
        # Sigmoids as tangents of the half: NumPy knows these best.
        half = np.where(np.arange(3 * size) < 2 * size, np.float32(0.5), np.float32(1))
        gates = np.matmul(given[rows], self.inner * half)
        outer, new_bias = self.outer * half, self.outer_bias[:, None, 2 * size :]
        gates += (self.inner_bias * half)[:, None]
        gates[..., : 2 * size] += (self.outer_bias * half)[:, None, : 2 * size]
        states = np.zeros((2, len(counts), size), np.float32)
        greatest, total = np.full_like(states, -1), np.zeros_like(states)
        end = 0
        for number in left.tolist():
            begin, end = end, end + number
            state, open_, new = states[:, :number], gates[:, begin:end, : 2 * size], gates[:, begin:end, 2 * size :]
            kept = np.matmul(state, outer)
            open_ += kept[..., : 2 * size]
            np.tanh(open_, out=open_)
            open_ *= np.float32(0.5)
            open_ += np.float32(0.5)
            kept[..., 2 * size :] += new_bias
            kept[..., 2 * size :] *= open_[..., :size]
            new += kept[..., 2 * size :]
            np.tanh(new, out=new)
            state -= new
            state *= open_[..., size:]
            state += new
            np.maximum(greatest[:, :number], state, out=greatest[:, :number])
            total[:, :number] += state
        total /= counts[:, None].astype(np.float32)
        result = np.empty((len(counts), 4 * size), np.float32)
        result[order] = np.concatenate([greatest[0], greatest[1], total[0], total[1]], 1)
        return result


class Net(msgspec.Struct, frozen=True, kw_only=True):
    """Words or letters as sums of vectors of their pieces; windows over them, whose greatest values count and which, in steps,
    a recurrent reader goes through; a weighted sum of all.

    Windows after Kim, "Convolutional Neural Networks for Sentence Classification" (EMNLP 2014), words after Bojanowski et
    al., "Enriching Word Vectors with Subword Information" (TACL 2017).

    Args:
        reads: What the row of vectors stands for, a name of ``READS``.
        vectors: ``(2 ** bits, d) int8``.
        step: What one unit of a vector is worth.
        filters: For each width of window ``(width, d, f)``; none: the reader takes the vectors themselves.
        biases: For each width ``(f,)``.
        stride: The reader takes the greatest of so many windows of the last width at a time; 1 without windows.
        gru: The reader; None: windows alone count.
        out: Weights of the greatest values of windows, width by width, then of what the reader tells.
        constant: Added.
    """

    reads: str
    vectors: NDArray[np.int8]
    step: float
    filters: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    stride: int
    gru: Gru | None
    out: NDArray[np.float32]
    constant: float

    def logits(self, of: Letters) -> NDArray[np.float64]:
        """One logit for each text, ``(texts,)``."""
        texts = len(of.starts)
        buckets, ends, rows = READS[self.reads](of, len(self.vectors).bit_length() - 1)
        result = np.full(texts, self.constant)
        if len(rows) == 0:
            return result
        counts = np.diff(ends, prepend=0)
        sums = _sums(self.vectors, buckets, ends - counts, counts)
        vectors = sums.astype(np.float32) * (self.step / np.sqrt(counts)).astype(np.float32)[:, None]
        numbers = np.bincount(rows, minlength=texts)
        some = np.flatnonzero(numbers)
        result[some] += self._features(vectors, numbers[some]) @ self.out
        return result

    def _features(self, vectors: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """What windows and reader tell of texts with at least one vector."""
        # Rows of nothing after each text, as many as a window reaches out: no window reads two texts.
        reach = max((len(each) // 2 for each in self.filters), default=0)
        blocks = -(-(numbers + reach) // self.stride)
        begins = np.cumsum(blocks) - blocks
        height = int(blocks.sum()) * self.stride
        place = np.arange(len(vectors)) + np.repeat(begins * self.stride - (np.cumsum(numbers) - numbers), numbers)
        padded = np.zeros((height + 2 * reach, vectors.shape[1]), np.float32)
        padded[place + reach] = vectors
        empty = np.ones(height, np.bool_)
        empty[place] = False
        found: list[NDArray[np.float32]] = []
        taken = padded[reach : reach + height]
        for filters, bias in zip(self.filters, self.biases, strict=True):
            first = reach - (len(filters) - 1) // 2
            values = padded[first : first + height] @ filters[0]
            for j in range(1, len(filters)):
                values += padded[first + j : first + j + height] @ filters[j]
            values += bias
            np.maximum(values, 0, out=values)
            values[empty] = 0
            taken = values.reshape(-1, self.stride, values.shape[1]).max(1) if self.stride > 1 else values
            found.append(np.maximum.reduceat(taken, begins, axis=0))
        if self.gru is not None:
            found.append(self.gru.pooled(taken, begins, -(-numbers // self.stride)))
        return np.concatenate(found, 1)


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
