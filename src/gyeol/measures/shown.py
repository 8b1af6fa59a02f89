"""What was seen and clicked, by offer: from the impressions that pages and apps tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.measures.paths import text_at
from gyeol.measures.tables import ALWAYS, Period, Result, table, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

SHOWN, CLICKED = "Offer Shown", "Offer Clicked"
RESULT: Result = {"offer": "string", "shown": "int64", "clicked": "int64"}


def shown(period: Period = ALWAYS) -> ir.Table:
    """``Offer Shown`` and ``Offer Clicked`` by ``properties.offer``; each event counts once."""
    events = table("person_events")
    events = within(events.filter(events.name.isin([SHOWN, CLICKED])), "time", period)
    rows = events.select(offer=text_at(events, "properties.offer"), seen=events.name == SHOWN)
    rows = rows.filter(rows.offer.notnull())
    return rows.group_by("offer").aggregate(shown=rows.seen.sum().cast("int64"), clicked=(~rows.seen).sum().cast("int64")).order_by("offer")
