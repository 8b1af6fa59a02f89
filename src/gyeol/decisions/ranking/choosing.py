"""Which arm a placement's policy takes, with what probability, and why: contributions of features, contrast with the runner-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gyeol.decisions.person import PersonView
from gyeol.decisions.ranking.drawing import draw, fixed, randomness
from gyeol.decisions.ranking.learner import Arm, Learner
from gyeol.decisions.ranking.model import Contribution
from gyeol.kernel.reason import Reason

TOLD_FEATURES = 8
"""Contributions kept with a decision: those that part the chosen arm from the runner-up most."""
_SAID_FEATURES = 3
_DIGITS = 6


class Choice(NamedTuple):
    """An arm of several.

    Args:
        arm: Its index.
        explored: Whether chance took it instead of the best.
        propensity: The probability with which it was taken.
        scores: What each arm was ranked by: expected value for a policy that decides, else as given.
        features: Of the person.
        contributions: Of the features, largest contrast first.
        reasons: Why.
    """

    arm: int
    explored: bool
    propensity: float
    scores: list[float]
    features: dict[str, float]
    contributions: list[Contribution]
    reasons: list[Reason]


def choose_learned(learner: Learner, arms: Sequence[Arm], person: PersonView, decision: str, now_ms: int) -> Choice:
    """The arm of a policy that decides.

    Args:
        learner: The policy.
        arms: At least one.
        person: Whose features count.
        decision: Id of the decision: the randomness follows from it.
        now_ms: ``engine_now``.
    """
    features = learner.features(person.values, person.stale)
    field = learner.field(arms, features, now_ms)
    drawn = draw(field, learner.definition.epsilon, randomness(decision, learner.name))
    scores = [round(score, _DIGITS) for score in field.scores(field.mean).tolist()]
    runner = _runner_up(scores, drawn.arm)
    contributions = _contrast(learner, arms, drawn.arm, runner, features, now_ms)
    reason = _reason(arms, scores, drawn.arm, runner, drawn.explored, drawn.propensity, contributions)
    return Choice(drawn.arm, drawn.explored, drawn.propensity, scores, features, contributions, [reason])


def choose_waiting(learner: Learner, arms: Sequence[Arm], scores: list[float], person: PersonView, decision: str, now_ms: int) -> Choice:
    """The arm of a policy that only learns: the first of a ranking, or with the floor's probability another one.

    Args:
        learner: The policy; its features are recorded, so that it learns.
        arms: In the order of their ranking.
        scores: What they are ranked by.
        person: Whose features count.
        decision: Id of the decision.
        now_ms: ``engine_now``.
    """
    features = learner.features(person.values, person.stale)
    arm, explored, propensity = fixed(len(arms), 0, learner.definition.epsilon, randomness(decision, learner.name))
    runner = 1 if arm == 0 else 0
    contributions = _contrast(learner, arms, arm, runner if len(arms) > 1 else None, features, now_ms)
    reasons = [_explored(arms[arm], propensity)] if explored else []
    return Choice(
        arm, explored, propensity, scores, features, contributions, [*reasons, Reason(code="policy_waits", params={"policy": learner.name})]
    )


def _runner_up(scores: Sequence[float], chosen: int) -> int | None:
    """The best of the others."""
    if len(scores) == 1:
        return None
    order = np.argsort(-np.array(scores), kind="stable").tolist()
    return int(order[0] if order[0] != chosen else order[1])


def _contrast(
    learner: Learner, arms: Sequence[Arm], chosen: int, runner: int | None, features: dict[str, float], now_ms: int
) -> list[Contribution]:
    mine = learner.parts(arms[chosen], features, now_ms)
    theirs = {} if runner is None else learner.parts(arms[runner], features, now_ms)
    found = []
    for name in dict.fromkeys([*mine, *theirs]):
        value, part = mine.get(name, (0.0, 0.0))
        other_value, other = theirs.get(name, (0.0, 0.0))
        found.append(Contribution(feature=name, value=value or other_value, chosen=round(part, _DIGITS), runner_up=round(other, _DIGITS)))
    found.sort(key=lambda each: (-abs(each.chosen - each.runner_up), each.feature))
    return [each for each in found if each.chosen or each.runner_up][:TOLD_FEATURES]


def _reason(
    arms: Sequence[Arm],
    scores: Sequence[float],
    chosen: int,
    runner: int | None,
    explored: bool,
    propensity: float,
    contributions: Sequence[Contribution],
) -> Reason:
    arm = arms[chosen]
    if runner is None:
        return Reason(code="only_candidate", params={"offer": arm.offer, "score": scores[chosen]})
    if explored:
        return _explored(arm, propensity)
    other = arms[runner]
    params: dict[str, object] = {
        "offer": arm.offer,
        "score": scores[chosen],
        "runner_up": other.offer,
        "runner_up_score": scores[runner],
        "candidates": len(arms),
    }
    if scores[chosen] < scores[runner]:
        return Reason(code="learned_drawn", params={**params, "share": round(propensity, _DIGITS)})
    weighs = {each.feature: round(each.chosen - each.runner_up, 4) for each in contributions[:_SAID_FEATURES]}
    if other.offer == arm.offer:
        faces = {"creative": _face(arm), "runner_up_creative": _face(other)}
        return Reason(code="learned_creative", params={**params, **faces, "weighs": weighs})
    return Reason(code="learned_highest", params={**params, "weighs": weighs})


def _explored(arm: Arm, propensity: float) -> Reason:
    return Reason(code="explored", params={"offer": arm.offer, "share": round(propensity, _DIGITS)})


def _face(arm: Arm) -> str:
    """How an arm differs from others of its offer."""
    parts = [arm.creative, arm.channel, None if arm.hour is None else f"{arm.hour:02d}:00"]
    return " · ".join(part for part in parts if part) or arm.offer
