"""moment.weekday: the day of the week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation, words
from gyeol.expressions.schema import NameInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Weekday:
    """Read from the wall clock."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "weekday": NameInfo(
            type="text",
            label={"ko": "요일", "en": "day of the week"},
            values=words(
                mon=("월요일", "Monday"),
                tue=("화요일", "Tuesday"),
                wed=("수요일", "Wednesday"),
                thu=("목요일", "Thursday"),
                fri=("금요일", "Friday"),
                sat=("토요일", "Saturday"),
                sun=("일요일", "Sunday"),
            ),
        )
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        yield situation.fact("weekday", WEEKDAYS[situation.today.weekday()], "clock", situation.midnight_ms)
