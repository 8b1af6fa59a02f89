"""What was decided, by placement and offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.measures.tables import ALWAYS, Period, Result, table, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {
    "placement": "string",
    "offer": "string",
    "fallback": "boolean",
    "holdout": "boolean",
    "decisions": "int64",
    "people": "int64",
}
"""``offer`` is NULL where nothing was shown."""


def decided(period: Period = ALWAYS) -> ir.Table:
    """Decisions by placement, offer, and whether it was the fallback or the holdout."""
    rows = within(table("decisions"), "time", period)
    person_of = table("person_of")
    rows = rows.left_join(person_of, "node")
    grouped = rows.group_by(placement=rows.placement, offer=rows.chosen, fallback=rows.fallback, holdout=rows.holdout)
    return grouped.aggregate(decisions=rows.count(), people=rows.person.nunique()).order_by(["placement", "offer", "fallback", "holdout"])


OFFERED: Result = {"offer": "string", "decisions": "int64", "people": "int64"}


def offered(period: Period = ALWAYS) -> ir.Table:
    """Decisions by the offer that was chosen, wherever; fallbacks do not count."""
    rows = within(table("decisions"), "time", period)
    rows = rows.filter(rows.chosen.notnull(), ~rows.fallback).left_join(table("person_of"), "node")
    grouped = rows.group_by(offer=rows.chosen)
    return grouped.aggregate(decisions=rows.count(), people=rows.person.nunique()).order_by("offer")
