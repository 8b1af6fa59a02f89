"""What may be done with a coupon: a record, or the reason why not. Pure: nothing is changed here, and time is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gyeol.content.coupons.codes import generate, ref_of
from gyeol.content.coupons.ledger import Coupon, CouponLedger
from gyeol.content.coupons.model import Pool
from gyeol.content.coupons.records import Added, Held, Issued, Redeemed, Released, Reversed, Revoked
from gyeol.kernel.reason import Reason

MOST_ADDED = 10_000
"""Codes in one record."""


class TillRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a till asks of one coupon.

    Args:
        ref: Of the coupon.
        source: Whose key the request bears.
        key: Of the request; empty: it cannot be asked twice.
        store, till: Where.
        order: The till's order.
        basket, currency: What it is worth, in minor units; None: not told.
        node: Who brings it, where that is known; -1: nobody.
        minutes: For a hold: how long; None: as the pool says.
    """

    ref: str
    source: str
    key: str = ""
    store: str = ""
    till: str = ""
    order: str = ""
    basket: int | None = None
    currency: str | None = None
    node: int = -1
    minutes: int | None = None

    @property
    def holder(self) -> str:
        """Who reserves, and so who may redeem: the till where it says which it is, else who knows the key."""
        return f"{self.source}\n{self.store}\n{self.till or self.key}"


def unavailable(ledger: CouponLedger, pool: Pool, nodes: Sequence[int], now_ms: int) -> Reason | None:
    """Why a person gets no new code of a pool. ``nodes``: all that are known to be theirs."""
    if not pool.open(now_ms):
        return Reason(code="not_open", params={"pool": pool.name})
    issued, limit = ledger.issued_to(nodes, pool.name), pool.definition.per_person
    if issued >= limit:
        return Reason(code="coupon_limit", params={"pool": pool.name, "issued": issued, "limit": limit})
    if ledger.next_free(pool.name) is None and (pool.definition.codes == "imported" or _full(ledger, pool)):
        return Reason(code="coupon_unavailable", params={"pool": pool.name})
    return None


def _full(ledger: CouponLedger, pool: Pool) -> bool:
    size = pool.definition.size
    return size is not None and ledger.counts(pool.name).codes >= size


def issue(
    ledger: CouponLedger,
    key: bytes,
    pool: Pool,
    node: int,
    nodes: Sequence[int],
    now_ms: int,
    *,
    decision: str = "",
    offer: str = "",
    source: str = "",
    request_key: str = "",
    identifier: tuple[str, str] | None = None,
) -> Issued | Reason:
    """A code for somebody.

    Args:
        ledger: What became of coupons so far.
        key: Of codes, 32 bytes.
        pool: Which kind.
        node: To whom it is given.
        nodes: All that are known to be that person's: over them limits count.
        now_ms: ``engine_now``.
        decision: For which it is given; empty: for none.
        offer: For which it is given.
        source: Who asks.
        request_key: Of the request.
        identifier: See ``Issued``.
    """
    reason = unavailable(ledger, pool, nodes, now_ms)
    if reason is not None:
        return reason
    free = ledger.next_free(pool.name)
    if free is not None:
        code, ref, serial = free.code, free.ref, 0
    else:
        code, ref, serial = _generated(ledger, key, pool, ledger.serials.get(pool.name, 0), ())
    return Issued(
        pool=pool.name,
        code=code,
        ref=ref,
        node=node,
        at_ms=now_ms,
        expires_ms=pool.expires_ms(now_ms),
        decision=decision,
        offer=offer,
        source=source,
        key=request_key,
        serial=serial,
        identifier=identifier,
    )


def _generated(ledger: CouponLedger, key: bytes, pool: Pool, serial: int, taken: Iterable[str]) -> tuple[str, str, int]:
    """The next code that no coupon has, its ref and the number after its own."""
    while True:
        code = generate(key, pool.name, serial, pool.definition.length)
        ref, serial = ref_of(key, code), serial + 1
        if ref not in ledger.coupons and ref not in taken:
            return code, ref, serial


