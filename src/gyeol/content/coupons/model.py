"""The definition of a coupon pool, compiled, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from gyeol.content.coupons.codes import LONGEST, SHORTEST
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import Zone, parse_instant

MOST_HOLD_MINUTES = 1_440
_MINUTE_MS = 60_000


class CouponPool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of coupon with codes of its own.

    Args:
        name: Unique; an offer names it as ``coupon``.
        amount: Discount in minor units of ``currency``. ``percent``: discount in whole percent. At most one of the two; neither: a gift.
        most: With ``percent``: the discount is at most so much, in minor units.
        currency: ISO 4217; None: the workspace's.
        min_basket: The basket must be worth at least so much, in minor units.
        valid_from, valid_until: ISO instants, half-open: outside them nothing is issued or redeemed.
        days: A code is good until the end of the day (workspace's zone) that comes so many days after its issue; None: until
            ``valid_until``.
        per_person: At most so many codes for one person, counted over all that is known to be theirs; revoked ones do not count.
        size: At most so many codes in all; None: no bound.
        codes: ``generated``, or ``imported`` with ``gyeol coupons add``.
        length: Characters of a generated code, the check character among them, from 8 to 30.
        bearer: Whether a code that was issued to nobody may be redeemed by whoever brings it (printed ones).
        combinable: Whether an order may take other coupons beside it.
        hold_minutes: How long a till may reserve a code, when it does not say.
    """

    name: str
    amount: int | None = None
    percent: int | None = None
    most: int | None = None
    currency: str | None = None
    min_basket: int = 0
    valid_from: str | None = None
    valid_until: str | None = None
    days: int | None = None
    per_person: int = 1
    size: int | None = None
    codes: Literal["generated", "imported"] = "generated"
    length: int = 10
    bearer: bool = False
    combinable: bool = False
    hold_minutes: int = 15
    label: dict[str, str] = {}


class Pool(msgspec.Struct, frozen=True):
    """A pool as the ledger's rules read it. Instants in milliseconds; None: no end."""

    definition: CouponPool
    currency: str
    from_ms: int | None
    until_ms: int | None
    zone: Zone

    @property
    def name(self) -> str:
        """Of the pool."""
        return self.definition.name

    @property
    def hold_ms(self) -> int:
        """How long a code is reserved when a till does not say."""
        return self.definition.hold_minutes * _MINUTE_MS

    def open(self, now_ms: int) -> bool:
        """Whether codes are issued at an instant."""
        return (self.from_ms is None or now_ms >= self.from_ms) and (self.until_ms is None or now_ms < self.until_ms)

    def expires_ms(self, issued_ms: int) -> int:
        """The first instant at which a code issued then is no longer good; 0: it does not end."""
        days = self.definition.days
        ends = [self.until_ms] if self.until_ms is not None else []
        if days is not None:
            ends.append(self.zone.day_start_ms(self.zone.day(issued_ms) + days + 1))
        return min(ends, default=0)

    def discount(self, basket: int | None) -> int | None:
        """What comes off a basket, in minor units; None: a gift, or a share of a basket that was not told."""
        rule = self.definition
        if rule.amount is not None:
            return rule.amount if basket is None else min(rule.amount, basket)
        if rule.percent is None or basket is None:
            return None
        share = basket * rule.percent // 100
        return share if rule.most is None else min(share, rule.most)


def compile_pools(pools: Iterable[CouponPool], zone: Zone, currency: str) -> dict[str, Pool]:
    """The pools by name.

    Raises:
        InputError: Every bound or date that is wrong.
    """
    found: dict[str, Pool] = {}
    problems: list[Problem] = []
    for pool in pools:
        for field, code, what, mend in faults(pool):
            problems.append(Problem(path=f"coupons.{pool.name}.{field}", code=code, what=what, mend=mend))
        ends = [None if text is None else parse_instant(text) for text in (pool.valid_from, pool.valid_until)]
        found[pool.name] = Pool(pool, pool.currency or currency, ends[0], ends[1], zone)
    if problems:
        raise InputError("bad_coupons", problems)
    return found


def faults(pool: CouponPool) -> list[tuple[str, str, str, str]]:
    """What is wrong with a pool: (field, code, what, how to mend it)."""
    found: list[tuple[str, str, str, str]] = []

    def bound(field: str, value: int | None, least: int, greatest: int | None = None) -> None:
        if value is not None and (value < least or (greatest is not None and value > greatest)):
            upto = "" if greatest is None else f" to {greatest}"
            found.append((field, "out_of_range", f"{field} is {value}", f"use a whole number from {least}{upto}"))

    if pool.amount is not None and pool.percent is not None:
        found.append(("percent", "two_discounts", "amount and percent are both given", "keep one of the two"))
    bound("amount", pool.amount, 1)
    bound("percent", pool.percent, 1, 100)
    bound("most", pool.most, 1)
    bound("min_basket", pool.min_basket, 0)
    bound("days", pool.days, 0)
    bound("per_person", pool.per_person, 1)
    bound("size", pool.size, 1)
    bound("length", pool.length, SHORTEST, LONGEST)
    bound("hold_minutes", pool.hold_minutes, 1, MOST_HOLD_MINUTES)
    instants = {}
    for field, text in (("valid_from", pool.valid_from), ("valid_until", pool.valid_until)):
        instants[field] = None if text is None else parse_instant(text)
        if text is not None and instants[field] is None:
            found.append((field, "bad_instant", f"{text!r} is no instant", "write it as 2026-03-01T00:00:00+09:00"))
    starts, ends = instants["valid_from"], instants["valid_until"]
    if starts is not None and ends is not None and starts >= ends:
        found.append(("valid_until", "ends_before_start", "valid_until is not after valid_from", "swap or mend the two"))
    return found
