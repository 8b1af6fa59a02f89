"""KPIs: counts of events, people who had one, sums of a property, entries of a list property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.measures.model import KpiDefinition
from gyeol.measures.paths import currency_at, length_at, number_at, text_at, truth, whole_at
from gyeol.measures.tables import ALWAYS, Period, Result, events_named, with_facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {"kpi": "string", "whole": "int64", "number": "float64", "currency": "string", "left_out": "int64"}
"""One row a KPI; money: one row a currency, for two currencies are never added.

``whole`` holds counts and money (minor units), ``number`` other sums; ``left_out`` counts events whose property is no number, and
which are in no sum.
"""


def kpi(definition: KpiDefinition, *, money: bool, period: Period = ALWAYS, told: ir.Table | None = None) -> ir.Table:
    """One KPI.

    Args:
        definition: What is measured.
        money: Whether the tracking plan says that the property is money.
        period: Event time.
        told: ``log_offset`` of events and, as columns, the facts as of each that ``where`` reads (``moment.weather``); None: it reads none.

    Raises:
        InputError: The definition's ``where`` or ``property`` is wrong.
    """
    events = with_facts(events_named(definition.event, period), told)
    if definition.where is not None:
        events = events.filter(truth(events, definition.where))
    if definition.measure == "sum" and money:
        return _money(definition, events)
    return _row(definition, events)


def _row(definition: KpiDefinition, events: ir.Table) -> ir.Table:
    import ibis

    none = ibis.literal(0, type="int64")
    whole: ir.Value = ibis.null("int64")
    number: ir.Value = ibis.null("float64")
    path = definition.property or ""
    match definition.measure:
        case "count":
            whole = events.count() if definition.property is None else text_at(events, path).count()
        case "people":
            whole = events.person.nunique()
        case "rows":
            whole = length_at(events, path).sum().fill_null(0)
        case "sum":
            number = number_at(events, path).sum().fill_null(0.0)
            none = (text_at(events, path).notnull() & number_at(events, path).isnull()).sum().fill_null(0)
    row = events.aggregate(whole=whole, number=number, left_out=none)
    return row.select(
        kpi=ibis.literal(definition.name), whole=row.whole, number=row.number, currency=ibis.null("string"), left_out=row.left_out
    )


def _money(definition: KpiDefinition, events: ir.Table) -> ir.Table:
    import ibis

    path = definition.property or ""
    amounts = events.select(amount=whole_at(events, path), text=text_at(events, path), currency=currency_at(events, path))
    amounts = amounts.filter(amounts.text.notnull())
    rows = amounts.group_by("currency").aggregate(whole=amounts.amount.sum(), left_out=amounts.amount.isnull().sum())
    rows = rows.select(
        kpi=ibis.literal(definition.name), whole=rows.whole, number=ibis.null("float64"), currency=rows.currency, left_out=rows.left_out
    )
    return rows.order_by("currency")
