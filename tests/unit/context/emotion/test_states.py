"""How a person feels, whether a complaint is open, which tone fits."""

from __future__ import annotations

import itertools

import pytest

from gyeol.context.emotion.complaint import ALL, LAPSE_MS, closed, judged, open_cases, opened
from gyeol.context.emotion.complaint import combine as both
from gyeol.context.emotion.tone import TABLE, WORDS, Feeling, feeling, tone_for
from gyeol.context.emotion.trend import DAY_MS, NOTHING, HalfLives, combine, lift, present

LIVES = HalfLives()
DAYPARTS = (None, "dawn", "morning", "lunch", "afternoon", "evening", "night")
STAGES = (None, "aware", "interested", "considering", "near_purchase", "customer", "loyal", "advocate", "lapsing")
FEELINGS: tuple[Feeling, ...] = ("angry", "low", "even", "glad", "unknown")


def test_a_feeling_fades_by_half_in_a_half_life() -> None:
    said = lift(-1.0, 1.0, 0)
    assert present(said, 0, LIVES).polarity == pytest.approx(-2 / 3, abs=1e-4)
    later = present(said, LIVES.long_ms, LIVES)
    assert later.polarity == pytest.approx(-0.5 / (0.5 + 0.5), abs=1e-4)
    assert later.confidence == pytest.approx(0.5)
    assert abs(present(said, 40 * LIVES.long_ms, LIVES).polarity) < 1e-4


def test_unsure_texts_weigh_nothing() -> None:
    assert present(combine(lift(0.9, 0.95, 0), lift(-0.1, 0.5, 1), LIVES), 1, LIVES).polarity > 0
    assert lift(0.0, 0.0, 5).weight == 0


def test_the_trend_turns_when_recent_texts_differ() -> None:
    said = NOTHING
    for day in range(0, 60, 5):
        said = combine(said, lift(0.9, 0.95, day * DAY_MS), LIVES)
    assert present(said, 60 * DAY_MS, LIVES).direction == "steady"
    for hour in range(3):
        said = combine(said, lift(-0.95, 0.97, 60 * DAY_MS + hour), LIVES)
    assert present(said, 60 * DAY_MS + 10, LIVES).direction == "worsening"
    assert present(said, 60 * DAY_MS + 10, LIVES).texts == 15


@pytest.mark.parametrize(
    ("source", "label", "confidence", "topics", "reason"),
    [
        ("chat", "negative", 0.9, [], "service_negative"),
        ("ticket", "negative", 0.81, ["story"], "service_negative"),
        ("review", "negative", 0.9, ["delivery"], "topic_negative"),
        ("review", "negative", 0.9, ["story"], "not_ours"),
        ("review", "negative", 0.9, [], "not_ours"),
        ("chat", "negative", 0.79, ["staff"], "not_sure"),
        ("chat", "neutral", 0.55, ["staff"], "not_negative"),
        ("chat", "positive", 0.99, ["staff"], "not_negative"),
    ],
)
def test_what_opens_a_complaint(source: str, label: str, confidence: float, topics: list[str], reason: str) -> None:
    verdict = judged(source, label, confidence, topics)
    assert verdict.reason == reason
    assert verdict.opens == (reason in ("service_negative", "topic_negative"))


def test_a_complaint_stays_open_until_it_is_closed_or_lapses() -> None:
    cases = opened("t1", 1_000)
    assert open_cases(cases, 999) == {}
    assert open_cases(cases, 1_000) == {"t1": 1_000}
    assert open_cases(both(cases, closed("t1", 2_000)), 2_001) == {}
    assert open_cases(both(both(cases, closed("t1", 2_000)), opened("t1", 3_000)), 3_000) == {"t1": 3_000}
    assert open_cases(cases, 1_000 + LAPSE_MS) == {}
    everything = both(both(cases, opened("t2", 1_500)), closed(ALL, 1_600))
    assert open_cases(everything, 1_700) == {}
    assert open_cases(both(everything, opened("t3", 1_650)), 1_700) == {"t3": 1_650}


def test_the_oldest_complaint_comes_first() -> None:
    cases = both(opened("b", 5), both(opened("a", 9), opened("c", 5)))
    assert list(open_cases(cases, 10)) == ["b", "c", "a"]


def test_every_situation_has_a_tone_with_words_and_a_reason() -> None:
    reached = set()
    others = itertools.product((False, True), (None, "help", "leave", "buy"), ("none", "to_work"), (False, True))
    for (how, daypart, stage), (complaint, intent, commute, weekend) in itertools.product(
        itertools.product(FEELINGS, DAYPARTS, STAGES), list(others)
    ):
        choice = tone_for(how, daypart, stage, complaint=complaint, intent=intent, commute=commute, weekend=weekend)
        assert choice.tone in WORDS
        assert choice.ko
        assert choice.en
        reached.add(choice.reason)
    assert reached == {row.reason for row in TABLE}
    assert {row.tone for row in TABLE} == set(WORDS)


@pytest.mark.parametrize(
    ("how", "daypart", "stage", "complaint", "tone"),
    [
        ("glad", "evening", "loyal", True, "apologetic"),
        ("angry", "evening", "loyal", False, "apologetic"),
        ("low", "evening", "loyal", False, "careful"),
        ("even", "evening", "lapsing", False, "retaining"),
        ("low", "evening", "lapsing", False, "careful"),
        ("glad", "morning", "near_purchase", False, "cheering"),
        ("glad", "afternoon", "loyal", False, "warm"),
        ("even", "morning", "loyal", False, "brief"),
        ("unknown", None, None, False, "brief"),
    ],
)
def test_the_table_of_tones(how: Feeling, daypart: str | None, stage: str | None, complaint: bool, tone: str) -> None:
    assert tone_for(how, daypart, stage, complaint=complaint).tone == tone


@pytest.mark.parametrize(
    ("how", "daypart", "stage", "intent", "commute", "weekend", "reason", "tone"),
    [
        ("unknown", "evening", "customer", None, "to_home", False, "commuting", "brief"),
        ("unknown", "afternoon", "customer", None, "none", True, "at_leisure", "warm"),
        ("unknown", "night", "customer", None, "none", True, "short_of_time", "brief"),
        ("low", "afternoon", "customer", None, "none", True, "low", "careful"),
        ("glad", "afternoon", "customer", "help", "none", True, "seeking_help", "careful"),
        ("unknown", "afternoon", "loyal", "leave", "none", True, "about_to_leave", "retaining"),
        ("angry", "morning", "loyal", "leave", "to_work", False, "angry", "apologetic"),
    ],
)
def test_intent_commute_and_weekend(
    how: Feeling, daypart: str, stage: str, intent: str | None, commute: str, weekend: bool, reason: str, tone: str
) -> None:
    choice = tone_for(how, daypart, stage, intent=intent, commute=commute, weekend=weekend)
    assert (choice.reason, choice.tone) == (reason, tone)


def test_feelings_begin_at_their_bounds() -> None:
    assert [feeling(p) for p in (-1.0, -0.5, -0.49, -0.15, -0.14, 0.0, 0.24, 0.25, 1.0)] == [
        "angry", "angry", "low", "low", "even", "even", "even", "glad", "glad",
    ]  # fmt: skip
    assert feeling(None) == "unknown"
    assert feeling(-0.9, confidence=0.1) == "unknown"
