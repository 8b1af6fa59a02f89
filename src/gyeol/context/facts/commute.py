"""moment.commute: whether people are on their way to work or home: to_work, to_home, none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.holiday import rests
from gyeol.context.facts.kind import Situation, words
from gyeol.expressions.schema import NameInfo

HOURS = ((7 * 60, 9 * 60 + 30, "to_work"), (17 * 60 + 30, 20 * 60, "to_home"))
"""(first minute of the day, first minute after, which way), half-open.

Source: 07:00–09:30 covers the morning peak and 17:30–20:00 the evening peak of the Seoul Metropolitan Area's public transport; ours.
"""


class Commute:
    """Read from the wall clock on working days."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "commute": NameInfo(
            type="text",
            label={"ko": "출퇴근", "en": "commute"},
            values=words(to_work=("출근길", "to work"), to_home=("퇴근길", "home from work"), none=("출퇴근 아님", "no commute")),
        )
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known: ``none`` outside of the hours and on days of rest."""
        if rests(situation.country, situation.today):
            yield situation.fact("commute", "none", "calendar", situation.midnight_ms)
            return
        minute = situation.local.hour * 60 + situation.local.minute
        way = next((way for first, after, way in HOURS if first <= minute < after), "none")
        edges = [edge for first, after, _ in HOURS for edge in (first, after) if edge > minute]
        yield situation.fact("commute", way, "clock", situation.hour_ms(edges[0] if edges else 24 * 60))
