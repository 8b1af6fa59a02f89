"""The inner loops of training, for Numba to compile: one text at a time, AdaGrad, pieces left out at random.

Leaving pieces out in training: Wager, Wang & Liang, "Dropout Training as Adaptive Regularization" (NIPS 2013).
AdaGrad: Duchi, Hazan & Singer (JMLR 2011).
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from gyeol.kernel.errors import CapabilityMissingError


def linear_epoch(
    ends: Any, pieces: Any, target: Any, weight: Any, order: Any, w: Any, squares: Any, bias: Any, rate: Any, drop: Any, seed: Any
) -> Any:
    """One pass of logistic regression over texts; ``w``, ``squares`` and ``bias`` are changed in place. Returns the mean loss."""
    np.random.seed(seed)
    loss = 0.0
    keep = np.empty(400_000, np.uint8)
    for i in order:
        begin, end = ends[i], ends[i + 1]
        value = 1 / np.sqrt(max(end - begin, 1))
        grown = value / (1 - drop)
        z = bias[0]
        for j in range(begin, end):
            keep[j - begin] = np.random.random() >= drop
            if keep[j - begin]:
                z += w[pieces[j]] * grown
        slope = (1 / (1 + np.exp(-z)) - target[i]) * weight[i]
        loss += weight[i] * (np.log1p(np.exp(-abs(z))) + max(z, 0.0) - target[i] * z)
        bias[0] -= 0.005 * slope
        g = slope * grown
        for j in range(begin, end):
            if keep[j - begin]:
                c = pieces[j]
                squares[c] += g * g
                w[c] -= rate * g / np.sqrt(squares[c])
    return loss / len(order)


def net_read(x: Any, keep: Any, word_0: Any, n: Any, piece_ends: Any, pieces: Any, vectors: Any, drop: Any, word_drop: Any) -> None:
    """The vectors of a text's words into ``x``; ``keep`` tells which pieces were not left out."""
    size, piece_0 = vectors.shape[1], piece_ends[word_0]
    for t in range(n):
        begin, end = piece_ends[word_0 + t], piece_ends[word_0 + t + 1]
        x[t, :] = 0
        if np.random.random() < word_drop:
            keep[begin - piece_0 : end - piece_0] = 0
            continue
        for j in range(begin, end):
            kept = np.random.random() >= drop
            keep[j - piece_0] = kept
            if kept:
                for d in range(size):
                    x[t, d] += vectors[pieces[j], d]
        scale = np.float32(1 / np.sqrt(end - begin + 1e-6) / (1 - drop))
        for d in range(size):
            x[t, d] *= scale


def net_forward(x: Any, n: Any, filters: Any, bias: Any, out: Any, best: Any, place: Any, z: Any) -> Any:
    """The greatest value of each filter into ``best``, the window that gave it into ``place``. Returns what they add to the logit."""
    widest, size, count = filters.shape[0], filters.shape[2], filters.shape[3]
    logit = np.float32(0)
    for k in range(widest):
        best[k, :] = -1e30
        for t in range(-k, n):
            z[:] = bias[k]
            for j in range(max(0, -t), min(k + 1, n - t)):
                for d in range(size):
                    for h in range(count):
                        z[h] += x[t + j, d] * filters[k, j, d, h]
            for h in range(count):
                if z[h] > best[k, h]:
                    best[k, h], place[k, h] = z[h], t
        for h in range(count):
            if best[k, h] > 0:
                logit += best[k, h] * out[k, h]
    return logit


