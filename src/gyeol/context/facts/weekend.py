"""moment.weekend: whether it is one of the country's weekly days of rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.holiday import calendar_of
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo


class Weekend:
    """Read from the wall clock and the country's calendar: Saturday and Sunday in Korea, Friday and Saturday in Saudi Arabia."""

    names: ClassVar[Mapping[str, NameInfo]] = {"weekend": NameInfo(type="flag", label={"ko": "주말", "en": "the weekend"})}

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        rest = calendar_of(situation.country, situation.today.year).weekend
        yield situation.fact("weekend", situation.today.weekday() in rest, "calendar", situation.midnight_ms)