def add(ledger: CouponLedger, key: bytes, pool: Pool, codes: Sequence[str], count: int, now_ms: int) -> Added | Reason:
    """Codes into a pool: those of a file, and so many generated ones; codes that are there already are left out.

    Args:
        ledger: What became of coupons so far.
        key: Of codes, 32 bytes.
        pool: Which kind.
        codes: As they are written.
        count: How many are to be generated, for printing.
        now_ms: ``engine_now``.
    """
    fresh: dict[str, str] = {}
    for code in codes:
        ref = ref_of(key, code)
        if ref not in ledger.coupons:
            fresh.setdefault(ref, code.strip())
    serial = ledger.serials.get(pool.name, 0)
    for _ in range(count):
        code, ref, serial = _generated(ledger, key, pool, serial, fresh)
        fresh[ref] = code
    size = pool.definition.size
    if size is not None and ledger.counts(pool.name).codes + len(fresh) > size:
        return Reason(code="coupon_unavailable", params={"pool": pool.name, "size": size})
    return Added(pool=pool.name, codes=list(fresh.values()), refs=list(fresh), at_ms=now_ms, serial=serial if count else 0)


def redeem(ledger: CouponLedger, pools: Mapping[str, Pool], asked: TillRequest, now_ms: int) -> Redeemed | Reason:
    """Use a coupon: the record, new or, for a request that was answered before, that of then."""
    before = ledger.asked(asked.source, "redeem", asked.key)
    if before is not None:
        if before.ref != asked.ref:
            return Reason(code="key_reused")
        for gone in before.reversals:
            if (gone.of.source, gone.of.key) == (asked.source, asked.key):
                return Reason(code="reversed_before", params={"reversed_ms": gone.at_ms})
        then = before.redeemed
        assert then is not None
        # Two tills that count alike may give one key to one code: only who used it is told that it is theirs.
        here = (then.store, then.till, then.order) == (asked.store, asked.till, asked.order)
        return then if here else already(before, "already_redeemed")
    coupon = ledger.get(asked.ref)
    if coupon is None:
        return Reason(code="unknown_code")
    reason = unusable(coupon, pools.get(coupon.pool), asked, now_ms) or uncombinable(ledger, pools, coupon, asked)
    if reason is not None:
        return reason
    return redeemed(coupon, pools[coupon.pool], asked, now_ms)


def reverse(ledger: CouponLedger, asked: TillRequest, now_ms: int) -> Reversed | Reason:
    """Take a redemption back: the record, new or, for a request that was answered before, that of then.

    A till names the store and the order of the redemption; somebody who works here (no source) need not.
    """
    before = ledger.asked(asked.source, "reverse", asked.key)
    if before is not None:
        mine = [each for each in before.reversals if (each.source, each.key) == (asked.source, asked.key)]
        return mine[0] if before.ref == asked.ref else Reason(code="key_reused")
    coupon = ledger.get(asked.ref)
    if coupon is None:
        return Reason(code="unknown_code")
    then = coupon.redeemed
    if then is None:
        return Reason(code="not_redeemed")
    if asked.source and (asked.store, asked.order) != (then.store, then.order):
        return already(coupon, "not_redeemed_here")
    return Reversed(
        ref=coupon.ref,
        pool=coupon.pool,
        at_ms=now_ms,
        of=then,
        node=coupon.node,
        source=asked.source,
        key=asked.key,
        store=asked.store or then.store,
        till=asked.till,
    )


def redeemed(coupon: Coupon, pool: Pool, asked: TillRequest, now_ms: int) -> Redeemed:
    """The record of a redemption that nothing stands against."""
    return Redeemed(
        ref=coupon.ref,
        pool=coupon.pool,
        at_ms=now_ms,
        node=coupon.node if coupon.node >= 0 else asked.node,
        source=asked.source,
        key=asked.key,
        store=asked.store,
        till=asked.till,
        order=asked.order,
        basket=asked.basket,
        discount=pool.discount(asked.basket),
        currency=pool.currency,
    )


def unusable(coupon: Coupon, pool: Pool | None, asked: TillRequest, now_ms: int) -> Reason | None:
    """Why a coupon cannot be used now, by this till."""
    reason = over(coupon, now_ms)
    if reason is not None:
        return reason
    if coupon.standing(now_ms) == "held" and coupon.holder != asked.holder:
        return Reason(code="held_elsewhere", params={"until_ms": coupon.held_until_ms})
    if pool is None:
        return Reason(code="unknown_pool", params={"pool": coupon.pool})
    if coupon.state == "free" and not pool.definition.bearer:
        return Reason(code="not_issued")
    if not pool.open(now_ms):
        return Reason(code="not_open", params={"pool": pool.name})
    return unfit(pool, asked)


