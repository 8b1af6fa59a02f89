"""Frames as rows: however an event came, alone or in the columns of an import, the lake holds the same text."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.events.columns import pack
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule, SourceDefinition
from gyeol.events.sections import EventColumns, EventRows, Frame, Section
from gyeol.events.values import column_of, infer, present
from gyeol.expressions.column import Vocabulary
from gyeol.identity.model import IdentifierType
from gyeol.kernel.errors import StateError
from gyeol.storage.lake.rows import FrameShaper
from gyeol.storage.lake.shaping import Shaping, minor_units

DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="w", currency="KRW"),
    sources=[SourceDefinition(name="s", trust="server", write_key="k")],
    events=[
        EventRule(name="Bought", properties={"properties.total": PropertyRule(type="money"), "properties.note": PropertyRule(pii=True)}),
        EventRule(name="Seen", properties={"properties.items.price": PropertyRule(type="money", currency="USD")}),
        EventRule(name="$any", properties={"properties.token": PropertyRule(pii=True)}),
    ],
    identifiers=[IdentifierType(name="email", paths=["traits.email", "properties.email"], priority=1, pii=True)],
)


def as_rows(events: list[dict[str, Any]]) -> Section:
    n = len(events)
    numbers = np.zeros(n, "<i8").tobytes()
    raws = [msgspec.json.encode({"type": "track", "messageId": f"m{i}", **event}) for i, event in enumerate(events)]
    return EventRows(
        source=bytes(2 * n), time=numbers, received=numbers, original=numbers, sent=numbers, flags=bytes(2 * n), raw=raws,
        type_code=bytes(n), id_hash=numbers, payload_hash=numbers,
    )  # fmt: skip


def as_columns(events: list[dict[str, Any]]) -> Section:
    n = len(events)
    numbers = np.zeros(n, "<i8").tobytes()
    flat = [
        {"event": e["event"], "messageId": f"m{i}"} | {f"properties.{k}": v for k, v in e.get("properties", {}).items()}
        for i, e in enumerate(events)
    ]
    columns = {}
    for path in sorted({path for event in flat for path in event}):
        found = present([event.get(path) for event in flat])
        columns[path] = pack(column_of(found, infer(found.values), Vocabulary()))
    return EventColumns(
        count=n, source=bytes(2 * n), time=numbers, received=numbers, original=numbers, sent=numbers, flags=bytes(2 * n), columns=columns,
        type_code=bytes(n), id_hash=numbers,
    )  # fmt: skip


def properties_of(section: Section, n: int) -> list[Any]:
    frame = Frame(FrameHeader(first_offset=0, count=n, engine_now_ms=0, definitions="0" * 32), [section])
    (batch,) = FrameShaper(DEFINITIONS).rows(frame, np.zeros(n, np.int64)).batches["events"]
    assert batch.column("message_id").to_pylist() == [f"m{i}" for i in range(n)]
    return [None if text is None else json.loads(text) for text in batch.column("properties").to_pylist()]


text = st.text(alphabet='ab결\u1100\u1167"\\/\u00e9e\u0301 ', max_size=5)
price = st.one_of(st.integers(-1000, 10**6), st.floats(-1e4, 1e6).map(lambda x: round(x, 3)))
items = st.lists(st.fixed_dictionaries({"name": text}, optional={"price": price, "currency": st.sampled_from(["JPY", "usd"])}), max_size=3)
properties = st.fixed_dictionaries(
    {},
    optional={
        "total": price,
        "note": text,
        "email": text,
        "token": text,
        "items": items,
        "currency": st.sampled_from(["EUR"]),
        "word": text,
    },
)
event = st.fixed_dictionaries({"event": st.sampled_from(["Bought", "Seen", "Else"]), "properties": properties})


@given(st.lists(event, min_size=1, max_size=4))
def test_rows_and_columns_give_the_same_text(events: list[dict[str, Any]]) -> None:
    assert properties_of(as_columns(events), len(events)) == properties_of(as_rows(events), len(events))


@given(event)
def test_what_is_marked_is_never_kept(one: dict[str, Any]) -> None:
    (kept,) = properties_of(as_rows([one]), 1)
    forbidden = {"email", "token"} | ({"note"} if one["event"] == "Bought" else set())
    assert not forbidden & set(kept or {})
    assert set(one["properties"]) - forbidden <= set(kept or {})


@pytest.mark.parametrize(
    ("name", "root", "raw", "kept"),
    [
        ("Bought", "properties", '{"total": "12.6", "note": "x"}', {"total": 13, "currency": "KRW"}),
        ("Bought", "properties", '{"total": [1, "x", null]}', {"total": [1, None, None], "currency": "KRW"}),
        ("Bought", "properties", '{"total": true}', {"total": None, "currency": "KRW"}),
        ("Bought", "properties", '{"total": 1e300}', {"total": None, "currency": "KRW"}),
        ("Bought", "properties", '{"\\u006eote": "escaped key"}', None),
        ("Bought", "properties", '{ "note" : "spaced" }', None),
        ("Else", "properties", '{"note": "kept here", "ip": "203.0.113.9"}', {"note": "kept here"}),
        ("Else", "traits", '{"email": "a@b.c", "x": {"email": 1}}', {"x": {"email": 1}}),
        ("Else", "context", '{"traits": {"email": "a@b.c"}, "ip": "203.0.113.9"}', {"traits": {}}),
        ("Else", "context", "[1]", None),
        ("Else", "context", "7", None),
        ("Else", "context", "", None),
        ("Seen", "properties", '{"items": {"price": 1.5}}', {"items": {"price": 150, "currency": "USD"}}),
        ("Seen", "properties", '{"items": [{"price": 1.5}], "currency": "KRW"}', {"items": [{"price": 2}], "currency": "KRW"}),
    ],
)
def test_shapes(name: str, root: str, raw: str, kept: object) -> None:
    found = Shaping(DEFINITIONS).text(name, root, raw.encode())
    assert (None if found is None else json.loads(found)) == kept


def test_minor_units_are_those_of_columns() -> None:
    from gyeol.kernel.money import to_minor

    amounts = np.array([1.015, 2.5, 0.5, 1.5, -1.005, 12.345, 99999.995, 0.0])
    for currency in ("USD", "KRW", "KWD"):
        assert [minor_units(a, currency) for a in amounts.tolist()] == to_minor(amounts, currency).tolist()


def test_events_without_nodes_are_refused() -> None:
    frame = Frame(FrameHeader(first_offset=3, count=1, engine_now_ms=0, definitions="0" * 32), [as_rows([{"event": "Seen"}])])
    with pytest.raises(StateError, match="offset 3"):
        FrameShaper(DEFINITIONS).rows(frame, None)
