"""moment.season: spring, summer, autumn, winter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation, words
from gyeol.expressions.schema import NameInfo

SEASONS = ("winter", "spring", "summer", "autumn")
"""By thirds of the year from December on. Source: the meteorological seasons (WMO; Korea Meteorological Administration)."""

SOUTHERN = frozenset(("AO", "AR", "AU", "BO", "BW", "CL", "LS", "MG", "MU", "MZ", "NA", "NZ", "PE", "PY", "SZ", "UY", "ZA", "ZM", "ZW"))
"""Countries (ISO 3166) that lie wholly or mostly south of the equator and have seasons."""


class Season:
    """Read from the calendar."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "season": NameInfo(
            type="text",
            label={"ko": "계절", "en": "season"},
            values=words(spring=("봄", "spring"), summer=("여름", "summer"), autumn=("가을", "autumn"), winter=("겨울", "winter")),
        )
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        today = situation.today
        third = today.month % 12 // 3
        season = SEASONS[(third + (2 if situation.country in SOUTHERN else 0)) % 4]
        first = 3 * (third + 1)  # the month in which the next third begins
        ends = date(today.year + (today.month == 12), first, 1)
        yield situation.fact("season", season, "clock", situation.date_ms(ends))
