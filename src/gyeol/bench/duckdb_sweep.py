"""The sweep's peer: the same conditions as one DuckDB query over the same columns."""

from __future__ import annotations

import time

from gyeol.bench.peer_columns import as_arrow
from gyeol.engine.columns import RowColumns
from gyeol.engine.state import EngineState
from gyeol.kernel.instants import Int64


class DuckDbSweep:
    """A table in memory of the columns that the conditions read, presented as of now.

    Attributes:
        threads: That DuckDB uses.
    """

    def __init__(self, state: EngineState, rows: Int64) -> None:
        import duckdb
        import pyarrow as pa

        columns = RowColumns(state.traits, rows, state.now_ms, state.moment)
        table = pa.table({name: as_arrow(columns(name)) for name in state.memberships.reads})
        self._connection = duckdb.connect()
        self._connection.register("given", table)
        self._connection.execute("CREATE TABLE people AS SELECT * FROM given")
        self._connection.unregister("given")
        conditions = {audience.name: audience.condition for audience in state.definitions.audiences}
        counted = ", ".join(f'count(*) FILTER (WHERE {condition}) AS "{name}"' for name, condition in conditions.items())
        self._names, self._query = list(conditions), f"SELECT {counted} FROM people"
        found = self._connection.execute("SELECT current_setting('threads')").fetchone()
        self.threads = 0 if found is None else int(found[0])

    def run(self) -> tuple[float, dict[str, int]]:
        """Seconds, and the size of each audience."""
        begun = time.perf_counter()
        sizes = self._connection.execute(self._query).fetchone()
        took = time.perf_counter() - begun
        assert sizes is not None
        return took, dict(zip(self._names, map(int, sizes), strict=True))
