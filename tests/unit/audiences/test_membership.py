"""Who enters and who leaves, why, and since when."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gyeol.audiences import since as since_module
from gyeol.audiences.membership import Memberships, Transition
from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.errors import InputError

SCHEMA = {
    "orders": NameInfo(type="number", label={"ko": "주문 수", "en": "orders"}, default_zero=True),
    "city": NameInfo(type="text", label={"ko": "도시", "en": "city"}),
    "moment.weather": NameInfo(type="text", label={"ko": "날씨", "en": "weather"}),
}
AUDIENCES = [
    AudienceDefinition(name="buyers", condition="orders >= 1"),
    AudienceDefinition(name="seoul", condition="city = '서울'"),
    AudienceDefinition(name="wet", condition="moment.weather = 'rain' AND orders < 5"),
]
STAGES = [StageDefinition(name="loyal", condition="orders >= 3"), StageDefinition(name="customer", condition="orders >= 1"),
          StageDefinition(name="local", condition="city = '서울'")]  # fmt: skip
BUYERS, SEOUL, WET = 0, 1, 2
State = tuple[int, str | None, str | None]
"""Orders, city, weather; weather ``stale``: known once, now aged."""


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, np.int64)


def columns(states: list[State]) -> Callable[[str], Column]:
    def text(values: list[str | None], stale: list[bool] | None = None) -> Column:
        vocabulary = Vocabulary()
        known = np.array([value is not None for value in values])
        return Column("text", vocabulary.encode(values), known, vocabulary, None if stale is None else np.array(stale))

    weather = [state[2] for state in states]
    made = {
        "orders": Column("number", np.array([state[0] for state in states], np.int64), np.ones(len(states), np.bool_)),
        "city": text([state[1] for state in states]),
        "moment.weather": text([None if w == "stale" else w for w in weather], [w == "stale" for w in weather]),
    }
    return made.__getitem__


@pytest.fixture
def memberships() -> Memberships:
    return Memberships(AUDIENCES, STAGES, SCHEMA)


def test_entering_and_leaving(memberships: Memberships) -> None:
    first = memberships.evaluate(rows(7, 3), columns([(1, "서울", None), (0, "부산", None)]), 1000)
    assert first == [Transition(BUYERS, 7, True, "condition"), Transition(SEOUL, 7, True, "condition")]
    assert memberships.evaluate(rows(7, 3), columns([(2, "서울", None), (0, "부산", None)]), 2000) == []
    second = memberships.evaluate(rows(3, 7), columns([(1, "서울", None), (1, "대전", None)]), 3000)
    assert second == [
        Transition(BUYERS, 3, True, "condition"),
        Transition(SEOUL, 3, True, "condition"),
        Transition(SEOUL, 7, False, "condition"),
    ]
    assert all(transition.fires for transition in first + second)
    assert memberships.since_ms("buyers", 7) == 1000
    assert memberships.since_ms("buyers", 3) == 3000
    assert memberships.since_ms("seoul", 7) is None
    assert memberships.of_row(3) == ["buyers", "seoul"]
    assert memberships.size("seoul", rows(3, 7)) == 1
    assert memberships.members("buyers", rows(0, 3, 7)).tolist() == [False, True, True]
    assert memberships.sizes(rows(7)) == {"buyers": 1, "seoul": 0, "wet": 0}


def test_unknown_is_not_a_member(memberships: Memberships) -> None:
    assert memberships.evaluate(rows(0), columns([(0, None, None)]), 1000) == []
    memberships.evaluate(rows(0), columns([(0, "서울", None)]), 2000)
    # The city is unknown now, and not because a fact has aged: an exit like any other.
    assert memberships.evaluate(rows(0), columns([(0, None, None)]), 3000) == [Transition(SEOUL, 0, False, "condition")]


def test_age_alone_fires_nothing_out_and_back(memberships: Memberships) -> None:
    memberships.evaluate(rows(0), columns([(0, None, "rain")]), 1000)
    gone = memberships.evaluate(rows(0), columns([(0, None, "stale")]), 2000)
    assert gone == [Transition(WET, 0, False, "unknown")]
    assert not gone[0].fires
    assert memberships.of_row(0) == []
    assert memberships.since_ms("wet", 0) is None
    assert memberships.evaluate(rows(0), columns([(0, None, "stale")]), 3000) == []
    back = memberships.evaluate(rows(0), columns([(0, None, "rain")]), 4000)
    assert back == [Transition(WET, 0, True, "unknown")]
    assert memberships.since_ms("wet", 0) == 1000


def test_after_age_a_known_no_makes_the_next_yes_new(memberships: Memberships) -> None:
    memberships.evaluate(rows(0), columns([(0, None, "rain")]), 1000)
    memberships.evaluate(rows(0), columns([(0, None, "stale")]), 2000)
    assert memberships.evaluate(rows(0), columns([(0, None, "clear")]), 3000) == []
    assert memberships.evaluate(rows(0), columns([(0, None, "rain")]), 4000) == [Transition(WET, 0, True, "condition")]
    assert memberships.since_ms("wet", 0) == 4000


def test_a_known_no_is_an_exit_even_while_something_is_stale(memberships: Memberships) -> None:
    memberships.evaluate(rows(0), columns([(1, None, "rain")]), 1000)
    gone = memberships.evaluate(rows(0), columns([(9, None, "stale")]), 2000)
    assert gone == [Transition(WET, 0, False, "condition")]


def test_a_merge_enters_nobody_and_keeps_the_earlier_date(memberships: Memberships) -> None:
    memberships.evaluate(rows(1), columns([(1, "부산", None)]), 1000)
    memberships.evaluate(rows(2), columns([(1, "서울", None)]), 2000)
    memberships.carry(rows(1, 2), 3)
    memberships.drop(1)
    memberships.drop(2)
    assert memberships.of_row(3) == ["buyers", "seoul"]
    assert memberships.evaluate(rows(3), columns([(2, "서울", None)]), 3000) == []
    assert memberships.since_ms("buyers", 3) == 1000
    assert memberships.since_ms("seoul", 3) == 2000
    assert memberships.of_row(1) == []


def test_a_cut_carries_to_both_and_the_next_look_corrects(memberships: Memberships) -> None:
    memberships.evaluate(rows(5), columns([(2, "서울", None)]), 1000)
    memberships.carry(rows(5), 6)
    memberships.carry(rows(5), 7)
    memberships.drop(5)
    left = memberships.evaluate(rows(6, 7), columns([(2, None, None), (0, "서울", None)]), 2000)
    assert left == [Transition(BUYERS, 7, False, "condition"), Transition(SEOUL, 6, False, "condition")]
    assert memberships.since_ms("seoul", 7) == 1000


def test_suspension_is_carried_but_membership_wins(memberships: Memberships) -> None:
    memberships.evaluate(rows(0), columns([(0, None, "rain")]), 1000)
    memberships.evaluate(rows(0), columns([(0, None, "stale")]), 2000)
    memberships.carry(rows(0, 9), 1)
    assert memberships.evaluate(rows(1), columns([(0, None, "rain")]), 3000) == [Transition(WET, 1, True, "unknown")]
    assert memberships.since_ms("wet", 1) == 1000
    memberships.carry(rows(0, 1), 2)
    assert memberships.of_row(2) == ["wet"]


def test_carrying_from_nobody_clears(memberships: Memberships) -> None:
    memberships.evaluate(rows(0), columns([(1, None, None)]), 1000)
    memberships.carry(rows(), 0)
    assert memberships.of_row(0) == []


def test_the_first_true_stage_counts(memberships: Memberships) -> None:
    memberships.evaluate(rows(0, 1, 2, 3), columns([(5, "서울", None), (1, "서울", None), (0, "서울", None), (0, None, None)]), 1000)
    assert [memberships.stage(row) for row in range(5)] == ["loyal", "customer", "local", None, None]
    assert memberships.stage_codes(rows(0, 3)).tolist() == [0, -1]
    memberships.evaluate(rows(0), columns([(2, "서울", None)]), 2000)
    assert memberships.stage(0) == "customer"
    memberships.drop(0)
    assert memberships.stage(0) is None


def test_rows_grow_and_are_reused(memberships: Memberships) -> None:
    memberships.evaluate(rows(5), columns([(1, None, None)]), 1000)
    memberships.evaluate(rows(100_000), columns([(1, None, None)]), 2000)
    assert memberships.of_row(5) == memberships.of_row(100_000) == ["buyers"]
    memberships.drop(5)
    assert memberships.evaluate(rows(5), columns([(1, None, None)]), 3000) == [Transition(BUYERS, 5, True, "condition")]
    assert memberships.since_ms("buyers", 5) == 3000
    assert memberships.stage(10**6) is None


def test_why(memberships: Memberships) -> None:
    why = memberships.why("wet", {"orders": 2}.get, lambda name: name == "moment.weather")
    assert why.member is None
    assert why.sentence == {
        "ko": "날씨가 ‘rain’이고 주문 수가 5 미만인 사람",
        "en": "people while weather is ‘rain’ and whose orders is less than 5",
    }
    assert why.lines["ko"] == ["날씨 오래된 정보 (필요: = ‘rain’)", "주문 수 2 < 5 (만족)"]
    assert why.explained.verdict == "unknown"
    assert memberships.why("buyers", {"orders": 2}.get).member is True
    assert memberships.why_stage("loyal", {"orders": 2}.get).member is False


def test_all_wrong_conditions_are_named() -> None:
    wrong = [AudienceDefinition(name="a", condition="order >= 1"), AudienceDefinition(name="b", condition="city >")]
    with pytest.raises(InputError) as caught:
        Memberships(wrong, [StageDefinition(name="c", condition="city = 3")], SCHEMA)
    assert [(p.path, p.code) for p in caught.value.problems] == [
        ("audiences.a", "unknown_name"), ("audiences.b", "syntax"), ("stages.c", "type_clash"),
    ]  # fmt: skip


def test_without_definitions_nothing_happens() -> None:
    memberships = Memberships([], [], SCHEMA)
    assert memberships.evaluate(rows(0), columns([(1, None, None)]), 1) == []
    assert memberships.of_row(0) == []
    again = Memberships([], [], SCHEMA)
    again.load(memberships.dump())
    only_stages = Memberships([], STAGES, SCHEMA)
    assert only_stages.evaluate(rows(0), columns([(1, None, None)]), 1) == []
    assert only_stages.stage(0) == "customer"


def random_run(seed: int, *, ends: list[int], room: int = 0) -> Memberships:
    """Evaluations, merges and drops by chance; the same seed does the same. After the steps in ``ends`` it is dumped and loaded."""
    generator = np.random.default_rng(seed)
    memberships = Memberships(AUDIENCES, STAGES, SCHEMA)
    if room:
        memberships.members("buyers", rows(room))
    for step in range(60):
        some = generator.choice(60, 20, replace=False).astype(np.int64)
        cities, skies = ("서울", "부산", None), ("rain", "clear", "stale", None)
        picks = generator.integers(0, [7, 3, 4], (len(some), 3)).tolist()
        states: list[State] = [(orders, cities[city], skies[sky]) for orders, city, sky in picks]
        memberships.evaluate(some, columns(states), step)
        if step % 5 == 0:
            memberships.carry(some[:3], 60 + step)
            memberships.drop(int(some[0]))
        if step in ends:
            again = Memberships(AUDIENCES, STAGES, SCHEMA)
            again.load(memberships.dump())
            memberships = again
    return memberships


@pytest.mark.parametrize("seed", range(5))
def test_a_snapshot_changes_nothing_and_state_does_not_depend_on_history(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = random_run(seed, ends=[]).dump()
    monkeypatch.setattr(since_module, "MOST_PENDING", 7)
    cut = random_run(seed, ends=[10, 31, 32], room=5000).dump()
    assert whole.keys() == cut.keys()
    for name in whole:
        assert whole[name].dtype == cut[name].dtype
        assert np.array_equal(whole[name], cut[name]), name
    assert whole["since.count"].sum() > 0


def test_many_enter_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since_module, "MOST_PENDING", 10)
    memberships = Memberships(AUDIENCES, STAGES, SCHEMA)
    everybody = np.arange(500, dtype=np.int64)
    memberships.evaluate(everybody, columns([(row % 2, None, None) for row in range(500)]), 1000)
    memberships.evaluate(everybody, columns([((row + 1) % 2, None, None) for row in range(500)]), 2000)
    memberships.evaluate(rows(4), columns([(0, None, None)]), 3000)
    memberships.evaluate(rows(4), columns([(1, None, None)]), 4000)
    assert [memberships.since_ms("buyers", row) for row in (1, 2, 4)] == [None, 2000, 4000]
    assert memberships.size("buyers", everybody) == 250


def test_conditions_that_read_nothing_changed_are_passed_over(memberships: Memberships) -> None:
    memberships.evaluate(rows(7), columns([(0, None, "rain")]), 1000)
    given, asked = columns([(3, "서울", "sun")]), []

    def watched(name: str) -> Column:
        asked.append(name)
        return given(name)

    found = memberships.evaluate(rows(7), watched, 2000, frozenset({"city"}))
    assert found == [Transition(SEOUL, 7, True, "condition"), Transition(WET, 7, False, "condition")]
    assert memberships.stage(7) == "loyal"  # a stage reads the city, and of stages the first that is true counts
    assert set(asked) == {"city", "orders", "moment.weather"}
    asked.clear()
    without = Memberships(AUDIENCES[:2], [], SCHEMA)
    without.evaluate(rows(7), columns([(0, None, None)]), 1000)
    assert without.evaluate(rows(7), watched, 2000, frozenset({"orders"})) == [Transition(BUYERS, 7, True, "condition")]
    assert asked == ["orders"]
    assert without.evaluate(rows(7), watched, 2000, frozenset()) == []
