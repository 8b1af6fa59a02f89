"""Coupons: pools, their ledger, what tills accepted, and what became of it all."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gyeol.app.coupon_api import CouponAnswer, CouponFigures, CouponsView, ReconcileAnswer, ReconcileRequest
from gyeol.app.coupon_desk import CouponTell
from gyeol.server.side.routes.people import BY, Asked, Limit


@get("/v1/coupons", sync_to_thread=True)
def coupons(desk: Asked) -> CouponsView:
    """The pools with their terms and counts, and the public key of signed codes."""
    return desk.coupons()


@get("/v1/coupons/{pool:str}", sync_to_thread=True)
def coupon_pool(desk: Asked, pool: FromPath[str]) -> CouponsView:
    """One pool."""
    return desk.coupon_pool(pool)


@get("/v1/coupons/{pool:str}/ledger", sync_to_thread=True)
def coupon_ledger(
    desk: Asked, pool: FromPath[str], cursor: FromQuery[str | None] = None, limit: Limit = 100, reveal: FromQuery[bool] = False
) -> CouponsView:
    """The codes of a pool and what became of each, in the order in which they came; masked unless `reveal=true`."""
    return desk.coupon_ledger(pool, cursor or None, limit, reveal)


@get("/v1/people/{id:str}/coupons", sync_to_thread=True)
def person_coupons(
    desk: Asked, id: FromPath[str], cursor: FromQuery[str | None] = None, limit: Limit = 100, reveal: FromQuery[bool] = False
) -> CouponsView:
    """The coupons of a person, newest first; masked unless `reveal=true`."""
    return desk.person_coupons(id, cursor or None, limit, reveal)


@get("/v1/coupon-doubts", sync_to_thread=True)
def coupon_doubts(desk: Asked, cursor: FromQuery[str | None] = None, limit: Limit = 100) -> CouponsView:
    """What tills accepted without a network and the ledger doubts, newest first, with both sides' facts."""
    return desk.coupon_doubts(cursor or None, limit)


@get("/v1/measures/coupons", sync_to_thread=True)
def coupon_figures(desk: Asked) -> CouponFigures:
    """Issued and redeemed codes by pool, offer and store, as of the lake's offset."""
    return desk.coupon_figures()


@post("/v1/coupons", status_code=200, sync_to_thread=True)
def tell_coupon(desk: Asked, data: JSONBody[CouponTell]) -> CouponAnswer:
    """Add, issue, hold, release, redeem, reverse or revoke (`kind`); the answer comes once it is durable."""
    data.by = BY
    return desk.tell_coupon(data)


@post("/v1/coupons/reconcile", status_code=200, sync_to_thread=True)
def reconcile_coupons(desk: Asked, data: JSONBody[ReconcileRequest]) -> ReconcileAnswer:
    """What becomes of a till's journal, line by line."""
    return desk.reconcile_coupons(data)


ROUTES = [
    coupons,
    coupon_pool,
    coupon_ledger,
    person_coupons,
    coupon_doubts,
    coupon_figures,
    tell_coupon,
    reconcile_coupons,
]
