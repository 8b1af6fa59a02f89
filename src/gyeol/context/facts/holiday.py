"""moment.holiday and moment.holiday_name: whether today is a public holiday, and which; lunar ones and substitutes included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import ClassVar

import msgspec

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo


class Calendar(msgspec.Struct, frozen=True):
    """A country's year.

    Args:
        holidays: Public holidays with their names in the country's language; None: the country is not known.
        weekend: The weekly days of rest, 0 = Monday.
    """

    holidays: dict[date, str] | None
    weekend: frozenset[int]


@lru_cache(maxsize=64)
def calendar_of(country: str, year: int) -> Calendar:
    """The calendar of a country (ISO 3166) in a year.

    Source: the package ``holidays``, which works out lunar dates and substitute days.
    """
    import holidays

    try:
        # Without a language the package takes the machine's, and two machines would know the same day by two names.
        language = holidays.country_holidays(country).default_language
        found = holidays.country_holidays(country, years=year, language=language)
    except NotImplementedError:
        return Calendar(None, frozenset((5, 6)))
    return Calendar({day: found[day] for day in sorted(found)}, frozenset(found.weekend))


def rests(country: str, on: date) -> bool:
    """Whether people do not work on a date: a weekly day of rest or a public holiday. An unknown country rests at weekends."""
    calendar = calendar_of(country, on.year)
    return on.weekday() in calendar.weekend or (calendar.holidays is not None and on in calendar.holidays)


class Holiday:
    """Read from the country's public calendar."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "holiday": NameInfo(type="flag", label={"ko": "공휴일", "en": "a public holiday"}),
        "holiday_name": NameInfo(type="text", label={"ko": "공휴일 이름", "en": "name of the holiday"}),
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """The flag where the country is known, the name on holidays."""
        today = situation.today
        holidays = calendar_of(situation.country, today.year).holidays
        if holidays is None:
            return
        name = holidays.get(today)
        yield situation.fact("holiday", name is not None, "calendar", situation.midnight_ms)
        if name is not None:
            yield situation.fact("holiday_name", name, "calendar", situation.midnight_ms)
