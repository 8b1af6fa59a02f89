"""From examples to a model: parts are learnt one by one, mixed and calibrated on texts that none of them has seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.model import Language, Model, cues, prepared
from gyeol.predict.emotion.data import CALIBRATION, NEVER_LEARNT, OWN_HELD, Examples
from gyeol.predict.emotion.known import Known
from gyeol.predict.emotion.nets import net_learnt
from gyeol.predict.emotion.plan import NetPlan
from gyeol.predict.emotion.sums import LinearPlan, sum_learnt

_CHUNK = 4_000
Say = Callable[[str], None]


PLANS: dict[Language, tuple[tuple[LinearPlan, ...], tuple[NetPlan, ...]]] = {
    "ko": (
        (
            LinearPlan("syllables_unspaced", 21, 4, 0.0, phrases=12.0),
            LinearPlan("jamo_unspaced", 22, 4, 0.0, phrases=12.0),
        ),
        (
            NetPlan("words", 17, 64, (), 0, 1, 96, 5, 0.5, 0.3, 0.1, 0.3, 2e-3, 7, longest=80, together=256, ahead=3),
            NetPlan("letters", 17, 64, (5,), 96, 3, 96, 3, 0.5, 0.1, 0.2, 0.4, 4e-3, 3, longest=160, together=512),
        ),
    ),
    "en": (
        (LinearPlan("letters", 20, 10, 0.0), LinearPlan("words", 20, 10, 0.0)),
        (NetPlan("words", 17, 64, (), 0, 1, 96, 4, 0.4, 0.2, 0.1, 0.4, 2e-3, 9, longest=200, together=64, ahead=4, known=0.5),),
    ),
}
"""Found by trying, Korean on films of folds 1 to 3, English on reviews of ours and of apps never learnt from; see docs/emotion.md."""


class Mixing(NamedTuple):
    """What parts are mixed and calibrated on.

    Args:
        fold: These texts, which no part learns from.
        positive: Share of positive ones among the texts that are to be read; None: as among these.
    """

    fold: int
    positive: float | None


MIXING: dict[Language, Mixing] = {"ko": Mixing(CALIBRATION, None), "en": Mixing(OWN_HELD, 0.75)}
"""Three of four reviews of shops and apps are good: most people who write have four or five stars to give.
Source: Hu, Zhang & Pavlou, "Overcoming the J-shaped distribution of product reviews", CACM 52 (2009)."""


def train(language: Language, examples: Examples, say: Say, known: Known | None = None) -> Model:
    """Learn a model.

    Args:
        language: Which.
        examples: With their folds: HELD_OUT is never read; ``MIXING`` tells which fold mixes and calibrates, CALIBRATION teaches strength.
        say: Told of each step.
        known: Published vectors of words, for plans that learn to tell them.
    """
    texts = prepared(examples.texts)
    learnt = np.flatnonzero(~np.isin(examples.fold, NEVER_LEARNT))
    linear_plans, net_plans = PLANS[language]
    linear = tuple(sum_learnt(plan, texts, examples, learnt, say) for plan in linear_plans)
    nets = tuple(net_learnt(plan, texts, examples, learnt, say, known) for plan in net_plans)
    raw = Model(language=language, linear=linear, nets=nets, mix=np.ones(len(linear) + len(nets)), bias=0.0, strength=np.zeros(6))
    return _calibrated(raw, texts, examples)


def _calibrated(raw: Model, texts: list[str], examples: Examples) -> Model:
    """Mix the parts by logistic regression on texts that no part has learnt from; least squares for strength."""
    fold, positive = MIXING[raw.language]
    chosen = np.flatnonzero((examples.fold == fold) & (examples.sign >= 0))
    logits = _part_logits(raw, [texts[i] for i in chosen])
    features = np.vstack([logits, np.ones(len(chosen))])
    sign = examples.sign[chosen].astype(np.float64)
    among = float(sign.mean())
    weight = np.ones(len(sign)) if positive is None else np.where(sign == 1, positive / among, (1 - positive) / (1 - among))
    w = np.append(np.full(len(logits), 1 / len(logits)), 0.0)
    for _ in range(30):
        p = 1 / (1 + np.exp(-(w @ features)))
        slope = features @ (weight * (p - sign)) + 1e-3 * w
        curved = (features * (weight * p * (1 - p))) @ features.T
        w -= np.linalg.solve(curved + 1e-3 * np.eye(len(slope)), slope)
    rated = np.flatnonzero((examples.fold == CALIBRATION) & ~np.isnan(examples.strength))
    polarity = np.tanh((w[:-1] @ _part_logits(raw, [texts[i] for i in rated]) + w[-1]) / 2)
    told = cues([examples.texts[i] for i in rated], polarity)
    strength = np.asarray(np.linalg.lstsq(told, examples.strength[rated].astype(np.float64), rcond=None)[0], np.float64)
    return Model(language=raw.language, linear=raw.linear, nets=raw.nets, mix=w[:-1], bias=float(w[-1]), strength=strength)


def _part_logits(model: Model, texts: list[str]) -> NDArray[np.float64]:
    return np.hstack([model.part_logits(texts[begin : begin + _CHUNK]) for begin in range(0, len(texts), _CHUNK)])
