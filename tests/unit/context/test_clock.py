"""What the clock tells: half-open edges, holidays and pay days, and zones whose clocks go forward and back."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from gyeol.context.clock import CLOCK_NAMES, Clock, zone_named
from gyeol.context.facts.birthday import days_to
from gyeol.context.facts.occasions import dates_of
from gyeol.context.facts.payday import paydays
from gyeol.context.moment import moment_at
from gyeol.kernel.instants import HOUR_MS, Zone, parse_instant

SEOUL, NEW_YORK = Zone("Asia/Seoul"), Zone("America/New_York")
MINUTE = 60_000


def at(text: str) -> int:
    found = parse_instant(text)
    assert found is not None
    return found


def values(text: str, zone: Zone = SEOUL, country: str = "KR") -> dict[str, object]:
    return {fact.name: fact.value for fact in Clock(zone, country).facts(at(text), zone, False)}


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        ("2026-02-19T06:59:59.999+09:00", {"daypart": "dawn", "commute": "none", "hour": 6}),
        ("2026-02-19T07:00:00+09:00", {"daypart": "morning", "commute": "to_work", "hour": 7}),
        ("2026-02-19T09:29:59.999+09:00", {"commute": "to_work"}),
        ("2026-02-19T09:30:00+09:00", {"commute": "none"}),
        ("2026-02-19T17:30:00+09:00", {"commute": "to_home", "daypart": "afternoon"}),
        ("2026-02-19T20:00:00+09:00", {"commute": "none", "daypart": "evening"}),
        ("2026-02-17T08:00:00+09:00", {"commute": "none", "holiday": True, "holiday_name": "설날", "days_to_seollal": 0}),
        ("2026-02-21T08:00:00+09:00", {"commute": "none", "weekend": True, "days_since_seollal": 4}),
        ("2026-02-28T23:59:59.999+09:00", {"season": "winter"}),
        ("2026-03-01T00:00:00+09:00", {"season": "spring", "holiday": True}),
        ("2026-03-02T00:00:00+09:00", {"holiday": True, "holiday_name": "삼일절 대체 휴일"}),
        ("2026-11-18T23:00:00+09:00", {"days_to_suneung": 1}),
        ("2026-11-19T00:00:00+09:00", {"days_to_suneung": 0, "days_since_suneung": 0}),
        ("2026-09-24T12:00:00+09:00", {"days_to_chuseok": 1}),
        ("2026-01-23T12:00:00+09:00", {"payday": True, "days_since_payday": 0}),
        ("2026-01-25T12:00:00+09:00", {"payday": False, "days_since_payday": 2}),
    ],
)  # fmt: skip
def test_the_edges_of_a_korean_year(instant: str, told: dict[str, object]) -> None:
    found = values(instant)
    assert {name: found.get(name) for name in told} == told


def test_pay_days_move_before_days_of_rest() -> None:
    # The 10th of January 2026 is a Saturday, the 25th a Sunday, the 31st a Saturday.
    assert paydays("KR", 2026, 1) == (date(2026, 1, 9), date(2026, 1, 15), date(2026, 1, 23), date(2026, 1, 30))
    # The long Chuseok of 2017: nobody worked from the 30th of September to the 9th of October.
    assert paydays("KR", 2017, 9)[-1] == date(2017, 9, 29) and paydays("KR", 2017, 10)[0] == date(2017, 10, 10)
    assert paydays("XX", 2026, 2)[-1] == date(2026, 2, 27)


def test_lunar_days_and_the_exam() -> None:
    assert date(2025, 1, 29) in dates_of("seollal", 2025) and date(2025, 10, 6) in dates_of("chuseok", 2025)
    assert dates_of("suneung", 2020) == (date(2019, 11, 14), date(2020, 12, 3), date(2021, 11, 18))
    assert "days_to_suneung" not in values("2040-01-01T00:00:00Z") and "days_to_seollal" not in values("2026-01-01T00:00:00Z", country="US")


def test_birthdays() -> None:
    assert days_to("1990-05-17", date(2026, 5, 17)) == 0
    assert days_to("05-17", date(2026, 5, 18)) == 364
    assert days_to("2000-02-29", date(2026, 2, 20)) == 8 and days_to("2000-02-29", date(2028, 2, 20)) == 9
    assert days_to("2000-02-29", date(2027, 12, 31)) == 60
    assert days_to("1990-05-17T00:00:00Z", date(2026, 5, 16)) == 1
    assert days_to("yesterday", date(2026, 5, 16)) is None and days_to("13-40", date(2026, 5, 16)) is None


def test_clocks_that_go_forward() -> None:
    clock = Clock(NEW_YORK, "US")
    before = at("2026-03-08T01:59:59.999-05:00")
    assert clock.span("hour", before, NEW_YORK).end_ms == before + 1  # there is no two o'clock
    after = clock.span("hour", before + 1, NEW_YORK)
    assert after.fact is not None and after.fact.value == 3
    daypart = clock.span("daypart", at("2026-03-08T00:30:00-05:00"), NEW_YORK)
    ends = [span.end_ms for span in clock.spans("daypart", daypart.start_ms, at("2026-03-08T05:00:00-04:00") - 1, NEW_YORK)]
    assert ends[-1] == at("2026-03-08T05:00:00-04:00")
    # A day of 23 hours.
    assert clock.span("weekday", at("2026-03-08T00:00:00-05:00"), NEW_YORK).end_ms == at("2026-03-08T00:00:00-05:00") + 23 * HOUR_MS


def test_clocks_that_go_back() -> None:
    clock = Clock(NEW_YORK, "US")
    start, end = at("2026-11-01T00:00:00-04:00"), at("2026-11-01T04:00:00-05:00")
    hours = [(span.fact.value, span.end_ms - span.start_ms) for span in clock.spans("hour", start, end - 1, NEW_YORK) if span.fact]
    together: dict[object, int] = {}
    for hour, length in hours:
        together[hour] = together.get(hour, 0) + length
    assert together == {0: HOUR_MS, 1: 2 * HOUR_MS, 2: HOUR_MS, 3: HOUR_MS}
    assert clock.span("weekday", start, NEW_YORK).end_ms == start + 25 * HOUR_MS


@pytest.mark.parametrize(
    "name", ["America/New_York", "Asia/Seoul", "Australia/Lord_Howe", "America/Havana", "Antarctica/Troll", "Asia/Kathmandu"]
)
def test_spans_say_what_every_instant_says(name: str) -> None:
    """Whatever a zone's clocks do: between two edges nothing changes, and many instants are told what each is told."""
    zone = Zone(name)
    clock, fresh = Clock(zone, "US"), Clock(zone, "US")
    for first in (at("2026-03-07T00:00:00Z"), at("2026-03-28T12:00:00Z"), at("2026-10-24T12:00:00Z"), at("2026-10-31T12:00:00Z")):
        instants = np.arange(first, first + 40 * HOUR_MS, 7 * MINUTE + 13_000)
        for fact in sorted(CLOCK_NAMES):
            facts, place = clock.values(fact, instants, zone)
            for i, instant in enumerate(instants.tolist()):
                told = {each.name: each.value for each in fresh.facts(instant, zone, False)} if i % 11 == 0 else None
                value = facts[place[i]]
                assert told is None or (None if value is None else value.value) == told.get(fact), (fact, instant)


