"""One policy at work: features of a person, what is believed of each arm, and what it learns from a decision and its outcome."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
import numpy as np

from gyeol.decisions.ranking.drawing import Field, Floats
from gyeol.decisions.ranking.model import PolicyDefinition
from gyeol.decisions.ranking.posterior import Part, Posterior, Shape
from gyeol.expressions.durations import parse_duration
from gyeol.expressions.formula import Formula, parse_formula
from gyeol.expressions.schema import Schema
from gyeol.kernel.canonical import digest
from gyeol.kernel.errors import InputError, Problem

MOST = 1_000.0
"""A feature beyond ± this counts as this: sums of squares of larger ones lose the prior to rounding, and what was taken out of them again
would leave no posterior. Source: a million decisions with ± 1,000 sum up to 10¹², of which float64 keeps 10⁻⁴."""
BASE = "(base)"
"""What an arm's expectation is where all features are 0, as a feature."""


class Arm(NamedTuple):
    """One way to act: an offer, how it is shown, and where it leaves when that is left open.

    Args:
        creative: None: the offer has one face.
        channel, hour: None: the placement leaves it not open.
        value: Of reaching the goal, above 0.
        cost: Of the contact.
    """

    offer: str
    creative: str | None = None
    channel: str | None = None
    hour: int | None = None
    value: float = 1.0
    cost: float = 0.0

    @property
    def block(self) -> str:
        """Which weights it has of its own."""
        return self.offer if self.creative is None else f"{self.offer}/{self.creative}"


