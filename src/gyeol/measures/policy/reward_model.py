"""The model of the reward that dm, dr and switch_dr lean on: additive in action, slot and context, fitted on other people's rows.

Rewards of 0 and 1 are modelled by logistic regression, others by ridge regression. The rows of each fifth of the people are foretold by a
model of the other four fifths (cross-fitting), so that what was learned by heart flatters nobody.

Source: Chernozhukov et al. 2018, Double/debiased machine learning, Econometrics Journal 21(1) (cross-fitting); Hastie, Tibshirani &
Friedman 2009, The Elements of Statistical Learning, 4.4 (Newton's method for logistic regression), 3.4 (ridge).
"""

from __future__ import annotations

import numpy as np

from gyeol.kernel.instants import Int64
from gyeol.measures.policy.candidates import Candidate
from gyeol.measures.policy.logged import Floats, Logged

FOLDS = 5
PENALTY = 1.0
"""Ridge penalty of every coefficient but the intercept: that of half a reward more either way, about."""
FIT_ROWS = 50_000
"""At most so many rows, spread evenly, are fitted: some hundred coefficients need no more."""
_STEPS, _CLOSE = 25, 1e-8
_LARGEST = 30.0


class Model:
    """A fitted model.

    Args:
        intercept: Of all.
        action: (actions,) effect of each; 0 for one that was never seen.
        position: (positions,).
        context: (d,).
        binary: Whether the reward is a probability.
    """

    def __init__(self, intercept: float, action: Floats, position: Floats, context: Floats, binary: bool) -> None:
        self._intercept, self._action, self._position, self._context, self._binary = intercept, action, position, context, binary

    def rewards(self, position: Int64, context: Floats) -> Floats:
        """(rows, actions) what each action would earn in each row."""
        base = self._intercept + self._position[position] + context @ self._context
        scores = base[:, None] + self._action[None, :]
        return _share(scores) if self._binary else scores


def fit(logged: Logged, rows: Int64) -> Model:
    """Fit the model on some rows of a log."""
    if len(rows) > FIT_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, FIT_ROWS).astype(np.int64)]
    actions, positions = len(logged.actions), logged.positions
    design = np.zeros((len(rows), 1 + actions + positions + logged.context.shape[1]))
    at = np.arange(len(rows))
    design[:, 0] = 1.0
    design[at, 1 + logged.action[rows]] = 1.0
    design[at, 1 + actions + logged.position[rows]] = 1.0
    design[:, 1 + actions + positions :] = logged.context[rows]
    penalty = np.full(design.shape[1], PENALTY)
    penalty[0] = 1e-9  # never singular, never felt
    reward, binary = logged.reward[rows], logged.binary
    found = _logistic(design, reward, penalty) if binary else np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ reward)
    cut = 1 + actions
    return Model(float(found[0]), found[1:cut], found[cut : cut + positions], found[cut + positions :], binary)


def _logistic(design: Floats, reward: Floats, penalty: Floats) -> Floats:
    """Newton's method, halving a step that does not improve the penalised likelihood."""
    mean = (reward.sum() + 0.5) / (len(reward) + 1.0)
    found = np.zeros(design.shape[1])
    found[0] = np.log(mean / (1 - mean))
    worth = _worth(design, reward, penalty, found)
    for _ in range(_STEPS):
        share = _share(design @ found)
        slope = design.T @ (reward - share) - penalty * found
        bend = (design * (share * (1 - share))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (then := _worth(design, reward, penalty, found + size * step)) < worth and size > _CLOSE:
            size /= 2
        found, gained, worth = found + size * step, then - worth, max(then, worth)
        if gained < _CLOSE:
            break
    return found


def _worth(design: Floats, reward: Floats, penalty: Floats, found: Floats) -> float:
    scores = design @ found
    return float(reward @ scores - np.logaddexp(0, scores).sum() - 0.5 * (penalty * found**2).sum())


def _share(scores: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(scores, -_LARGEST, _LARGEST)))
    return found


def folds_of(people: int, seed: int, folds: int = FOLDS) -> Int64:
    """(people,) to which fold each belongs: as even as can be, in an order drawn from the seed."""
    found = np.empty(people, np.int64)
    found[np.random.default_rng(seed).permutation(people)] = np.arange(people) % folds
    return found


def models_of(logged: Logged, seed: int) -> tuple[list[Model], Int64]:
    """A model for each fold, fitted on the rows of the others; and (n,) the fold of each row. One person alone has one model of its own."""
    folds = min(FOLDS, logged.people)
    fold = folds_of(logged.people, seed, max(folds, 1))[logged.person]
    if folds < 2:
        return [fit(logged, np.arange(logged.n))], fold
    return [fit(logged, np.flatnonzero(fold != number)) for number in range(folds)], fold


def foretold(logged: Logged, candidate: Candidate, seed: int) -> tuple[Floats, Floats, Floats]:
    """Of each row: the policy's probability of what was drawn, the model's reward of it, and the model's mean reward under the policy.

    Args:
        logged: The log.
        candidate: The policy.
        seed: Cuts people into folds.

    Returns:
        Three arrays of (n,).
    """
    models, fold = models_of(logged, seed)
    chosen, q_logged, q_policy = np.empty(logged.n), np.empty(logged.n), np.empty(logged.n)
    for rows in logged.blocks():
        probabilities, at = candidate.probabilities(logged, rows), np.arange(rows.stop - rows.start)
        rewards = rewards_of(logged, models, fold, rows)
        chosen[rows], q_logged[rows] = probabilities[at, logged.action[rows]], rewards[at, logged.action[rows]]
        q_policy[rows] = (probabilities * rewards).sum(axis=1)
    return chosen, q_logged, q_policy


def rewards_of(logged: Logged, models: list[Model], fold: Int64, rows: slice) -> Floats:
    """(rows, actions) the reward of every action in some rows, each row foretold by the model of its fold."""
    found = np.empty((rows.stop - rows.start, len(logged.actions)))
    for number, model in enumerate(models):
        mine = np.flatnonzero(fold[rows] == number)
        found[mine] = model.rewards(logged.position[rows][mine], logged.context[rows][mine])
    return found
