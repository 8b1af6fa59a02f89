"""The desk's operations on coupons."""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import Core, StatusRequest, SubmitRequest
from gyeol.app.coupon_api import (
    CouponAnswer,
    CouponRequest,
    CouponsAsked,
    CouponsTold,
    CouponsView,
    ReconcileAnswer,
    ReconcileRequest,
)


class CouponTell(CouponRequest, kw_only=True):
    """A question of somebody who works here: ``by`` whom, and ``why`` in their words."""

    by: str = ""
    why: str = ""


class CouponDesk:
    """Part of ``Desk``: pools, their ledger, what tills accepted.

    Args:
        core: The core.
    """

    _core: Core

    def _coupons(self, asked: CouponsAsked) -> CouponsView:
        reply = self._core.status(StatusRequest(coupons=asked))
        assert reply.coupons is not None
        return reply.coupons

    def coupons(self) -> CouponsView:
        """The pools, and the public key of signed codes."""
        return self._coupons(CouponsAsked())

    def coupon_pool(self, pool: str) -> CouponsView:
        """One pool. Raises NotFoundError."""
        found = self._coupons(CouponsAsked(pool=pool, limit=1))
        return msgspec.structs.replace(found, coupons=[], next=None)

    def coupon_ledger(self, pool: str, cursor: str | None = None, limit: int = 100, reveal: bool = False) -> CouponsView:
        """A page of the codes of a pool, in the order in which they came. Raises NotFoundError, InputError."""
        return self._coupons(CouponsAsked(pool=pool, cursor=cursor, limit=limit, reveal=reveal))

    def person_coupons(self, id: str, cursor: str | None = None, limit: int = 100, reveal: bool = False) -> CouponsView:
        """The coupons of a person, newest first. Raises NotFoundError, InputError."""
        return self._coupons(CouponsAsked(person=id, cursor=cursor, limit=limit, reveal=reveal))

    def coupon_doubts(self, cursor: str | None = None, limit: int = 100) -> CouponsView:
        """What tills accepted and the ledger doubts, newest first. Raises InputError."""
        return self._coupons(CouponsAsked(doubts=True, cursor=cursor, limit=limit))

    def tell_coupon(self, request: CouponTell) -> CouponAnswer:
        """Add, issue, hold, release, redeem, reverse or revoke. Raises InputError with every problem."""
        fields = {name: getattr(request, name) for name in CouponRequest.__struct_fields__}
        told = CouponsTold(requests=[CouponRequest(**fields)], by=request.by, why=request.why)
        return self._core.submit(SubmitRequest(coupons=told)).coupons[0]

    def reconcile_coupons(self, request: ReconcileRequest) -> ReconcileAnswer:
        """What becomes of a till's journal. Raises InputError."""
        reply = self._core.submit(SubmitRequest(reconcile=request)).reconciled
        assert reply is not None
        return reply
