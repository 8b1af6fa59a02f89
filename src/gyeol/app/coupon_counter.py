"""From what people and tills write of coupons to questions for the engine, and back to answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gyeol.app.coupon_api import (
    CouponAnswer,
    CouponRequest,
    OfflineEntry,
    ReconcileAnswer,
    ReconciledLine,
    ReconcileRequest,
    ShownCoupon,
)
from gyeol.content.coupons.codes import is_ref, masked, normalised, ref_of, well_formed
from gyeol.content.coupons.ledger import Coupon
from gyeol.content.coupons.model import MOST_HOLD_MINUTES, Pool
from gyeol.content.coupons.person import last_day
from gyeol.content.coupons.records import Doubted
from gyeol.content.coupons.rules import MOST_ADDED
from gyeol.content.coupons.signed import Signer, is_signed, verify
from gyeol.content.coupons.verdicts import sentence
from gyeol.engine.coupons import CouponAsk, CouponSaid
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.reason import Reason

MOST_ENTRIES = 1_000
"""Lines of a till's journal in one request."""
LONGEST = 200
"""Characters of a key, an order, a store or a till."""
MOST_MINOR = 2**53
_NEEDS = {
    "add": ("pool",),
    "issue": ("pool", "person"),
    "hold": ("code",),
    "release": ("code",),
    "redeem": ("code",),
    "reverse": ("code",),
    "revoke": ("code",),
    "accept": ("till",),
}


class Counter:
    """Reads codes and signs them.

    Args:
        identity_key: Of the data folder.
        pools: Those in force, by name.
    """

    def __init__(self, identity_key: bytes, pools: Callable[[], dict[str, Pool]]) -> None:
        self._key, self._pools = identity_key, pools
        self.signer = Signer(identity_key)

    def ref(self, text: str, *, inside: bool = False) -> str | Reason:
        """What a code, or the text of a QR, is known by.

        Args:
            text: As it was typed or read.
            inside: Whether the coupon may be named by its ref: whoever reads the lake knows that, so it must redeem nothing.
        """
        text = text.strip()
        if is_signed(text):
            signed = verify(text, self.signer.public_key)
            return Reason(code="bad_signature") if signed is None else ref_of(self._key, signed.code)
        return text if inside and is_ref(text) else ref_of(self._key, text)

    def ask(self, request: CouponRequest, *, inside: bool = False) -> CouponAsk | Reason:
        """The question for the engine; a reason when it is answered already.

        Raises:
            InputError: Every field that is missing or out of bounds.
        """
        problems = _problems(request)
        if problems:
            raise InputError("bad_request", problems)
        refs = [self.ref(request.code, inside=inside)] if request.code else []
        if refs and isinstance(refs[0], Reason) and request.kind != "accept":
            return refs[0]
        return CouponAsk(
            kind=request.kind,
            pool=request.pool,
            refs=[ref for ref in refs if isinstance(ref, str)],
            codes=[code for code in request.codes if code.strip()],
            count=request.count,
            person=request.person,
            key=request.key,
            store=request.store,
            till=request.till,
            order=request.order,
            basket=request.basket,
            currency=request.currency,
            minutes=request.minutes,
            sequence=request.sequence,
            accepted_ms=request.at,
        )

    def answer(self, request: CouponRequest, said: CouponSaid | Reason, *, reveal: bool = True) -> CouponAnswer:
        """What became of a request."""
        if isinstance(said, Reason):
            return CouponAnswer(status=said.code, success=False, text=sentence(said, request.lang), params=said.params)
        verdict = said.verdict
        if verdict.code == "unknown_code" and not is_signed(request.code) and self._mistyped(request.code):
            verdict = Reason(code="bad_code")
        coupon = None if said.coupon is None or verdict.code == "unknown_code" else self.shown(said.coupon, said.now_ms, reveal=reveal)
        return CouponAnswer(
            status=verdict.code, success=said.good, text=sentence(verdict, request.lang), params=verdict.params, coupon=coupon
        )

    def _mistyped(self, code: str) -> bool:
        """Whether a code that nobody knows is one of ours but for a slip of the hand; imported codes may look like anything."""
        text, pools = normalised(code), self._pools().values()
        return any(p.definition.codes == "generated" and p.definition.length == len(text) for p in pools) and not well_formed(text)

    def shown(self, coupon: Coupon, now_ms: int, *, reveal: bool = True, person: str | None = None) -> ShownCoupon:
        """A coupon as it is shown."""
        pool = self._pools().get(coupon.pool)
        rule = None if pool is None else pool.definition
        then = coupon.redeemed
        state = coupon.standing(now_ms)
        live = state in ("free", "issued", "held")
        return ShownCoupon(
            ref=coupon.ref,
            pool=coupon.pool,
            state=state,
            masked=masked(coupon.code),
            label={} if rule is None else rule.label,
            code=coupon.code if reveal else None,
            qr=self.signer.sign(coupon.pool, coupon.code, _ends_ms(coupon, pool)) if reveal and live else None,
            person=person,
            issued_at=coupon.issued_ms or None,
            expires=None if pool is None else last_day(pool, coupon.expires_ms),
            expires_at=coupon.expires_ms or None,
            amount=None if rule is None else rule.amount,
            percent=None if rule is None else rule.percent,
            most=None if rule is None else rule.most,
            min_basket=None if rule is None else rule.min_basket or None,
            currency=None if pool is None else pool.currency,
            combinable=rule is not None and rule.combinable,
            decision=coupon.decision or None,
            offer=coupon.offer or None,
            held_until=coupon.held_until_ms if state == "held" else None,
            redeemed_at=None if then is None else then.accepted_ms or then.at_ms,
            store=None if then is None else then.store or None,
            till=None if then is None else then.till or None,
            order=None if then is None else then.order or None,
            basket=None if then is None else then.basket,
            discount=None if then is None else then.discount,
            offline=then is not None and then.accepted_ms > 0,
            revoked_at=coupon.revoked_ms or None,
            reversed_at=coupon.reversals[-1].at_ms if coupon.reversals else None,
        )

    # -- a till's journal
    def acceptances(self, request: ReconcileRequest) -> list[CouponAsk]:
        """The questions of a journal, in the till's order.

        Raises:
            InputError: It names no till, has too many lines, or lines that cannot be read.
        """
        if len(request.entries) > MOST_ENTRIES:
            what = f"{len(request.entries)} lines were sent, {MOST_ENTRIES} are taken at once"
            raise InputError("too_many_entries", [Problem(path="entries", code="too_many_entries", what=what, mend="send it in parts")])
        asks: list[CouponAsk] = []
        for entry in sorted(request.entries, key=lambda each: each.sequence):
            found = self.ask(_acceptance(request, entry))
            assert isinstance(found, CouponAsk)
            asks.append(found)
        return asks

    def reconciled(self, request: ReconcileRequest, said: Sequence[CouponSaid], *, reveal: bool = True) -> ReconcileAnswer:
        """What became of a journal."""
        lines = []
        for entry, each in zip(sorted(request.entries, key=lambda entry: entry.sequence), said, strict=True):
            answer = self.answer(CouponRequest(code=entry.qr or entry.code, lang=request.lang), each, reveal=reveal)
            told = {"at": entry.at, "order": entry.order, "store": entry.store or request.store, "basket": entry.basket}
            if isinstance(each.record, Doubted):
                told |= each.record.said
            lines.append(
                ReconciledLine(
                    sequence=entry.sequence,
                    status=answer.status,
                    success=answer.success,
                    text=answer.text,
                    params=answer.params,
                    said={key: value for key, value in told.items() if value not in (None, "")},
                    coupon=answer.coupon,
                )
            )
        redeemed = sum(line.success for line in lines)
        return ReconcileAnswer(till=request.till, redeemed=redeemed, doubtful=len(lines) - redeemed, lines=lines)


