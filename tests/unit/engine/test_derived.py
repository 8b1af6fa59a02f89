"""What follows from traits of one person is what it is among many, though it is worked out without columns."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from gyeol.context.derived import first_fact
from gyeol.context.fact import Fact, FactValue
from gyeol.context.facts import DERIVED
from gyeol.context.facts.kind import SingleKind
from gyeol.context.place.stores import StoreDefinition
from gyeol.context.subject import Subject, cell_of
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_events
from gyeol.engine.state import EngineState
from gyeol.events.model import SourceDefinition
from gyeol.events.rows import batch_of
from gyeol.identity.model import IdentifierType

NOW = 1_780_000_000_000
MINUTE, DAY = 60_000, 86_400_000
PATHS = {
    **{key: f"properties.{key}" for key in ("path", "product", "category", "query", "price", "text", "store", "nps", "case", "channel")},
    "sku": "properties.product", "cell": "context.location", "zone": "context.timezone", "birthday": "traits.birthday",
    "device": "context", "referrer": "context",
}  # fmt: skip
HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "09:00-22:00")
DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="shop", moment=PATHS),
    sources=[SourceDefinition(name="web", trust="server", write_key="k" * 8)],
    identifiers=[IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True)],
    stores=[StoreDefinition(name=f"s{i}", lat=37.5 + i / 200, lon=127.0, hours=HOURS if i % 2 else {}, dwell="1m") for i in range(4)],
)
PEOPLE = 30


def happened(chance: random.Random, at_ms: int) -> dict[str, Any]:
    product = {"product": f"P{chance.randrange(4)}", "category": chance.choice("ab"), "price": chance.randrange(1, 9) * 500}
    kinds: list[tuple[str | None, dict[str, Any]]] = [
        (None, {"path": chance.choice(["/menu", "/cart", "/faq"])}), ("Product Viewed", product), ("Product Added", product),
        ("Products Searched", {"query": chance.choice(["라떼", "라떼 할인", "환불"])}), ("Order Completed", product),
        ("Product Removed", product if chance.random() < 0.5 else {}), ("Rated", {"nps": chance.randrange(11)}),
        ("Chat Started", {"text": "refund", "case": "c1"}),
    ]  # fmt: skip
    event, properties = chance.choice(kinds)
    context: dict[str, Any] = {"timezone": chance.choice(["Asia/Seoul", "America/New_York"])}
    if chance.random() < 0.7:
        context["location"] = {"latitude": 37.5 + chance.randrange(60) / 4_000, "longitude": 127.0002}
    return {
        **({"type": "page"} if event is None else {"event": event}), "userId": f"u{chance.randrange(PEOPLE)}", "timestamp": at_ms,
        "properties": {**properties, "channel": chance.choice(["web", "app"])}, "context": context,
    }  # fmt: skip


@pytest.fixture(params=range(3))
def state(request: pytest.FixtureRequest) -> EngineState:
    chance = random.Random(request.param)
    made = EngineState(DEFINITIONS, b"k" * 32)
    made.now_ms = NOW
    ages = [chance.choice([chance.randrange(20 * MINUTE), chance.randrange(2 * DAY), chance.randrange(40 * DAY)]) for _ in range(600)]
    for start in range(0, 600, 200):  # some come late, and a few lie ahead of the clock
        events = [happened(chance, NOW + 2 * MINUTE - age) for age in ages[start : start + 200]]
        batch = batch_of(events, paths=made.reading.paths, vocabularies=made.reading.vocabularies, first_offset=start)
        fold_events(made, batch, Effects(first_offset=start, end_offset=start + 200, at_ms=NOW))
    known: list[tuple[Subject, str, FactValue]] = [
        *((Subject("sku", f"P{i}"), "stock", float(3 * i)) for i in range(3)),
        *((Subject("sku", f"P{i}"), "price", 900.0) for i in range(2)),
        *((Subject("cell", cell_of(37.5 + i / 100, 127.0)), "feels", "hot") for i in range(2)),
        (Subject("workspace", "*"), "weather", "rain"),
    ]
    for about, name, value in known:
        made.moments.facts.add(Fact(name=name, value=value, source="x", observed_at_ms=NOW - MINUTE, ttl_ms=DAY, about=about), NOW)
    return made


def test_kinds_that_tell_one_person_tell_what_they_derive_of_many(state: EngineState) -> None:
    moments, told = state.moments, dict[str, int]()
    everybody = state.people.all_rows()
    zone, n = moments.clock.zone, len(everybody)
    for kind in DEFINITIONS.derived:
        if not isinstance(kind, SingleKind):
            continue
        many = kind.derive(moments.reading(everybody, NOW), n, NOW, np.full(n, zone.day(NOW)), zone)
        assert many.keys() == kind.names.keys()
        for place, row in enumerate(everybody.tolist()):
            one = {fact.name: fact for fact in kind.one(moments.reading(np.array([row]), NOW), NOW, zone)}
            for name, each in many.items():
                assert one.get(name) == first_fact(name, kind.source, each, place), (name, row)
                told[name] = told.get(name, 0) + (name in one)
    assert len(told) > 20 and all(told.values()), told


def test_the_moment_of_one_has_what_columns_have(state: EngineState) -> None:
    moments = state.moments
    everybody = state.people.all_rows()
    for name in sorted(name for kind in DERIVED for name in kind.names):
        column = moments.column(f"moment.{name}", everybody, NOW)
        for place, row in enumerate(everybody.tolist()):
            moment = moments.one(NOW, moments.nodes_of(row), row)
            assert column.item(place) == moment.value(name), (name, row)
            assert bool(column.stale is not None and column.stale[place]) == moment.stale(name), (name, row)
