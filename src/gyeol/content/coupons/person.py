"""The coupons of one person, as decisions and journeys see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from gyeol.content.coupons import rules
from gyeol.content.coupons.ledger import CouponLedger
from gyeol.content.coupons.model import Pool
from gyeol.content.coupons.records import Issued
from gyeol.kernel.reason import Reason

CODE, EXPIRES = "coupon.code", "coupon.expires"
"""What content may read of the coupon of its offer."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A code that somebody is shown. ``expires``: its last day, ``2026-03-01``; None: it does not end."""

    pool: str
    code: str
    ref: str
    expires: str | None
    expires_ms: int = 0

    def values(self) -> dict[str, object]:
        """What content reads of it."""
        return {CODE: self.code, EXPIRES: self.expires}


class PersonCoupons:
    """What one person has, and may be given.

    Args:
        ledger: All coupons.
        pools: By name.
        key: Of codes.
        node: To whom codes are given.
        seen: The nodes whose codes may be shown: those of the person, or the one node that a visitor has proved.
        nodes: All that are known to be the person's: over them limits count.
    """

    def __init__(
        self, ledger: CouponLedger, pools: Mapping[str, Pool], key: bytes, node: int, seen: Sequence[int], nodes: Sequence[int]
    ) -> None:
        self._ledger, self._pools, self._key = ledger, pools, key
        self._node, self._seen, self._nodes = node, seen, nodes

    def refusal(self, pool: str, now_ms: int) -> Reason | None:
        """Why an offer with this coupon cannot be made; a code that the person has and can still use is shown again."""
        found = self._pools.get(pool)
        if found is None:
            return Reason(code="coupon_unavailable", params={"pool": pool})
        if self._ledger.live(self._seen, pool, now_ms) is not None:
            return None
        reason = rules.unavailable(self._ledger, found, self._nodes, now_ms)
        closed = reason is not None and reason.code == "not_open"
        return Reason(code="coupon_unavailable", params={"pool": pool}) if closed else reason

    def taken(self, pool: str, now_ms: int, decision: str, offer: str) -> tuple[Shown, Issued | None] | Reason:
        """The code that an offer shows, and the record of its issue when it is a new one."""
        found = self._pools.get(pool)
        if found is None:
            return Reason(code="coupon_unavailable", params={"pool": pool})
        live = self._ledger.live(self._seen, pool, now_ms)
        if live is not None:
            return shown(found, live.code, live.ref, live.expires_ms), None
        record = rules.issue(self._ledger, self._key, found, self._node, self._nodes, now_ms, decision=decision, offer=offer)
        return record if isinstance(record, Reason) else (shown(found, record.code, record.ref, record.expires_ms), record)


def shown(pool: Pool, code: str, ref: str, expires_ms: int) -> Shown:
    """A code as it is shown, its last day on the workspace's calendar."""
    expires = last_day(pool, expires_ms)
    return Shown(pool=pool.name, code=code, ref=ref, expires=expires, expires_ms=expires_ms)


def last_day(pool: Pool, expires_ms: int) -> str | None:
    """The last day on which a code is good; None: it does not end."""
    if not expires_ms:
        return None
    at = datetime.fromtimestamp((expires_ms - 1 + pool.zone.offset_ms(expires_ms - 1)) / 1000, UTC)
    return at.date().isoformat()


class NoCoupons:
    """Of somebody of whom nothing is known: there are none."""

    def refusal(self, pool: str, now_ms: int) -> Reason | None:
        """Every offer with a coupon is refused."""
        return Reason(code="coupon_unavailable", params={"pool": pool})

    def taken(self, pool: str, now_ms: int, decision: str, offer: str) -> tuple[Shown, Issued | None] | Reason:
        """No code is given."""
        return Reason(code="coupon_unavailable", params={"pool": pool})
