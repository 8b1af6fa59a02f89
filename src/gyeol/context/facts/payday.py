"""moment.payday: whether wages are commonly paid today; moment.days_since_payday: how many days ago they last were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.holiday import rests
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo

DAYS_OF_MONTH = (10, 15, 25)
"""Days on which Korean employers commonly pay, beside the last working day. Source: our own choice after common practice (근로기준법
제43조 asks for one fixed day a month, and leaves it open which); a day of rest moves it to the working day before."""


class Payday:
    """Read from the calendar: the 10th, 15th, 25th and the last working day, each moved before days of rest."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "payday": NameInfo(type="flag", label={"ko": "월급날", "en": "a common pay day"}),
        "days_since_payday": NameInfo(
            type="number", label={"ko": "월급날 이후 일수", "en": "days since the last common pay day"}, unit="days"
        ),
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        today = situation.today
        last = max(day for day in _around(situation.country, today) if day <= today)
        yield situation.fact("payday", last == today, "calendar", situation.midnight_ms)
        yield situation.fact("days_since_payday", (today - last).days, "calendar", situation.midnight_ms)


def _around(country: str, today: date) -> list[date]:
    before = today.replace(day=1) - timedelta(days=1)
    return [*paydays(country, before.year, before.month), *paydays(country, today.year, today.month)]


@lru_cache(maxsize=512)
def paydays(country: str, year: int, month: int) -> tuple[date, ...]:
    """The pay days of a month, ascending, each once; of a day of rest the working day before (it may lie in the month before)."""
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return tuple(sorted({_worked(country, day) for day in (*(date(year, month, day) for day in DAYS_OF_MONTH), last)}))


def _worked(country: str, day: date) -> date:
    while rests(country, day):
        day -= timedelta(days=1)
    return day
