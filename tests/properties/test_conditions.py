"""One meaning, four ways to run it: NumPy over columns, one person in Python, Ibis on DuckDB, and a set with shared parts."""

from __future__ import annotations

import math
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gyeol.expressions.column import Column, Kind, Vocabulary
from gyeol.expressions.condition import ConditionSet, parse_condition
from gyeol.expressions.formula import parse_formula
from gyeol.expressions.schema import NameInfo

SCHEMA = {
    "whole": NameInfo(type="number"), "count": NameInfo(type="number", default_zero=True), "real": NameInfo(type="number"),
    "도시": NameInfo(type="text"), "tier": NameInfo(type="text"), "burst": NameInfo(type="flag"), "sure": NameInfo(type="flag"),
    "tags": NameInfo(type="list"), "at": NameInfo(type="time"), "moment.weather": NameInfo(type="text"),
}  # fmt: skip
ARROW = {
    "whole": pa.int64(), "count": pa.int64(), "real": pa.float64(), "도시": pa.string(), "tier": pa.string(), "burst": pa.bool_(),
    "sure": pa.bool_(), "tags": pa.list_(pa.string()), "at": pa.int64(), "moment.weather": pa.string(),
}  # fmt: skip
WORDS = ["서울", "부산", "서", "vip", "gold", "", "a%b", "it's", "봄 세일", "세일", "👍x"]
PATTERNS = ["%세일", "서%", "%i%", "_", "__", "%", "", "a%b", "it's", "%%", "서_", "_울", "👍_"]

wholes = st.integers(-5, 5)
reals = st.sampled_from([-2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 3.25, 1e6])
words = st.sampled_from(WORDS)
times = st.sampled_from([0, 86_400_000, 1_767_225_600_000, 1_767_225_600_001])
VALUES: dict[str, st.SearchStrategy[object]] = {
    "whole": wholes, "count": st.integers(0, 5), "real": reals, "도시": words, "tier": words, "burst": st.booleans(), "sure": st.booleans(),
    "tags": st.lists(words, max_size=3), "at": times, "moment.weather": words,
}  # fmt: skip
NEVER_NULL = ("count", "sure")
Row = dict[str, Any]
rows = st.lists(
    st.fixed_dictionaries({name: value if name in NEVER_NULL else st.none() | value for name, value in VALUES.items()}),
    min_size=1,
    max_size=12,
)


def quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


OPS = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])
numeric_names = st.sampled_from(["whole", "count", "real"])
text_names = st.sampled_from(["도시", "tier", "moment.weather"])
flag_names = st.sampled_from(["burst", "sure"])
numbers = wholes.map(str) | reals.map(repr)
number_parts = st.recursive(
    numeric_names | numbers,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner)
        | st.builds("({} / {})".format, inner, numeric_names)
        | st.builds("-{}".format, inner.filter(lambda part: not part.startswith("-")))
    ),
    max_leaves=4,
)
nots = st.sampled_from(["", "NOT "])
tests = (
    st.builds("{} {} {}".format, number_parts, OPS, number_parts)
    | st.builds("{} {} {}".format, text_names, OPS, words.map(quoted))
    | st.builds("{} {} {}".format, words.map(quoted), OPS, text_names)
    | st.builds("{} {} {}".format, text_names, OPS, text_names)
    | st.builds("{} {}IN ({})".format, text_names, nots, st.lists(words.map(quoted), min_size=1, max_size=7).map(", ".join))
    | st.builds("{} {}IN ({})".format, numeric_names, nots, st.lists(numbers, min_size=1, max_size=6).map(", ".join))
    | st.builds("{} {}BETWEEN {} AND {}".format, number_parts, nots, number_parts, number_parts)
    | st.builds("{} {}BETWEEN {} AND {}".format, text_names, nots, words.map(quoted), words.map(quoted))
    | st.builds("{} {}LIKE {}".format, text_names, nots, st.sampled_from(PATTERNS).map(quoted))
    | st.builds("{} IS {}NULL".format, number_parts | text_names | flag_names | st.just("tags") | st.just("at"), nots)
    | st.builds("{} IS {}{}".format, flag_names, nots, st.sampled_from(["TRUE", "FALSE"]))
    | st.builds("{} {} {}".format, flag_names, st.sampled_from(["=", "<>"]), st.sampled_from(["TRUE", "FALSE", "burst", "sure"]))
    | st.builds("at {} {}".format, OPS, st.sampled_from(["'2026-01-01'", "'2026-01-01T09:00:00+09:00'", "86400000", "at"]))
    | st.builds("CONTAINS(tags, {})".format, words.map(quoted))
    | st.builds("(NOT {}) {} {}".format, flag_names, st.sampled_from(["=", "<>"]), flag_names)
    | flag_names
    | st.sampled_from(["TRUE", "FALSE"])
)
conditions = st.recursive(
    tests,
    lambda inner: (
        st.builds("({} AND {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | st.builds("NOT ({})".format, inner)
        | st.builds("({}) IS {}{}".format, inner, nots, st.sampled_from(["TRUE", "FALSE", "NULL"]))
    ),
    max_leaves=6,
)
formulas = st.recursive(
    number_parts | st.builds("({})".format, tests),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner)
        | st.builds("COALESCE({}, {})".format, inner, inner)
        | st.builds("LEAST({}, {}, {})".format, inner, inner, inner)
        | st.builds("GREATEST({}, {})".format, inner, inner)
        | st.builds("LN({})".format, inner)
        | st.builds("CASE WHEN {} THEN {} ELSE {} END".format, conditions, inner, inner)
        | st.builds("CASE WHEN {} THEN {} END".format, conditions, inner)
    ),
    max_leaves=4,
)


