"""moment.days_to_birthday: days to the person's next birthday, 0 on the day itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import ClassVar

import numpy as np

from gyeol.context.facts.kind import Derived
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS, Int64, Zone
from gyeol.profiles.model import TraitDefinition

TRAIT = "moment_birthday"
_EPOCH = date(1970, 1, 1).toordinal()


class Birthday:
    """Worked out from what an event last said of it: ``1990-05-17`` or ``05-17``."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "days_to_birthday": NameInfo(type="number", label={"ko": "생일까지 남은 일수", "en": "days to the birthday"}, unit="days")
    }
    source = "profile"

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The last birthday that was said."""
        path = paths.get("birthday")
        return [] if path is None else [TraitDefinition(name=TRAIT, kind="last", event="$any", property=path)]

    def derive(self, read: Callable[[str], Column], n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown where the birthday is not known, or is no date."""
        said = read(TRAIT)
        words = said.vocabulary.words if said.vocabulary is not None else []
        days, known = np.zeros(n), np.zeros(n, np.bool_)
        found: dict[tuple[int, int], int | None] = {}
        for i in np.flatnonzero(said.known).tolist():
            key = int(said.values[i]), int(local_day[i])
            if key not in found:
                found[key] = days_to(words[key[0]], date.fromordinal(_EPOCH + key[1]))
            left = found[key]
            if left is not None:
                days[i], known[i] = left, True
        now = np.full(n, now_ms, np.int64)
        until = np.array([zone.day_start_ms(zone.day(now_ms) + 1)] * n, np.int64)
        return {"days_to_birthday": Derived(Column("number", days, known), now, np.minimum(until, now + DAY_MS))}


def days_to(text: str, today: date) -> int | None:
    """Days from a date to the next birthday; 29 February is kept on 28 February in other years. None: the text is no birthday."""
    try:
        month, day = (int(part) for part in text[:10].split("-")[-2:])
        date(2000, month, day)
    except ValueError:
        return None
    for year in (today.year, today.year + 1):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        on = date(year, month, 28 if (month, day) == (2, 29) and not leap else day)
        if on >= today:
            return (on - today).days
    return None
