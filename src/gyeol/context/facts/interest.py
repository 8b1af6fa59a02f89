"""moment.interest_category: what somebody has looked at most lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from gyeol.context.behaviour.people import ByActions, Teller, Told
from gyeol.context.behaviour.recorded import REMOVE, Read, Step, traits_of
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS
from gyeol.profiles.model import TraitDefinition

HALF_LIFE_MS = 3 * DAY_MS
"""An action counts half as much three days later. Our own choice."""
LASTS_MS = 14 * DAY_MS


class Interest(ByActions):
    """The category of most of the last 32 actions, each counting half as much after three days; its share is the confidence."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "interest_category": NameInfo(type="text", label={"ko": "요즘 관심 분류", "en": "category of interest lately"}),
    }
    lately_ms = LASTS_MS

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths) if "category" in paths else []

    def teller(self, read: Read, now_ms: int) -> Teller:
        """Unknown two weeks after the last action."""
        return lambda past, place: _told(past, now_ms)


def _told(history: Sequence[Step], now_ms: int) -> Told | None:
    weights: dict[str, float] = {}
    for step in history:
        if step.category is not None and step.action != REMOVE:
            weights[step.category] = weights.get(step.category, 0.0) + 2.0 ** ((step.at_ms - now_ms) / HALF_LIFE_MS)
    if not weights:
        return None
    most = min(weights, key=lambda name: (-weights[name], name))
    share = weights[most] / sum(weights.values())
    return Told({"interest_category": most}, history[0].at_ms, history[0].at_ms + LASTS_MS, round(share, 4))