def columns_of(table: list[Row]) -> dict[str, Column]:
    kinds: dict[str, Kind] = {"number": "number", "time": "number", "text": "text", "flag": "flag", "list": "list"}
    made = {}
    for name, info in SCHEMA.items():
        values = [row[name] for row in table]
        known = np.array([value is not None for value in values])
        vocabulary = Vocabulary() if info.type == "text" else None
        array: Any
        if vocabulary is not None:
            array = vocabulary.encode(values)
        elif info.type == "list":
            array = np.empty(len(values), object)
            array[:] = [[] if value is None else value for value in values]
        elif info.type == "flag":
            # What stands where nothing is known means nothing: here it is TRUE, so that a leak would show.
            array = np.array([value is None or value for value in values], np.bool_)
        else:
            array = np.array([7 if value is None else value for value in values], np.float64 if name == "real" else np.int64)
        made[name] = Column(kinds[info.type], array, known, vocabulary)
    return made


@pytest.fixture(scope="module")
def duckdb_connection() -> Any:
    return ibis.duckdb.connect()


def table_of(table: list[Row]) -> Any:
    arrays = {name: pa.array([row[name] for row in table], ARROW[name]) for name in SCHEMA}
    return ibis.memtable(pa.table({"row": pa.array(range(len(table))), **arrays}))


def verdicts(true: Any, known: Any) -> list[bool | None]:
    return [bool(t) if k else None for t, k in zip(true, known, strict=True)]


# A shrink of a DuckDB example takes minutes; the failing condition is printed and can be cut by hand.
NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)
QUICK = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
SQL = settings(max_examples=60, phases=NO_SHRINK, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(table=rows, texts=st.lists(conditions, min_size=1, max_size=4))
def test_columns_and_single_persons_and_sets_agree(table: list[Row], texts: list[str]) -> None:
    columns = columns_of(table)
    parsed = [parse_condition(text, SCHEMA) for text in texts]
    together_true, together_known = ConditionSet(parsed).evaluate(columns.__getitem__, len(table))
    for index, condition in enumerate(parsed):
        true, known = condition.evaluate(columns.__getitem__, len(table))
        assert not (true & ~known).any()
        found = verdicts(true, known)
        assert found == [condition.holds(row.get) for row in table]
        assert found == verdicts(together_true[index], together_known[index])
        for row, verdict in zip(table, found, strict=True):
            explained = condition.explain(row.get)
            assert explained.verdict == {True: "true", False: "false", None: "unknown"}[verdict]


@QUICK
@given(text=conditions)
def test_the_canonical_text_has_the_same_tree_and_both_sentences(text: str) -> None:
    condition = parse_condition(text, SCHEMA)
    again = parse_condition(condition.sql, SCHEMA)
    assert again.tree == condition.tree
    assert condition.sentence("ko", SCHEMA)
    assert condition.sentence("en", SCHEMA)


@SQL
@given(table=rows, texts=st.lists(conditions, min_size=1, max_size=5))
def test_sql_gives_the_same_truth_nulls_included(duckdb_connection: Any, table: list[Row], texts: list[str]) -> None:
    columns = columns_of(table)
    people = table_of(table)
    parsed = [parse_condition(text, SCHEMA) for text in texts]
    query = people.select("row", **{f"c{i}": condition.to_ibis(people) for i, condition in enumerate(parsed)}).order_by("row")
    found = duckdb_connection.to_pyarrow(query)
    for index, condition in enumerate(parsed):
        assert verdicts(*condition.evaluate(columns.__getitem__, len(table))) == found[f"c{index}"].to_pylist(), condition.sql


@SQL
@given(table=rows, texts=st.lists(formulas, min_size=1, max_size=4))
def test_formulas_agree_in_columns_in_python_and_in_sql(duckdb_connection: Any, table: list[Row], texts: list[str]) -> None:
    columns = columns_of(table)
    people = table_of(table)
    parsed = [parse_formula(text, SCHEMA) for text in texts]
    query = people.select("row", **{f"f{i}": formula.to_ibis(people).cast("float64") for i, formula in enumerate(parsed)}).order_by("row")
    found = duckdb_connection.to_pyarrow(query)
    for index, formula in enumerate(parsed):
        values, known = formula.evaluate(columns.__getitem__, len(table))
        for row, value, is_known, other in zip(table, values, known, found[f"f{index}"].to_pylist(), strict=True):
            alone = formula.value(row.get)
            if not is_known:
                assert alone is None, formula.sql
                assert other is None, formula.sql
                continue
            assert alone is not None, formula.sql
            assert other is not None, formula.sql
            assert math.isclose(value, alone, rel_tol=1e-12, abs_tol=1e-12), formula.sql
            assert math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12), formula.sql
