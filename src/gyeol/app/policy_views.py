"""Where each policy stands, as the core tells it."""

from __future__ import annotations

import msgspec

from gyeol.decisions.ranking.policies import EndReason
from gyeol.decisions.ranking.warm import Warmed
from gyeol.engine.state import EngineState


class PolicyWarmth(msgspec.Struct, frozen=True, kw_only=True):
    """A history that a policy began with.

    Args:
        source: Name of the file, or ``lake``.
        hash: Of the file, or of what was taken from the lake.
        rows: Its decisions.
        counted: As how many they counted when they were taken in.
        weight: As which share of its effective decisions it counted.
        at: When it was taken in.
        spans: (placement, first offset, end offset) of what was taken from the lake.
    """

    source: str
    hash: str
    rows: int
    counted: float
    weight: float
    at: int
    spans: list[tuple[str, int, int]] = []


class EndedVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict by which a policy would decide, did what it has learned still rest on what was judged.

    Args:
        verdict: Its id.
        at: When it ended.
        reason: ``warmed``: it began with a history; ``changed``: what it had learned went, for its features changed or it was gone.
    """

    verdict: str
    at: int
    reason: EndReason = "warmed"


class PolicyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One policy.

    Args:
        name: Of the policy.
        label: By language.
        placements: Those that it ranks.
        verdict: By which it decides; None: it only learns.
        since: Since when it decides.
        learned: Decisions that count, by offer (and creative), after forgetting.
        warmed: The histories that it began with, oldest first; what they count for is part of ``learned``.
        ended: The verdict that a history or a change ended: it only learns until it is judged anew. None: none did.
    """

    name: str
    label: dict[str, str]
    placements: list[str]
    verdict: str | None
    since: int | None
    learned: dict[str, float]
    warmed: list[PolicyWarmth] = []
    ended: EndedVerdict | None = None


def policy_standings(state: EngineState) -> list[PolicyStanding]:
    """All policies, in the order of the definitions."""
    found = []
    for definition in state.definitions.policies:
        learner = state.learning.policies.learner(definition.name)
        switched = state.learning.policies.switched(definition.name)
        ended = state.learning.policies.ended(definition.name)
        found.append(
            PolicyStanding(
                name=definition.name,
                label=definition.label,
                placements=[place.name for place in state.definitions.placements if place.ranking == definition.name],
                verdict=None if switched is None else switched.verdict,
                since=None if switched is None else switched.at_ms,
                learned={} if learner is None else {name: round(n, 3) for name, n in learner.posterior.counts().items()},
                warmed=[_warmth(each) for each in state.learning.policies.warmed(definition.name)],
                ended=None if ended is None else EndedVerdict(verdict=ended.verdict, at=ended.at_ms, reason=ended.reason),
            )
        )
    return found


def _warmth(held: Warmed) -> PolicyWarmth:
    return PolicyWarmth(
        source=held.source,
        hash=held.hash,
        rows=held.rows,
        counted=round(held.counted, 3),
        weight=held.weight,
        at=held.at_ms,
        spans=held.spans,
    )
