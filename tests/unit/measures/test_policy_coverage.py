"""Intervals hold the truth as often as they say, on simulated logs whose truth is known; and better and worse are told rightly."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.kernel.instants import Int64
from gyeol.measures.policy.candidates import Shares
from gyeol.measures.policy.estimators import JUDGES
from gyeol.measures.policy.evaluation import Settings, evaluate
from gyeol.measures.policy.logged import Floats, Logged

WORTH = np.array([0.10, 0.25, 0.40, 0.15])
BEHIND = np.array([0.4, 0.3, 0.2, 0.1])
"""With which probability each of four is drawn, before the context tilts it."""


def simulated(seed: int, people: int = 300, rows: int = 3) -> tuple[Logged, float, float]:
    """A log of people with several rows each, who differ in how much they like everything.

    Returns:
        The log, the true value of showing WORTH's best two alike, and of what was done.
    """
    random = np.random.default_rng(seed)
    n = people * rows
    person: Int64 = np.repeat(np.arange(people), rows)
    warm = random.random(n) < 0.5
    tilt = BEHIND * np.where(warm[:, None], np.array([1.0, 2.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.5, 1.0]))
    chances: Floats = tilt / tilt.sum(axis=1, keepdims=True)
    action = (chances.cumsum(axis=1) < random.random(n)[:, None]).sum(axis=1)
    liking = random.choice([0.6, 1.4], people)[person]
    reward = (random.random(n) < WORTH[action] * liking * np.where(warm, 1.2, 0.8)).astype(float)
    logged = Logged(
        actions=tuple("abcd"), action=action, reward=reward, propensity=chances[np.arange(n), action], person=person,
        position=np.zeros(n, np.int64), context=warm[:, None].astype(float),
    )  # fmt: skip
    done = [BEHIND * np.array(each) / (BEHIND @ np.array(each)) for each in ((1.0, 2, 1, 1), (1.0, 1, 1.5, 1))]
    return logged, 0.5 * (WORTH[1] + WORTH[2]), float(0.5 * (1.2 * done[0] @ WORTH + 0.8 * done[1] @ WORTH))


BEST = Shares("best", np.array([[0.0, 0.5, 0.5, 0.0]]))
WORST = Shares("worst", np.array([[0.9, 0.0, 0.0, 0.1]]))


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    runs, how = 200, Settings(resamples=300)
    held = dict.fromkeys([*JUDGES, "baseline", "difference"], 0)
    for seed in range(runs):
        logged, truth, done = simulated(seed)
        found = evaluate(logged, BEST, how)
        for name in JUDGES:
            held[name] += found.estimates[name].low <= truth <= found.estimates[name].high
        held["baseline"] += found.baseline.low <= done <= found.baseline.high
        held["difference"] += found.difference.low <= truth - done <= found.difference.high
    # 95 % of 200 is 190; a binomial lies between 180 and 198 with probability 0.998.
    assert all(180 <= count <= 198 for count in held.values()), held


def test_rows_of_a_person_that_are_taken_for_independent_make_intervals_too_narrow() -> None:
    widths = []
    for clustered in (True, False):
        logged, _, _ = simulated(1, people=150, rows=12)
        person = logged.person if clustered else np.arange(logged.n)
        found = evaluate(Logged(**{name: getattr(logged, name) for name in logged.__struct_fields__} | {"person": person}), BEST)
        widths.append(found.baseline.high - found.baseline.low)
    assert widths[0] > 1.1 * widths[1]


@pytest.mark.parametrize(("policy", "verdict"), [(BEST, "better"), (WORST, "worse")])
def test_what_is_better_and_what_is_worse(policy: Shares, verdict: str) -> None:
    logged, _, _ = simulated(5, people=1_500)
    found = evaluate(logged, policy)
    assert (found.verdict, found.why) == (verdict, [])
    assert evaluate(logged, policy) == found  # the same seed, the same answer
