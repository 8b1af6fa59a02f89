"""With which probability a decision could have been each of the arms that passed the gates: what off-policy estimates weigh with."""

from __future__ import annotations

from gyeol.decisions.model import Decision
from gyeol.decisions.ranking.drawing import best, floor_of
from gyeol.decisions.ranking.learner import Arm, Learner
from gyeol.engine.state import EngineState

RANK = "rank"
"""As refusals name what passed every gate and was not taken."""
BETWEEN = " · "


def action_of(offer: str | None, creative: str | None = None) -> str:
    """What a decision shows, as one name; empty: nothing."""
    return (offer or "") + ("" if creative is None else BETWEEN + creative)


def action(decision: Decision) -> str:
    """What a decision showed, as one name."""
    return action_of(decision.chosen, decision.creative)


def passed(decision: Decision) -> list[tuple[str, str | None]]:
    """(offer, creative) of the arm that was taken, and of those that passed the gates beside it, the best first."""
    if decision.chosen is None or decision.fallback:
        return []
    others = [(refusal.offer, refusal.creative) for refusal in decision.refusals if refusal.gate == RANK]
    return [(decision.chosen, decision.creative), *others]


def opened(decision: Decision) -> bool:
    """Whether a channel or an hour was open: what else could have been taken is then not all recorded."""
    return decision.channel is not None or decision.hour is not None


def chances(state: EngineState, decision: Decision) -> dict[str, float]:
    """The probability of each action of a decision that was just taken, by name; they add up to 1.

    Args:
        state: As it was asked.
        decision: Of it; no channel or hour was open.
    """
    learner = None if decision.policy is None else state.learning.policies.learner(decision.policy)
    arms = passed(decision)
    if learner is None or not arms:
        return {action(decision): 1.0}
    names = [action_of(*arm) for arm in arms]
    floor = floor_of(learner.definition.epsilon, len(arms))
    if state.learning.policies.switched(learner.name) is None:
        first = 1 if decision.explored and len(arms) > 1 else 0
        return {name: floor + (1 - len(arms) * floor) * (i == first) for i, name in enumerate(names)}
    return dict(zip(names, _learned(state, learner, decision, arms, floor), strict=True))


def _learned(state: EngineState, learner: Learner, decision: Decision, arms: list[tuple[str, str | None]], floor: float) -> list[float]:
    value = state.learning.policies.value
    field = learner.field([Arm(offer, creative, value=value(offer)) for offer, creative in arms], decision.features, state.now_ms)
    likely = [best(field, i) for i in range(len(arms))]
    total = sum(likely)
    if not total:
        return [1 / len(arms)] * len(arms)
    return [floor + (1 - len(arms) * floor) * each / total for each in likely]
