"""KPIs equal what a person would count by hand."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.kernel.errors import InputError
from gyeol.measures.kpis import kpi
from gyeol.measures.model import KpiDefinition
from gyeol.measures.tables import ALWAYS, Period

EVENTS = [
    ("ann", "Order", 100, {"revenue": 1050, "currency": "USD", "products": [1, 2, 3], "weight": 1.5, "city": "서울"}),
    ("ann", "Order", 200, {"revenue": 950, "currency": "USD", "products": [], "weight": "2.5"}),
    ("bob", "Order", 300, {"revenue": 4000, "currency": "KRW", "products": [1], "weight": "heavy"}),
    ("bob", "View", 400, {"price": 1}),
    ("cho", "View", 500, {}),
]


def one(figures: Any, *, money: bool = False, period: Period = ALWAYS, **definition: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = figures.run(kpi(KpiDefinition(name="k", **definition), money=money, period=period))
    return rows


@pytest.fixture
def filled(figures: Any) -> Any:
    figures.add(EVENTS)
    return figures


@pytest.mark.parametrize(
    ("definition", "whole", "number"),
    [
        ({"event": "Order", "measure": "count"}, 3, None),
        ({"event": "Order", "measure": "count", "property": "properties.city"}, 1, None),
        ({"event": "Nothing", "measure": "count"}, 0, None),
        ({"event": "$any", "measure": "people"}, 3, None),
        ({"event": "View", "measure": "people"}, 2, None),
        ({"event": "Order", "measure": "rows", "property": "properties.products"}, 4, None),
        ({"event": "Nothing", "measure": "rows", "property": "properties.products"}, 0, None),
        ({"event": "Order", "measure": "sum", "property": "properties.weight"}, None, 4.0),
        ({"event": "Order", "measure": "count", "where": "properties.revenue >= 1000"}, 2, None),
        ({"event": "Order", "measure": "count", "where": "properties.city = '서울' AND source = 'till'"}, 1, None),
        ({"event": "Order", "measure": "count", "where": "properties.city IS NULL"}, 2, None),
    ],
)
def test_figure(filled: Any, definition: dict[str, Any], whole: int | None, number: float | None) -> None:
    (row,) = one(filled, **definition)
    assert (row["whole"], row["number"]) == (whole, number)


def test_currencies_are_never_added(filled: Any) -> None:
    rows = one(filled, money=True, event="Order", measure="sum", property="properties.revenue")
    assert [(row["currency"], row["whole"]) for row in rows] == [("KRW", 4000), ("USD", 2000)]


def test_values_that_are_no_number_are_counted_as_left_out(filled: Any) -> None:
    (row,) = one(filled, event="Order", measure="sum", property="properties.weight")
    assert row["left_out"] == 1


def test_period_is_half_open(filled: Any) -> None:
    (row,) = one(filled, event="Order", measure="count", period=Period(start_ms=100, end_ms=300))
    assert row["whole"] == 2


def test_a_person_with_two_nodes_counts_once(figures: Any) -> None:
    figures.add(EVENTS)
    figures.insert("node_person", node=1, person="ann", since_offset=9, since="2026-01-01T00:00:00Z")
    (row,) = one(figures, event="$any", measure="people")
    assert row["whole"] == 2


@pytest.mark.parametrize("definition", [{"property": "revenue", "measure": "sum"}, {"where": "DROP TABLE events", "measure": "count"}])
def test_a_wrong_definition_is_refused(definition: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        kpi(KpiDefinition(name="k", event="Order", **definition), money=False)
