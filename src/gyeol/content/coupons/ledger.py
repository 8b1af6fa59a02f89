"""What became of every coupon: a function of the records of the log. One writer; equal records give equal bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from gyeol.content.coupons.records import Added, Doubted, Held, Issued, Record, Redeemed, Released, Reversed, Revoked

State = Literal["free", "issued", "redeemed", "revoked"]
Standing = Literal["free", "issued", "held", "redeemed", "revoked", "expired"]
"""What a coupon is at an instant: time alone ends a hold and a coupon, so no record says so."""


class Coupon(msgspec.Struct, array_like=True, gc=False):
    """One code and what became of it; instants in milliseconds, 0: never. ``node`` -1: nobody's. Fields only ever at the end.

    ``reversals``: redemptions that were taken back, oldest first: their request keys stay answered, and so do tills' acceptances.
    """

    ref: str
    pool: str
    code: str
    state: State = "free"
    node: int = -1
    issued_ms: int = 0
    expires_ms: int = 0
    decision: str = ""
    offer: str = ""
    source: str = ""
    issue_key: str = ""
    holder: str = ""
    held_until_ms: int = 0
    redeemed: Redeemed | None = None
    revoked_ms: int = 0
    reversals: tuple[Reversed, ...] = ()

    def redemptions(self) -> Iterator[Redeemed]:
        """Every time it was used, oldest first; all but the one that stands were taken back."""
        yield from (each.of for each in self.reversals)
        if self.redeemed is not None:
            yield self.redeemed

    def standing(self, now_ms: int) -> Standing:
        """What it is at an instant."""
        if self.state != "issued" and self.state != "free":
            return self.state
        if self.expires_ms and now_ms >= self.expires_ms:
            return "expired"
        return "held" if now_ms < self.held_until_ms else self.state


class PoolCounts(msgspec.Struct):
    """How many codes a pool has, and in which states."""

    codes: int = 0
    issued: int = 0
    redeemed: int = 0
    revoked: int = 0


class CouponLedger:
    """All coupons. ``apply`` is called once for each record, in the order of the log.

    A record that names a coupon which is not there, or that comes too late, changes nothing: a log that was cut must still fold.
    """

    def __init__(self) -> None:
        self.coupons: dict[str, Coupon] = {}
        self.serials: dict[str, int] = {}
        self.acceptances: dict[str, Doubted | str] = {}
        self._counts: dict[str, PoolCounts] = {}
        self._listed: dict[str, list[str]] = {}
        self._free: dict[str, deque[str]] = {}
        self._of_node: dict[int, list[str]] = {}
        self._requests: dict[str, str] = {}
        self._orders: dict[str, list[str]] = {}

    # -- what it knows
    def get(self, ref: str) -> Coupon | None:
        """A coupon."""
        return self.coupons.get(ref)

    def of_nodes(self, nodes: Iterable[int], pool: str | None = None) -> Iterator[Coupon]:
        """The coupons of a person, node by node in the order in which they were issued."""
        for node in nodes:
            for ref in self._of_node.get(node, ()):
                coupon = self.coupons[ref]
                if pool in (None, coupon.pool):
                    yield coupon

    def live(self, nodes: Iterable[int], pool: str, now_ms: int) -> Coupon | None:
        """The code of a pool that a person has and can still use; of several the one that was issued first."""
        usable = [coupon for coupon in self.of_nodes(nodes, pool) if coupon.standing(now_ms) in ("issued", "held")]
        return min(usable, key=lambda coupon: (coupon.issued_ms, coupon.ref), default=None)

    def issued_to(self, nodes: Iterable[int], pool: str) -> int:
        """How many codes of a pool a person was given; revoked ones do not count."""
        return sum(coupon.state != "revoked" for coupon in self.of_nodes(nodes, pool))

    def counts(self, pool: str) -> PoolCounts:
        """How many codes there are."""
        return self._counts.get(pool) or PoolCounts()

    def free(self, pool: str) -> int:
        """How many codes nobody has."""
        return len(self._free.get(pool, ()))

    def next_free(self, pool: str) -> Coupon | None:
        """The code that was added first of those that nobody has."""
        waiting = self._free.get(pool, ())
        return self.coupons[waiting[0]] if waiting else None

    def asked(self, source: str, kind: str, key: str) -> Coupon | None:
        """What an earlier request with this key was about."""
        ref = self._requests.get(_request(source, kind, key)) if key else None
        return None if ref is None else self.coupons[ref]

    def in_order(self, store: str, order: str) -> list[Coupon]:
        """The coupons that were redeemed in an order."""
        return [self.coupons[ref] for ref in self._orders.get(f"{store}\n{order}", ())] if order else []

    def page(self, pool: str, start: int, limit: int) -> Sequence[Coupon]:
        """Coupons of a pool in the order in which they came, from a position on."""
        return [self.coupons[ref] for ref in self._listed.get(pool, [])[start : start + limit]]

    def doubts(self) -> list[Doubted]:
        """Everything that tills accepted and that somebody must look at, oldest first."""
        return [each for each in self.acceptances.values() if isinstance(each, Doubted)]

    # -- what changes it
    def apply(self, record: Record) -> None:
        """Take one record in."""
        match record:
            case Added():
                self._add(record)
            case Issued():
                self._issue(record)
            case Held():
                coupon = self.coupons.get(record.ref)
                if coupon is not None and coupon.state in ("issued", "free"):
                    coupon.holder, coupon.held_until_ms = record.holder, record.until_ms
            case Released():
                coupon = self.coupons.get(record.ref)
                if coupon is not None:
                    coupon.holder, coupon.held_until_ms = "", 0
            case Redeemed():
                self._redeem(record)
            case Reversed():
                self._reverse(record)
            case Revoked():
                self._revoke(record)
            case Doubted():
                self.acceptances[acceptance(record.till, record.sequence)] = record

    def _add(self, record: Added) -> None:
        free = self._free.setdefault(record.pool, deque())
        for ref, code in zip(record.refs, record.codes, strict=True):
            if ref not in self.coupons:
                self._put(Coupon(ref=ref, pool=record.pool, code=code))
                free.append(ref)
        self.serials[record.pool] = max(self.serials.get(record.pool, 0), record.serial)

    def _issue(self, record: Issued) -> None:
        coupon = self.coupons.get(record.ref)
        if coupon is None:
            coupon = self._put(Coupon(ref=record.ref, pool=record.pool, code=record.code))
        elif coupon.state != "free":
            return
        else:
            self._take(coupon)
        coupon.state, coupon.node, coupon.issued_ms, coupon.expires_ms = "issued", record.node, record.at_ms, record.expires_ms
        coupon.decision, coupon.offer, coupon.source, coupon.issue_key = record.decision, record.offer, record.source, record.key
        self.serials[record.pool] = max(self.serials.get(record.pool, 0), record.serial)
        self._counts[coupon.pool].issued += 1
        self._index(coupon)

    def _redeem(self, record: Redeemed) -> None:
        coupon = self.coupons.get(record.ref)
        if coupon is None or coupon.state not in ("issued", "free"):
            return
        if coupon.state == "free":
            self._take(coupon)
        coupon.state, coupon.redeemed, coupon.holder, coupon.held_until_ms = "redeemed", record, "", 0
        if coupon.node < 0 <= record.node:
            coupon.node = record.node
            self._of_node.setdefault(record.node, []).append(coupon.ref)
        self._counts[coupon.pool].redeemed += 1
        self._index_redeemed(coupon, record)

    def _reverse(self, record: Reversed) -> None:
        """A printed code that nobody was given is not free again: somebody has it in their hands."""
        coupon = self.coupons.get(record.ref)
        if coupon is None or coupon.redeemed != record.of:
            return
        coupon.state, coupon.redeemed, coupon.reversals = "issued", None, (*coupon.reversals, record)
        self._counts[coupon.pool].redeemed -= 1
        if record.of.order:
            self._orders[f"{record.of.store}\n{record.of.order}"].remove(coupon.ref)
        if record.key:
            self._requests[_request(record.source, "reverse", record.key)] = coupon.ref

    def _revoke(self, record: Revoked) -> None:
        for ref in record.refs:
            coupon = self.coupons.get(ref)
            if coupon is None or coupon.state not in ("issued", "free"):
                continue
            if coupon.state == "free":
                self._take(coupon)
            coupon.state, coupon.revoked_ms, coupon.holder, coupon.held_until_ms = "revoked", record.at_ms, "", 0
            self._counts[coupon.pool].revoked += 1

    def _put(self, coupon: Coupon) -> Coupon:
        self.coupons[coupon.ref] = coupon
        self._listed.setdefault(coupon.pool, []).append(coupon.ref)
        self._counts.setdefault(coupon.pool, PoolCounts()).codes += 1
        return coupon

    def _take(self, coupon: Coupon) -> None:
        """It is free no longer."""
        waiting = self._free.get(coupon.pool)
        if waiting and waiting[0] == coupon.ref:
            waiting.popleft()
        elif waiting is not None:
            waiting.remove(coupon.ref)

    def _index(self, coupon: Coupon) -> None:
        if coupon.node >= 0:
            self._of_node.setdefault(coupon.node, []).append(coupon.ref)
        if coupon.issue_key:
            self._requests[_request(coupon.source, "issue", coupon.issue_key)] = coupon.ref

    def _index_reversed(self, coupon: Coupon) -> None:
        for each in coupon.reversals:
            for kind, asked in (("redeem", each.of), ("reverse", each)):
                if asked.key:
                    self._requests[_request(asked.source, kind, asked.key)] = coupon.ref

    def _index_redeemed(self, coupon: Coupon, record: Redeemed) -> None:
        if record.key:
            self._requests[_request(record.source, "redeem", record.key)] = coupon.ref
        if record.order:
            self._orders.setdefault(f"{record.store}\n{record.order}", []).append(coupon.ref)
        if record.sequence is not None:
            self.acceptances[acceptance(record.till, record.sequence)] = coupon.ref

    # -- snapshots
    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes."""
        acceptances = [(key, each) for key, each in self.acceptances.items()]
        return _encode(_Dump(coupons=list(self.coupons.values()), serials=sorted(self.serials.items()), acceptances=acceptances))

    @classmethod
    def load(cls, data: bytes) -> CouponLedger:
        """The ledger that ``dump`` wrote."""
        held, ledger = _decode(data), cls()
        ledger.serials = dict(held.serials)
        # In the order of their issues and redemptions, as the records came: lists of a person and of an order are in that order.
        for coupon in held.coupons:
            ledger._put(coupon)
            if coupon.state == "free":
                ledger._free.setdefault(coupon.pool, deque()).append(coupon.ref)
            counts = ledger._counts[coupon.pool]
            counts.issued += coupon.issued_ms > 0
            counts.redeemed += coupon.state == "redeemed"
            counts.revoked += coupon.state == "revoked"
            ledger._index_reversed(coupon)
        for coupon in sorted((c for c in held.coupons if c.node >= 0 or c.issue_key), key=_first_ms):
            ledger._index(coupon)
        for coupon in sorted((c for c in held.coupons if c.redeemed), key=_redeemed_ms):
            assert coupon.redeemed is not None
            ledger._index_redeemed(coupon, coupon.redeemed)
        ledger.acceptances = dict(held.acceptances)
        return ledger


class _Dump(msgspec.Struct, array_like=True):
    coupons: list[Coupon]
    serials: list[tuple[str, int]]
    acceptances: list[tuple[str, Doubted | str]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Dump).decode


def acceptance(till: str, sequence: int) -> str:
    """What one acceptance of a till is known by, for ever."""
    return f"{till}\n{sequence}"


def _request(source: str, kind: str, key: str) -> str:
    return f"{source}\n{kind}\n{key}"


def _first_ms(coupon: Coupon) -> int:
    """When it became somebody's."""
    return coupon.issued_ms or next((each.at_ms for each in coupon.redemptions() if each.node >= 0), 0)


def _redeemed_ms(coupon: Coupon) -> int:
    return coupon.redeemed.at_ms if coupon.redeemed is not None else 0
