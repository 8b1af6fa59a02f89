"""One policy valued on one log: five estimates with intervals, the gate, and the judgement that may be no judgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
import numpy as np

from gyeol.decisions.ranking.verdict import Judgement, Verdict
from gyeol.kernel.canonical import digest
from gyeol.measures.policy.candidates import Candidate
from gyeol.measures.policy.estimators import ESTIMATORS, SWITCH_AT, Judge, Rows, Terms, all_terms, effective, value
from gyeol.measures.policy.logged import Floats, Logged, check_logged, check_probabilities, refuse
from gyeol.measures.policy.resampling import RESAMPLES, SEED, columns_of, interval, person_sums, quotients, resampled
from gyeol.measures.policy.reward_model import foretold

Why = Literal["few_effective", "no_support", "few_rewards", "too_close"]
"""Why nothing can be told: see ``docs/policy.md``."""

MIN_ESS = 100.0
"""Below so many effective rows (and people) nothing is told: the percentile interval of a mean is poor below it. Source: by simulation,
``tests/unit/measures/test_policy_coverage.py``."""
MIN_REWARDED = 25.0
"""Fewer rewards than this are to be expected among the effective rows at the rate of what was done, and nothing is told: resampling
cannot invent rewards that did not come. 25 of them have a relative standard error of 1/√25, a fifth."""
OFF_SUPPORT, OFF_SUPPORT_ERRORS = 0.02, 4.0
"""Weights are 1 on average when the log could have drawn whatever the policy draws. Further away than this share and than so many
standard errors, and part of the policy was never tried. Source: Owen 2013, ch. 9; Swaminathan & Joachims 2015, section 4."""
CONFIDENCE = 0.95


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Mean reward a decision, with its interval."""

    value: float
    low: float
    high: float


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a policy is valued.

    Args:
        estimator: Which of them judges.
        min_ess: See ``MIN_ESS``.
        confidence: Of every interval.
        resamples: How often people are drawn anew.
        seed: Of folds and resamples.
        switch_at: See ``estimators.SWITCH_AT``.
    """

    estimator: Judge = "dr"
    min_ess: float = MIN_ESS
    confidence: float = CONFIDENCE
    resamples: int = RESAMPLES
    seed: int = SEED
    switch_at: float = SWITCH_AT


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What a log tells of a policy.

    Args:
        policy: Its name.
        rows, people, actions: How much was logged.
        ess, ess_people: Effective rows and people: (Σw)² / Σw².
        rewarded: Rewards to be expected among the effective rows (or people) at the rate of what was done.
        mean_weight: 1 when everything that the policy does was tried.
        largest_weight: Of any row.
        baseline: Of what was done.
        estimates: Of the policy, by estimator.
        estimator: The one that judges.
        difference: Its estimate less the baseline; its interval is of the difference in the same people.
        verdict: ``better`` or ``worse`` when the interval of the difference leaves out 0 and the gate is passed.
        why: Why it cannot be told; empty when it can.
        settings: How it was valued.
    """

    policy: str
    rows: int
    people: int
    actions: int
    ess: float
    ess_people: float
    rewarded: float
    mean_weight: float
    largest_weight: float
    baseline: Estimate
    estimates: dict[str, Estimate]
    estimator: Judge
    difference: Estimate
    verdict: Judgement
    why: list[Why]
    settings: Settings


