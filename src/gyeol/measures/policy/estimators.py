"""The five estimators of what a policy earns a decision. Each is a ratio of two sums over rows, so that all are resampled alike.

===========  ==========================================  =====================================================================
estimator    numerator / denominator of a row            in words
===========  ==========================================  =====================================================================
``ips``      w·r / 1                                     what was earned where the policy would have done the same, weighted up.
                                                         Right on average whenever the propensities are; wild when weights are large
``snips``    w·r / w                                     the same, divided by the weights that really came. Slightly biased, far
                                                         calmer; does not change when a constant is added to every reward
``dm``       Σ_a π(a)·q(a) / 1                           what a model of the reward foretells. Calm, and as wrong as the model
``dr``       Σ_a π(a)·q(a) + w·(r − q(a_logged)) / 1     the model, corrected by what it got wrong where the log can tell. Right on
                                                         average when propensities or model are right
``switch_dr``  as ``dr``, the correction only where      trusts the model alone where weights would be larger than a bound
               w ≤ bound / 1
===========  ==========================================  =====================================================================

w = π(a_logged) / propensity; q is the model's reward.

Source: Horvitz & Thompson 1952 (ips); Swaminathan & Joachims 2015, NeurIPS (snips); Dudík, Langford & Li 2011, ICML (dm, dr);
Wang, Agarwal & Dudík 2017, ICML (switch).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import msgspec
import numpy as np

from gyeol.measures.policy.logged import Floats

Estimator = Literal["ips", "snips", "dm", "dr", "switch_dr"]
Judge = Literal["ips", "snips", "dr", "switch_dr"]
"""Those that may judge. ``dm`` may not: its interval does not know how wrong the model is."""
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)
JUDGES: tuple[Judge, ...] = get_args(Judge)
SWITCH_AT = 10.0
"""Weights above this trust the model alone in ``switch_dr``."""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """All that the estimators need of each row.

    Args:
        reward: (n,) as logged.
        weight: (n,) probability under the policy over the probability that was logged.
        q_logged: (n,) the model's reward of what was drawn.
        q_policy: (n,) the model's reward of what the policy would have drawn, on average over its probabilities.
    """

    reward: Floats
    weight: Floats
    q_logged: Floats
    q_policy: Floats


Terms = tuple[Floats, Floats]
"""(numerators, denominators), each (n,): the estimate is the quotient of their sums."""


def ips(rows: Rows) -> Terms:
    """Inverse propensity scores."""
    return rows.weight * rows.reward, np.ones(len(rows.reward))


def snips(rows: Rows) -> Terms:
    """Self-normalised inverse propensity scores."""
    return rows.weight * rows.reward, rows.weight


def dm(rows: Rows) -> Terms:
    """Direct method."""
    return rows.q_policy, np.ones(len(rows.reward))


def dr(rows: Rows) -> Terms:
    """Doubly robust."""
    return rows.q_policy + rows.weight * (rows.reward - rows.q_logged), np.ones(len(rows.reward))


def switch_dr(rows: Rows, at: float = SWITCH_AT) -> Terms:
    """Doubly robust up to a weight, the model beyond it.

    Args:
        rows: Of the log.
        at: The largest weight that is used, 0 or more; infinity gives ``dr``, 0 ``dm``.
    """
    used = rows.weight * (rows.weight <= at)
    return rows.q_policy + used * (rows.reward - rows.q_logged), np.ones(len(rows.reward))


def all_terms(rows: Rows, switch_at: float = SWITCH_AT) -> dict[Estimator, Terms]:
    """Every estimator's terms, in their order."""
    plain: dict[Estimator, Callable[[Rows], Terms]] = {"ips": ips, "snips": snips, "dm": dm, "dr": dr}
    return {**{name: terms(rows) for name, terms in plain.items()}, "switch_dr": switch_dr(rows, switch_at)}


def value(terms: Terms) -> float:
    """The estimate: mean reward a decision; 0 where nothing has any weight."""
    above, below = float(terms[0].sum()), float(terms[1].sum())
    return above / below if below else 0.0


def effective(weight: Floats) -> float:
    """Of how many rows of equal weight the estimate is worth: (Σw)² / Σw².

    Source: Kish 1965, Survey Sampling; for importance weights: Owen 2013, Monte Carlo theory, ch. 9.
    """
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares else 0.0
