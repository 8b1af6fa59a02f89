"""moment.days_to_… and moment.days_since_… of 설날, 추석 and 수능: days to the next and since the last one, 0 on the day itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.holiday import calendar_of
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo

OCCASIONS = {"seollal": ("설날", "Seollal"), "chuseok": ("추석", "Chuseok"), "suneung": ("수능", "the university entrance exam")}
"""Occasion → what it is called; those of the calendar by their Korean name."""
COUNTRY = "KR"


class Occasions:
    """Read from the public calendar and from the list of exam days; only in Korea."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        f"days_{way}_{name}": NameInfo(type="number", label={"ko": f"{ko}{korean}", "en": f"days {way} {en}"}, unit="days")
        for name, (ko, en) in OCCASIONS.items()
        for way, korean in (("to", "까지 남은 일수"), ("since", " 이후 일수"))
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """What is known: the list of exam days begins and ends somewhere."""
        if situation.country != COUNTRY:
            return
        today, until = situation.today, situation.midnight_ms
        for name in OCCASIONS:
            days = dates_of(name, today.year)
            coming = next((day for day in days if day >= today), None)
            past = next((day for day in reversed(days) if day <= today), None)
            if coming is not None:
                yield situation.fact(f"days_to_{name}", (coming - today).days, "calendar", until)
            if past is not None:
                yield situation.fact(f"days_since_{name}", (today - past).days, "calendar", until)


@lru_cache(maxsize=256)
def dates_of(occasion: str, year: int) -> tuple[date, ...]:
    """The dates of an occasion from the year before to the year after, ascending, as far as they are known."""
    if occasion == "suneung":
        return tuple(day for day in _exam_days() if abs(day.year - year) <= 1)
    wanted, found = OCCASIONS[occasion][0], []
    for each in (year - 1, year, year + 1):
        holidays = calendar_of(COUNTRY, each).holidays or {}
        # Some years another holiday falls on the same day: then both names stand there.
        found += [day for day, name in sorted(holidays.items()) if wanted in name.split("; ")]
    return tuple(found)


@lru_cache(maxsize=1)
def _exam_days() -> tuple[date, ...]:
    text = resources.files("gyeol.context").joinpath("calendars/kr_suneung.json").read_text(encoding="utf-8")
    return tuple(sorted(date.fromisoformat(day) for day in json.loads(text)["dates"]))
