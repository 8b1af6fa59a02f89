"""Other people's SQL: typed answers, errors that help, and no way out of the lake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gyeol.kernel.errors import BackendTimeoutError, InputError
from gyeol.storage.lake.lake import Lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    from gyeol.storage.log.memory import MemoryLog
    from gyeol.storage.state.memory import MemoryStateStore

    folder = tmp_path_factory.mktemp("sql")
    connection = sqlite3.connect(folder / "state.db")
    connection.execute("CREATE TABLE secrets AS SELECT 'ann@secret.example' AS email")
    connection.commit()
    connection.close()
    (folder / "secret.csv").write_text("email\nann@secret.example\n")
    opened = Lake(folder / "lake", MemoryLog(), MemoryStateStore(), lambda hash_: pytest.fail("no frame, no definitions"))
    yield opened
    opened.close()


def refusal(lake: Lake, text: str) -> Any:
    with pytest.raises(InputError) as caught:
        lake.sql(text)
    (problem,) = caught.value.problems
    return problem


def test_columns_are_typed_and_values_survive_json(lake: Lake) -> None:
    text = """
        SELECT 1 AS whole, 18446744073709551615::UBIGINT AS large, sum(2) AS added, 1.5 AS decimal, 'NaN'::DOUBLE AS odd,
               TIMESTAMPTZ '2026-01-01 00:00:00+09' AS at, [1, 2] AS list, {'a': '결'} AS struct, NULL AS none, TRUE AS flag
    """
    found = lake.sql(text)
    assert {c.name: c.type for c in found.columns} == {
        "whole": "INTEGER", "large": "UBIGINT", "added": "HUGEINT", "decimal": "DECIMAL(2,1)", "odd": "DOUBLE",
        "at": "TIMESTAMP WITH TIME ZONE", "list": "INTEGER[]", "struct": "STRUCT(a VARCHAR)", "none": "INTEGER", "flag": "BOOLEAN",
    }  # fmt: skip
    assert found.rows == [[1, "18446744073709551615", 2, 1.5, None, "2025-12-31T15:00:00+00:00", [1, 2], {"a": "결"}, None, True]]


def test_the_limit_is_told(lake: Lake) -> None:
    assert lake.sql("SELECT * FROM range(3)", limit=3).truncated is False
    cut = lake.sql("SELECT * FROM range(1000000)", limit=3)
    assert cut.truncated and cut.rows == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "mend"),
    [
        ("SELECT nme FROM events", "column_not_found", 1, 8, "did you mean 'name'?"),
        ("SELECT count(*)\nFROM evnts", "unknown_table", 2, 6, "did you mean 'events'?"),
        ("SELECT cout(*) FROM events", "missing_entry", 1, 8, "did you mean 'count'?"),
        ("SELECT name,\n  FROM WHERE", "syntax", 2, 8, "look at the place named"),
        ("SELECT '결', 'x'::INT", "conversion", 1, 16, "cast with"),
    ],
)
def test_errors_say_where_and_what_was_meant(lake: Lake, text: str, code: str, line: int, column: int, mend: str) -> None:
    problem = refusal(lake, text)
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert mend in problem.mend


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO events SELECT * FROM events",
        "DELETE FROM lake.main.events",
        "DROP TABLE events",
        "CREATE TEMP TABLE t AS SELECT 1",
        "ATTACH '{folder}/state.db' AS s (TYPE sqlite)",
        "COPY (SELECT 1) TO '{folder}/lake/data/out.csv'",
        "SET threads = 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM sqlite_scan('{folder}/state.db', 'secrets')",
        "SELECT * FROM \"SQLITE_SCAN\"('{folder}/state.db', 'secrets')",
        "SELECT (SELECT email FROM sqlite_scan('{folder}/state.db', 'secrets'))",
        "WITH a AS (SELECT * FROM sqlite_scan('{folder}/state.db', 'secrets')) SELECT * FROM a",
        "SELECT * FROM query('SELECT * FROM sqlite_scan(''{folder}/state.db'', ''secrets'')')",
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "SELECT * FROM '{folder}/secret.csv'",
        'SELECT * FROM (WITH "{folder}/secret.csv" AS (SELECT 1) SELECT 1) a, "{folder}/secret.csv"',
        "SELECT * FROM __ducklake_metadata_lake.ducklake_data_file",
        "SELECT * FROM ducklake_expire_snapshots('lake', older_than => now())",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "FROM glob('{folder}/*')",
        "DESCRIBE SELECT * FROM sqlite_scan('{folder}/state.db', 'secrets')",
        "",
    ],
)
def test_nothing_but_the_lake_can_be_read_and_nothing_written(lake: Lake, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = next(Path(tmp_path_factory.getbasetemp()).glob("sql*"))
    assert (folder / "state.db").exists()
    with pytest.raises(InputError):
        lake.sql(text.replace("{folder}", str(folder)))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT name, count(*) FROM events GROUP BY ALL",
        "FROM person_events SELECT person",
        "WITH e AS (SELECT * FROM events) SELECT * FROM e JOIN e AS f USING (node)",
        "SELECT j.key FROM events, json_each(properties) AS j",
        "SELECT p.unnest FROM events, unnest([1, 2]) AS p",
        "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT * FROM t",
        "DESCRIBE events",
        "SELECT * FROM lake.main.decisions",
    ],
)
def test_what_analysts_write_works(lake: Lake, text: str) -> None:
    lake.sql(text)


def test_a_slow_query_is_stopped(lake: Lake) -> None:
    with pytest.raises(BackendTimeoutError, match="was stopped"):
        lake.sql("SELECT count(*) FROM range(10000000000) a, range(1000) b", timeout_s=0.2)
    assert lake.sql("SELECT 1").rows == [[1]]