class Learner:
    """A policy, compiled, with its posterior.

    Args:
        definition: The policy.
        schema: Names that features may read.
        channels, hours: Those that placements of the policy leave open.

    Raises:
        InputError: Every formula or duration that is wrong.
    """

    def __init__(self, definition: PolicyDefinition, schema: Schema, channels: Sequence[str] = (), hours: Sequence[int] = ()) -> None:
        self.definition = definition
        at = f"policies.{definition.name}"
        problems: list[Problem] = []
        self._formulas: list[tuple[str, Formula]] = []
        # By name: stored definitions keep no order of keys, and neither shape nor sums may depend on where they were read from.
        names = sorted(definition.features)
        for name, text in ((name, definition.features[name]) for name in names):
            try:
                self._formulas.append((name, parse_formula(text, schema, path=f"{at}.features.{name}")))
            except InputError as error:
                problems.extend(error.problems)
        half_life_ms = None
        if definition.forgetting is not None:
            try:
                half_life_ms = parse_duration(definition.forgetting, path=f"{at}.forgetting").ms
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError("bad_policy", problems)
        open_ = [*(f"channel:{name}" for name in channels), *(f"hour:{hour}" for hour in hours)]
        features = [*names, *open_]
        self.own = [BASE] if definition.weights == "shared" else [BASE, *names]
        self.own += open_ if definition.weights == "per_offer" else []
        self.shared = [] if definition.weights == "per_offer" else features
        self._place = {name: i for i, name in enumerate(features)}
        rate = definition.prior.rate
        logit = definition.link == "logit"
        self.shape = Shape(
            own=len(self.own),
            shared=len(self.shared),
            base=math.log(rate / (1 - rate)) if logit else rate,
            sd=definition.prior.sd,
            logit=logit,
            noise=definition.noise,
            half_life_ms=half_life_ms,
        )
        self.posterior = Posterior(self.shape)

    @property
    def name(self) -> str:
        """The policy's."""
        return self.definition.name

    @property
    def columns(self) -> tuple[str, ...]:
        """What ``designs`` takes, in order: the features, and ``channel:…`` and ``hour:…`` where placements leave them open."""
        return tuple(self._place)

    @cached_property
    def shaped(self) -> str:
        """Hash of all that the posterior's meaning rests on: a posterior of another one is of no use."""
        return digest([self.own, self.shared, self.definition.features, msgspec.to_builtins(self.shape)])

    def features(self, values: Callable[[str], object], stale: Callable[[str], bool]) -> dict[str, float]:
        """The features of a person now; those that are not known are left out, and count 0."""
        found: dict[str, float] = {}
        for name, formula in self._formulas:
            value = formula.value(values, stale)
            if value is not None and math.isfinite(value):
                found[name] = value
        return found

    def field(self, arms: Sequence[Arm], features: dict[str, float], now_ms: int) -> Field:
        """What is believed of some arms."""
        posterior, beliefs = self.posterior, self.posterior.beliefs
        places = posterior.arms([arm.block for arm in arms])
        made = beliefs(now_ms)
        own, shared = self._designs(arms, features)
        exploration = self.definition.exploration
        means = np.einsum("nq,nq->n", made.means[places], own)
        spread = exploration * (made.roots[places] @ own[:, :, None])[:, :, 0]
        blocks, block = np.unique(places, return_inverse=True)
        if len(blocks) == len(arms):
            spread = np.sqrt(np.einsum("nq,nq->n", spread, spread))[:, None]
        if shared.shape[1]:
            shared = shared - np.einsum("nq,nqp->np", own, made.gains[places])
            means = means + shared @ made.shared
            shared = exploration * (shared @ made.shared_root.T)
        value = np.array([arm.value for arm in arms])
        cost = np.array([arm.cost for arm in arms])
        return Field(means, spread, shared, block.astype(np.int64), value, cost, self.shape.logit)

    def parts(self, arm: Arm, features: dict[str, float], now_ms: int) -> dict[str, tuple[float, float]]:
        """(value of the feature, what it adds to the arm's expectation) of each, in units of the link; their sum is the expectation."""
        place = int(self.posterior.arms([arm.block])[0])
        made = self.posterior.beliefs(now_ms)
        own, shared = self.design(arm, features)
        weights = made.means[place]
        if self.shape.shared:
            weights = weights - made.gains[place] @ made.shared
        found = {name: (float(x), float(x * w)) for name, x, w in zip(self.own, own, weights, strict=True)}
        for name, x, w in zip(self.shared, shared, made.shared, strict=True):
            found[name] = (float(x), found.get(name, (0.0, 0.0))[1] + float(x * w))
        return found

    def observe(self, arm: Arm, features: dict[str, float], at_ms: int) -> Part:
        """A decision was taken; it counts as one without an outcome until ``reach``. Returns what ``reach`` needs."""
        return self.posterior.observe(arm.block, *self.design(arm, features), at_ms)

    def reach(self, arm: Arm, features: dict[str, float], decided_ms: int, at_ms: int, part: Part) -> Part:
        """A decision that was observed has reached its goal. Returns what ``withdraw`` needs from now on."""
        return self.posterior.reach(arm.block, *self.design(arm, features), decided_ms, at_ms, part)

    def withdraw(self, arm: Arm, features: dict[str, float], decided_ms: int, at_ms: int, part: Part) -> None:
        """A decision that was observed was seen by nobody: it is not learned from."""
        self.posterior.withdraw(arm.block, *self.design(arm, features), decided_ms, at_ms, part)

    def design(self, arm: Arm, features: dict[str, float]) -> tuple[Floats, Floats]:
        """The features of an arm's own weights, and of the shared ones."""
        own, shared = self._designs([arm], features)
        return own[0], shared[0]

    def _designs(self, arms: Sequence[Arm], features: dict[str, float]) -> tuple[Floats, Floats]:
        """(n, own) and (n, shared) features of arms."""
        row = np.zeros(len(self._place))
        for name, value in features.items():
            place = self._place.get(name)
            if place is not None:
                row[place] = min(MOST, max(-MOST, value))
        rows = np.tile(row, (len(arms), 1))
        for i, arm in enumerate(arms if len(self._place) > len(self._formulas) else ()):
            for name in (f"channel:{arm.channel}" if arm.channel else "", f"hour:{arm.hour}" if arm.hour is not None else ""):
                place = self._place.get(name) if name else None
                if place is not None:
                    rows[i, place] = 1.0
        return self.designs(rows)

    def designs(self, rows: Floats) -> tuple[Floats, Floats]:
        """(n, own) and (n, shared) features of (n, ``len(columns)``) values, none beyond ±1,000."""
        own = np.ones((len(rows), len(self.own)))
        own[:, 1:] = rows[:, : len(self.own) - 1]
        return own, rows if self.shared else np.zeros((len(rows), 0))
