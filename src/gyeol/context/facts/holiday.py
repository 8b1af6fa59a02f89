"""Whether today is a public holiday, and which: lunar ones and substitutes included."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo


@lru_cache(maxsize=64)
def holidays_of(country: str, year: int) -> dict[date, str]:
    """Public holidays of a year; empty for a country that the calendar does not know."""
    import holidays

    try:
        return dict(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return {}


class HolidayFacts:
    """Read from the public calendar of the workspace's country."""

    names = {
        "holiday": NameInfo(type="flag", label={"ko": "공휴일", "en": "public holiday"}),
        "holiday_name": NameInfo(type="text", label={"ko": "공휴일 이름", "en": "name of the holiday"}),
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """The flag always, the name on holidays."""
        today = situation.zone.local(situation.now_ms).date()
        name = holidays_of(situation.country, today.year).get(today)
        facts = [Fact(name="holiday", value=name is not None, source="calendar", observed_at_ms=situation.now_ms)]
        if name is not None:
            facts.append(Fact(name="holiday_name", value=name, source="calendar", observed_at_ms=situation.now_ms))
        return facts
