"""From examples to a model: parts are learnt one by one, mixed and calibrated on texts that none of them has seen."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.model import Language, Model, cues, prepared
from gyeol.context.emotion.parts import Linear, Net, word_pieces
from gyeol.context.emotion.recipes import RECIPES
from gyeol.context.emotion.text import letters
from gyeol.predict.emotion.data import CALIBRATION, HELD_OUT, OWN, Examples
from gyeol.predict.emotion.kernels import compiled, linear_epoch, net_back, net_epoch, net_forward, net_read, net_step

OWN_SHARE = 0.35
"""Weight of the part that learnt from phrases alone: what it is worth for shops and apps cannot be told from films, so it is not fitted."""
_CHUNK = 4_000
Say = Callable[[str], None]


class LinearPlan(NamedTuple):
    """How a linear part is learnt; with ``own`` from phrases and words alone, so that films do not drown what shops hear."""

    recipe: str
    bits: int
    epochs: int
    drop: float
    own: bool = False


class NetPlan(NamedTuple):
    """How a net is learnt."""

    bits: int
    size: int
    filters: int
    widest: int
    epochs: int
    drop: float
    word_drop: float
    seed: int


PLANS: dict[Language, tuple[tuple[LinearPlan, ...], tuple[NetPlan, ...]]] = {
    "ko": (
        (LinearPlan("syllables", 21, 4, 0.0), LinearPlan("jamo", 22, 4, 0.0), LinearPlan("jamo", 16, 15, 0.2, own=True)),
        (NetPlan(17, 64, 96, 3, 6, 0.5, 0.2, 7), NetPlan(16, 48, 96, 3, 6, 0.4, 0.25, 11)),
    ),
    "en": (
        (LinearPlan("letters", 20, 5, 0.0), LinearPlan("words", 20, 5, 0.0)),
        (NetPlan(16, 48, 64, 3, 6, 0.4, 0.2, 7), NetPlan(15, 64, 64, 3, 6, 0.5, 0.15, 11)),
    ),
}
"""Found by trying on the calibration folds; see docs/emotion.md."""


def train(language: Language, examples: Examples, say: Say) -> Model:
    """Learn a model.

    Args:
        language: Which.
        examples: With their folds: fold 0 is never read, fold 1 mixes and calibrates.
        say: Told of each step.
    """
    texts = prepared(examples.texts)
    learnt = np.flatnonzero((examples.fold != HELD_OUT) & (examples.fold != CALIBRATION))
    linear_plans, net_plans = PLANS[language]
    linear = tuple(_linear(plan, texts, examples, learnt, say) for plan in linear_plans)
    nets = tuple(_nets(net_plans, texts, examples, learnt, say)) if net_plans else ()
    raw = Model(language=language, linear=linear, nets=nets, mix=np.ones(len(linear) + len(nets)), bias=0.0, strength=np.zeros(6))
    return _calibrated(raw, texts, examples)


def _linear(plan: LinearPlan, texts: list[str], examples: Examples, learnt: NDArray[np.int64], say: Say) -> Linear:
    ends, found = _pieces(plan, texts)
    weights, squares = np.zeros(1 << plan.bits, np.float32), np.full(1 << plan.bits, 1e-3, np.float32)
    bias = np.zeros(1, np.float32)
    epoch, rng = compiled(linear_epoch), np.random.default_rng(plan.bits)
    for number in range(plan.epochs):
        order = rng.permutation(np.flatnonzero(examples.fold == OWN) if plan.own else learnt)
        loss = epoch(
            ends, found, examples.target, examples.weight, order, weights, squares, bias, np.float32(0.1), plan.drop, number + 1
        )  # fmt: skip
        say(f"{plan.recipe}, pass {number + 1}: loss {loss:.4f}")
    small, step = _eighth(weights)
    return Linear(recipe=plan.recipe, weights=small, step=step, bias=float(bias[0]))


def _pieces(plan: LinearPlan, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    found: list[NDArray[np.int32]] = []
    counts: list[NDArray[np.int64]] = []
    for begin in range(0, len(texts), _CHUNK):
        part = texts[begin : begin + _CHUNK]
        read, runs = RECIPES[plan.recipe](letters(part), plan.bits)
        pairs = [(read.rows[run.first], run.buckets.astype(np.int32)) for run in runs]
        rows = np.concatenate([row for row, _ in pairs])
        found.append(np.concatenate([bucket for _, bucket in pairs])[np.argsort(rows, kind="stable")])
        counts.append(np.bincount(rows, minlength=len(part)))
    return np.concatenate([[0], np.cumsum(np.concatenate(counts))]), np.concatenate(found)


def _nets(plans: tuple[NetPlan, ...], texts: list[str], examples: Examples, learnt: NDArray[np.int64], say: Say) -> list[Net]:
    steps = [compiled(loop) for loop in (net_read, net_forward, net_back, net_step)]
    epoch = functools.partial(compiled(net_epoch), *steps)
    return [_net(epoch, plan, texts, examples, learnt, say) for plan in plans]


def _net(epoch: Any, plan: NetPlan, texts: list[str], examples: Examples, learnt: NDArray[np.int64], say: Say) -> Net:
    word_ends, piece_ends, found = _word_pieces(plan.bits, texts)
    rng = np.random.default_rng(plan.seed)
    k, d, h = plan.widest, plan.size, plan.filters
    vectors = rng.standard_normal((1 << plan.bits, d), np.float32) * np.float32(0.08)
    filters = (rng.standard_normal((k, k, d, h)) / np.sqrt(2 * d)).astype(np.float32)
    out = (rng.standard_normal((k, h)) / np.sqrt(k * h)).astype(np.float32)
    bias, constant = np.zeros((k, h), np.float32), np.zeros(1, np.float32)
    squares = [np.full(1 << plan.bits, 1e-4, np.float32), np.full(filters.shape, 1e-2, np.float32)]
    squares += [np.full((k, h), 1e-2, np.float32), np.full((k, h), 1e-1, np.float32)]
    for number in range(plan.epochs):
        rate = np.float32(0.05 * 0.7**number)
        loss = epoch(
            word_ends, piece_ends, found, examples.target, examples.weight, rng.permutation(learnt),
            vectors, squares[0], filters, squares[1], bias, squares[2], out, squares[3],
            constant, rate, plan.drop, plan.word_drop, plan.seed + number,
        )  # fmt: skip
        say(f"net {plan.seed}, pass {number + 1}: loss {loss:.4f}")
    small, step = _eighth(vectors)
    return Net(vectors=small, step=step, filters=filters, bias=bias, out=out, constant=float(constant[0]))


def _word_pieces(bits: int, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    found: list[NDArray[np.int32]] = []
    words: list[NDArray[np.int64]] = []
    pieces: list[NDArray[np.int64]] = []
    for begin in range(0, len(texts), _CHUNK):
        part = texts[begin : begin + _CHUNK]
        buckets, ends, rows = word_pieces(letters(part), bits)
        found.append(buckets.astype(np.int32))
        pieces.append(np.diff(ends, prepend=0))
        words.append(np.bincount(rows, minlength=len(part)))
    starts = [np.concatenate([[0], np.cumsum(np.concatenate(counts))]) for counts in (words, pieces)]
    return starts[0], starts[1], np.concatenate(found)


def _eighth(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], float]:
    """Weights in eight bits; the few that stand far out are cut, for a finer step."""
    step = float(np.quantile(np.abs(weights[weights != 0]), 0.9999)) / 127
    return np.clip(np.rint(weights / step), -127, 127).astype(np.int8), step


def _calibrated(raw: Model, texts: list[str], examples: Examples) -> Model:
    """Mix the parts by logistic regression on the calibration fold; least squares for strength."""
    chosen = np.flatnonzero((examples.fold == CALIBRATION) & (examples.sign >= 0))
    logits = _part_logits(raw, [texts[i] for i in chosen])
    features = np.vstack([logits, np.ones(len(chosen))])
    sign = examples.sign[chosen].astype(np.float64)
    free = np.append(~_own(raw), True)
    w = np.where(free, 1 / len(logits), OWN_SHARE)
    w[-1] = 0.0
    open_ = features[free]
    for _ in range(30):
        p = 1 / (1 + np.exp(-(w @ features)))
        slope = open_ @ (p - sign) + 1e-3 * w[free]
        w[free] -= np.linalg.solve((open_ * (p * (1 - p))) @ open_.T + 1e-3 * np.eye(len(slope)), slope)
    rated = np.flatnonzero((examples.fold == CALIBRATION) & ~np.isnan(examples.strength))
    polarity = np.tanh((w[:-1] @ _part_logits(raw, [texts[i] for i in rated]) + w[-1]) / 2)
    told = cues([examples.texts[i] for i in rated], polarity)
    strength = np.asarray(np.linalg.lstsq(told, examples.strength[rated].astype(np.float64), rcond=None)[0], np.float64)
    return Model(language=raw.language, linear=raw.linear, nets=raw.nets, mix=w[:-1], bias=float(w[-1]), strength=strength)


def _own(model: Model) -> NDArray[np.bool_]:
    plans = PLANS[model.language][0]
    return np.array([plan.own for plan in plans] + [False] * len(model.nets))


def _part_logits(model: Model, texts: list[str]) -> NDArray[np.float64]:
    return np.hstack([model.part_logits(texts[begin : begin + _CHUNK]) for begin in range(0, len(texts), _CHUNK)])