def over(coupon: Coupon, now_ms: int) -> Reason | None:
    """Why nobody can use a coupon any more: it was used or taken back, or its time is over."""
    if coupon.redeemed is not None:
        return already(coupon, "already_redeemed")
    standing = coupon.standing(now_ms)
    if standing == "revoked":
        return _gone(coupon)
    return Reason(code="expired", params={"expires_ms": coupon.expires_ms}) if standing == "expired" else None


def unfit(pool: Pool, asked: TillRequest) -> Reason | None:
    """Why a coupon does not fit a basket; one that was not told fits."""
    if asked.currency is not None and asked.currency != pool.currency:
        return Reason(code="other_currency", params={"currency": pool.currency})
    least = pool.definition.min_basket
    if asked.basket is not None and asked.basket < least:
        return Reason(code="basket_too_small", params={"min_basket": least, "basket": asked.basket, "currency": pool.currency})
    return None


def uncombinable(ledger: CouponLedger, pools: Mapping[str, Pool], coupon: Coupon, asked: TillRequest) -> Reason | None:
    """Why a coupon cannot join those of its order."""
    others = ledger.in_order(asked.store, asked.order)
    if not others:
        return None
    together = all(each.pool in pools and pools[each.pool].definition.combinable for each in (coupon, *others))
    return None if together else Reason(code="not_combinable", params={"others": sorted(each.ref for each in others)})


def already(coupon: Coupon, code: str) -> Reason:
    """When and where a coupon was redeemed."""
    then = coupon.redeemed
    assert then is not None
    params: dict[str, object] = {"at_ms": then.accepted_ms or then.at_ms, "store": then.store, "till": then.till, "order": then.order}
    return Reason(code=code, params=params)


def hold(ledger: CouponLedger, pools: Mapping[str, Pool], asked: TillRequest, now_ms: int) -> Held | Reason:
    """Reserve a coupon for a till; asked again by the same till the hold begins anew."""
    coupon = ledger.get(asked.ref)
    if coupon is None:
        return Reason(code="unknown_code")
    reason = unusable(coupon, pools.get(coupon.pool), asked, now_ms) or uncombinable(ledger, pools, coupon, asked)
    if reason is not None:
        return reason
    lasts_ms = pools[coupon.pool].hold_ms if asked.minutes is None else asked.minutes * 60_000
    return Held(
        ref=coupon.ref,
        pool=coupon.pool,
        at_ms=now_ms,
        until_ms=now_ms + lasts_ms,
        holder=asked.holder,
        node=coupon.node,
        source=asked.source,
        store=asked.store,
        till=asked.till,
    )


def release(ledger: CouponLedger, asked: TillRequest, now_ms: int) -> Released | Reason:
    """Give a reserved coupon back."""
    coupon = ledger.get(asked.ref)
    if coupon is None:
        return Reason(code="unknown_code")
    if coupon.redeemed is not None:
        return already(coupon, "already_redeemed")
    if coupon.standing(now_ms) != "held" or coupon.holder != asked.holder:
        return Reason(code="not_held")
    return Released(
        ref=coupon.ref, pool=coupon.pool, at_ms=now_ms, node=coupon.node, source=asked.source, store=asked.store, till=asked.till
    )


def revoke(ledger: CouponLedger, refs: Iterable[str], now_ms: int) -> Revoked | Reason:
    """Take codes of one pool back before they are used; those that are used or gone stay as they are."""
    found = [coupon for ref in dict.fromkeys(refs) if (coupon := ledger.get(ref)) is not None]
    if not found:
        return Reason(code="unknown_code")
    live = [coupon for coupon in found if coupon.state in ("issued", "free") and coupon.pool == found[0].pool]
    if not live:
        first = found[0]
        return already(first, "already_redeemed") if first.redeemed is not None else _gone(first)
    return Revoked(refs=[c.ref for c in live], nodes=[c.node for c in live], pool=live[0].pool, at_ms=now_ms)


def _gone(coupon: Coupon) -> Reason:
    return Reason(code="revoked_before", params={"revoked_ms": coupon.revoked_ms})
