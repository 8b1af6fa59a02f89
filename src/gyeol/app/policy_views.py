"""Where each policy stands, as the core tells it."""

from __future__ import annotations

import msgspec

from gyeol.engine.state import EngineState


class PolicyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One policy.

    Args:
        name: Of the policy.
        label: By language.
        placements: Those that it ranks.
        verdict: By which it decides; None: it only learns.
        since: Since when it decides.
        learned: Decisions that count, by offer (and creative), after forgetting.
    """

    name: str
    label: dict[str, str]
    placements: list[str]
    verdict: str | None
    since: int | None
    learned: dict[str, float]


def policy_standings(state: EngineState) -> list[PolicyStanding]:
    """All policies, in the order of the definitions."""
    found = []
    for definition in state.definitions.policies:
        learner = state.learning.policies.learner(definition.name)
        switched = state.learning.policies.switched(definition.name)
        found.append(
            PolicyStanding(
                name=definition.name,
                label=definition.label,
                placements=[place.name for place in state.definitions.placements if place.ranking == definition.name],
                verdict=None if switched is None else switched.verdict,
                since=None if switched is None else switched.at_ms,
                learned={} if learner is None else {name: round(n, 3) for name, n in learner.posterior.counts().items()},
            )
        )
    return found
