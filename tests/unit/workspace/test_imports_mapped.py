"""Imports by a mapping: SQL makes the events; every fault has its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gyeol.events.columns import ColumnsBatch
from gyeol.events.model import TrackingPlan
from gyeol.events.reading import Reading
from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.imports import ImportPlan, ImportSettings, find_mapping, open_import

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

SALES = "id,household,sold,cents\n1,7,2026-03-01 10:00:00,250\n2,8,2026-03-01 09:00:00,100\n3,7,2026-03-01 10:00:00,50\n"
MAPPING = """\
label: {ko: 판매, en: Sales}
inputs:
  sales: sales.csv
tables:
  totals: SELECT household AS h, sum(cents::BIGINT) AS cents, TIMESTAMP '2026-01-01' AS seen FROM sales GROUP BY household
events:
  - name: orders
    source: till
    sql: |
      SELECT 'track' AS type, 'Order Completed' AS event, 'sale-' || id AS "messageId", household AS "userId",
        sold::TIMESTAMP AS timestamp, cents::BIGINT / 100 AS "properties.revenue",
        [{'sku': id, 'n': 1}] AS "properties.products", {'city': 'Seoul', 'no': 3} AS "properties.store"
      FROM sales
  - name: people
    source: crm
    simulated: true
    sql: SELECT 'identify' AS type, 'p-' || h AS "messageId", h AS "userId", seen AS timestamp, cents AS "traits.cents" FROM totals