def evaluate(
    logged: Logged,
    candidate: Candidate,
    settings: Settings | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Value a policy.

    Args:
        logged: The log.
        candidate: The policy.
        settings: How; None: as usual.
        tell: Told (resamples done, in all).

    Raises:
        InputError: The log or the policy's probabilities are no such thing; every problem is named.
    """
    how = settings or Settings()
    refuse(check_logged(logged.reward, logged.propensity))
    for rows in logged.blocks():
        refuse(check_probabilities(candidate.probabilities(logged, rows)))
    chosen, q_logged, q_policy = foretold(logged, candidate, how.seed)
    return judged(
        logged, Rows(reward=logged.reward, weight=chosen / logged.propensity, q_logged=q_logged, q_policy=q_policy), candidate, how, tell
    )


def judged(
    logged: Logged, rows: Rows, candidate: Candidate, how: Settings, tell: Callable[[int, int], None] = lambda done, total: None
) -> Evaluation:
    """Estimates and judgement from what is known of each row; see ``evaluate``."""
    one, terms = np.ones(logged.n), all_terms(rows, how.switch_at)
    baseline: Terms = (logged.reward, one)
    everything = [baseline, *(terms[name] for name in ESTIMATORS)]
    sums = person_sums(columns_of(everything), logged.person, logged.people)
    totals = resampled(sums, how.resamples, how.seed, tell)
    drawn = [quotients(totals, 2 * i, 2 * i + 1) for i in range(len(everything))]
    found = [_estimate(value(each), values, how.confidence) for each, values in zip(everything, drawn, strict=True)]
    at = 1 + ESTIMATORS.index(how.estimator)
    difference = _estimate(found[at].value - found[0].value, drawn[at] - drawn[0], how.confidence)
    by_person = person_sums([rows.weight], logged.person, logged.people)[:, 0]
    ess, ess_people = effective(rows.weight), effective(by_person)
    rewarded = min(ess, ess_people) * float((logged.reward != 0).mean())
    why: list[Why] = []
    if min(ess, ess_people) < how.min_ess:
        why.append("few_effective")
    if _off_support(by_person, logged.n):
        why.append("no_support")
    if rewarded < MIN_REWARDED:
        why.append("few_rewards")
    if not why and difference.low <= 0 <= difference.high:
        why.append("too_close")
    verdict: Judgement = "cannot_tell" if why else "better" if difference.low > 0 else "worse"
    return Evaluation(
        policy=candidate.name,
        rows=logged.n,
        people=logged.people,
        actions=len(logged.actions),
        ess=ess,
        ess_people=ess_people,
        rewarded=rewarded,
        mean_weight=float(rows.weight.mean()),
        largest_weight=float(rows.weight.max()),
        baseline=found[0],
        estimates=dict(zip(ESTIMATORS, found[1:], strict=True)),
        estimator=how.estimator,
        difference=difference,
        verdict=verdict,
        why=why,
        settings=how,
    )


def _estimate(estimate: float, values: Floats, confidence: float) -> Estimate:
    low, high = interval(values, confidence)
    return Estimate(value=estimate, low=low, high=high)


def _off_support(weights: Floats, rows: int) -> bool:
    """Whether weights are so far from 1 on average that chance does not explain it.

    Args:
        weights: (people,) sums of weights.
        rows: In all.
    """
    mean = float(weights.sum()) / rows
    error = float(np.sqrt(len(weights)) * weights.std()) / rows
    return abs(mean - 1) > max(OFF_SUPPORT, OFF_SUPPORT_ERRORS * error)


def verdict_of(evaluation: Evaluation, definitions: str, at_ms: int) -> Verdict:
    """What is kept of an evaluation: all that switching a policy on asks for.

    Args:
        evaluation: Of the policy.
        definitions: Hash of the definitions that it was valued under; empty for a log from elsewhere.
        at_ms: Now.
    """
    judged_by = evaluation.estimates[evaluation.estimator]
    return Verdict(
        id="v_" + digest([evaluation.policy, definitions, at_ms, evaluation.estimator, judged_by.value])[:24],
        policy=evaluation.policy,
        definitions=definitions,
        estimator=evaluation.estimator,
        estimate=judged_by.value,
        low=judged_by.low,
        high=judged_by.high,
        ess=min(evaluation.ess, evaluation.ess_people),
        baseline=evaluation.baseline.value,
        verdict=evaluation.verdict,
        at_ms=at_ms,
    )
