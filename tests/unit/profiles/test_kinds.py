"""What is special about single kinds: where they are exact, where they are not, what their state costs."""

from __future__ import annotations

import itertools
import random
from typing import Any, get_args

import numpy as np
import pytest

from gyeol.events.batch import Vocabularies
from gyeol.events.model import TrackingPlan
from gyeol.events.rows import batch_of
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import DAY_MS, HOUR_MS, Zone
from gyeol.profiles.group import KINDS
from gyeol.profiles.model import TraitDefinition, TraitKindName
from gyeol.profiles.table import TraitTable

NOON = 20_000 * DAY_MS + DAY_MS // 2
MINUTE = 60_000


def test_every_kind_has_a_stack() -> None:
    assert set(KINDS) == set(get_args(TraitKindName))


class One:
    """A table of one trait and one row."""

    def __init__(self, kind: Any, **more: Any) -> None:
        self.vocabularies = Vocabularies()
        definition = TraitDefinition(name="t", kind=kind, event="Viewed", **more)
        self.table = TraitTable([definition], self.vocabularies, Zone("UTC"), TrackingPlan())
        self.rows = [self.table.new_row(), self.table.new_row()]
        self.sent = 0

    def fold(self, times: list[int], values: list[Any] | None = None, row: int = 0) -> None:
        events: list[dict[str, Any]] = []
        for i, at in enumerate(times):
            self.sent += 1
            properties = {} if values is None else {"x": values[i]}
            events.append({"event": "Viewed", "timestamp": at, "messageId": f"m{self.sent}", "properties": properties})
        batch = batch_of(events, vocabularies=self.vocabularies)
        self.table.fold(batch, np.arange(len(events)), np.full(len(events), self.rows[row]), max(times))

    def value(self, now_ms: int = NOON, row: int = 0) -> Any:
        return self.table.column("t", np.array([self.rows[row]]), now_ms).item(0)


# ---------------------------------------------------------------- sequence


def test_a_run_is_seen_however_late_its_last_event_comes_within_a_day() -> None:
    chance = random.Random(3)
    for _ in range(20):
        one = One("sequence", at_least=3, within="10m")
        # Two days of events an hour apart: more than are kept whatever their age, and no three within ten minutes.
        one.fold([NOON + k * 25 * MINUTE for k in range(115)])
        assert one.value() is False
        newest = NOON + 114 * 25 * MINUTE
        start = newest - 24 * HOUR_MS + MINUTE
        run = [start + 1, start + 4 * MINUTE, start + 9 * MINUTE]
        chance.shuffle(run)
        for at in run:
            one.fold([at])
        assert one.value() is True


def test_a_run_is_the_inclusive_span_of_its_events() -> None:
    for gap, seen in ((10 * MINUTE, True), (10 * MINUTE + 1, False)):
        one = One("sequence", at_least=2, within="10m")
        one.fold([NOON, NOON + gap])
        assert one.value() is seen


def test_once_true_it_stays_true_and_keeps_no_times() -> None:
    one = One("sequence", at_least=2, within="1m")
    one.fold([NOON, NOON + 1])
    one.fold([NOON + k * DAY_MS for k in range(1, 100)])
    assert one.value() is True
    assert one.table.groups[0].slots.lists["sequence.0"].length.max() == 0


def test_what_is_kept_while_waiting_is_bounded() -> None:
    one = One("sequence", at_least=2, within="1s")
    for part in range(10):
        one.fold([NOON + (part * 200 + k) * DAY_MS for k in range(200)])
    assert one.value() is False
    assert one.table.groups[0].slots.lists["sequence.0"].length.max() == 64


def test_two_nodes_runs_meet_when_they_are_joined() -> None:
    one = One("sequence", at_least=3, within="10m")
    one.fold([NOON, NOON + 2 * MINUTE], row=0)
    one.fold([NOON + MINUTE], row=1)
    assert (one.value(row=0), one.value(row=1)) == (False, False)
    person = one.table.new_row()
    one.table.rebuild(person, one.rows)
    assert one.table.column("t", np.array([person]), NOON).item(0) is True


# ---------------------------------------------------------------- decay


@pytest.mark.parametrize("seed", range(3))
def test_decay_over_many_thousand_half_lives_is_the_sum_of_what_is_left(seed: int) -> None:
    chance = random.Random(seed)
    times = [NOON + chance.randrange(3 * 365 * DAY_MS) for _ in range(400)] + [NOON + 3 * 365 * DAY_MS]
    chance.shuffle(times)
    one = One("decay", half_life="5m")
    for start in range(0, len(times), 37):
        one.fold(times[start : start + 37])
    now_ms = max(times)
    assert one.value(now_ms) == pytest.approx(sum(0.5 ** ((now_ms - t) / (5 * MINUTE)) for t in times), rel=1e-9)
    assert one.value(now_ms + 5 * MINUTE) == pytest.approx(one.value(now_ms) / 2, rel=1e-12)
    assert one.value(now_ms + 1000 * DAY_MS) == 0.0


