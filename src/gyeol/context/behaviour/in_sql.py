"""Actions in SQL: what ``recorded.Recorder`` does in the stream, asked of the lake.

Which action an event is, is decided by the same code as in the stream: once for each different kind of event, as a table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from gyeol.context.behaviour.recorded import CARRIED, Recorder, did
from gyeol.events.reading import Reading
from gyeol.profiles.batch.values import Need, Paths
from gyeol.profiles.rules import ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

ACTIONS = "moment_kinds_of_events"
"""The name of the table; whoever runs the expression brings it."""
_KEYS = ("type", "name", "path", "title", "query", "text")
_COLUMNS = {**dict.fromkeys(_KEYS, "string"), "action": "int64"}
_TEXT = ValueType(wanted="text")


def actions_of(recorder: Recorder, events: ir.Table, reading: Reading, run: Callable[[ir.Table], pa.Table]) -> pa.Table:
    """The action of each different kind of event.

    Args:
        recorder: Of the workspace.
        events: Columns as ``profiles.batch.events.EVENTS`` and ``person``.
        reading: Types by the tracking plan.
        run: Asks the lake.
    """
    import pyarrow as pa

    found = run(_kinds(recorder, events, reading).select(*_KEYS).distinct())
    keys = list(zip(*(found.column(name).to_pylist() for name in _KEYS), strict=True))
    rows = [(*key, did(key[0], *(text or None for text in key[1:]))) for key in keys]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS)
    kinds = {"string": pa.string(), "int64": pa.int64()}
    return pa.table({name: pa.array(list(column), kinds[kind]) for column, (name, kind) in zip(columns, _COLUMNS.items(), strict=True)})


def packed_in_sql(recorder: Recorder, events: ir.Table, reading: Reading) -> ir.Table:
    """``log_offset`` and the ``number`` of each event that is an action.

    Args:
        recorder: Of the workspace.
        events: See ``actions_of``.
        reading: Types by the tracking plan.
    """
    import ibis

    table = ibis.table(_COLUMNS, name=ACTIONS).filter(lambda t: t.action >= 0)
    found = _kinds(recorder, events, reading).join(table, list(_KEYS))
    number = (found.at * 32 + found.action) * 16 + found.bits
    return found.select(log_offset=found.log_offset, number=number.cast("float64"))


def _kinds(recorder: Recorder, events: ir.Table, reading: Reading) -> ir.Table:
    import ibis

    shown = {"path": recorder.path("path"), "title": "name", "query": recorder.path("query"), "text": recorder.path("text")}
    needs = [Need("type", "text"), *(Need(path, "text") for path in shown.values() if path is not None)]
    needs += [Need(path, value.wanted) for path, value in recorder.carried.values()]
    paths = Paths(events, reading, "$any", needs, keep=("log_offset",))
    texts = {key: ibis.literal("") if path is None else paths.coded(path, _TEXT).fill_null("") for key, path in shown.items()}
    says: list[Any] = [ibis.literal(0)]
    for key, (path, value) in recorder.carried.items():
        found = paths.scaled(path, value) if value.is_number else paths.coded(path, value)
        says.append(found.notnull().ifelse(1 << CARRIED.index(key), 0))
    kind = paths.column(Need("type", "text")).value
    table = paths.table
    return table.select("log_offset", type=kind, name=table.name, at=table.time, bits=reduce(add, says), **texts)
