"""The fold's first peer: one DuckDB query with an aggregate a trait, grouped by person."""

from __future__ import annotations

import time

from gyeol.bench.fold_peers import NUMERIC, PERSON, TIME, Grouped, Instants, condition_of
from gyeol.expressions.durations import parse_duration
from gyeol.profiles.model import TraitDefinition


class DuckDbFold:
    """The events as a table in DuckDB's memory.

    Attributes:
        threads: That DuckDB uses.
    """

    def __init__(self, grouped: Grouped, traits: list[TraitDefinition], instants: Instants) -> None:
        import duckdb

        self._connection = duckdb.connect()
        self._connection.register("given", grouped.table)
        self._connection.execute("CREATE TABLE events AS SELECT * FROM given")
        self._connection.unregister("given")
        chosen = [trait for trait in traits if trait.kind != "sequence"]
        aggregates = ", ".join(f'{_aggregate(trait, instants)} AS "{trait.name}"' for trait in chosen)
        self._query = f"CREATE OR REPLACE TABLE found AS SELECT {PERSON}, {aggregates} FROM events GROUP BY {PERSON}"
        self._numeric = [trait.name for trait in chosen if trait.kind in NUMERIC]
        found = self._connection.execute("SELECT current_setting('threads')").fetchone()
        self.threads = 0 if found is None else int(found[0])

    def run(self) -> tuple[float, dict[str, float]]:
        """Seconds, and the total of each numeric trait."""
        begun = time.perf_counter()
        self._connection.execute(self._query)
        took = time.perf_counter() - begun
        totals = ", ".join(f'sum("{name}")::DOUBLE' for name in self._numeric)
        row = self._connection.execute(f"SELECT {totals} FROM found").fetchone()
        assert row is not None
        return took, {name: float(total or 0) for name, total in zip(self._numeric, row, strict=True)}


def _aggregate(trait: TraitDefinition, instants: Instants) -> str:
    since = None if trait.window is None else instants.since(trait.window)
    counted = f"FILTER (WHERE {condition_of(trait, since)})"
    value = f'"{trait.property}"'
    match trait.kind:
        case "count":
            return f"count(*) {counted}"
        case "sum":
            return f"coalesce(sum({value}) {counted}, 0)"
        case "mean":
            return f"avg({value}) {counted}"
        case "first" | "last":
            return f"{'arg_min' if trait.kind == 'first' else 'arg_max'}({value}, {TIME}) {counted}"
        case "recent":
            return f"arg_max({value}, {TIME}, {trait.size}) {counted}"
        case "distinct":
            return f"count(DISTINCT {value}) {counted}"
        case "top":
            return f"mode({value}) {counted}"
        case "decay":
            assert trait.half_life is not None
            weight = f"power(2.0, ({TIME} - {instants.now_ms}) / {parse_duration(trait.half_life).ms}.0)"
            return f"coalesce(sum({weight if trait.property is None else f'{value} * {weight}'}) {counted}, 0)"
        case _:
            return f"{trait.kind}({value}) {counted}"
