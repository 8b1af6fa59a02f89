"""The facts of an instant, which of two counts, and how conditions read them."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from gyeol.context.fact import Fact
from gyeol.context.facts import KINDS
from gyeol.context.facts.holiday import calendar_of
from gyeol.context.moment import PREFIX, column_of, columns_of, moment_at, moment_schema
from gyeol.expressions.condition import parse_condition
from gyeol.kernel.instants import Zone, parse_instant

SEOUL = Zone("Asia/Seoul")
HOUR_MS = 3_600_000


def at(text: str) -> int:
    found = parse_instant(text)
    assert found is not None
    return found


NOON = at("2026-02-19T12:00:00+09:00")
"""An ordinary Thursday."""


def weather(value: str, minutes_ago: int, **more: object) -> Fact:
    given = {"source": "service", "ttl_ms": HOUR_MS, **more}
    return Fact(name="weather", value=value, observed_at_ms=NOON - minutes_ago * 60_000, **given)  # type: ignore[arg-type]  # spelt by the tests


@pytest.mark.parametrize(
    ("instant", "values"),
    [
        (
            "2026-02-19T12:00:00+09:00",
            {"hour": 12, "daypart": "lunch", "weekday": "thu", "weekend": False, "season": "winter", "holiday": False},
        ),
        ("2026-02-17T00:00:00+09:00", {"hour": 0, "daypart": "night", "weekday": "tue", "holiday": True, "holiday_name": "설날"}),
        ("2026-09-25T18:00:00+09:00", {"daypart": "evening", "season": "autumn", "holiday": True, "holiday_name": "추석"}),
        ("2026-03-02T05:00:00+09:00", {"daypart": "dawn", "season": "spring", "holiday": True, "holiday_name": "삼일절 대체 휴일"}),
        ("2026-07-04T22:00:00+09:00", {"daypart": "night", "weekday": "sat", "weekend": True, "season": "summer"}),
        ("2026-07-05T14:59:59Z", {"hour": 23, "weekday": "sun"}),
        ("2026-07-05T15:00:00Z", {"hour": 0, "weekday": "mon", "weekend": False}),
    ],
)
def test_the_clock_and_the_calendar_of_seoul(instant: str, values: dict[str, object]) -> None:
    moment = moment_at(at(instant), SEOUL, "KR")
    assert {name: moment.value(name) for name in values} == values


def test_other_countries() -> None:
    assert moment_at(NOON, Zone("Australia/Sydney"), "AU").value("season") == "summer"
    friday = at("2026-02-20T12:00:00+03:00")
    assert moment_at(friday, Zone("Asia/Riyadh"), "SA").value("weekend") is True
    assert moment_at(friday, SEOUL, "KR").value("weekend") is False
    assert moment_at(at("2026-07-04T12:00:00-04:00"), Zone("America/New_York"), "US").value("holiday") is True
    unknown = moment_at(NOON, SEOUL, "XX")
    assert unknown.value("holiday") is None
    assert not unknown.stale("holiday")


def test_a_holiday_has_one_name_on_every_machine() -> None:
    code = "from gyeol.context.facts.holiday import calendar_of; print(sorted(calendar_of('KR', 2026).holidays.values()))"
    environment = {**os.environ, "LANG": "en_US.UTF-8", "LANGUAGE": "en", "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, timeout=20)
    holidays = calendar_of("KR", 2026).holidays
    assert holidays is not None
    assert told.stdout.decode().strip() == str(sorted(holidays.values()))


def test_the_request_gives_facts_and_what_is_none_is_named() -> None:
    moment = moment_at(
        NOON, SEOUL, "KR", request={"weather": "rain", "device": 3, "page": "", "store": "x" * 201, "colour": "red", "channel": None}
    )
    assert moment.value("weather") == "rain"
    assert moment.refused == {"colour": "unknown_name", "device": "not_text", "page": "empty", "store": "too_long"}
    assert moment.value("device") is None
    assert moment.facts["weather"].source == "request"


def test_a_recorded_fact_counts_until_its_ttl_ends() -> None:
    fact = weather("rain", 30)
    ends = fact.observed_at_ms + HOUR_MS
    assert moment_at(NOON, SEOUL, "KR", recorded=[fact]).value("weather") == "rain"
    last = moment_at(ends - 1, SEOUL, "KR", recorded=[fact])
    assert (last.value("weather"), last.stale("weather")) == ("rain", False)
    aged = moment_at(ends, SEOUL, "KR", recorded=[fact])
    assert (aged.value("weather"), aged.stale("weather")) == (None, True)
    before = moment_at(fact.observed_at_ms - 1, SEOUL, "KR", recorded=[fact])
    assert (before.value("weather"), before.stale("weather")) == (None, False)


def test_of_several_facts_the_best_counts_in_any_order() -> None:
    facts = [weather("rain", 30), weather("snow", 10), weather("fog", 90), weather("clear", 5, ttl_ms=60_000)]
    for order in (facts, facts[::-1]):
        assert moment_at(NOON, SEOUL, "KR", recorded=order).value("weather") == "snow"
        assert moment_at(NOON, SEOUL, "KR", recorded=order, request={"weather": "storm"}).value("weather") == "storm"
    tied = [weather("rain", 10, source="b"), weather("snow", 10, source="a"), weather("fog", 10, source="c", confidence=0.9)]
    for order in (tied, tied[::-1]):
        assert moment_at(NOON, SEOUL, "KR", recorded=order).value("weather") == "snow"
    surer = [weather("rain", 10, source="a", confidence=0.5), weather("snow", 10, source="b", confidence=0.6)]
    assert moment_at(NOON, SEOUL, "KR", recorded=surer).value("weather") == "snow"


def test_what_was_not_known_then_answers_only_the_analyst() -> None:
    late = weather("rain", 30, received_at_ms=NOON + 1)
    history = weather("rain", 30, origin="history")
    for fact in (late, history):
        assert moment_at(NOON, SEOUL, "KR", recorded=[fact]).value("weather") == "rain"
        assert moment_at(NOON, SEOUL, "KR", recorded=[fact], known_at=True).value("weather") is None
    assert moment_at(NOON, SEOUL, "KR", recorded=[weather("rain", 30)], known_at=True).value("weather") == "rain"


def test_facts_of_no_name_or_of_another_type_are_left_out() -> None:
    strange = [Fact(name="mood", value="good", source="x", observed_at_ms=NOON),
               Fact(name="weather", value=3, source="x", observed_at_ms=NOON),
               Fact(name="hour", value=True, source="x", observed_at_ms=NOON, confidence=2.0)]  # fmt: skip
    moment = moment_at(NOON, SEOUL, "KR", recorded=strange)
    assert "mood" not in moment.facts
    assert moment.value("weather") is None
    assert moment.value("hour") == 12


def test_conditions_read_the_moment() -> None:
    moment = moment_at(NOON, SEOUL, "KR", request={"device": "mobile"}, recorded=[weather("rain", 90)])
    schema = moment_schema()
    for text, verdict in [
        ("moment.daypart = 'lunch' AND moment.hour BETWEEN 11 AND 13 AND NOT moment.weekend", True),
        ("moment.device = 'mobile' AND NOT moment.holiday AND moment.holiday_name IS NULL", True),
        ("moment.weather = 'rain'", None),
        ("is_stale(moment.weather) AND NOT is_stale(moment.store)", True),
        ("moment.season IN ('spring', 'summer')", False),
    ]:
        condition = parse_condition(text, schema)
        true, known = condition.evaluate(columns_of(moment, 3), 3)
        assert [bool(t) if k else None for t, k in zip(true, known, strict=True)] == [verdict] * 3, text
        alone = condition.holds(lambda name: moment.value(name.removeprefix(PREFIX)), lambda name: moment.stale(name.removeprefix(PREFIX)))
        assert alone is verdict


def test_columns_have_the_kind_that_the_schema_says() -> None:
    kinds = {"number": "number", "text": "text", "flag": "flag"}
    moment = moment_at(NOON, SEOUL, "KR", request={"weather": "rain"})
    for name, info in moment_schema().items():
        column = column_of(moment, name, 2)
        assert column.kind == kinds[info.type]
        assert len(column) == 2
        assert set(info.label) == {"ko", "en"}
        assert all(set(words) == {"ko", "en"} for words in info.values.values())
        found = [column.item(0), column.item(1)]
        assert found == [moment.value(name.removeprefix(PREFIX))] * 2
    with pytest.raises(KeyError):
        column_of(moment, "moment.mood")


def test_what_callers_say_does_not_pile_up() -> None:
    vocabularies = [column_of(moment_at(NOON, SEOUL, "KR", request={"page": f"/{i}"}), "moment.page").vocabulary for i in range(3)]
    assert [v.words for v in vocabularies if v is not None] == [["/0"], ["/1"], ["/2"]]


def test_the_moment_as_json_names_source_and_age() -> None:
    moment = moment_at(NOON, SEOUL, "KR", recorded=[weather("rain", 90, confidence=0.5, origin="history")])
    told = moment.as_json()
    assert told["weather"] == {
        "value": "rain", "source": "service", "observed_at": "2026-02-19T01:30:00.000Z", "stale": True, "confidence": 0.5,
        "origin": "history", "ttl_s": 3600.0,
    }  # fmt: skip
    assert told["hour"] == {"value": 12, "source": "clock", "observed_at": "2026-02-19T03:00:00.000Z", "stale": False, "ttl_s": 3600.0}
    assert list(told) == sorted(told)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: ",".join(kind.names))
def test_every_kind_gives_only_its_own_names_for_many_instants(kind: object) -> None:
    for hours in range(0, 24 * 400, 7):
        moment = moment_at(NOON + hours * HOUR_MS, SEOUL, "KR", request={name.removeprefix(PREFIX): "x" for name in moment_schema()})
        for name in kind.names:  # type: ignore[attr-defined]  # a FactKind, which pytest's parameters forget
            fact = moment.facts.get(name)
            assert fact is None or fact.name == name
            words = moment_schema()[PREFIX + name].values
            assert fact is None or not words or fact.source == "request" or fact.value in words
    assert np.unique([PREFIX + name for k in KINDS for name in k.names]).tolist() == sorted(moment_schema())
