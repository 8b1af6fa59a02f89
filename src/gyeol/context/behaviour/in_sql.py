"""Actions in SQL: what ``recorded.Recorder`` does in the stream, asked of the lake; and what earlier actions tell as of an event.

Which action an event is, is decided by the same code as in the stream: once for each different kind of event, as a table. What earlier
actions tell is worked out by the same code, too (``context/lately.py``), over the actions of each identifier in the order of the log.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from gyeol.context.behaviour.recorded import CARRIED, LENGTH, Recorder, Step, did, step_of
from gyeol.context.lately import ANY, Asking
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
LATELY = "moment_lately"
"""The name of the table of what earlier actions tell; whoever runs the expression brings it."""
_SQL = {"number": "float64", "time": "float64", "text": "string", "flag": "boolean"}


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


def lately_table(asking: Asking) -> ir.Table:
    """The table, unbound: ``log_offset`` and a column a name."""
    import ibis

    return ibis.table({"log_offset": "int64", **{name: _SQL[info.type] for name, info in asking.kinds.items()}}, name=LATELY)


def lately_of(asking: Asking, events: ir.Table, reading: Reading, run: Callable[[ir.Table], pa.Table]) -> pa.Table:
    """What the events that ask were joined with.

    All actions of whoever asks are read in the order of the log, one identifier after the other.

    Args:
        asking: Which they are.
        events: All of the lake; columns as ``profiles.batch.events.EVENTS`` and ``person``.
        reading: Types by the tracking plan.
        run: Asks the lake; it brings the table of ``actions_of``.
    """
    import pyarrow as pa

    values = asking.recorder.values
    offsets: list[int] = []
    columns: dict[str, list[object]] = {name: [] for name in asking.kinds}
    for rows in _by_node(run(_rows(asking, events, reading)), values):
        held: list[tuple[int, int, int, Step]] = []
        for offset, at_ms, id_, asks, step in rows:
            if asks:
                told = asking.lately.told([each[3] for each in reversed(held)], at_ms)
                offsets.append(offset)
                for name, column in columns.items():
                    column.append(told.get(name.partition(".")[2]))
            if step is not None:
                insort(held, (at_ms, id_, offset, step))
                del held[:-LENGTH]
    kinds = {"float64": pa.float64(), "string": pa.string(), "boolean": pa.bool_()}
    made = {name: pa.array(columns[name], kinds[_SQL[info.type]]) for name, info in asking.kinds.items()}
    return pa.table({"log_offset": pa.array(offsets, pa.int64()), **made})


def _rows(asking: Asking, events: ir.Table, reading: Reading) -> ir.Table:
    """Actions and events that ask, of those nodes alone that ask."""
    import ibis

    carried = asking.recorder.carried
    paths = Paths(events, reading, ANY, [Need(path, value.wanted) for path, value in carried.values()], keep=("log_offset", "node"))
    table = paths.table
    said = {key: paths.scaled(path, value) if value.is_number else paths.coded(path, value) for key, (path, value) in carried.items()}
    asks: Any = ibis.literal(True) if ANY in asking.events else table["name"].isin(sorted(asking.events))
    rows = table.select("log_offset", "node", "id", at=table.time, asks=asks, **said).filter(lambda t: t.node.notnull())
    rows = rows.semi_join(rows.filter(rows.asks).select("node").distinct(), "node")
    acts = packed_in_sql(asking.recorder, events, reading)
    rows = rows.left_join(acts, "log_offset").select(*rows.columns, "number")
    return rows.filter(rows.asks | rows.number.notnull()).order_by("node", "log_offset")


_Row = tuple[int, int, int, bool, Step | None]


def _by_node(found: pa.Table, values: dict[str, ValueType]) -> Iterator[list[_Row]]:
    read = ("node", "log_offset", "at", "id", "asks", "number", *values)
    rows: list[_Row] = []
    last = None
    for batch in found.to_batches():
        for node, offset, at_ms, id_, asks, number, *said in zip(*(batch.column(name).to_pylist() for name in read), strict=True):
            if node != last and rows:
                yield rows
                rows = []
            last = node
            rows.append((offset, at_ms, id_, asks, None if number is None else step_of(int(number), _carried(values, said))))
    if rows:
        yield rows


def _carried(values: dict[str, ValueType], said: Sequence[object]) -> list[object]:
    """One value for each of ``CARRIED``, as traits present them."""
    found = dict(zip(values, said, strict=True))
    return [_shown(found.get(key), values.get(key)) for key in CARRIED]


def _shown(value: object, kind: ValueType | None) -> object:
    return value / 10.0**kind.scale if kind is not None and kind.is_number and kind.scale and isinstance(value, int) else value