"""
SOURCES = ["crm", "till"]
Open = Callable[..., ImportPlan]


@pytest.fixture
def open_with(tmp_path: Path) -> Open:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sales.csv").write_text(SALES)
    (tmp_path / "secret.csv").write_text("a\n1\n")

    def make(mapping: str = MAPPING, place: str | None = "data", group_rows: int = 100) -> ImportPlan:
        (tmp_path / "map.yaml").write_text(mapping)
        return open_import(place, tmp_path / "map.yaml", ImportSettings(sources=SOURCES, group_rows=group_rows, base=str(tmp_path)))

    return make


def raws(plan: ImportPlan) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for group in plan:
        batch = ColumnsBatch(group.events, 0, Reading(TrackingPlan(), "KRW"))
        found.extend(json.loads(batch.raw(i)) | {"source": SOURCES[int(batch.source[i])]} for i in range(batch.n))
    return found


def problems(open_with: Open, mapping: str, place: str | None = "data") -> list[Problem]:
    with pytest.raises(InputError) as caught:
        open_with(mapping, place)
    assert all(p.mend for p in caught.value.problems), caught.value.problems
    return caught.value.problems


def test_events_of_all_queries_are_united_in_order_of_time_and_id(open_with: Open) -> None:
    with open_with() as plan:
        assert (plan.total, plan.by_source, plan.label, plan.warnings) == (5, {"crm": 2, "till": 3}, {"ko": "판매", "en": "Sales"}, [])
        found = raws(plan)
    assert [(r["messageId"], r["source"]) for r in found] == [
        ("p-7", "crm"), ("p-8", "crm"), ("sale-2", "till"), ("sale-1", "till"), ("sale-3", "till")
    ]  # fmt: skip
    assert found[0]["traits"] == {"cents": 300.0} and found[0]["context"] == {"simulated": True}
    assert found[3]["properties"] == {"revenue": 2.5, "products": [{"sku": "1", "n": 1}], "store": {"city": "Seoul", "no": 3}}
    assert found[3]["timestamp"] == "2026-03-01T10:00:00.000Z" and "context" not in found[3]


def test_reading_twice_and_in_other_groups_gives_the_same_events(open_with: Open) -> None:
    with open_with() as plan, open_with(group_rows=2) as small:
        assert raws(plan) == raws(plan) == raws(small)
        assert [g.rows for g in small] == [2, 2, 1] and plan.content_hash == small.content_hash
        assert [g.origin.group for g in small.sections(1)] == [1, 2]


def test_comments_do_not_change_the_hash_and_sql_does(open_with: Open) -> None:
    with open_with() as plan, open_with("# a comment\n" + MAPPING) as same, open_with(MAPPING.replace("sale-", "sold-")) as other:
        assert plan.content_hash == same.content_hash != other.content_hash


def test_equal_message_ids_are_told(open_with: Open) -> None:
    with open_with(MAPPING.replace("'sale-' || id", "'sale-' || household")) as plan:
        assert len(plan.warnings) == 1 and "1 event(s) of source 'till'" in plan.warnings[0]


def test_the_place_may_stand_in_the_mapping(open_with: Open) -> None:
    with open_with("from: data\n" + MAPPING, None) as plan:
        assert plan.total == 5
    (problem,) = problems(open_with, MAPPING, None)
    assert (problem.code, problem.mend) == ("no_file", "name a folder, or give the mapping 'from: …'")


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "says"),
    [
        ("household AS \"userId\",\n", "houshold AS \"userId\",\n", "bad_sql", 10, "household"),
        ("sold::TIMESTAMP", "slod::TIMESTAMP", "bad_sql", 11, "did you mean 'sold'?"),
        ("FROM sales\n  - name: people", "FROM sale\n  - name: people", "bad_sql", 13, "did you mean 'sales'?"),
        ("FROM sales GROUP", "FROM sale GROUP", "bad_sql", 5, "did you mean 'sales'?"),
        ("SELECT household AS h", "SELEC household AS h", "bad_sql", 5, "syntax"),
        ("FROM totals", "FROM totals WHERE", "bad_sql", 17, "yntax"),
        ('household AS "userId",\n', 'household AS "user_id",\n', "missing_column", 9, "did you mean 'user_id'?"),
        ("AS \"messageId\", household AS \"userId\",\n", "AS id, household AS \"userId\",\n", "missing_column", 9, "messageId"),
        ("sold::TIMESTAMP", "sold", "wrong_type", 9, "CAST(timestamp AS TIMESTAMP)"),
        ('AS "properties.revenue"', "AS revenue", "unknown_column", 9, 'properties.revenue'),
        ('AS "properties.revenue"', 'AS "property.revenue"', "unknown_column", 9, "property.revenue"),
        ('cents AS "traits.cents"', 'cents AS "traits.cents", \'x\' AS "properties.revenue"', "wrong_type", 17, "number in query 'orders'"),
        ("cents::BIGINT / 100", "CAST('x' || id AS BLOB)", "wrong_type", 9, "BLOB"),
        ("source: till", "source: tll", "unknown_source", 8, "did you mean 'till'?"),
        ("name: people", "name: orders", "duplicate_name", 14, "rename"),
        ("sales: sales.csv", "sales: sale.csv", "no_file", 3, "did you mean 'sales.csv'?"),
        ("sales: sales.csv", "sales: ../secret.csv", "no_file", 3, "outside"),
        ("sql: |", "sqll: |", "unknown_key", 9, "did you mean 'sql'?"),
        ("events:\n", "event:\n", "unknown_key", 6, "did you mean 'events'?"),
        ("cents::BIGINT / 100", "(id || 'x')::BIGINT", "bad_sql", 6, "Could not convert"),
        ("FROM totals", "FROM read_csv('../secret.csv')", "bad_sql", 17, "disabled"),
    ],
)  # fmt: skip
def test_each_fault_has_its_line(open_with: Open, old: str, new: str, code: str, line: int, says: str) -> None:
    assert old in MAPPING
    found = [p for p in problems(open_with, MAPPING.replace(old, new, 1)) if p.code == code]
    assert found and found[0].line == line
    assert says in f"{found[0].what} {found[0].mend}"


def test_all_faults_come_at_once(open_with: Open) -> None:
    text = MAPPING.replace("sold::TIMESTAMP", "nothing::TIMESTAMP").replace("FROM totals", "FROM total")
    assert [(p.line, p.code) for p in problems(open_with, text)] == [(11, "bad_sql"), (17, "bad_sql")]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("dta", "did you mean 'data'?"),
        ("package:completejourny_py/data", "pip install completejourny-py"),
        ("package:yaml/nothing", "nothing"),
    ],
)
def test_a_missing_place_is_said(open_with: Open, place: str, says: str) -> None:
    (problem,) = problems(open_with, MAPPING, place)
    assert problem.code == "no_file"
    assert says in f"{problem.what} {problem.mend}"


def test_a_mapping_is_found_by_path_or_name(tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    file = tmp_path / "maps" / "sales.yaml"
    file.write_text("")
    assert [find_mapping(t, tmp_path) for t in (str(file), "maps/sales.yaml", "sales.yaml", "sales")] == [file] * 4
    with pytest.raises(InputError, match="did you mean 'sales'"):
        find_mapping("sale", tmp_path)


def test_an_empty_mapping_is_said(open_with: Open) -> None:
    assert [p.code for p in problems(open_with, "")] == ["empty"]
    assert [p.code for p in problems(open_with, "inputs: {a: a.csv}\nevents: []\n")] == ["empty"]
