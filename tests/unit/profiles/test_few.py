"""Few events are folded one by one; what is known afterwards must not show it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from gyeol.events.batch import Vocabularies
from gyeol.events.model import EventRule, PropertyRule, TrackingPlan
from gyeol.events.rows import batch_of
from gyeol.kernel.instants import DAY_MS, Zone
from gyeol.profiles import group
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable

NOON = 20_000 * DAY_MS + DAY_MS // 2
PLAN = TrackingPlan(
    rules={
        "Bought": EventRule(
            name="Bought",
            properties={
                "properties.price": PropertyRule(type="money", currency="USD"),
                "properties.paid": PropertyRule(type="money"),
                "properties.size": PropertyRule(type="number"),
                "properties.gift": PropertyRule(type="flag"),
                "properties.until": PropertyRule(type="time"),
            },
        )
    }
)


def trait(name: str, kind: Any, path: str | None = None, **more: Any) -> TraitDefinition:
    return TraitDefinition(name=name, kind=kind, event=more.pop("event", "Bought"), property=path and f"properties.{path}", **more)


TRAITS = [
    trait("n", "count"),
    trait("dear", "count", where="properties.price > 1000 OR properties.gift"),
    trait("said", "count", where="properties.word LIKE 'a%' AND properties.size IS NOT NULL"),
    trait("all", "count", event="$any"),
    trait("sum_price", "sum", "price"),
    trait("sum_gift", "sum", "price", where="properties.gift = TRUE"),
    trait("sum_size", "sum", "size", scale=3),
    trait("free", "sum", "free"),
    trait("mean_paid", "mean", "paid"),
    trait("least", "min", "size"),
    trait("most", "max", "until"),
    trait("first_word", "first", "word"),
    trait("last_gift", "last", "gift"),
    trait("last_price", "last", "price"),
    trait("last_until", "last", "until"),
    trait("anywhere", "last", "word", event="$any"),
    trait("recent_words", "recent", "word", size=3),
    trait("recent_sizes", "recent", "size", size=2),
    trait("words", "distinct", "word"),
    trait("gifts", "distinct", "gift"),
    trait("prices", "top", "price"),
    trait("sizes", "top", "size"),
    trait("week", "count", window="7d"),
    trait("hours", "sum", "price", window="24h"),
    trait("free_week", "sum", "free", window="7d", where="properties.word = 'a'"),
    trait("run", "sequence", at_least=3, within="2h"),
    trait("warm", "decay", half_life="1d"),
    trait("heat", "decay", "price", half_life="12h"),
]
ODD: list[Any] = [None, 0, 1, 1.005, -2.5, 2**53, 1e300, "12.5", "a", "ab", "é", "é", True, False, "true", [1], {"k": 1}, ""]


def events(chance: random.Random, n: int) -> list[dict[str, Any]]:
    found = []
    for i in range(n):
        price = chance.choice([None, 10, 12.345, 1001, "5", 0.005, -1, 1e17])
        properties = {
            "price": price,
            "paid": chance.choice([1, 2.5, None, "x"]),
            "currency": chance.choice([None, "USD", "usd", "KRW", "KWD", 7]),
            "size": chance.choice(ODD),
            "free": chance.choice(ODD),
            "word": chance.choice(ODD),
            "gift": chance.choice([True, False, "true", None, 1]),
            "until": chance.choice([None, "2026-01-01T00:00:00Z", 5, "soon"]),
        }
        given = {key: value for key, value in properties.items() if chance.random() < 0.9}
        event: dict[str, Any] = {"timestamp": NOON - chance.randrange(9 * DAY_MS), "messageId": f"m{chance.randrange(40)}-{i}"}
        if chance.random() < 0.1:
            event |= {"type": "page", "context": 1} if chance.random() < 0.5 else {"type": "page"}
        else:
            event |= {"event": chance.choice(["Bought", "Bought", "Seen"]), "properties": given if chance.random() < 0.95 else 3}
        found.append(event)
    return found


def fold(monkeypatch: pytest.MonkeyPatch, few: int, seed: int) -> tuple[TraitTable, Vocabularies]:
    monkeypatch.setattr(group, "FEW", few)
    chance = random.Random(seed)
    vocabularies = Vocabularies()
    table = TraitTable(TRAITS, vocabularies, Zone("Asia/Seoul"), PLAN)
    rows = np.array([table.new_row() for _ in range(3)])
    for _ in range(12):
        given = events(chance, chance.randrange(1, 30))
        batch = batch_of(given, vocabularies=vocabularies, plan=PLAN, paths=sorted(table.paths()), first_offset=chance.randrange(10**6))
        table.fold(batch, np.arange(len(given)), rows[[chance.randrange(3) for _ in given]], NOON)
    return table, vocabularies


@pytest.mark.parametrize("seed", range(8))
def test_one_by_one_is_what_all_at_once_is(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    single, _ = fold(monkeypatch, 10**6, seed)
    whole, _ = fold(monkeypatch, 0, seed)
    rows = np.arange(-1, 3)
    for definition in TRAITS:
        ours, theirs = (table.column(definition.name, rows, NOON) for table in (single, whole))
        for row in range(len(rows)):
            mine, other = ours.item(row), theirs.item(row)
            if definition.kind == "decay":
                assert mine == pytest.approx(other, rel=1e-9), definition.name
            else:
                assert mine == other, (definition.name, row)


def test_few_events_do_go_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    table, vocabularies = fold(monkeypatch, 0, 1)
    monkeypatch.setattr(group, "FEW", 10)
    monkeypatch.setattr("gyeol.profiles.kinds.count.CountStack.fold", None)
    given = events(random.Random(2), 8)
    batch = batch_of(given, vocabularies=vocabularies, plan=PLAN, paths=sorted(table.paths()))
    table.fold(batch, np.arange(8), np.zeros(8, np.int64), NOON)
