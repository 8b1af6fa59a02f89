"""Batches of events that came as JSON."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.events.batch import CROWDED, EventBatch, Vocabularies
from gyeol.events.model import EventRule, PropertyRule, PropertyType, TrackingPlan
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch, batch_of
from gyeol.events.sections import EventRows
from gyeol.expressions.column import Column

MONEY = TrackingPlan(
    rules={
        "Order Completed": EventRule(name="Order Completed", properties={"properties.revenue": PropertyRule(type="money")}),
        "Refund": EventRule(name="Refund", properties={"properties.revenue": PropertyRule(type="money", currency="USD")}),
    }
)


def items(column: Column) -> list[object]:
    return [column.item(i) for i in range(len(column))]


def section_of(raws: list[bytes]) -> EventRows:
    n = len(raws)
    zeros = np.zeros(n, "<i8").tobytes()
    return EventRows(bytes(2 * n), zeros, zeros, zeros, zeros, bytes(2 * n), raws, bytes(n), zeros, zeros)


def test_the_arrays_of_a_batch() -> None:
    batch: EventBatch = batch_of(
        [
            {"event": "Order Completed", "timestamp": 5, "userId": "u1"},
            {"type": "page", "name": "홈", "timestamp": "1970-01-01T00:00:01Z"},
            {"type": "identify", "userId": "u1", "source": 3},
            {"event": "Order Completed"},
        ],
        first_offset=40,
        received_ms=9,
    )
    assert (batch.n, batch.first_offset) == (4, 40)
    assert [batch.names.words[c] for c in batch.name] == ["Order Completed", "$page", "$identify", "Order Completed"]
    assert batch.time_ms.tolist() == [5, 1000, 9, 9] and batch.received_ms.tolist() == [9, 9, 9, 9]
    assert batch.source.tolist() == [0, 0, 3, 0] and batch.type_code.tolist() == [0, 1, 2, 0]
    assert batch.id_hash.dtype == np.uint64 and len(set(batch.id_hash.tolist())) == 4
    assert items(batch.column("type")) == ["track", "page", "identify", "track"]
    assert items(batch.column("name")) == [None, "홈", None, None]
    assert items(batch.column("timestamp")) == [5.0, 1000.0, 9.0, 9.0]
    assert items(batch.column("sentAt")) == [None] * 4


EVENTS: list[dict[str, Any]] = [
    {
        "event": "A",
        "properties": {"price": 10, "tags": ["x"], "vip": True, "deep": {"er": {"est": "1"}}},
        "context": {"page": {"url": "/"}},
    },
    {"event": "B", "properties": {"price": "12", "vip": "false"}},
    {"event": "A", "properties": None},
    {"event": "A", "properties": [], "context": 5},
    {"event": "A", "properties": {"price": None, "deep": {"er": 3}}},
    {"type": "identify", "traits": {"city": "서울"}, "userId": "u"},
]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "asked for later"])
def test_paths_are_extracted_whatever_the_shape(declared: bool) -> None:
    paths = ["properties.price", "properties.deep.er.est", "context.page.url", "traits.city", "properties.tags", "properties.vip"]
    batch = batch_of(EVENTS, paths=paths if declared else ())
    assert items(batch.column("properties.price", "number")) == [10.0, 12.0, None, None, None, None]
    assert items(batch.column("properties.price")) == ["10", "12", None, None, None, None]
    assert items(batch.column("properties.deep.er.est")) == ["1", None, None, None, None, None]
    assert items(batch.column("context.page.url")) == ["/", None, None, None, None, None]
    assert items(batch.column("traits.city")) == [None, None, None, None, None, "서울"]
    assert items(batch.column("properties.tags")) == [["x"], None, None, None, None, None]
    assert items(batch.column("properties.vip", "flag")) == [True, False, None, None, None, None]


@pytest.mark.parametrize("paths", [["properties.deep", "properties.deep.er"], ["properties", "properties.deep.er.est"], []])
def test_an_object_and_a_value_inside_it_can_both_be_read(paths: list[str]) -> None:
    batch = batch_of(EVENTS, paths=paths)
    assert items(batch.column("properties.deep"))[0] == {"er": {"est": "1"}}
    assert items(batch.column("properties.deep.er.est", "number")) == [1.0, None, None, None, None, None]


def test_columns_are_made_once_a_kind() -> None:
    batch = batch_of(EVENTS, paths=["properties.price"])
    assert batch.column("properties.price", "number") is batch.column("properties.price", "number")
    assert batch.column("properties.price", "text").kind == "text"


def test_the_plan_decides_over_the_reader() -> None:
    plan = TrackingPlan(rules={"A": EventRule(name="A", properties={"properties.price": PropertyRule(type="text")})})
    batch = batch_of(EVENTS, paths=["properties.price"], plan=plan)
    assert items(batch.column("properties.price", "number"))[:2] == ["10", "12"]


def test_money_is_minor_units_of_the_event_or_the_plan_or_the_workspace() -> None:
    events: list[dict[str, Any]] = [
        {"event": "Order Completed", "properties": {"revenue": 12000}},
        {"event": "Order Completed", "properties": {"revenue": 12.34, "currency": "usd"}},
        {"event": "Refund", "properties": {"revenue": "1.5"}},
        {"event": "Refund", "properties": {"revenue": 7, "currency": "JPY"}},
        {"event": "Other", "properties": {"currency": "EUR"}},
    ]
    batch = batch_of(events, paths=["properties.revenue"], plan=MONEY, currency="KRW")
    assert items(batch.column("properties.revenue")) == [12000, 1234, 150, 7, None]
    assert batch.column("properties.revenue").values.dtype == np.int64
    assert items(batch.currency("properties.revenue")) == ["KRW", "USD", "USD", "JPY", None]
    assert items(batch.currency("properties.price")) == [None] * 5


def test_identifiers_as_text_get_no_codes() -> None:
    batch = batch_of([{"event": "A", "userId": "é" + chr(0x301)}, {"event": "A", "userId": 12}, {"event": "A"}], paths=["userId"])
    assert batch.texts("userId") == ["é" + chr(0x301), "12", None]
    assert batch_of([{"event": "A", "userId": "e" + chr(0x301)}]).texts("userId") == ["é"]
    assert "userId" not in batch._reading.vocabularies.dump()


def test_raw_tells_what_was_decided_at_ingest() -> None:
    batch = batch_of([{"event": "A", "timestamp": 1500, "properties": {"x": 1.0}, "extra": [1, 2]}], received_ms=2000)
    told = json.loads(batch.raw(0))
    assert told["timestamp"] == "1970-01-01T00:00:01.500Z" and told["receivedAt"] == "1970-01-01T00:00:02.000Z"
    assert told["messageId"] == "m0" and told["type"] == "track" and told["extra"] == [1, 2] and told["properties"] == {"x": 1.0}
    assert "sentAt" not in told


def test_an_event_that_cannot_be_read_whole_loses_only_what_cannot_be_read() -> None:
    raws = [
        b'{"event":"A","properties":{"a":1e999,"b":2}}',
        b'{"event":"A","properties":{"a":"\xff","b":3}}',
        b'{"event":"A","properties":{"b":4}}',
    ]
    batch = RowsBatch(section_of(raws), 0, Reading(TrackingPlan(), "KRW", ["properties.a", "properties.b"]))
    assert items(batch.column("properties.b", "number")) == [2.0, 3.0, 4.0]
    assert items(batch.column("properties.a", "number")) == [None, None, None]


def test_the_connections_address_stands_where_the_event_has_none() -> None:
    section = section_of([b'{"event":"A"}', b'{"event":"A","context":{"ip":"1.1.1.1"}}', b'{"event":"A"}'])
    section = msgspec.structs.replace(section, ip=["2.2.2.2", "2.2.2.2", ""])
    assert RowsBatch(section, 0, Reading(TrackingPlan(), "KRW")).texts("context.ip") == ["2.2.2.2", "1.1.1.1", None]


def test_sources_are_translated_by_name() -> None:
    section = msgspec.structs.replace(
        section_of([b'{"event":"A"}'] * 3), source=np.array([0, 1, 2], "<i2").tobytes(), sources=["app", "old", "web"]
    )
    reading = Reading(TrackingPlan(), "KRW", sources=["app", "crm", "web", ""])
    assert RowsBatch(section, 0, reading).source.tolist() == [0, 3, 2]
    assert RowsBatch(section, 0, Reading(TrackingPlan(), "KRW")).source.tolist() == [0, 1, 2]


def test_vocabularies_are_shared_dumped_and_loaded() -> None:
    shared = Vocabularies()
    batch_of([{"event": "B", "properties": {"c": "x"}}], vocabularies=shared).column("properties.c")
    second = batch_of([{"event": "A", "properties": {"c": "y"}}, {"event": "B", "properties": {"c": "x"}}], vocabularies=shared)
    assert second.column("properties.c").values.tolist() == [1, 0]
    assert second.name.tolist() == [0, 1]
    loaded = Vocabularies()
    loaded.load(shared.dump())
    assert loaded.dump() == shared.dump()
    again = batch_of([{"event": "A", "properties": {"c": "y"}}], vocabularies=loaded)
    assert again.column("properties.c").values.tolist() == [1]
    assert shared.crowded() == {}
    shared.of("properties.id").words.extend(["x"] * (CROWDED + 1))
    assert shared.crowded() == {"properties.id": CROWDED + 1}


def test_two_rules_of_one_path_agree_on_a_type() -> None:
    types: dict[str, PropertyType] = {"A": "number", "B": "money", "C": "any"}
    rules = {name: EventRule(name=name, properties={"properties.v": PropertyRule(type=kind)}) for name, kind in types.items()}
    assert Reading(TrackingPlan(rules=rules), "KRW").types["properties.v"] == "money"


def test_batch_of_refuses_a_timestamp_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"events\[0\]"):
        batch_of([{"event": "A", "timestamp": "yesterday"}])