def net_back(
    x: Any, back: Any, n: Any, slope: Any, best: Any, place: Any,
    filters: Any, filter_squares: Any, bias: Any, bias_squares: Any, out: Any, out_squares: Any, rate: Any,
) -> None:  # fmt: skip
    """A step of the dense arrays; slopes of the words' vectors into ``back``."""
    widest, size, count = filters.shape[0], filters.shape[2], filters.shape[3]
    back[:n, :] = 0
    for k in range(widest):
        for h in range(count):
            if best[k, h] <= 0:
                continue
            g = slope * best[k, h] + np.float32(1e-5) * out[k, h]
            down = slope * out[k, h]
            out_squares[k, h] += g * g
            out[k, h] -= rate * g / np.sqrt(out_squares[k, h])
            bias_squares[k, h] += down * down
            bias[k, h] -= rate * down / np.sqrt(bias_squares[k, h])
            t = place[k, h]
            for j in range(max(0, -t), min(k + 1, n - t)):
                for d in range(size):
                    back[t + j, d] += down * filters[k, j, d, h]
                    g = down * x[t + j, d]
                    filter_squares[k, j, d, h] += g * g
                    filters[k, j, d, h] -= rate * g / np.sqrt(filter_squares[k, j, d, h])


def net_step(
    back: Any, keep: Any, word_0: Any, n: Any, piece_ends: Any, pieces: Any, vectors: Any, vector_squares: Any, rate: Any, drop: Any
) -> None:
    """A step of the vectors of a text's pieces, along the slopes in ``back``."""
    size, piece_0 = vectors.shape[1], piece_ends[word_0]
    for t in range(n):
        begin, end = piece_ends[word_0 + t], piece_ends[word_0 + t + 1]
        scale = np.float32(1 / np.sqrt(end - begin + 1e-6) / (1 - drop))
        mean = np.float32(0)
        for d in range(size):
            back[t, d] *= scale
            mean += back[t, d] * back[t, d] / size
        if mean == 0:
            continue
        for j in range(begin, end):
            if keep[j - piece_0]:
                row = pieces[j]
                vector_squares[row] += mean
                step = rate / np.sqrt(vector_squares[row])
                for d in range(size):
                    vectors[row, d] -= step * back[t, d]


def net_epoch(
    read: Any, forward: Any, backward: Any, update: Any,
    word_ends: Any, piece_ends: Any, pieces: Any, target: Any, weight: Any, order: Any,
    vectors: Any, vector_squares: Any, filters: Any, filter_squares: Any, bias: Any, bias_squares: Any, out: Any, out_squares: Any,
    constant: Any, rate: Any, drop: Any, word_drop: Any, seed: Any,
) -> Any:  # fmt: skip
    """One pass of the net over texts; its arrays are changed in place. The first four are the loops above. Returns the mean loss."""
    np.random.seed(seed)
    size, count, widest = vectors.shape[1], filters.shape[3], filters.shape[0]
    longest = 80
    x, back = np.zeros((longest, size), np.float32), np.zeros((longest, size), np.float32)
    z = np.zeros(count, np.float32)
    best, place = np.zeros((widest, count), np.float32), np.zeros((widest, count), np.int32)
    keep = np.ones(100_000, np.uint8)
    loss = 0.0
    for i in order:
        word_0 = word_ends[i]
        n = min(word_ends[i + 1] - word_0, longest)
        if n == 0:
            continue
        read(x, keep, word_0, n, piece_ends, pieces, vectors, drop, word_drop)
        logit = constant[0] + forward(x, n, filters, bias, out, best, place, z)
        slope = np.float32((1 / (1 + np.exp(-logit)) - target[i]) * weight[i])
        loss += weight[i] * (max(logit, 0.0) - target[i] * logit + np.log1p(np.exp(-abs(logit))))
        backward(x, back, n, slope, best, place, filters, filter_squares, bias, bias_squares, out, out_squares, rate)
        constant[0] -= 0.01 * slope
        update(back, keep, word_0, n, piece_ends, pieces, vectors, vector_squares, rate, drop)
    return loss / len(order)


def compiled(function: Any) -> Any:
    """A loop as machine code.

    Raises:
        CapabilityMissingError: Numba is not installed.
    """
    try:
        numba: Any = importlib.import_module("numba")
    except ModuleNotFoundError as error:
        raise CapabilityMissingError("no_numba", "training needs Numba → pip install numba") from error
    return numba.njit(fastmath=True)(function)
