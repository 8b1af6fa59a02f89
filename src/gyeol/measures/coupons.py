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
"""``store``: where it was redeemed; NULL for codes that were not. A redemption that was taken back counts as none.

``people``: whose codes these are.
"""


def coupons(period: Period = ALWAYS) -> ir.Table:
    """Codes by pool, offer and store, by the instant of their issue (of their redemption for codes that were issued to nobody)."""
    told = table("coupons")
    told = told.filter(told.kind.isin(["issue", "redeem", "reverse"]))
    given, used, undone = told.kind == "issue", told.kind == "redeem", told.kind == "reverse"
    # A code is issued once at most. It is redeemed again only after that was taken back, so the last redemption is the one that stands.
    times, back = used.sum(), undone.sum()
    codes = told.group_by("ref").aggregate(
        pool=told.pool.max(),
        offer=told.offer.max(where=given),
        last_store=told.store.fill_null("").argmax(told.log_offset, where=used),
        node=told.node.max(),
        time=told.time.min(),
        issued=given.sum(),
        redeemed=times - back,
        discount=told.discount_minor.sum(where=used).fill_null(0) - told.discount_minor.sum(where=undone).fill_null(0),
        basket=told.basket_minor.sum(where=used).fill_null(0) - told.basket_minor.sum(where=undone).fill_null(0),
    )
    codes = codes.mutate(store=(codes.redeemed > 0).ifelse(codes.last_store.nullif(""), None))
    codes = within(codes, "time", period)
    rows = codes.left_join(table("person_of"), "node")
    grouped = rows.group_by(["pool", "offer", "store"])
    return grouped.aggregate(
        issued=rows.issued.sum(),
        redeemed=rows.redeemed.sum(),
        people=rows.person.nunique(),
        discount_minor=rows.discount.sum(),
        basket_minor=rows.basket.sum(),
    ).order_by(["pool", "offer", "store"])
