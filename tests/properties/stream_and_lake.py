"""A stream and its lake, both in memory, as far as properties of what they say of the same frames need them."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis
import pyarrow as pa

from gyeol.engine.definitions import Definitions
from gyeol.engine.fold import fold_frame
from gyeol.engine.state import EngineState
from gyeol.events.sections import Frame
from gyeol.storage.lake.rows import FrameShaper, move_rows
from gyeol.storage.lake.schema import arrow_schema

_JSON = ("properties", "traits", "context", "fields")


class StreamAndLake:
    """Folds frames, keeps the rows that the lake would hold, and asks them."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.state = EngineState(definitions, b"k" * 16)
        self.shaper = FrameShaper(definitions)
        self.lake: dict[str, list[pa.RecordBatch]] = {"events": [], "facts": [], "node_person": []}

    def take(self, frame: Frame) -> None:
        """Fold a frame and keep its rows."""
        effects = fold_frame(self.state, frame)
        for table, batches in self.shaper.rows(frame, effects.event_nodes).batches.items():
            self.lake[table] += batches
        header = frame.header
        moves = [(node, person, header.first_offset, header.engine_now_ms) for node, person in effects.moved]
        self.lake["node_person"].append(move_rows(moves))

    def query(self, text: str, values: list[object] | None = None, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows of an SQL text over the lake's tables and those that are brought along."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for name, batches in self.lake.items():
                connection.register(f"{name}_text", pa.Table.from_batches(batches, arrow_schema(name)))
                json = [c for c in _JSON if c in arrow_schema(name).names]
                changed = f"REPLACE ({', '.join(f'{c}::JSON AS {c}' for c in json)})" if json else ""
                connection.execute(f"CREATE VIEW {name} AS SELECT * {changed} FROM {name}_text")
            for name, table in (tables or {}).items():
                connection.register(name, table)
            return connection.execute(text, values or []).to_arrow_table()

    def run(self, expression: Any, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows of an expression, in its declared schema."""
        found = self.query(str(ibis.to_sql(expression, dialect="duckdb")), tables=tables)
        return found.cast(expression.schema().to_pyarrow())