def test_what_was_there_keeps_its_weight_when_the_landmark_moves() -> None:
    one = One("decay", property="properties.x", half_life="5m")
    one.fold([NOON], [1.0])
    one.fold([NOON + 450 * 5 * MINUTE], [0.0])
    assert one.value(NOON + 450 * 5 * MINUTE) == pytest.approx(0.5**450, rel=1e-9, abs=0)


def test_decay_of_values_may_be_negative() -> None:
    one = One("decay", property="properties.x", half_life="1d")
    one.fold([NOON, NOON - DAY_MS], [-3.0, 2.0])
    assert one.value() == pytest.approx(-2.0, rel=1e-9)


# ---------------------------------------------------------------- numbers


def test_sums_are_exact_at_their_scale_and_half_even() -> None:
    one = One("sum", property="properties.x")
    one.fold([NOON] * 4, [0.1, 0.2, 1.005, 1.015])
    assert one.value() == 2.32  # 0.10 + 0.20 + 1.00 + 1.02


def test_numbers_beyond_what_float64_tells_apart_do_not_count() -> None:
    one = One("sum", property="properties.x", scale=0)
    one.fold([NOON] * 3, [2**53, 2**53 + 2, 1e300])
    assert one.value() == 2**53


def test_values_that_are_no_numbers_do_not_count() -> None:
    one = One("max", property="properties.x")
    one.fold([NOON] * 4, ["abc", True, None, "12.5"])
    assert one.value() == 12.5


def test_texts_of_a_property_without_a_plan_are_its_values_as_json_writes_them() -> None:
    one = One("recent", property="properties.x", size=9)
    one.fold([NOON + k for k in range(4)], ["a", 12, True, {"k": [1]}])
    assert one.value() == ['{"k":[1]}', "true", "12", "a"]


# ---------------------------------------------------------------- distinct and top


def test_distinct_is_exact_up_to_256_and_says_when_it_is_not() -> None:
    one = One("distinct", property="properties.x")
    words = [f"w{i}" for i in range(256)]
    one.fold([NOON] * 512, words + words[::-1])
    assert (one.value(), one.table.describe("t", one.rows[0], NOON).estimate) == (256, False)
    one.fold([NOON], ["one more"])
    described = one.table.describe("t", one.rows[0], NOON)
    assert described.estimate
    assert described.value == pytest.approx(257, rel=0.2)


def test_ties_of_top_go_to_the_smallest_word_also_beyond_eight_bytes() -> None:
    one = One("top", property="properties.x")
    one.fold([NOON] * 6, ["배추김치", "배추김밥", "배추", "배추김밥", "배추김치", "무"])
    assert one.value() == "배추김밥"


@pytest.mark.parametrize(("kind", "chosen"), [("first", min), ("last", max)])
def test_of_equal_times_the_id_decides_and_of_equal_ids_the_greater_value_in_any_order_and_split(kind: str, chosen: Any) -> None:
    said = [("a", "p"), ("b", "q"), ("c", "r"), ("b", "s"), ("c", "t"), ("a", "u")]
    events = [{"event": "Viewed", "timestamp": NOON, "messageId": m, "properties": {"x": x}} for m, x in said]
    decisive = chosen("abc", key=event_hash)
    expected = max(x for m, x in said if m == decisive)
    for order in itertools.permutations(events, len(events)):
        one = One(kind, property="properties.x")
        for part in (order[:1], order[1:4], order[4:]):
            batch = batch_of(part, vocabularies=one.vocabularies)
            one.table.fold(batch, np.arange(len(part)), np.full(len(part), one.rows[0]), NOON)
        assert one.value() == expected


def test_the_winner_of_the_parts_is_not_taken_for_the_winner_of_the_whole() -> None:
    one = One("top", property="properties.x")
    one.fold([NOON] * 3, ["a", "a", "b"], row=0)
    one.fold([NOON] * 2, ["b", "b"], row=1)
    assert (one.value(row=0), one.value(row=1)) == ("a", "b")
    person = one.table.new_row()
    one.table.rebuild(person, one.rows)
    assert one.table.column("t", np.array([person]), NOON).item(0) == "b"


def test_first_and_last_say_when_it_was() -> None:
    one = One("last", property="properties.x")
    assert one.table.describe("t", one.rows[0], NOON).at_ms is None
    one.fold([NOON - 5, NOON - 9], ["a", "b"])
    described = one.table.describe("t", one.rows[0], NOON)
    assert (described.value, described.at_ms, described.as_of_ms) == ("a", NOON - 5, NOON)
