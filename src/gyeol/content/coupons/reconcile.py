"""What a till accepted while it had no network, against the ledger: redeemed, or doubtful with what both sides know. Pure.

The till is believed where nothing stands against it. No code is redeemed twice: what was used elsewhere meanwhile, or twice by the
till itself, is listed. The same acceptance sent again gets the same answer: it is known by (till, sequence).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from gyeol.content.coupons.ledger import Coupon, CouponLedger, acceptance
from gyeol.content.coupons.model import Pool
from gyeol.content.coupons.records import Doubted, Redeemed
from gyeol.content.coupons.rules import TillRequest, already, redeemed, uncombinable, unfit
from gyeol.kernel.reason import Reason

AHEAD_MS = 300_000
"""A till's clock may be so far ahead. Source: the rule for events, DESIGN section 4."""


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """One code that a till accepted by itself.

    Args:
        sequence: The till counts its acceptances: 1, 2, 3, …
        ref: Of the coupon; empty: its signature was bad.
        at_ms: By the till's clock.
        asked: The order, basket, store and till.
    """

    sequence: int
    ref: str
    at_ms: int
    asked: TillRequest


def settle(
    ledger: CouponLedger, pools: Mapping[str, Pool], seen: Mapping[str, int], accepted: Acceptance, now_ms: int
) -> Redeemed | Doubted:
    """What becomes of one acceptance.

    Args:
        ledger: With the acceptances before it.
        pools: By name.
        seen: ref → sequence of the acceptances of the same file before this one.
        accepted: By the till.
        now_ms: ``engine_now``.
    """
    asked, sequence = accepted.asked, accepted.sequence
    before = earlier(ledger, accepted)
    if before is not None:
        return before
    coupon = ledger.get(accepted.ref) if accepted.ref else None
    reason = _doubt(ledger, pools, seen, accepted, coupon, now_ms)
    if reason is None:
        assert coupon is not None
        record = redeemed(coupon, pools[coupon.pool], asked, now_ms)
        return replace(record, accepted_ms=accepted.at_ms, sequence=sequence, key="")
    said = {"order": asked.order, "store": asked.store, "basket": asked.basket}
    return Doubted(
        till=asked.till,
        sequence=sequence,
        at_ms=now_ms,
        accepted_ms=accepted.at_ms,
        reason=reason,
        ref=accepted.ref if coupon is not None else "",
        pool=coupon.pool if coupon is not None else "",
        node=coupon.node if coupon is not None else -1,
        source=asked.source,
        said={key: value for key, value in said.items() if value not in (None, "")},
    )


def earlier(ledger: CouponLedger, accepted: Acceptance) -> Redeemed | Doubted | None:
    """The answer that this acceptance got before; None: it is new.

    The same number for another code is doubtful, and is told without a record: that number is taken.
    """
    known = ledger.acceptances.get(acceptance(accepted.asked.till, accepted.sequence))
    if known is None:
        return None
    if isinstance(known, Doubted):
        if known.ref in ("", accepted.ref) and known.accepted_ms == accepted.at_ms:
            return known
        return replace(known, reason=Reason(code="sequence_reused"), accepted_ms=accepted.at_ms, ref=accepted.ref)
    mine = (accepted.asked.till, accepted.sequence)
    then = next(each for each in ledger.coupons[known].redemptions() if (each.till, each.sequence) == mine)
    if known == accepted.ref and then.accepted_ms == accepted.at_ms:
        return then
    return Doubted(
        till=accepted.asked.till,
        sequence=accepted.sequence,
        at_ms=then.at_ms,
        accepted_ms=accepted.at_ms,
        reason=Reason(code="sequence_reused"),
        ref=accepted.ref,
    )


def _doubt(
    ledger: CouponLedger, pools: Mapping[str, Pool], seen: Mapping[str, int], accepted: Acceptance, coupon: Coupon | None, now_ms: int
) -> Reason | None:
    if not accepted.ref:
        return Reason(code="bad_signature")
    if coupon is None:
        return Reason(code="unknown_code")
    at_ms, asked = accepted.at_ms, accepted.asked
    if coupon.ref in seen:
        return Reason(code="twice_in_file", params={"first": seen[coupon.ref]})
    if coupon.redeemed is not None:
        return already(coupon, "redeemed_elsewhere")
    if coupon.state == "revoked":
        code = "revoked_before" if coupon.revoked_ms <= at_ms else "revoked_after"
        return Reason(code=code, params={"revoked_ms": coupon.revoked_ms})
    if at_ms > now_ms + AHEAD_MS:
        return Reason(code="from_the_future", params={"now_ms": now_ms})
    if at_ms < coupon.issued_ms - AHEAD_MS:
        return Reason(code="before_issue", params={"issued_ms": coupon.issued_ms})
    if coupon.expires_ms and at_ms >= coupon.expires_ms:
        return Reason(code="expired_then", params={"expires_ms": coupon.expires_ms})
    pool = pools.get(coupon.pool)
    if pool is None:
        return Reason(code="unknown_pool", params={"pool": coupon.pool})
    # Printed codes have no end of their own, and a pool's may be moved: what the till could not know the ledger does.
    if pool.until_ms is not None and at_ms >= pool.until_ms:
        return Reason(code="expired_then", params={"expires_ms": pool.until_ms})
    if pool.from_ms is not None and at_ms < pool.from_ms:
        return Reason(code="before_issue", params={"issued_ms": pool.from_ms})
    if coupon.state == "free" and not pool.definition.bearer:
        return Reason(code="not_issued")
    if now_ms < coupon.held_until_ms and coupon.holder != asked.holder:
        return Reason(code="held_elsewhere", params={"until_ms": coupon.held_until_ms})
    return unfit(pool, asked) or uncombinable(ledger, pools, coupon, asked)
