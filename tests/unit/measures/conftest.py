"""A DuckDB with the lake's tables, filled from plain events: what figures are checked against."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import ibis
import pytest

from gyeol.kernel.instants import instant_text
from gyeol.storage.lake.schema import COLUMNS, VIEWS

Event = tuple[str, str, int, dict[str, object]]
"""(person, name, time_ms, properties)."""


class Figures:
    """Runs expressions over some events, decisions, messages and deliveries."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET TimeZone = 'UTC'")
        for table, columns in COLUMNS.items():
            self.connection.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {k}' for c, k in columns.items())})")
        for view, text in VIEWS.items():
            self.connection.execute(f"CREATE VIEW {view} AS {text.format(at='')}")

    def add(self, events: Sequence[Event]) -> None:
        """Events; the person's name is also their node's person."""
        people = sorted({person for person, *_ in events})
        nodes = {person: node for node, person in enumerate(people)}
        for person, node in nodes.items():
            self.insert("node_person", node=node, person=person, since_offset=0, since=instant_text(0))
        for offset, (person, name, time_ms, properties) in enumerate(events):
            at = instant_text(time_ms)
            self.insert(
                "events", log_offset=offset, source="till", channel="store", type="track", name=name, node=nodes[person],
                message_id=f"m{offset}", id_hash=offset, time=at, received=at, properties=json.dumps(properties),
            )  # fmt: skip

    def clear(self) -> None:
        """Forget all rows."""
        for table in COLUMNS:
            self.connection.execute(f"DELETE FROM {table}")

    def insert(self, table: str, **values: object) -> None:
        """One row."""
        marks = ", ".join("?" for _ in values)
        self.connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))

    def run(self, expression: Any) -> list[dict[str, Any]]:
        """Rows of an expression, in its declared schema."""
        table = self.connection.execute(str(ibis.to_sql(expression, dialect="duckdb"))).to_arrow_table()
        rows: list[dict[str, Any]] = table.cast(expression.schema().to_pyarrow()).to_pylist()
        return rows


@pytest.fixture
def figures() -> Figures:
    return Figures()


@pytest.fixture(scope="session")
def shared_figures() -> Figures:
    """For property tests: the test clears it before each example."""
    return Figures()
