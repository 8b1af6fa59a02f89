"""The sweep's second peer: the same conditions as one Polars query over the same columns."""

from __future__ import annotations

import time
from typing import Any

from gyeol.bench.peer_columns import as_arrow
from gyeol.engine.columns import RowColumns
from gyeol.engine.state import EngineState
from gyeol.kernel.instants import Int64


class PolarsSweep:
    """A data frame of the columns that the conditions read, presented as of now.

    Attributes:
        threads: That Polars uses.
    """

    def __init__(self, state: EngineState, rows: Int64) -> None:
        import polars as pl

        columns = RowColumns(state.traits, rows, state.now_ms, state.moment)
        self._people: Any = pl.DataFrame({name: pl.from_arrow(as_arrow(columns(name))) for name in state.memberships.reads})
        self._conditions = {audience.name: pl.sql_expr(audience.condition) for audience in state.definitions.audiences}
        self.threads = pl.thread_pool_size()

    def run(self) -> tuple[float, dict[str, int]]:
        """Seconds, and the size of each audience."""
        begun = time.perf_counter()
        counted = self._people.lazy().select(**{name: condition.sum() for name, condition in self._conditions.items()}).collect()
        took = time.perf_counter() - begun
        return took, {name: int(size) for name, size in counted.row(0, named=True).items()}