def _ends_ms(coupon: Coupon, pool: Pool | None) -> int:
    """When a code ends, as its QR says: by itself or with its pool, for a till without a network knows no pools; 0: it does not."""
    ends = (coupon.expires_ms, 0 if pool is None else pool.until_ms or 0)
    return min((each for each in ends if each), default=0)


def _acceptance(request: ReconcileRequest, entry: OfflineEntry) -> CouponRequest:
    return CouponRequest(
        kind="accept",
        code=entry.qr or entry.code,
        till=request.till,
        store=entry.store or request.store,
        order=entry.order,
        basket=entry.basket,
        currency=entry.currency,
        sequence=entry.sequence,
        at=entry.at,
    )


def _problems(request: CouponRequest) -> list[Problem]:
    found: list[Problem] = []

    def refuse(path: str, what: str, mend: str, code: str = "out_of_range") -> None:
        found.append(Problem(path=path, code=code, what=what, mend=mend))

    for field in _NEEDS[request.kind]:
        if not getattr(request, field):
            refuse(field, f"{field} is missing", f"send {field}", "missing")
    for field in ("pool", "person", "key", "store", "till", "order"):
        if len(getattr(request, field)) > LONGEST:
            refuse(field, f"{field} has more than {LONGEST} characters", "use a shorter one")
    if len(request.code) > 1_000:
        refuse("code", "code has more than 1,000 characters", "send what was typed or read")
    if request.lang not in ("ko", "en"):
        refuse("lang", f"{request.lang!r} is not served", "send ko or en", "bad_language")
    if request.basket is not None and not 0 <= request.basket < MOST_MINOR:
        refuse("basket", f"basket is {request.basket}", "send whole minor units")
    if request.minutes is not None and not 1 <= request.minutes <= MOST_HOLD_MINUTES:
        refuse("minutes", f"minutes is {request.minutes}", f"use 1 to {MOST_HOLD_MINUTES}")
    if len(request.codes) > MOST_ADDED or not 0 <= request.count <= MOST_ADDED:
        refuse("codes", f"at most {MOST_ADDED:,} codes are added at once", "add them in parts")
    if request.kind == "accept" and (request.at <= 0 or request.sequence <= 0):
        refuse("entries", "sequence and at are whole numbers above 0", "send the till's own number and its clock in milliseconds")
    return found
