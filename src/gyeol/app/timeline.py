"""A person's events, newest first: the lake's rows and those that are not yet in it, as one list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from gyeol.app.answers import TimelineAnswer, TimelineEvent
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import InputError, Problem
from gyeol.storage.lake.rows import FrameRows
from gyeol.storage.lake.shaping import Money, Shaping

if TYPE_CHECKING:
    import pyarrow as pa

SUMMARY_VALUES = 4
_COLUMNS = ("log_offset", "time", "name", "type", "source", "channel", "properties", "traits", "context")


class Rows(Protocol):
    """The part of ``Lake`` that a timeline reads."""

    def tail(self) -> tuple[FrameRows, ...]:
        """Rows not yet in the lake."""
        ...

    def query(self, text: str, values: list[object] | None = None) -> pa.Table:
        """Rows of a query."""
        ...


class Row(msgspec.Struct, frozen=True):
    """One event as the lake has it."""

    offset: int
    time_ms: int
    name: str
    type: str
    source: str
    channel: str
    properties: dict[str, object]
    traits: dict[str, object]
    context: dict[str, object]


def timeline(lake: Rows, nodes: Sequence[int], shown: Shown, *, limit: int, before: str | None = None) -> TimelineAnswer:
    """A page of the events of some nodes.

    Args:
        lake: Where they are.
        nodes: Of the person.
        shown: How values are shown.
        limit: At most so many, 1 to 500.
        before: The ``next`` of the page before.

    Raises:
        InputError: ``before`` is no cursor.
    """
    limit = max(1, min(limit, 500))
    bound = _cursor(before)
    # The tail first: a frame that is committed in between is then in both, and never in neither.
    tail = _of_tail(lake, nodes)
    fresh = [row for row in tail if bound is None or (row.time_ms, row.offset) < bound]
    rows = {row.offset: row for row in [*_from_lake(lake, nodes, limit + 1, bound), *fresh]}
    ordered = sorted(rows.values(), key=lambda row: (row.time_ms, row.offset), reverse=True)
    page = ordered[:limit]
    more = len(ordered) > limit
    return TimelineAnswer(events=[shown.event(row) for row in page], next=f"{page[-1].time_ms}.{page[-1].offset}" if more else None)


def newest_by_name(lake: Rows, nodes: Sequence[int]) -> dict[str, int]:
    """When the newest event of each name of some nodes was, in ms."""
    if not nodes:
        return {}
    found: dict[str, int] = {}
    for row in _of_tail(lake, nodes):
        found[row.name] = max(row.time_ms, found.get(row.name, row.time_ms))
    listed = ", ".join(str(int(node)) for node in nodes)
    kept = lake.query(f"SELECT name, epoch_ms(max(time)) FROM events WHERE node IN ({listed}) GROUP BY name")
    for name, at_ms in zip(*(column.to_pylist() for column in kept.columns), strict=True):
        found[name] = max(at_ms, found.get(name, at_ms))
    return found


def _of_tail(lake: Rows, nodes: Sequence[int]) -> list[Row]:
    return [row for frame in lake.tail() for batch in frame.batches.get("events", []) for row in _of_nodes(batch, nodes)]


def _cursor(before: str | None) -> tuple[int, int] | None:
    if before is None or before == "":
        return None
    time_ms, _, offset = before.partition(".")
    if not (time_ms.lstrip("-").isdigit() and offset.isdigit()):
        problem = Problem(path="before", code="bad_cursor", what=f"{before!r} is no cursor", mend="give the `next` of the page before")
        raise InputError("bad_cursor", [problem])
    return int(time_ms), int(offset)


def _from_lake(lake: Rows, nodes: Sequence[int], limit: int, bound: tuple[int, int] | None) -> list[Row]:
    if not nodes:
        return []
    listed = ", ".join(str(int(node)) for node in nodes)
    where, values = "", list[object]()
    if bound is not None:
        where, values = "AND (epoch_ms(time) < ? OR (epoch_ms(time) = ? AND log_offset < ?))", [bound[0], bound[0], bound[1]]
    text = (
        f"SELECT {', '.join(_COLUMNS)} FROM events WHERE node IN ({listed}) {where} ORDER BY time DESC, log_offset DESC LIMIT {int(limit)}"
    )
    return rows_of(lake.query(text, values))


def _of_nodes(batch: pa.RecordBatch, nodes: Sequence[int]) -> list[Row]:
    import pyarrow as pa
    import pyarrow.compute as pc

    mask = pc.is_in(batch.column("node"), value_set=pa.array(list(nodes), pa.int64()))
    return rows_of(batch.filter(mask))


def rows_of(table: pa.Table | pa.RecordBatch) -> list[Row]:
    """The lake's rows of events as values."""
    import pyarrow as pa

    columns = [table.column(name) for name in _COLUMNS]
    columns[1] = columns[1].cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    return [
        Row(offset, time_ms, name, kind, source, channel, _object(properties), _object(traits), _object(context))
        for offset, time_ms, name, kind, source, channel, properties, traits, context in zip(*(c.to_pylist() for c in columns), strict=True)
    ]


def _object(text: str | None) -> dict[str, object]:
    found = msgspec.json.decode(text) if text else {}
    return found if isinstance(found, dict) else {}


class Shown:
    """How an event's values are shown under one set of definitions: money as money, a few telling values in front.

    Args:
        definitions: Those in force.
    """

    def __init__(self, definitions: Definitions) -> None:
        self._shaping = Shaping(definitions)
        self._simulated = {rule.name for rule in definitions.events if rule.simulated}

    def event(self, row: Row) -> TimelineEvent:
        """One event."""
        money = self._shaping.shape(row.name, "properties").money
        properties = _with_money(row.properties, money, None) if money is not None else row.properties
        return TimelineEvent(
            offset=row.offset,
            time=row.time_ms,
            name=row.name,
            type=row.type,
            source=row.source,
            channel=row.channel,
            summary=_summary(properties or row.traits),
            properties=properties,
            traits=row.traits,
            simulated=row.name in self._simulated or row.context.get("simulated") is True,
        )


def _with_money(value: dict[str, object], money: Money, owner: str | None) -> dict[str, object]:
    """The lake's minor units as ``{"minor", "currency"}``."""
    own = value.get("currency")
    currency = own if isinstance(own, str) else owner
    made = dict(value)
    for key, fallback in money.amounts.items():
        amount = made.get(key)
        if isinstance(amount, int) and not isinstance(amount, bool):
            made[key] = {"minor": amount, "currency": currency or fallback}
    for key, inner in money.below.items():
        below = made.get(key)
        if isinstance(below, dict):
            made[key] = _with_money(below, inner, None)
        elif isinstance(below, list):
            made[key] = [_with_money(item, inner, currency) if isinstance(item, dict) else item for item in below]
    return made


def _summary(values: dict[str, object]) -> dict[str, object]:
    """Money first, then the lengths of lists, then plain values, in their order; a currency beside money says nothing more."""
    money = {k: v for k, v in values.items() if isinstance(v, dict) and v.keys() == {"minor", "currency"}}
    lists: dict[str, object] = {k: len(v) for k, v in values.items() if isinstance(v, list)}
    plain = {k: v for k, v in values.items() if isinstance(v, str | int | float | bool) and not (money and k == "currency")}
    return dict(list({**money, **lists, **plain}.items())[:SUMMARY_VALUES])
