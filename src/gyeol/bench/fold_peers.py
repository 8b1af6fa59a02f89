"""What the peers of the fold are given: the events as one table, and the instants at which windows begin."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np

from gyeol.bench.peer_columns import as_arrow
from gyeol.engine.state import EngineState
from gyeol.events.columns import ColumnsBatch
from gyeol.kernel.instants import HOUR_MS, Int64, Zone
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.rules import parse_window

PERSON, EVENT, TIME = "person", "event", "time_ms"
NUMERIC = {"count", "sum", "mean", "min", "max", "distinct", "decay"}
"""Kinds whose totals are compared."""


class Instants(msgspec.Struct, frozen=True):
    """Now, and the zone of its days."""

    now_ms: int
    zone: Zone

    def since(self, window: str) -> int:
        """The first millisecond of a window: whole days of the zone or hours, as the engine's windows are."""
        span = parse_window(window)
        assert span is not None
        if span.grain == "hour":
            return (self.now_ms // HOUR_MS - span.buckets + 1) * HOUR_MS
        return self.zone.day_start_ms(self.zone.day(self.now_ms) - span.buckets + 1)


class Grouped:
    """The events of all copies as an Arrow table: person, event name, time, and a column a path.

    Args:
        state: For the paths that its traits read.
        parts: Batches with the number of each event's person.
        size: People of one copy.
        copies: How many.
    """

    def __init__(self, state: EngineState, parts: list[tuple[ColumnsBatch, Int64]], size: int, copies: int) -> None:
        import pyarrow as pa

        tables = []
        for batch, of in parts:
            names = np.array(batch.names.words, object)[batch.name]
            columns: dict[str, Any] = {PERSON: of, EVENT: pa.array(names, pa.string()), TIME: batch.time_ms}
            tables.append(pa.table(columns | {path: as_arrow(batch.column(path, _wanted(path))) for path in sorted(state.traits.paths())}))
        one = pa.concat_tables(tables).combine_chunks()
        place = one.column_names.index(PERSON)
        numbers = one.column(PERSON).to_numpy()
        self.table: Any = pa.concat_tables([one.set_column(place, PERSON, pa.array(numbers + copy * size)) for copy in range(copies)])


def _wanted(path: str) -> Any:
    return "number" if path in ("properties.results", "properties.rating") else "text"


def condition_of(trait: TraitDefinition, since_ms: int | None) -> str:
    """Which events count for a trait, as SQL: its name, its ``where``, its window."""
    parts = [] if trait.event == "$any" else [f"{EVENT} = '{trait.event}'"]
    if trait.where is not None:
        parts.append("(" + re.sub(r"(properties|context|traits)(\.\w+)+", lambda path: f'"{path[0]}"', trait.where) + ")")
    if trait.property is not None:
        parts.append(f'"{trait.property}" IS NOT NULL')
    if since_ms is not None:
        parts.append(f"{TIME} >= {since_ms}")
    return " AND ".join(parts) or "TRUE"
