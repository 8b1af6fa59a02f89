"""Figures by journey stage: how many people stand where now, and what they ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.measures.commerce import Commerce
from gyeol.measures.paths import currency_at, whole_at
from gyeol.measures.tables import ALWAYS, Period, Result, events_named, table

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {"stage": "string", "people": "int64", "ordering_people": "int64", "orders": "int64"}
"""People and orders by present stage."""

REVENUE: Result = {"stage": "string", "currency": "string", "revenue_minor": "int64"}
"""Money by present stage; currencies stay apart."""


def stages(commerce: Commerce, period: Period = ALWAYS) -> ir.Table:
    """People, and their orders in the period, by the stage they stand on now.

    The caller brings ``stage_of`` (person, stage): stages are the core's, they are not in the lake.
    """
    stage_of = table("stage_of")
    orders = events_named(commerce.order_event, period)
    by_person = orders.group_by("person").aggregate(orders=orders.count())
    rows = stage_of.left_join(by_person, "person")
    return (
        rows.group_by("stage")
        .aggregate(people=rows.person.nunique(), ordering_people=rows.orders.count(), orders=rows.orders.sum().fill_null(0))
        .order_by("stage")
    )


def stage_revenue(commerce: Commerce, period: Period = ALWAYS) -> ir.Table:
    """Money of orders in the period by the present stage of who ordered; ``stage_of`` as in ``stages``."""
    stage_of = table("stage_of")
    orders = events_named(commerce.order_event, period)
    orders = orders.select(person=orders.person, amount=whole_at(orders, commerce.revenue), currency=currency_at(orders, commerce.revenue))
    rows = orders.filter(orders.amount.notnull()).inner_join(stage_of, "person")
    return rows.group_by(["stage", "currency"]).aggregate(revenue_minor=rows.amount.sum()).order_by(["stage", "currency"])
