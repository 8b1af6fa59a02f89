"""Kleene's logic over columns, and what single columns do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gyeol.expressions import arrays
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.condition import ConditionSet, parse_condition
from gyeol.expressions.formula import parse_formula
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.errors import InternalError

Schema = dict[str, NameInfo]
Make = Callable[..., Column]


def verdicts(text: str, schema: Schema | None, columns: dict[str, Column]) -> list[bool | None]:
    n = len(next(iter(columns.values())))
    true, known = parse_condition(text, schema).evaluate(columns.__getitem__, n)
    assert true.dtype == known.dtype == np.bool_
    return [bool(t) if k else None for t, k in zip(true, known, strict=True)]


def test_and_or_not_follow_kleene(schema: Schema, column: Make) -> None:
    columns = {
        "burst": column("flag", True, True, True, False, False, False, None, None, None),
        "browsing_burst": column("flag", True, False, None, True, False, None, True, False, None),
    }
    assert verdicts("burst AND browsing_burst", schema, columns) == [True, False, None, False, False, False, None, False, None]
    assert verdicts("burst OR browsing_burst", schema, columns) == [True, True, True, True, False, None, True, None, None]
    assert verdicts("NOT burst", schema, columns) == [False, False, False, True, True, True, None, None, None]
    assert verdicts("burst IS NOT TRUE", schema, columns) == [False] * 3 + [True] * 6
    assert verdicts("burst IS FALSE", schema, columns) == [False] * 3 + [True] * 3 + [False] * 3
    assert verdicts("burst IS NULL", schema, columns) == [False] * 6 + [True] * 3
    assert verdicts("(burst AND browsing_burst) IS NULL", schema, columns) == [False, False, True, False, False, False, True, False, True]


def test_what_stands_in_unknown_rows_means_nothing(schema: Schema) -> None:
    known = np.array([True, False])
    wild = {
        "orders": Column("number", np.array([5.0, np.nan]), known),
        "city": Column("text", np.array([0, 10**6], np.int32), known, words("서울")),
        "burst": Column("flag", np.array([True, True]), known),
    }
    for text in (
        "orders > 3",
        "orders <> 3",
        "city = '서울'",
        "city <> '부산'",
        "city LIKE '서%'",
        "city > 'a'",
        "burst",
        "orders * 2 > 3",
    ):
        assert verdicts(text, schema, wild) == [True, None], text


def words(*given: str) -> Vocabulary:
    vocabulary = Vocabulary()
    for word in given:
        vocabulary.code(word)
    return vocabulary


def test_a_text_never_seen_equals_nobody(schema: Schema, column: Make) -> None:
    columns = {"city": column("text", "서울", None)}
    assert verdicts("city = '제주'", schema, columns) == [False, None]
    assert verdicts("city <> '제주'", schema, columns) == [True, None]
    assert verdicts("city IN ('a', 'b', 'c', 'd', 'e', '서울')", schema, columns) == [True, None]


def test_words_that_come_later_are_asked_then(schema: Schema) -> None:
    vocabulary = words("봄 세일")
    condition = parse_condition("city LIKE '%세일'", schema)

    def ask() -> list[bool]:
        codes = np.arange(len(vocabulary.words), dtype=np.int32)
        return [
            bool(t)
            for t in condition.evaluate(lambda name: Column("text", codes, np.ones(len(codes), np.bool_), vocabulary), len(codes))[0]
        ]

    assert ask() == [True]
    for number in range(500):
        vocabulary.code(f"{number} 세일" if number % 2 else f"{number}")
    assert ask() == [True] + [bool(number % 2) for number in range(500)]


def test_texts_of_two_vocabularies_are_compared_by_word(schema: Schema, column: Make) -> None:
    columns = {"city": column("text", "b", "a", None, "c"), "tier": column("text", "a", "a", "a", None)}
    assert verdicts("city = tier", schema, columns) == [False, True, None, None]
    assert verdicts("city > tier", schema, columns) == [True, False, None, None]


def test_staleness_is_not_null(schema: Schema, column: Make) -> None:
    columns = {"moment.weather": column("text", "rain", None, None, stale=[False, True, False])}
    assert verdicts("is_stale(moment.weather)", schema, columns) == [False, True, False]
    assert verdicts("moment.weather IS NULL", schema, columns) == [False, True, True]
    assert verdicts("moment.weather = 'rain'", schema, columns) == [True, None, None]


def test_lists_hold_values(schema: Schema, column: Make) -> None:
    columns = {"tags": column("list", ["p1", "p2"], [], None, [True, 1])}
    assert verdicts("CONTAINS(tags, 'p2')", schema, columns) == [True, False, None, False]
    assert verdicts("CONTAINS(tags, 1)", schema, columns) == [False, False, None, True]


def test_division_by_zero_and_overflow_are_unknown(schema: Schema, column: Make) -> None:
    columns = {"orders": column("number", 0.0, 2.0, 1e308), "views": column("number", 1.0, 1.0, 1e308)}
    assert verdicts("views / orders > 0", schema, columns) == [None, True, True]
    assert verdicts("views + orders > 0", schema, columns) == [True, True, None]


def test_whole_numbers_beyond_2_to_the_53_stay_exact(schema: Schema) -> None:
    column = Column("number", np.array([2**53, 2**53 + 1], np.int64), np.ones(2, np.bool_))
    assert verdicts(f"orders = {2**53 + 1}", schema, {"orders": column}) == [False, True]
    assert verdicts(f"orders < {10**30}", schema, {"orders": column}) == [True, True]


def test_a_column_of_another_kind_is_a_bug_with_a_schema_and_null_without(schema: Schema, column: Make) -> None:
    columns = {"orders": column("text", "a", None), "properties.price": column("text", "a", None)}
    with pytest.raises(InternalError, match="orders is a text"):
        verdicts("orders > 3", schema, columns)
    assert verdicts("properties.price > 3", None, columns) == [None, None]
    assert verdicts("properties.price IS NOT NULL", None, columns) == [True, False]


def test_free_mode_takes_types_from_literals(column: Make) -> None:
    columns = {"properties.price": column("number", 150.0, 50.0, None), "context.campaign.source": column("text", "kakao", None, None),
               "properties.gift": column("flag", True, False, None), "properties.way": column("text", "card", "card", "cash")}  # fmt: skip
    assert verdicts("properties.price > 100", None, columns) == [True, False, None]
    assert verdicts("context.campaign.source IS NOT NULL", None, columns) == [True, False, False]
    assert verdicts("properties.gift", None, columns) == [True, False, None]
    assert verdicts("properties.way = 'card' AND NOT properties.gift", None, columns) == [False, True, False]
    assert verdicts("properties.price = properties.gift", None, columns) == [None, None, None]
    assert verdicts("context.campaign.source = properties.way", None, columns) == [False, None, None]


def test_a_set_works_out_equal_parts_once_and_asks_for_each_column_once(schema: Schema, column: Make) -> None:
    texts = ["orders > 3 AND city = '서울'", "city = '서울' AND orders > 3", "city IN ('서울', '부산') OR orders > 3", "NOT (orders > 3)"]
    together = ConditionSet([parse_condition(text, schema) for text in texts])
    # orders > 3, city = '서울', their AND, city = '부산', IN, OR, NOT.
    assert len(together._program) == 7
    asked: list[str] = []
    columns = {"orders": column("number", 1.0, 5.0, None), "city": column("text", "서울", "대구", "서울")}

    def give(name: str) -> Column:
        asked.append(name)
        return columns[name]

    true, known = together.evaluate(give, 3)
    assert sorted(asked) == ["city", "orders"]
    assert true.dtype == known.dtype == np.uint8
    assert true.tolist() == [[0, 0, 0], [0, 0, 0], [1, 1, 1], [1, 0, 0]]
    assert known.tolist() == [[1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 0]]


def test_some_conditions_of_a_set_ask_only_for_what_they_read(schema: Schema, column: Make) -> None:
    texts = ["orders > 3 AND city = '서울'", "city = '서울'", "NOT (orders > 3)", "orders > 3"]
    together = ConditionSet([parse_condition(text, schema) for text in texts])
    columns = {"orders": column("number", 1.0, 5.0, None), "city": column("text", "서울", "대구", "서울")}
    whole = together.evaluate(columns.__getitem__, 3)
    for chosen, reads in (([1], {"city"}), ([3, 2], {"orders"}), ([0, 3], {"city", "orders"}), ([], set())):
        asked: set[str] = set()

        def give(name: str, asked: set[str] = asked) -> Column:
            asked.add(name)
            return columns[name]

        some = together.evaluate(give, 3, together.of(chosen))
        assert asked == reads
        assert [part.tolist() for part in some] == [part[sorted(chosen)].tolist() for part in whole]


def test_blocks_do_not_show(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    n = 1000
    vocabulary = words("서울", "부산", "대구")
    columns = {
        "orders": Column("number", generator.integers(0, 6, n), generator.random(n) < 0.9),
        "city": Column("text", generator.integers(0, 3, n).astype(np.int32), generator.random(n) < 0.8, vocabulary),
        "moment.weather": Column("text", np.zeros(n, np.int32), np.zeros(n, np.bool_), vocabulary, generator.random(n) < 0.5),
    }
    texts = ["orders > 3 AND city = '서울'", "is_stale(moment.weather)", "city LIKE '%구' OR orders IS NULL", "city > '나'"]
    whole = ConditionSet([parse_condition(text, schema) for text in texts]).evaluate(columns.__getitem__, n)
    monkeypatch.setattr(arrays, "BLOCK_ROWS", 7)
    cut = ConditionSet([parse_condition(text, schema) for text in texts]).evaluate(columns.__getitem__, n)
    assert np.array_equal(whole[0], cut[0])
    assert np.array_equal(whole[1], cut[1])
    assert 0 < whole[0][0].sum() < n


def test_results_do_not_share_memory_with_columns(schema: Schema, column: Make) -> None:
    burst = column("flag", True, False)
    true, known = parse_condition("burst", schema).evaluate(lambda name: burst, 2)
    true[:] = False
    known[:] = False
    assert burst.values.tolist() == [True, False]
    assert burst.known.tolist() == [True, True]


def test_no_rows_give_no_rows(schema: Schema, column: Make) -> None:
    true, known = parse_condition("orders > 3 AND city = 'x'", schema).evaluate(
        {"orders": column("number"), "city": column("text")}.__getitem__, 0
    )
    assert len(true) == len(known) == 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("orders + 2 * views", [7.0, None]),
        ("10 * burst + (city = '서울')", [11.0, None]),
        ("COALESCE(views, 1) + orders", [4.0, 5.0]),
        ("LEAST(orders, views, 10)", [1.0, 4.0]),
        ("GREATEST(orders, views)", [3.0, 4.0]),
        ("LN(orders)", [0.0, pytest.approx(1.3862943611)]),
        ("LN(orders - 5)", [None, None]),
        ("CASE WHEN views > 2 THEN 5 WHEN orders > 2 THEN 7 ELSE -1 END", [5.0, 7.0]),
        ("CASE WHEN views > 2 THEN 5 END", [5.0, None]),
        ("CASE WHEN views > 2 THEN 5 ELSE NULL END", [5.0, None]),
        ("burst", [1.0, 0.0]),
        ("TRUE", [1.0, 1.0]),
        ("0", [0.0, 0.0]),
        ("revenue / orders", [100.0, 0.0]),
    ],
)
def test_formulas(text: str, wanted: list[float | None], schema: Schema, column: Make) -> None:
    columns = {"orders": column("number", 1.0, 4.0), "views": column("number", 3.0, None), "burst": column("flag", True, False),
               "city": column("text", "서울", None), "revenue": column("number", 100.0, 0.0)}  # fmt: skip
    values, known = parse_formula(text, schema).evaluate(columns.__getitem__, 2)
    assert values.dtype == np.float64
    assert [float(v) if k else None for v, k in zip(values, known, strict=True)] == wanted
    assert not values[~known].any()