def test_the_zone_of_nobody_is_the_workspaces_with_a_warning() -> None:
    clock = Clock(SEOUL, "KR")
    assert clock.zone_of("America/New_York")[0].name == "America/New_York"
    for name in (None, "", "Mars/Base", "../etc/passwd", "x" * 100):
        zone, assumed = clock.zone_of(name)
        assert (zone.name, assumed) == ("Asia/Seoul", True)
    assert zone_named("Europe") is None  # a folder of zones
    moment = moment_at(at("2026-02-19T12:00:00+09:00"), SEOUL, "KR", assumed=True)
    assert moment.warnings == ("zone_assumed",)
    assert (moment.facts["zone"].source, moment.facts["zone"].confidence) == ("workspace", 0.5)


def test_each_fact_of_the_clock_ends_when_it_changes() -> None:
    instant = at("2026-02-19T12:34:56.789+09:00")
    for fact in Clock(SEOUL, "KR").facts(instant, SEOUL, False):
        assert fact.observed_at_ms == instant and fact.until_ms is not None and fact.until_ms > instant
    ends = {fact.name: fact.until_ms for fact in Clock(SEOUL, "KR").facts(instant, SEOUL, False)}
    assert ends["hour"] == at("2026-02-19T13:00:00+09:00") and ends["daypart"] == at("2026-02-19T14:00:00+09:00")
    assert ends["season"] == at("2026-03-01T00:00:00+09:00") and ends["commute"] == at("2026-02-19T17:30:00+09:00")
