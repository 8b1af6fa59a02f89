"""Rows, nodes, batches, money and snapshots of the trait table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gyeol.events.batch import Vocabularies
from gyeol.events.model import EventRule, PropertyRule, TrackingPlan
from gyeol.events.rows import batch_of
from gyeol.kernel.errors import VersionConflictError
from gyeol.kernel.instants import DAY_MS, Zone
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable

NOON = 20_000 * DAY_MS + DAY_MS // 2
TRAITS = [
    TraitDefinition(name="n", kind="count", event="Bought", label={"ko": "구매", "en": "purchases"}),
    TraitDefinition(name="dear", kind="count", event="Bought", where="properties.paid > 100 AND context.channel = 'web'"),
    TraitDefinition(name="paid", kind="sum", event="Bought", property="properties.paid"),
    TraitDefinition(name="item", kind="last", event="Bought", property="properties.item"),
    TraitDefinition(name="anything", kind="count", event="$any"),
    TraitDefinition(name="seen", kind="distinct", event="$page", property="properties.path"),
    TraitDefinition(name="paid_7d", kind="sum", event="Bought", property="properties.paid", window="7d"),
]
PLAN = TrackingPlan(rules={"Bought": EventRule(name="Bought", properties={"properties.paid": PropertyRule(type="money")})})


def bought(paid: float, item: str = "pear", at: int = NOON, **more: Any) -> dict[str, Any]:
    return {"event": "Bought", "timestamp": at, "properties": {"paid": paid, "item": item} | more, "context": {"channel": "web"}}


class Kept:
    """A table with the vocabularies of its batches."""

    def __init__(self, traits: list[TraitDefinition] = TRAITS, plan: TrackingPlan = PLAN, currency: str = "KRW") -> None:
        self.vocabularies, self.plan, self.currency = Vocabularies(), plan, currency
        self.table = TraitTable(traits, self.vocabularies, Zone("Asia/Seoul"), plan, currency=currency)
        self.offset = 0

    def fold(self, events: list[dict[str, Any]], rows: list[int], at: list[int] | None = None) -> None:
        batch = batch_of(events, plan=self.plan, currency=self.currency, vocabularies=self.vocabularies, first_offset=self.offset)
        self.offset += len(events)
        self.table.fold(batch, np.arange(len(events)) if at is None else np.array(at, np.int64), np.array(rows, np.int64), NOON)

    def row(self, row: int) -> dict[str, object]:
        return {name: self.table.column(name, np.array([row]), NOON).item(0) for name in self.table.schema()}


def test_nodes_get_rows_in_order_of_sight_and_keep_them() -> None:
    table = Kept().table
    assert table.rows_of_nodes(np.array([7, 3, 7]), create=False).tolist() == [-1, -1, -1]
    first = table.rows_of_nodes(np.array([7, 3, 7])).tolist()
    assert first[0] == first[2] != first[1]
    assert table.rows_of_nodes(np.array([100_000, 3])).tolist()[1] == first[1]
    assert table.rows_of_nodes(np.array([-1, 5]), create=False).tolist() == [-1, -1]
    assert table.new_row() == table.rows - 1


def test_a_freed_row_is_empty_and_used_again() -> None:
    kept = Kept()
    rows = kept.table.rows_of_nodes(np.array([0, 1])).tolist()
    kept.fold([bought(5), bought(7, "fig"), {"type": "page", "timestamp": NOON, "properties": {"path": "/"}}], [rows[0], rows[1], rows[0]])
    kept.table.free_row(rows[0])
    assert kept.table.rows_of_nodes(np.array([0, 1]), create=False).tolist() == [-1, rows[1]]
    again = kept.table.new_row()
    assert again == rows[0]
    assert kept.row(again) == {"n": 0, "dear": 0, "paid": 0, "item": None, "anything": 0, "seen": 0, "paid_7d": 0}
    assert kept.row(rows[1])["paid"] == 7
    kept.fold([bought(1)], [again])
    assert (kept.row(again)["n"], kept.row(again)["item"], kept.row(rows[1])["item"]) == (1, "pear", "fig")


def test_an_event_may_count_for_several_rows_and_only_chosen_events_count() -> None:
    kept = Kept()
    a, b = kept.table.new_row(), kept.table.new_row()
    kept.fold([bought(500), bought(50), bought(7)], [a, b, b, a], at=[0, 0, 1, 1])
    assert (kept.row(a)["n"], kept.row(b)["n"], kept.row(b)["paid"], kept.row(b)["dear"]) == (2, 2, 550, 1)


def test_events_without_traits_and_empty_batches_change_nothing() -> None:
    kept = Kept([t for t in TRAITS if t.event == "Bought"])
    row = kept.table.new_row()
    kept.fold([{"event": "Other", "timestamp": NOON}, {"type": "page", "timestamp": NOON}], [row, row])
    kept.fold([bought(1)], [], at=[])
    assert kept.row(row)["n"] == 0


def test_money_is_minor_units_of_one_currency() -> None:
    kept = Kept(currency="USD")
    row = kept.table.new_row()
    kept.fold([bought(1.005), bought(2, currency="USD"), bought(1000, currency="KRW"), bought(3, currency="EUR")], [row] * 4)
    assert (kept.row(row)["paid"], kept.row(row)["paid_7d"], kept.row(row)["n"]) == (300, 300, 4)
    assert kept.table.schema()["paid"].unit == "USD"


def test_the_schema_and_the_paths_that_are_read() -> None:
    table = Kept().table
    schema = table.schema()
    assert list(schema) == [t.name for t in TRAITS]
    assert (schema["n"].label["ko"], schema["n"].default_zero) == ("구매", True)
    assert (schema["item"].type, schema["item"].default_zero) == ("text", False)
    assert table.paths() == {"properties.paid", "properties.item", "properties.path", "context.channel"}


def test_nobodys_row_has_the_values_of_nothing() -> None:
    kept = Kept()
    kept.fold([bought(5)], [kept.table.new_row()])
    assert kept.row(-1) == {"n": 0, "dear": 0, "paid": 0, "item": None, "anything": 0, "seen": 0, "paid_7d": 0}
    with pytest.raises(KeyError):
        kept.table.column("unheard_of", np.array([0]), NOON)


def test_columns_over_many_rows_are_the_columns_of_their_parts() -> None:
    kept = Kept()
    rows = kept.table.rows_of_nodes(np.arange(40_000))
    kept.fold([bought(i, f"item {i % 97}") for i in range(3000)], rows[::13][:3000].tolist())
    for name in kept.table.schema():
        whole = kept.table.column(name, rows, NOON)
        assert len(whole) == len(rows)
        for start in (0, 16_000, 39_000):
            part = kept.table.column(name, rows[start : start + 900], NOON)
            assert [whole.item(i) for i in range(start, start + 900)] == [part.item(i) for i in range(900)]


def test_many_rows_are_rebuilt_at_once_as_one_by_one() -> None:
    kept = Kept()
    rows = kept.table.rows_of_nodes(np.arange(6)).tolist()
    kept.fold([bought(i, f"i{i}", NOON - i) for i in range(12)], rows * 2)
    people = [kept.table.new_row() for _ in range(4)]
    kept.table.rebuild_many([(people[0], rows[:2]), (people[1], rows[2:6])])
    kept.table.rebuild(people[2], rows[:2])
    kept.table.rebuild(people[3], rows[2:6])
    assert kept.row(people[0]) == kept.row(people[2])
    assert kept.row(people[1]) == kept.row(people[3])
    assert kept.row(people[1])["n"] == 8
    kept.table.rebuild(people[1], [])
    assert kept.row(people[1])["n"] == 0
    with pytest.raises(ValueError, match="from itself"):
        kept.table.rebuild(rows[0], rows)


def test_vocabularies_of_another_process_do_not_change_what_is_read() -> None:
    kept = Kept()
    row = kept.table.new_row()
    kept.fold([bought(1, "pear")], [row])
    kept.vocabularies = Vocabularies()
    kept.vocabularies.of("properties.item").code("something else")
    kept.vocabularies.names.code("$page")
    kept.fold([bought(2, "fig", NOON + 1)], [row])
    assert (kept.row(row)["n"], kept.row(row)["item"]) == (2, "fig")


def test_a_snapshot_of_other_definitions_is_refused() -> None:
    kept = Kept()
    kept.fold([bought(5)], [kept.table.new_row()])
    dumped = kept.table.dump()
    for other in (Kept(TRAITS[:-1]), Kept(currency="USD")):
        with pytest.raises(VersionConflictError, match="defined otherwise"):
            other.table.load(dumped)
    with pytest.raises(VersionConflictError):
        Kept().table.load(dumped | {"form": np.array([0])})
    again = Kept()
    again.table.load(dumped)
    assert again.row(0) == kept.row(0)


def test_digests_tell_states_apart_and_bytes_are_accounted_for() -> None:
    kept = Kept()
    row = kept.table.new_row()
    everyone = np.array([row])
    empty = kept.table.state_digest(everyone)
    kept.fold([bought(5)], [row])
    once = kept.table.state_digest(everyone)
    kept.fold([bought(5)], [row])
    assert len({empty, once, kept.table.state_digest(everyone)}) == 3
    sizes = kept.table.size_bytes()
    assert sizes["Bought.count.counts"] == 2 * 2 * 4  # two slots (one empty), two traits
    assert all(size >= 0 for size in sizes.values())
