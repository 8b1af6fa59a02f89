"""A posterior that begins with history: logged decisions, counted as no more than so many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gyeol.decisions.ranking.learner import Arm, Learner
from gyeol.decisions.ranking.posterior import Posterior

MOST_WEIGHT = 10.0
"""A decision whose arm was hardly ever taken counts at most so many times as one that was sure."""


def warm_start(
    learner: Learner,
    arms: Sequence[Arm],
    features: Sequence[dict[str, float]],
    rewards: Sequence[float],
    propensities: Sequence[float],
    size: float,
) -> Posterior:
    """What a policy would believe had it seen some history, as if it were ``size`` decisions.

    Decisions count by the inverse of their propensities, so that a history in which an arm was kept for some people speaks for all. Between
    them the history's shares stay; together they count ``size``: the less, the sooner what is seen from now on prevails.

    Args:
        learner: The policy; it is not changed.
        arms: Of the decisions, in the order in which they were taken.
        features: Of each; what is missing counts 0.
        rewards: 1 for a goal that was reached, else 0.
        propensities: Above 0.
        size: How many decisions all of it counts as; at most their number.

    Returns:
        A new posterior, as of the instant 0.

    Raises:
        ValueError: The lengths differ, or a propensity is not above 0.
    """
    if not len(arms) == len(features) == len(rewards) == len(propensities):
        raise ValueError("arms, features, rewards and propensities must be of one length")
    if not all(each > 0 for each in propensities):
        raise ValueError("propensities must be above 0")
    posterior = Posterior(learner.shape)
    if not arms:
        return posterior
    weights = np.minimum(1 / np.asarray(propensities, np.float64), MOST_WEIGHT)
    weights *= min(size, len(arms)) / weights.sum()
    for arm, known, reward, weight in zip(arms, features, rewards, weights.tolist(), strict=True):
        own, shared = learner.design(arm, known)
        posterior.observe(arm.block, own, shared, 0, reward, weight)
    return posterior
