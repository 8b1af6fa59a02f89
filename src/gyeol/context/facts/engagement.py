"""moment.engagement, moment.price_sensitivity: how busily somebody looks around, and how much of it is about price."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from gyeol.context.behaviour.actions import NUMBER
from gyeol.context.behaviour.people import ByActions, Teller, Told
from gyeol.context.behaviour.recorded import Read, Step, traits_of
from gyeol.context.facts.kind import words
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS
from gyeol.profiles.model import TraitDefinition

LATELY_MS = 7 * DAY_MS
HIGH, MEDIUM = 20, 6
"""Actions of seven days from which engagement is high, and medium. Our own choice: two long visits, and one ordinary one."""
PRICE_WORDS = ("할인", "쿠폰", "가격", "세일", "특가", "최저", "discount", "coupon", "price", "cheap", "sale", "deal")
_ABOUT_PRICE = re.compile("|".join(map(re.escape, PRICE_WORDS))).search
_PRICE = frozenset(NUMBER[name] for name in ("wallet", "compare"))
LEAST = 3
"""Fewer actions tell no share."""


def about_price(step: Step) -> bool:
    """Whether an action is about price: coupons, comparing, or a search with a word of price."""
    return step.action in _PRICE or (step.query is not None and _ABOUT_PRICE(step.query.casefold()) is not None)


class Engagement(ByActions):
    """Of the last seven days, among the last 32 actions."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "engagement": NameInfo(
            type="text",
            label={"ko": "관여도", "en": "engagement"},
            values=words(low=("낮음", "low"), medium=("보통", "medium"), high=("높음", "high")),
        ),
        "price_sensitivity": NameInfo(type="number", label={"ko": "가격 민감도", "en": "price sensitivity"}),
    }
    lately_ms = LATELY_MS

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths)

    def teller(self, read: Read, now_ms: int) -> Teller:
        """Unknown a week after the last action."""
        return lambda past, place: _told(past, now_ms)


def _told(history: Sequence[Step], now_ms: int) -> Told:
    steps = [step for step in history if step.at_ms > now_ms - LATELY_MS]
    level = "high" if len(steps) >= HIGH else "medium" if len(steps) >= MEDIUM else "low"
    share = sum(map(about_price, steps)) / len(steps) if len(steps) >= LEAST else None
    return Told({"engagement": level, "price_sensitivity": share}, steps[0].at_ms, steps[-1].at_ms + LATELY_MS)
