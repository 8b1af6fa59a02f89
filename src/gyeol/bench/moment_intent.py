"""Intent on a made-up coffee chain that nothing was learned from."""

from __future__ import annotations

import numpy as np

from gyeol.bench.bench import Setting
from gyeol.bench.report import SHARE, Figures
from gyeol.bench.training.intent import CUSTOMERS, EVENTS, SEED, Floats, prefixes
from gyeol.context.behaviour.actions import ACTIONS
from gyeol.context.intent.model import INTENTS, chances
from gyeol.kernel.instants import Int64

FRESH = SEED + 30
"""A company that was neither learned from nor calibrated on."""
_BINS = 15


def measure(setting: Setting, figures: Figures) -> None:
    """Macro-F1 and calibration beside the rule of the last event."""
    part = 4 if setting.quick else 1
    seen, new = (prefixes(seed, CUSTOMERS // part, EVENTS // part) for seed in (FRESH, FRESH + 1))
    chance = chances(new.vectors)
    rule = np.array([np.bincount(seen.intent[seen.last == each], minlength=len(INTENTS)).argmax() for each in range(len(ACTIONS))])
    figures.add("intent.macro_f1", macro_f1(chance.argmax(axis=1), new.intent), SHARE)
    figures.add("intent.last_event.macro_f1", macro_f1(rule[new.last], new.intent), SHARE)
    figures.add("intent.ece", calibration_error(chance, new.intent), SHARE)
    placed = chances(new.vectors, new.signs)
    figures.add("intent.signs.macro_f1", macro_f1(placed.argmax(axis=1), new.intent), SHARE)
    figures.add("intent.signs.ece", calibration_error(placed, new.intent), SHARE)
    figures.note("intent: sessions up to each of their actions; the rule of the last event was learned from another company")


def macro_f1(guessed: Int64, truth: Int64) -> float:
    """The mean of the F1 of all intents."""
    kinds = range(len(INTENTS))
    both = [2 * ((guessed == k) & (truth == k)).sum() / max(int((guessed == k).sum() + (truth == k).sum()), 1) for k in kinds]
    return float(np.mean(both))


def calibration_error(chance: Floats, truth: Int64) -> float:
    """How far chances lie from shares of hits, over 15 bins of equal width.

    Source: Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017, section 2.
    """
    sure, right = chance.max(axis=1), chance.argmax(axis=1) == truth
    bins = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    held = [bins == each for each in range(_BINS) if (bins == each).any()]
    return float(sum(mask.mean() * abs(sure[mask].mean() - right[mask].mean()) for mask in held))
