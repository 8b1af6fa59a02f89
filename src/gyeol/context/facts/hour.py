"""moment.hour: the hour of the day, 0 to 23."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo


class Hour:
    """Read from the wall clock."""

    names: ClassVar[Mapping[str, NameInfo]] = {"hour": NameInfo(type="number", label={"ko": "현재 시각(시)", "en": "hour of the day"})}

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        hour = situation.local.hour
        yield situation.fact("hour", hour, "clock", situation.hour_ms(60 * (hour + 1)))
