"""What is asked and told of coupons, on the public port, over the API and between the processes. Instants in milliseconds."""

from __future__ import annotations

import msgspec

from gyeol.engine.coupons import AskKind


class CouponRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question; fields that its kind does not need are left out.

    Args:
        kind: The path says it on the public port.
        pool: issue, add.
        code: The code as it was typed, or the text of its QR; over the API also its ``ref``.
        codes, count: add: codes as they are written; and how many are to be generated.
        person: issue: who gets it, ``type:value``, a person id or a bare value. redeem: who brings a code that was issued to nobody.
        key: issue, redeem, reverse: of this request; send the same one when you ask again, and you get the same answer.
        store, till, order: Where, and for which order of the till.
        basket, currency: What the basket is worth, in minor units.
        minutes: hold: for how long.
        sequence, at: accept: the till's own number of it, and when it was by the till's clock.
        lang: ``ko`` or ``en``: of the sentences.
    """

    kind: AskKind = "redeem"
    pool: str = ""
    code: str = ""
    codes: list[str] = []
    count: int = 0
    person: str = ""
    key: str = ""
    store: str = ""
    till: str = ""
    order: str = ""
    basket: int | None = None
    currency: str | None = None
    minutes: int | None = None
    sequence: int = 0
    at: int = 0
    lang: str = "ko"


class OfflineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a till's journal. ``qr`` or ``code``; ``at``: by the till's clock."""

    sequence: int
    at: int
    qr: str = ""
    code: str = ""
    order: str = ""
    store: str = ""
    basket: int | None = None
    currency: str | None = None


class ReconcileRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a till accepted without a network. ``till``: its name, one for ever."""

    till: str
    entries: list[OfflineEntry]
    store: str = ""
    lang: str = "ko"


class ShownCoupon(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A coupon.

    Args:
        ref: Its name where the code must not be told.
        code: None: it is not shown here, ``masked`` is.
        state: free | issued | held | redeemed | revoked | expired.
        person_name: What a list calls the person; personal identifiers are masked.
        expires: The last day on which it is good, on the workspace's calendar; None: it does not end.
        qr: What its signed QR holds; only beside ``code``.
        amount, percent, most, min_basket, currency: What it is worth; minor units.
        redeemed_at: By the till's clock where it was offline. ``reversed_at``: when a redemption was last taken back.
    """

    ref: str
    pool: str
    state: str
    masked: str
    label: dict[str, str] = {}
    code: str | None = None
    qr: str | None = None
    person: str | None = None
    person_name: str = ""
    issued_at: int | None = None
    expires: str | None = None
    expires_at: int | None = None
    amount: int | None = None
    percent: int | None = None
    most: int | None = None
    min_basket: int | None = None
    currency: str | None = None
    combinable: bool = False
    decision: str | None = None
    offer: str | None = None
    held_until: int | None = None
    redeemed_at: int | None = None
    store: str | None = None
    till: str | None = None
    order: str | None = None
    basket: int | None = None
    discount: int | None = None
    offline: bool = False
    revoked_at: int | None = None
    reversed_at: int | None = None


class CouponAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request.

    Args:
        status: A code of docs/coupons.md: issued, held, released, redeemed, reversed, revoked, added; or why not.
        success: Whether it was done, now or by the same request before.
        text: The sentence of the code.
        params: What the sentence speaks of.
        coupon: As it is now.
    """

    status: str
    success: bool
    text: str
    params: dict[str, object] = {}
    coupon: ShownCoupon | None = None


class ReconciledLine(msgspec.Struct, frozen=True, kw_only=True):
    """One acceptance: ``redeemed``, or doubtful with what the till said (``said``) and what the ledger knows (``params``, ``coupon``)."""

    sequence: int
    status: str
    success: bool
    text: str
    params: dict[str, object] = {}
    said: dict[str, object] = {}
    coupon: ShownCoupon | None = None


class ReconcileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a till's journal, line by line; asked again the answer is the same."""

    till: str
    redeemed: int
    doubtful: int
    lines: list[ReconciledLine]


class CouponsTold(msgspec.Struct, frozen=True, kw_only=True):
    """Questions of somebody who works here."""

    requests: list[CouponRequest]
    by: str
    why: str = ""


class CouponsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What of coupons is asked for: of a pool (and a page of its codes), of a person, or what is doubtful.

    Args:
        pool: Only this one, with a page of its codes.
        person: Those of this person instead.
        doubts: What tills accepted and the ledger doubts, instead; a page of it.
        cursor, limit: Of the page.
        reveal: Whether codes are told.
    """

    pool: str | None = None
    person: str | None = None
    doubts: bool = False
    cursor: str | None = None
    limit: int = 100
    reveal: bool = False


class ShownPool(msgspec.Struct, frozen=True, kw_only=True):
    """A pool of coupons: its terms and how many codes are in which state."""

    name: str
    label: dict[str, str]
    codes: str
    amount: int | None
    percent: int | None
    most: int | None
    currency: str
    min_basket: int
    valid_from: int | None
    valid_until: int | None
    days: int | None
    per_person: int
    size: int | None
    bearer: bool
    combinable: bool
    total: int
    free: int
    issued: int
    redeemed: int
    revoked: int


class ShownDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a till accepted and that the ledger doubts: both sides' facts; ``text``: why, by language."""

    till: str
    sequence: int
    accepted_at: int
    told_at: int
    status: str
    params: dict[str, object]
    said: dict[str, object]
    text: dict[str, str]
    coupon: ShownCoupon | None = None


class CouponsView(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. ``next``: cursor of the page after this one; ``public_key``: of signed codes, in hex."""

    pools: list[ShownPool] = []
    coupons: list[ShownCoupon] = []
    doubts: list[ShownDoubt] = []
    next: str | None = None
    public_key: str = ""
    now: int = 0


class CouponFigure(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes of a pool were issued for an offer, and how many of them were redeemed in a store (None: not yet)."""

    pool: str
    offer: str | None
    store: str | None
    issued: int
    redeemed: int
    people: int
    discount_minor: int
    basket_minor: int


class CouponFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Issued and redeemed codes as of the lake's offset."""

    figures: list[CouponFigure]
    lake_offset: int
