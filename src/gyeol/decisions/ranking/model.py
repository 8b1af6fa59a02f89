"""Definitions of what a policy learns from: features, the goal of an offer, its creatives. And what a decision keeps of it."""

from __future__ import annotations

from typing import Literal

import msgspec

RULE, FORMULA = "rule", "formula"
"""Rankings that every workspace has; any other name is that of a policy."""


class Creative(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several ways to show an offer.

    Args:
        content: As the offer's ``content``; what it leaves out is the offer's.
        label: What people call it.
    """

    content: dict[str, dict[str, str]] | str = {}
    label: dict[str, str] = {}


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which later event of the same person is what an offer was made for.

    Args:
        event: Its name; ``$page`` and so on as in traits.
        where: Condition over its paths.
        within: ``24h``: how long after the decision it counts.
        value: What reaching it is worth, in minor units of the workspace's currency; or the path of the amount in the event. None: 1.
    """

    event: str
    where: str | None = None
    within: str = "24h"
    value: float | str | None = None


class Prior(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is believed before anything was seen.

    Args:
        rate: Share of decisions that reach their goal, in (0, 1).
        sd: Standard deviation of each weight (link ``logit``: in log-odds; ``linear``: in chance), above 0.
    """

    rate: float = 0.05
    sd: float = 0.7


class PolicyDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A policy that learns which offer reaches its goal in which situation: Bayesian Thompson sampling with named features.

    Args:
        name: Unique; ``ranking: <name>`` of a placement uses it.
        features: Name → formula over traits and ``moment.*``. Truths count 1 and 0; NULL counts 0 and is left out of the record.
        weights: ``per_offer``: each offer (and creative) has its own; ``shared``: one set for all beside a base for each;
            ``both``: shared ones, and each offer's departure from them.
        link: ``logit``: chances, by Laplace's approximation at each decision; ``linear``: the exact conjugate posterior.
        epsilon: Each candidate's probability is at least this (at most one divided by the candidates).
        forgetting: Half-life of what was seen, ``30d``; None: nothing is forgotten.
        exploration: Factor of the posterior's standard deviation when weights are drawn.
        prior: Before anything was seen.
        noise: Link ``linear``: standard deviation of an outcome.
    """

    name: str
    label: dict[str, str] = {}
    kind: Literal["thompson"] = "thompson"
    features: dict[str, str] = {}
    weights: Literal["per_offer", "shared", "both"] = "per_offer"
    link: Literal["logit", "linear"] = "logit"
    epsilon: float = 0.01
    forgetting: str | None = None
    exploration: float = 0.5
    prior: Prior = Prior()
    noise: float = 0.3


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What one feature adds to the expectation of the chosen arm and of the runner-up, in units of the policy's link.

    Args:
        feature: Its name; ``(base)`` for what holds whatever the features are.
        value: The feature now.
        chosen: What it adds for the chosen arm.
        runner_up: What it adds for the best other one; 0 when there is none.
    """

    feature: str
    value: float
    chosen: float
    runner_up: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The event that reached a decision's goal.

    Args:
        at_ms: Its instant.
        offset: Its place in the log.
        value: What it was worth, in minor units; 1 where the goal says nothing.
    """

    at_ms: int
    offset: int
    value: float = 1.0
