"""Batches of imported events: packed columns, and that they read as the same events in JSON do."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.events.batch import EventBatch, Vocabularies, Wanted
from gyeol.events.columns import ColumnsBatch, batches_of, pack
from gyeol.events.filtering import cut_rows, keep_rows
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule, TrackingPlan
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch, batch_of
from gyeol.events.sections import NO_TIME, EventColumns, EventRows, Frame, ImportOrigin, PackedColumn, Rejections, Tick
from gyeol.expressions.column import Column

EVENTS: list[dict[str, Any]] = [
    {"event": "A", "userId": "u1", "properties": {"price": 10.5, "city": "서울", "vip": True, "items": [{"id": "p"}]}, "timestamp": 5},
    {"event": "B", "userId": "u2", "properties": {"price": -1.0, "city": "부산"}, "timestamp": 6},
    {"type": "identify", "userId": "u1", "traits": {"city": "서울", "age": 41}, "timestamp": 7},
    {"event": "A", "properties": {"vip": False, "city": "서울", "items": []}, "timestamp": 8},
]
PATHS = [
    "properties.price",
    "properties.city",
    "properties.vip",
    "properties.items",
    "traits.city",
    "traits.age",
    "userId",
    "event",
    "messageId",
]
PLAN = TrackingPlan(rules={"A": EventRule(name="A", properties={"properties.price": PropertyRule(type="money", currency="USD")})})


def items(column: Column) -> list[object]:
    return [column.item(i) for i in range(len(column))]


def columns_of(batch: RowsBatch, paths: list[str], **more: Any) -> EventColumns:
    """The same events as an import would bring them."""
    held = batch._section
    return EventColumns(
        batch.n, held.source, held.time, held.received, held.original, held.sent, held.flags,
        {path: pack(batch.column(path)) for path in paths}, held.type_code, held.id_hash, **more,
    )  # fmt: skip


def both(plan: TrackingPlan | None = None) -> tuple[RowsBatch, ColumnsBatch]:
    plan = plan or TrackingPlan()
    rows = batch_of(EVENTS, paths=PATHS)
    section = columns_of(rows, PATHS)
    return batch_of(EVENTS, paths=PATHS, plan=plan), ColumnsBatch(section, 0, Reading(plan, "KRW", PATHS))


@pytest.mark.parametrize("kind", ["number", "text", "flag", "list", "time", None])
@pytest.mark.parametrize("path", [*PATHS, "properties.absent", "properties"])
def test_columns_read_as_rows_do(path: str, kind: Wanted | None) -> None:
    rows, columns = both()
    as_rows, as_columns = rows.column(path, kind), columns.column(path, kind)
    assert as_columns.kind == as_rows.kind
    assert items(as_columns) == items(as_rows)
    assert columns.texts(path) == rows.texts(path)


@pytest.mark.parametrize("kind", ["number", "text", "flag", "list", "time", None])
@pytest.mark.parametrize("path", [*PATHS, "properties.absent", "properties", "type", "timestamp"])
def test_a_part_of_an_import_holds_what_the_whole_does(path: str, kind: Wanted | None) -> None:
    _, columns = both(PLAN)
    whole = items(columns.column(path, kind))
    for events in ([3, 0, 0, 2], [1], [0, 1, 2, 3]):
        # Without a kind a part would be told by its own values, as any batch is.
        part = both(PLAN)[1].part(np.array(events))
        found = part.column(path, kind or columns.column(path).kind)
        assert items(found) == [whole[i] for i in events]
        currencies = items(columns.currency("properties.price"))
        assert items(part.currency("properties.price")) == [currencies[i] for i in events]
    assert columns.columnar and not both()[0].columnar


def test_the_arrays_are_the_same() -> None:
    rows, columns = both()
    names = [columns.names.words[c] for c in columns.name]
    assert names == [rows.names.words[c] for c in rows.name] == ["A", "B", "$identify", "A"]
    for name in ("type_code", "source", "time_ms", "received_ms", "id_hash", "flags"):
        assert np.array_equal(getattr(rows, name), getattr(columns, name))
    assert items(columns.column("type")) == items(rows.column("type"))


def test_money_of_an_import() -> None:
    rows, columns = both(PLAN)
    assert items(columns.column("properties.price")) == items(rows.column("properties.price")) == [1050, -1, None, None]
    assert items(columns.currency("properties.price")) == items(rows.currency("properties.price")) == ["USD", "KRW", None, None]


def test_raw_is_the_event_again() -> None:
    rows, columns = both()
    for i in range(rows.n):
        wanted, found = json.loads(rows.raw(i)), json.loads(columns.raw(i))
        assert found == wanted


def test_whole_numbers_stay_whole() -> None:
    column = Column(kind="number", values=np.array([2**60 + 1, 3], np.int64), known=np.array([True, False]))
    packed = pack(column)
    assert packed.dtype == "<i8" and np.frombuffer(packed.values, packed.dtype)[0] == 2**60 + 1
    assert packed.known == b"\x01"


def test_codes_of_a_file_become_codes_of_the_process() -> None:
    shared = Vocabularies()
    shared.of("properties.city").code("부산")
    _, columns = both()
    again = ColumnsBatch(columns_of(batch_of(EVENTS), PATHS), 0, Reading(TrackingPlan(), "KRW", vocabularies=shared))
    assert again.column("properties.city").values.tolist() == [1, 0, -1, 1]
    assert items(again.column("properties.city")) == items(columns.column("properties.city"))


@pytest.mark.parametrize("keep", [[True] * 4, [False, True, True, False], [False] * 4])
def test_some_rows_are_kept(keep: list[bool]) -> None:
    section = columns_of(batch_of(EVENTS), PATHS, origin=ImportOrigin("f", 0, True))
    kept = keep_rows(section, np.array(keep))
    assert kept.count == sum(keep) and kept.origin == section.origin
    whole, part = (ColumnsBatch(s, 0, Reading(TrackingPlan(), "KRW")) for s in (section, kept))
    for path in PATHS:
        assert items(part.column(path, "text")) == [v for v, k in zip(items(whole.column(path, "text")), keep, strict=True) if k]
    assert part.time_ms.tolist() == [t for t, k in zip(whole.time_ms.tolist(), keep, strict=True) if k]
    assert part.id_hash.tolist() == [t for t, k in zip(whole.id_hash.tolist(), keep, strict=True) if k]


def test_batches_of_a_frame_have_their_offsets() -> None:
    rows = batch_of(EVENTS)._section
    columns = columns_of(batch_of(EVENTS), PATHS)
    header = FrameHeader(first_offset=100, count=4 + 1 + 4, engine_now_ms=0, definitions="0" * 32)
    frame = Frame(header, [rows, Tick(), columns, Rejections([])])
    batches: list[EventBatch] = batches_of(frame, Reading(TrackingPlan(), "KRW"))
    assert [(type(b), b.first_offset, b.n) for b in batches] == [(RowsBatch, 100, 4), (ColumnsBatch, 105, 4)]


def test_a_column_of_numbers_written_as_text_counts() -> None:
    packed = PackedColumn(kind="text", dtype="<i4", values=np.array([0, 1, 0], "<i4").tobytes(), words=["12.5", "x"])
    n, none = 3, np.full(3, NO_TIME, "<i8").tobytes()
    section = EventColumns(n, bytes(6), bytes(24), bytes(24), none, none, bytes(6), {"properties.v": packed}, bytes(3), bytes(24))
    batch = ColumnsBatch(section, 0, Reading(TrackingPlan(), "KRW"))
    assert items(batch.column("properties.v", "number")) == [12.5, None, 12.5]


def test_fields_may_be_added_at_the_end_of_a_section() -> None:
    class OldRows(msgspec.Struct, array_like=True, tag="rows"):
        source: bytes
        time: bytes
        received: bytes
        original: bytes
        sent: bytes
        flags: bytes
        raw: list[bytes]
        type_code: bytes
        id_hash: bytes
        payload_hash: bytes

    old = OldRows(b"", b"", b"", b"", b"", b"", [b"{}"], b"", b"", b"")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=EventRows).sources == []


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5])
def test_a_section_in_parts_holds_the_same_events(rows: int) -> None:
    section = columns_of(batch_of(EVENTS, paths=PATHS), PATHS)
    reading = Reading(TrackingPlan(), "KRW", PATHS)
    whole = ColumnsBatch(section, 0, reading)
    parts = cut_rows(section, rows)
    assert [part.count for part in parts] == [len(EVENTS[i : i + rows]) for i in range(0, len(EVENTS), rows)]
    batches = [ColumnsBatch(part, i * rows, reading) for i, part in enumerate(parts)]
    for path in PATHS:
        assert [value for batch in batches for value in items(batch.column(path))] == items(whole.column(path)), path
    assert [batch.raw(i) for batch in batches for i in range(batch.n)] == [whole.raw(i) for i in range(whole.n)]
    if rows == 1:
        assert parts[1].columns["properties.city"].words == ["부산"], "a part keeps its own words only"
