"""moment.daypart: which part of the day it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation, words
from gyeol.expressions.schema import NameInfo

STARTS = ((0, "night"), (5, "dawn"), (7, "morning"), (11, "lunch"), (14, "afternoon"), (18, "evening"), (22, "night"))
"""(first hour, daypart). Source: our own choice after the common Korean words for the hours; no standard gives them."""


class Daypart:
    """Read from the wall clock."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "daypart": NameInfo(
            type="text",
            label={"ko": "시간대", "en": "part of the day"},
            values=words(
                dawn=("새벽", "dawn"),
                morning=("아침", "morning"),
                lunch=("점심", "lunch time"),
                afternoon=("오후", "afternoon"),
                evening=("저녁", "evening"),
                night=("밤", "night"),
            ),
        )
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        hour = situation.local.hour
        part = next(name for first, name in reversed(STARTS) if hour >= first)
        ends = next((first for first, _ in STARTS if first > hour), 24)
        yield situation.fact("daypart", part, "clock", situation.hour_ms(60 * ends))
