"""Facts that the clock gives: hour, daypart, weekday, weekend, season."""

from __future__ import annotations

from collections.abc import Iterable

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo

DAYPARTS = ((5, "dawn"), (7, "morning"), (11, "lunch"), (14, "afternoon"), (18, "evening"), (22, "night"))
"""(first hour, daypart); before the first it is still night."""

SEASONS = ("winter", "winter", "spring", "spring", "spring", "summer", "summer", "summer", "autumn", "autumn", "autumn", "winter")
"""By month, for the northern hemisphere. Source: Korea Meteorological Administration's calendar seasons."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _words(**words: tuple[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"ko": ko, "en": en} for name, (ko, en) in words.items()}


class ClockFacts:
    """Read from the zone's wall clock."""

    names = {
        "hour": NameInfo(type="number", label={"ko": "현재 시각(시)", "en": "hour of the day"}),
        "daypart": NameInfo(
            type="text",
            label={"ko": "시간대", "en": "daypart"},
            values=_words(
                dawn=("새벽", "dawn"),
                morning=("아침", "morning"),
                lunch=("점심", "lunch time"),
                afternoon=("오후", "afternoon"),
                evening=("저녁", "evening"),
                night=("밤", "night"),
            ),
        ),
        "weekday": NameInfo(
            type="text",
            label={"ko": "요일", "en": "day of the week"},
            values=_words(
                mon=("월요일", "Monday"),
                tue=("화요일", "Tuesday"),
                wed=("수요일", "Wednesday"),
                thu=("목요일", "Thursday"),
                fri=("금요일", "Friday"),
                sat=("토요일", "Saturday"),
                sun=("일요일", "Sunday"),
            ),
        ),
        "weekend": NameInfo(type="flag", label={"ko": "주말", "en": "weekend"}),
        "season": NameInfo(
            type="text",
            label={"ko": "계절", "en": "season"},
            values=_words(spring=("봄", "spring"), summer=("여름", "summer"), autumn=("가을", "autumn"), winter=("겨울", "winter")),
        ),
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """All five."""
        local = situation.zone.local(situation.now_ms)
        daypart = next((name for first, name in reversed(DAYPARTS) if local.hour >= first), "night")
        values: dict[str, int | str | bool] = {
            "hour": local.hour,
            "daypart": daypart,
            "weekday": WEEKDAYS[local.weekday()],
            "weekend": local.weekday() >= 5,
            "season": SEASONS[local.month - 1],
        }
        return [Fact(name=name, value=value, source="clock", observed_at_ms=situation.now_ms) for name, value in values.items()]
