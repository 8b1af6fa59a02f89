"""Intent on years of a made-up coffee chain that nothing was learned from: with place and weather learned, by rule, and left out."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.bench.bench import Setting
from gyeol.bench.report import SHARE, Figures
from gyeol.bench.training.intent import CUSTOMERS, EVENTS, SEED, WITHOUT_SIGNS, Floats, Prefixes, prefixes, softmax
from gyeol.context.behaviour.actions import ACTIONS
from gyeol.context.behaviour.session import FEATURES
from gyeol.context.intent.model import INTENTS, Weights, chances
from gyeol.context.intent.signs import SIGNS
from gyeol.kernel.instants import Int64

FRESH = SEED + 30
"""The first of the companies that were neither learned from nor calibrated on."""
YEARS = 3
RULE: dict[str, dict[str, float]] = {
    "at_store": {"use": 0.3, "buy": 0.2},
    "towards_store": {"buy": 0.3, "use": 0.15},
    "near_store": {"buy": 0.15, "use": 0.1},
    "hot_near_store": {"buy": 0.15},
    "cold_near_store": {"buy": 0.15},
    "rain_near_store": {"buy": 0.1, "use": 0.1},
}
"""Log-odds by which signs counted before they were learned: a guess of ours, set while place changed nobody's intent."""
LOG_LOSS = "nats"
_BINS = 15


def measure(setting: Setting, figures: Figures) -> None:
    """Macro-F1, log loss and calibration of the model, of a model of actions alone with and without the rule, and of the last event."""
    part, years = (4, 1) if setting.quick else (1, YEARS)
    last = last_event(prefixes(FRESH, CUSTOMERS // part, EVENTS // part))
    for seed in range(FRESH + 1, FRESH + 1 + years):
        new = prefixes(seed, CUSTOMERS // part, EVENTS // part)
        for whose, among in (("intent", np.ones(len(new.intent), np.bool_)), ("intent.placed", new.placed)):
            truth = new.intent[among]
            for name, chance in {**by_signs(new), ".last_event": last[new.last]}.items():
                figures.add(f"{whose}{name}.macro_f1", macro_f1(chance[among].argmax(axis=1), truth), SHARE)
                figures.add(f"{whose}{name}.log_loss", log_loss(chance[among], truth), LOG_LOSS)
                figures.add(f"{whose}{name}.ece", calibration_error(chance[among], truth), SHARE)
    figures.note("intent: sessions up to each of their actions; intent.placed: those of which a position is told, which is half of them")
    figures.note("intent.no_signs: learned of actions alone; intent.rule: the same with signs by rule; last_event: of another company")


def by_signs(new: Prefixes) -> dict[str, Floats]:
    """The chances (n, 6) of the model that is served, of one that knows no signs, and of that with the rule."""
    alone = np.array(msgspec.json.decode(WITHOUT_SIGNS.read_bytes(), type=Weights).weights)[:, : len(FEATURES)]
    odds = new.vectors @ alone.T
    rule = np.array([[RULE.get(sign, {}).get(intent, 0.0) for sign in SIGNS] for intent in INTENTS])
    return {"": chances(new.vectors, new.signs), ".rule": softmax(odds + new.signs @ rule.T), ".no_signs": softmax(odds)}


def last_event(seen: Prefixes) -> Floats:
    """The chances of each intent by the last action alone, shape (len(ACTIONS), 6); one of each is counted beside what was seen."""
    counted = np.ones((len(ACTIONS), len(INTENTS)))
    np.add.at(counted, (seen.last, seen.intent), 1)
    return np.asarray(counted / counted.sum(axis=1, keepdims=True))


def macro_f1(guessed: Int64, truth: Int64) -> float:
    """The mean of the F1 of all intents."""
    kinds = range(len(INTENTS))
    both = [2 * ((guessed == k) & (truth == k)).sum() / max(int((guessed == k).sum() + (truth == k).sum()), 1) for k in kinds]
    return float(np.mean(both))


def log_loss(chance: Floats, truth: Int64) -> float:
    """The mean of the negative logarithm of the chance that the truth was given."""
    given: NDArray[np.float64] = chance[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(given, 1e-12)).mean())


def calibration_error(chance: Floats, truth: Int64) -> float:
    """How far chances lie from shares of hits, over 15 bins of equal width.

    Source: Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017, section 2.
    """
    sure, right = chance.max(axis=1), chance.argmax(axis=1) == truth
    bins = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    held = [bins == each for each in range(_BINS) if (bins == each).any()]
    return float(sum(mask.mean() * abs(sure[mask].mean() - right[mask].mean()) for mask in held))
