"""Actions in SQL: what ``recorded.Recorder`` does in the stream, asked of the lake; and what earlier actions tell as of an event.

Which action an event is, is decided by the same code as in the stream: once for each different kind of event, as a table. What earlier
actions and answers tell is worked out by the same code, too (``context/lately.py``), over those of each identifier in the order of the log.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import add, or_
from typing import TYPE_CHECKING, Any, NamedTuple

from gyeol.context.behaviour.kept_in_sql import Held, added, readable
from gyeol.context.behaviour.recorded import CARRIED, LENGTH, Recorder, Step, did, step_of
from gyeol.context.beside import BesideEvent
from gyeol.context.fact import Fact
from gyeol.context.joined_in_sql import filled
from gyeol.context.lake_ledger import LakeLedger, articles_told
from gyeol.context.lately import ANY, Asking
from gyeol.context.subject import Subject
from gyeol.events.reading import Reading
from gyeol.profiles.batch.values import Need, Paths, functions
from gyeol.profiles.rules import Trait, ValueType

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


def lately_of(asking: Asking, events: ir.Table, facts: ir.Table | None, reading: Reading, run: Callable[[ir.Table], pa.Table]) -> pa.Table:
    """What the events that ask were joined with.

    All actions and answers of whoever asks are read in the order of the log, one identifier after the other.

    Args:
        asking: Which they are.
        events: All of the lake; columns as ``profiles.batch.events.EVENTS`` and ``person``.
        facts: All of the lake; columns as ``profiles.batch.events.FACTS``.
        reading: Types by the tracking plan.
        run: Asks the lake; it brings the table of ``actions_of``.
    """
    kept = readable(asking.lately.kept, reading)
    ledger = articles_told(facts, run) if asking.lately.supply else None
    offsets: list[int] = []
    columns: dict[str, list[object]] = {name: [] for name in asking.kinds}
    for rows in _by_node(run(_rows(asking, kept, events, reading)), asking, kept):
        held: list[tuple[int, int, int, Step]] = []
        said = Held(kept)
        for row in rows:
            if row.asks:
                beside = None if ledger is None else _beside(ledger, row, asking.memory_ms)
                told = asking.lately.told([each[3] for each in reversed(held)], row.at_ms, said.column, row.zone, beside)
                offsets.append(row.offset)
                for name, column in columns.items():
                    column.append(told.get(name.partition(".")[2]))
            if row.step is not None:
                insort(held, (row.at_ms, row.id, row.offset, row.step))
                del held[:-LENGTH]
            said.take(row.at_ms, row.id, row.values)
    return filled(asking.kinds, offsets, columns)


def _rows(asking: Asking, kept: Sequence[Trait], events: ir.Table, reading: Reading) -> ir.Table:
    """Events that ask, and those that tell something, of those nodes alone that ask."""
    import ibis

    recorder, zone_path = asking.recorder, asking.zone_path
    carried = {} if recorder is None else recorder.carried
    needs = [Need(path, value.wanted) for path, value in carried.values()]
    needs += [] if zone_path is None else [Need(zone_path, "text")]
    paths = Paths(events, reading, ANY, needs, keep=("log_offset", "node", "accepted"))
    table = paths.table
    said = {key: paths.scaled(path, value) if value.is_number else paths.coded(path, value) for key, (path, value) in carried.items()}
    asks: Any = ibis.literal(True) if ANY in asking.events else table["name"].isin(sorted(asking.events))
    rows = table.select(
        "log_offset", "node", "id", at=table.time, accepted=functions().epoch_ms(table.accepted).coalesce(table.time), asks=asks,
        zone=ibis.null("string") if zone_path is None else paths.coded(zone_path, _TEXT), **said,
    ).filter(lambda t: t.node.notnull())  # fmt: skip
    rows = rows.semi_join(rows.filter(rows.asks).select("node").distinct(), "node")
    if recorder is None:
        rows = rows.mutate(number=ibis.null("float64"))
    else:
        rows = rows.left_join(packed_in_sql(recorder, events, reading), "log_offset").select(*rows.columns, "number")
    if kept:
        rows = rows.left_join(added(kept, events, reading), "log_offset").select(*rows.columns, *(trait.name for trait in kept))
    tells: list[Any] = [rows.asks, rows.number.notnull(), *(rows[trait.name].notnull() for trait in kept)]
    return rows.filter(reduce(or_, tells)).order_by("node", "log_offset")


class _Row(NamedTuple):
    """An event of the node that is read: whether it asks, and what it tells."""

    offset: int
    at_ms: int
    id: int
    accepted_ms: int
    asks: bool
    zone: str | None
    step: Step | None
    values: Sequence[object]


def _by_node(found: pa.Table, asking: Asking, kept: Sequence[Trait]) -> Iterator[list[_Row]]:
    values = {} if asking.recorder is None else asking.recorder.values
    read = ("node", "log_offset", "at", "id", "accepted", "asks", "zone", "number", *values, *(trait.name for trait in kept))
    rows: list[_Row] = []
    last = None
    for batch in found.to_batches():
        for node, offset, at_ms, id_, accepted_ms, asks, zone, number, *said in zip(
            *(batch.column(name).to_pylist() for name in read), strict=True
        ):
            if node != last and rows:
                yield rows
                rows = []
            last = node
            step = None if number is None else step_of(int(number), _carried(values, said[: len(values)]))
            rows.append(_Row(offset, at_ms, id_, accepted_ms, asks, zone, step, said[len(values) :]))
    if rows:
        yield rows


def _beside(ledger: LakeLedger, row: _Row, memory_ms: int) -> BesideEvent:
    """What was told of articles before an event."""

    def find(about: Subject, name: str) -> Fact | None:
        return ledger.before(row.offset, about, name, row.at_ms, row.accepted_ms - memory_ms)

    return BesideEvent(find, row.at_ms)


def _carried(values: dict[str, ValueType], said: Sequence[object]) -> list[object]:
    """One value for each of ``CARRIED``, as traits present them."""
    found = dict(zip(values, said, strict=True))
    return [_shown(found.get(key), values.get(key)) for key in CARRIED]


def _shown(value: object, kind: ValueType | None) -> object:
    return value / 10.0**kind.scale if kind is not None and kind.is_number and kind.scale and isinstance(value, int) else value
