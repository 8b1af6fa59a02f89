from __future__ import annotations

from collections.abc import Callable

import pytest

from gyeol.expressions.condition import parse_condition
from gyeol.expressions.schema import NameInfo

Golden = Callable[[str, Callable[[dict[str, str]], dict[str, str]]], None]


def test_conditions_read_as_the_golden_sentences(golden: Golden, schema: dict[str, NameInfo]) -> None:
    def make(case: dict[str, str]) -> dict[str, str]:
        condition = parse_condition(case["condition"], schema)
        return {"ko": condition.sentence("ko", schema), "en": condition.sentence("en", schema)}

    golden("sentences.json", make)


def test_conditions_compile_to_the_golden_sql(golden: Golden, schema: dict[str, NameInfo]) -> None:
    ibis = pytest.importorskip("ibis")
    types = {"number": "float64", "time": "int64", "text": "string", "flag": "boolean", "list": "array<string>"}
    table = ibis.table({name: types[info.type] for name, info in schema.items()}, name="people")

    def make(case: dict[str, str]) -> dict[str, str]:
        condition = parse_condition(case["condition"], schema)
        made = {"canonical": condition.sql}
        for dialect in ("duckdb", "postgres"):
            query = str(ibis.to_sql(table.select(member=condition.to_ibis(table)), dialect=dialect))
            made[dialect] = " ".join(query.split()).removeprefix("SELECT ").split(' AS "member" FROM ')[0]
        return made

    golden("sql.json", make)


def test_the_canonical_text_reads_as_the_same_tree(schema: dict[str, NameInfo], golden: Golden) -> None:
    def make(case: dict[str, str]) -> dict[str, str]:
        condition = parse_condition(case["condition"], schema)
        again = parse_condition(condition.sql, schema)
        assert again.tree == condition.tree
        assert again.sql == condition.sql
        return {"ko": again.sentence("ko", schema), "en": again.sentence("en", schema)}

    golden("sentences.json", make)
