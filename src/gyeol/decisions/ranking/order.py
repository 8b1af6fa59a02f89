"""Putting the offers that passed every gate in order: by rule, by formula, or by the policy that the placement names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from gyeol.decisions.gates.gate import DecisionRequest, MessagePlan
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition, Refusal
from gyeol.decisions.ranking.choosing import Choice, choose_learned, choose_waiting
from gyeol.decisions.ranking.learner import Arm, Learner
from gyeol.decisions.ranking.model import FORMULA, RULE, Contribution
from gyeol.decisions.ranking.policies import Policies
from gyeol.kernel.reason import Reason

Passed = tuple[float, int, str, int]
"""An offer that every gate let pass: (−score, −priority, name, number of the message plan): sorted, the best comes first."""


class Ranking(NamedTuple):
    """What came first, how likely that was, and why the others did not."""

    arm: Arm
    reasons: list[Reason]
    refusals: list[Refusal]
    propensity: float = 1.0
    policy: str | None = None
    shape: str = ""
    explored: bool = False
    features: Mapping[str, float] = {}
    contributions: Sequence[Contribution] = ()


def arranged(decision: Decision, ranking: Ranking) -> Decision:
    """The decision with what only some rankings leave; most leave nothing."""
    arm = ranking.arm
    if ranking.policy is None and arm.creative is None and arm.channel is None and arm.hour is None:
        return decision
    return replace(
        decision,
        creative=arm.creative,
        channel=arm.channel,
        hour=arm.hour,
        policy=ranking.policy,
        policy_shape=ranking.shape,
        features=dict(ranking.features),
        contributions=list(ranking.contributions),
        explored=ranking.explored,
    )


def rank(
    passed: list[Passed],
    placement: PlacementDefinition,
    offers: Mapping[str, OfferDefinition],
    plans: Sequence[MessagePlan | None],
    request: DecisionRequest,
    policies: Policies | None,
) -> Ranking:
    """The order of some offers.

    Args:
        passed: At least one; it is sorted.
        placement: Says by what.
        offers: By name.
        plans: The messages that they may leave as; one None on-site.
        request: What was asked.
        policies: What was learned; None: nothing, so that formulas decide.
    """
    if placement.ranking == RULE:
        passed[:] = [(0.0, priority, name, plan) for _, priority, name, plan in passed]
    passed.sort()
    learner = None
    if policies is not None and placement.ranking not in (RULE, FORMULA):
        learner = policies.learner(placement.ranking)
    if learner is None or policies is None:
        best = [entry for i, entry in enumerate(passed) if i == 0 or entry[2] != passed[i - 1][2]]
        arm = _arms(best[:1], offers, plans, None)[0]
        return Ranking(arm, [_won(best)], _outranked(best))
    arms = _arms(passed, offers, plans, policies)
    if policies.switched(learner.name) is not None:
        choice = choose_learned(learner, arms, request.person, request.id, request.now_ms)
        reasons, refusals = choice.reasons, _not_drawn(arms, choice)
    else:
        choice, reasons, refusals = _waiting(learner, arms, passed, request)
    return Ranking(
        arms[choice.arm],
        reasons,
        refusals,
        choice.propensity,
        learner.name,
        learner.shaped,
        choice.explored,
        choice.features,
        choice.contributions,
    )


def _waiting(
    learner: Learner, arms: Sequence[Arm], passed: Sequence[Passed], request: DecisionRequest
) -> tuple[Choice, list[Reason], list[Refusal]]:
    by_offer = {name: -score for score, _, name, _ in passed}
    choice = choose_waiting(learner, arms, [by_offer[arm.offer] for arm in arms], request.person, request.id, request.now_ms)
    if choice.explored:
        return choice, choice.reasons, _not_drawn(arms, choice)
    best = [entry for i, entry in enumerate(passed) if i == 0 or entry[2] != passed[i - 1][2]]
    return choice, [_won(best), *choice.reasons], _waited(arms, by_offer)


def _waited(arms: Sequence[Arm], scores: Mapping[str, float]) -> list[Refusal]:
    """Each other offer and creative once: any of them could have been drawn, and whoever values another policy must know of it."""
    told = {"winner": arms[0].offer, "winner_score": scores[arms[0].offer]}
    others = dict.fromkeys((arm.offer, arm.creative) for arm in arms)
    del others[arms[0].offer, arms[0].creative]
    return [
        Refusal(
            offer=offer,
            gate="rank",
            reason=Reason(code="outranked", params={"score": scores[offer], **told}),
            score=scores[offer],
            creative=creative,
        )
        for offer, creative in others
    ]


def _arms(
    passed: Sequence[Passed], offers: Mapping[str, OfferDefinition], plans: Sequence[MessagePlan | None], policies: Policies | None
) -> list[Arm]:
    """Every way in which the offers can be shown; without policies the first of each."""
    ways = [(None, None, 0.0) if plan is None else (plan.channel, plan.hour, plan.cost) for plan in plans]
    arms: list[Arm] = []
    for _, _, name, number in passed:
        channel, hour, cost = ways[number]
        value = 1.0 if policies is None else policies.value(name)
        creatives = offers[name].creatives
        if creatives:
            arms += [Arm(name, creative, channel, hour, value, cost) for creative in sorted(creatives)]
        else:
            arms.append(Arm(name, None, channel, hour, value, cost))
    return arms


def _won(ranked: Sequence[Passed]) -> Reason:
    score, _, offer, _ = ranked[0]
    if len(ranked) == 1:
        return Reason(code="only_candidate", params={"offer": offer, "score": -score})
    runner_score, _, runner, _ = ranked[1]
    code = "highest_score" if score != runner_score else "tie_broken"
    params = {"offer": offer, "score": -score, "runner_up": runner, "runner_up_score": -runner_score, "candidates": len(ranked)}
    return Reason(code=code, params=params)


def _outranked(ranked: Sequence[Passed]) -> list[Refusal]:
    if len(ranked) < 2:
        return []
    best = ranked[0]
    return [
        Refusal(
            offer=offer,
            gate="rank",
            reason=Reason(code="outranked", params={"score": -score, "winner": best[2], "winner_score": -best[0]}),
            score=-score,
        )
        for score, _, offer, _ in ranked[1:]
    ]


def _not_drawn(arms: Sequence[Arm], choice: Choice) -> list[Refusal]:
    """Each other offer and creative once, with its best channel and hour, the best first."""
    winner = arms[choice.arm]
    told = {"winner": winner.offer, "winner_score": choice.scores[choice.arm]}
    seen = {(winner.offer, winner.creative)}
    found = []
    for i in sorted(range(len(arms)), key=lambda i: -choice.scores[i]):
        arm = arms[i]
        if (arm.offer, arm.creative) in seen:
            continue
        seen.add((arm.offer, arm.creative))
        reason = Reason(code="not_drawn", params={"score": choice.scores[i], **told})
        found.append(
            Refusal(
                offer=arm.offer,
                gate="rank",
                reason=reason,
                score=choice.scores[i],
                creative=arm.creative,
                channel=arm.channel,
                hour=arm.hour,
            )
        )
    return found
