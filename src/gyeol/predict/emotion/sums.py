"""How a sum over pieces is learnt: logistic regression by AdaGrad (Duchi, Hazan & Singer, JMLR 2011), some texts at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.parts import Linear
from gyeol.context.emotion.recipes import SUMS
from gyeol.context.emotion.text import letters
from gyeol.predict.emotion.data import OWN, Examples

_CHUNK = 4_000
_TOGETHER = 32
"""Texts of one step: their slopes are taken at the same weights, as good as one by one and many times as fast."""


class LinearPlan(NamedTuple):
    """How a linear part is learnt.

    Args:
        recipe: What it sums, a name of ``SUMS``.
        bits: It has ``2 ** bits`` weights.
        epochs: Passes over the texts.
        drop: Share of pieces left out at random (Wager, Wang & Liang, NIPS 2013).
        phrases: So many times more our own phrases weigh: reviews hardly ever say "안 좋아요" alone, and read it as praise.
    """

    recipe: str
    bits: int
    epochs: int
    drop: float
    phrases: float = 1.0


def sum_learnt(plan: LinearPlan, texts: list[str], of: Examples, learnt: NDArray[np.int64], say: Callable[[str], None]) -> Linear:
    """Learn a linear part.

    Args:
        plan: How.
        texts: As ``normalised`` gives them.
        of: Their targets and weights.
        learnt: Rows to learn from.
        say: Told of each pass.
    """
    starts, found = _pieces(plan, texts)
    weights, squares = np.zeros(1 << plan.bits, np.float32), np.full(1 << plan.bits, 1e-3, np.float32)
    bias, rng = 0.0, np.random.default_rng(plan.bits)
    weight = np.where(of.fold == OWN, of.weight * plan.phrases, of.weight).astype(np.float32)
    for number in range(plan.epochs):
        order, loss = rng.permutation(learnt), 0.0
        for begin in range(0, len(order), _TOGETHER):
            rows = order[begin : begin + _TOGETHER]
            counts = starts[rows + 1] - starts[rows]
            rows, counts = rows[counts > 0], counts[counts > 0]
            ends = np.cumsum(counts)
            buckets = found[np.arange(ends[-1]) + np.repeat(starts[rows] - (ends - counts), counts)]
            value = np.repeat((1 / np.sqrt(counts)).astype(np.float32), counts)
            if plan.drop:
                value *= (rng.random(len(value), np.float32) >= plan.drop) / np.float32(1 - plan.drop)
            logit = np.add.reduceat(weights[buckets] * value, ends - counts) + bias
            slope = ((1 / (1 + np.exp(-logit)) - of.target[rows]) * weight[rows]).astype(np.float32)
            loss += float((weight[rows] * (np.logaddexp(0, logit) - of.target[rows] * logit)).sum())
            bias -= 0.005 * float(slope.sum())
            slopes = np.repeat(slope, counts) * value
            np.add.at(squares, buckets, slopes * slopes)
            np.subtract.at(weights, buckets, np.float32(0.1) * slopes / np.sqrt(squares[buckets]))
        say(f"{plan.recipe}, pass {number + 1}: loss {loss / len(order):.4f}")
    small, step = rounded(weights)
    return Linear(recipe=plan.recipe, weights=small, step=step, bias=bias)


def _pieces(plan: LinearPlan, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Where the buckets of each text begin, and all buckets."""
    found: list[NDArray[np.int32]] = []
    counts: list[NDArray[np.int64]] = []
    for begin in range(0, len(texts), _CHUNK):
        part = texts[begin : begin + _CHUNK]
        read, runs = SUMS[plan.recipe](letters(part), plan.bits)
        pairs = [(read.rows[run.first], run.buckets.astype(np.int32)) for run in runs]
        rows = np.concatenate([row for row, _ in pairs])
        found.append(np.concatenate([bucket for _, bucket in pairs])[np.argsort(rows, kind="stable")])
        counts.append(np.bincount(rows, minlength=len(part)))
    return np.concatenate([[0], np.cumsum(np.concatenate(counts))]), np.concatenate(found)


def rounded(weights: NDArray[np.float32], most: int = 127) -> tuple[NDArray[np.int8], float]:
    """Weights as whole numbers from -most to most, and what one is worth; the few that stand far out are cut, for a finer step.

    The smaller the numbers, the better the file of weights is packed.
    """
    step = float(np.quantile(np.abs(weights[weights != 0]), 0.9999)) / most
    return np.clip(np.rint(weights / step), -most, most).astype(np.int8), step
