"""What happened around campaigns. None of it is an effect: nobody was left out at random, so nothing here says "because of"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from gyeol.journeys.model import CampaignDefinition
from gyeol.kernel.instants import Zone, parse_instant
from gyeol.measures.commerce import Commerce
from gyeol.measures.paths import currency_at, text_at, whole_at
from gyeol.measures.tables import Result, events_named, table

if TYPE_CHECKING:
    import ibis.expr.types as ir

CAUSAL = False
"""Said beside every figure of this file. Only randomised differences may be called effects (DESIGN §10)."""

RESULT: Result = {
    "campaign": "string",
    "delivered_people": "int64",
    "ordering_people": "int64",
    "orders": "int64",
    "redemptions": "int64",
    "redeeming_people": "int64",
}
"""Orders are those of people whom the campaign reached, inside its window; redemptions are all that name it."""

REVENUE: Result = {"campaign": "string", "currency": "string", "revenue_minor": "int64"}
"""Money of the orders above; currencies stay apart."""


class Window(msgspec.Struct, frozen=True):
    """A campaign's calendar as instants, half-open; None: open."""

    campaign: str
    starts_ms: int | None
    ends_ms: int | None


def windows(campaigns: Sequence[CampaignDefinition], zone: Zone) -> list[Window]:
    """The windows of campaigns: a date without a time means the whole day in the workspace's zone, the last day included."""
    return [Window(c.name, _instant_ms(c.starts, zone, 0), _instant_ms(c.ends, zone, 1)) for c in campaigns]


def _instant_ms(text: str | None, zone: Zone, days_later: int) -> int | None:
    at_ms = parse_instant(text) if text is not None else None
    if text is None or at_ms is None or len(text) > 10:
        return at_ms
    return zone.day_start_ms(at_ms // 86_400_000 + days_later)


def campaigns(commerce: Commerce) -> ir.Table:
    """Results by campaign. The caller brings ``campaign_window`` (campaign, starts, ends), one row a declared campaign."""
    declared = table("campaign_window")
    reached = _reached(commerce)
    delivered = reached.group_by("campaign").aggregate(delivered_people=reached.person.nunique())
    orders = _orders(commerce)
    ordered = orders.group_by("campaign").aggregate(ordering_people=orders.person.nunique(), orders=orders.count())
    used = events_named(commerce.redeemed_event)
    used = used.select(person=used.person, campaign=text_at(used, commerce.campaign))
    redeemed = used.group_by("campaign").aggregate(redemptions=used.count(), redeeming_people=used.person.nunique())
    rows = declared.select("campaign")
    for figures in (delivered, ordered, redeemed):
        rows = rows.left_join(figures, "campaign").drop("campaign_right")
    return rows.select("campaign", **{name: rows[name].fill_null(0) for name in RESULT if name != "campaign"}).order_by("campaign")


def campaign_revenue(commerce: Commerce) -> ir.Table:
    """Money of orders by people whom a campaign reached, inside its window; ``campaign_window`` as in ``campaigns``."""
    orders = _orders(commerce)
    orders = orders.filter(orders.amount.notnull())
    return orders.group_by(["campaign", "currency"]).aggregate(revenue_minor=orders.amount.sum()).order_by(["campaign", "currency"])


def _reached(commerce: Commerce) -> ir.Table:
    sent = events_named(commerce.delivered_event)
    sent = sent.select(person=sent.person, campaign=text_at(sent, commerce.campaign))
    return sent.filter(sent.person.notnull(), sent.campaign.notnull()).distinct()


def _orders(commerce: Commerce) -> ir.Table:
    """One row for each order and campaign that had reached its person and whose window holds the order."""
    declared = table("campaign_window")
    reached = _reached(commerce)
    orders = events_named(commerce.order_event)
    orders = orders.select(
        person=orders.person, time=orders.time, amount=whole_at(orders, commerce.revenue), currency=currency_at(orders, commerce.revenue)
    )
    rows = orders.inner_join(reached, "person").inner_join(declared, "campaign")
    return rows.filter(rows.starts.isnull() | (rows.time >= rows.starts), rows.ends.isnull() | (rows.time < rows.ends))
