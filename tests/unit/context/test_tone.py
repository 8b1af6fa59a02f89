"""The tone as a fact: of one person and of many the same, for as long as what it rests on counts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gyeol.context.emotion.tone import WORDS
from gyeol.context.fact import Fact
from gyeol.context.facts.tone import ToneOf
from gyeol.context.moment import fact_column, moment_schema
from gyeol.expressions.column import Column

NOW = 1_772_420_400_000
TONE = ToneOf()


def facts(**values: object) -> dict[str, Fact]:
    return {
        name: Fact(name=name, value=value, source="t", observed_at_ms=NOW - 1, ttl_ms=1_000)  # type: ignore[arg-type]  # a test's values
        for name, value in values.items()
        if value is not None
    }


def said(found: dict[str, Fact], stage: str | None = None) -> tuple[object, object]:
    told = {fact.name: fact.value for fact in TONE.combine(found, stage, NOW)}
    return told["tone"], told["tone_reason"]


@pytest.mark.parametrize(
    ("values", "stage", "tone", "reason"),
    [
        ({}, None, "brief", "otherwise"),
        ({"open_complaint": True, "emotion_trend": 0.9}, "loyal", "apologetic", "complaint_open"),
        ({"emotion_trend": -0.2, "weekend": True, "daypart": "afternoon"}, None, "careful", "low"),
        ({"emotion_trend": 0.4}, "considering", "cheering", "glad_and_deciding"),
        ({"commute": "to_home", "daypart": "evening"}, "customer", "brief", "commuting"),
        ({"weekend": True, "daypart": "afternoon", "commute": "none"}, "customer", "warm", "at_leisure"),
        ({"intent": "leave"}, "loyal", "retaining", "about_to_leave"),
    ],
)
def test_the_fact_of_one_person(values: dict[str, object], stage: str | None, tone: str, reason: str) -> None:
    assert said(facts(**values), stage) == (tone, reason)


def test_it_counts_until_the_first_of_what_it_rests_on_ends_and_what_has_aged_is_none() -> None:
    held = facts(daypart="morning", weekend=False)
    held["emotion_trend"] = Fact(name="emotion_trend", value=-0.9, source="t", observed_at_ms=NOW - 10, ttl_ms=10)
    held["commute"] = Fact(name="commute", value="to_work", source="t", observed_at_ms=NOW - 1, ttl_ms=51)
    found = {fact.name: fact for fact in TONE.combine(held, None, NOW)}
    assert (found["tone"].value, found["tone"].until_ms) == ("brief", NOW + 50)
    assert said({}) == ("brief", "otherwise")


def test_of_many_people_the_same_as_of_each() -> None:
    cases = list(
        itertools.product(
            (None, True, False), (None, -0.8, -0.3, 0.0, 0.7), (None, "help", "buy"), (None, "morning", "evening"),
            (None, "to_work", "none"), (None, True), (None, "lapsing", "loyal"),
        )
    )  # fmt: skip
    stages = ["lapsing", "loyal"]
    read: dict[str, Column] = {}
    for at, name in enumerate(TONE.reads):
        held = [facts(**{name: case[at]}).get(name) for case in cases]
        read[name] = fact_column(moment_schema()[f"moment.{name}"], held, np.arange(len(cases)), NOW)
    codes = np.array([-1 if case[-1] is None else stages.index(str(case[-1])) for case in cases])
    columns = TONE.columns(read, codes, stages)
    for row, case in enumerate(cases):
        one = facts(**dict(zip(TONE.reads, case[:-1], strict=True)))
        assert (columns["tone"].item(row), columns["tone_reason"].item(row)) == said(one, None if case[-1] is None else str(case[-1]))


def test_every_tone_has_words_in_both_languages() -> None:
    info = TONE.names["tone"]
    assert set(info.values) == set(WORDS) == {"brief", "warm", "cheering", "careful", "apologetic", "retaining"}
    assert all(set(words) == {"ko", "en"} for words in info.values.values())


def test_an_empty_column_is_no_obstacle() -> None:
    read = {name: fact_column(moment_schema()[f"moment.{name}"], [None], np.zeros(0, np.int64), NOW) for name in TONE.reads}
    assert len(TONE.columns(read, np.zeros(0, np.int64), [])["tone"]) == 0
