"""Codes that were issued, and what became of them: by pool, offer and store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.measures.tables import ALWAYS, Period, Result, table, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {
    "pool": "string",
    "offer": "string",
    "store": "string",
    "issued": "int64",
    "redeemed": "int64",
    "people": "int64",
    "discount_minor": "int64",
    "basket_minor": "int64",
}
"""``store``: where it was redeemed; NULL for codes that were not. ``people``: whose codes these are."""


def coupons(period: Period = ALWAYS) -> ir.Table:
    """Codes by pool, offer and store, by the instant of their issue (of their redemption for codes that were issued to nobody)."""
    told = table("coupons")
    told = told.filter(told.kind.isin(["issue", "redeem"]))
    given, used = told.kind == "issue", told.kind == "redeem"
    # A code has one row of each kind at most, so any value of a kind is the value.
    codes = told.group_by("ref").aggregate(
        pool=told.pool.max(),
        offer=told.offer.max(where=given),
        store=told.store.max(where=used),
        node=told.node.max(),
        time=told.time.min(),
        issued=given.sum(),
        redeemed=used.sum(),
        discount=told.discount_minor.sum(where=used),
        basket=told.basket_minor.sum(where=used),
    )
    codes = within(codes, "time", period)
    rows = codes.left_join(table("person_of"), "node")
    rows = rows.mutate(discount=rows.discount.fill_null(0), basket=rows.basket.fill_null(0))
    grouped = rows.group_by(["pool", "offer", "store"])
    return grouped.aggregate(
        issued=rows.issued.sum(),
        redeemed=rows.redeemed.sum(),
        people=rows.person.nunique(),
        discount_minor=rows.discount.sum(),
        basket_minor=rows.basket.sum(),
    ).order_by(["pool", "offer", "store"])
