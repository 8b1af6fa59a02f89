"""What happens to coupons, as records of the log. Stored for ever: fields may only be added, with a default.

Instants in milliseconds, amounts in minor units. ``ref`` names a coupon without telling its code (``codes.ref_of``).
"""

from __future__ import annotations

import msgspec

from gyeol.kernel.reason import Reason

KINDS = (
    "coupon_add", "coupon_issue", "coupon_hold", "coupon_release", "coupon_redeem", "coupon_revoke", "coupon_doubt", "coupon_reverse",
)  # fmt: skip
"""Kinds of commands in the log; one struct below each."""


class Added(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Codes that came into a pool and belong to nobody yet. ``serial``: the number after the last one that was generated; 0: none was."""

    pool: str
    codes: list[str]
    refs: list[str]
    at_ms: int
    serial: int = 0


class Issued(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code that somebody was given.

    Args:
        node: To whom.
        expires_ms: The first instant at which it is no longer good; 0: it does not end.
        decision, offer: What it was given for; empty: by somebody or a program that asked for it.
        source, key: Who asked, and the key of that request: the same key gives the same code.
        serial: The number after the one that it was generated with; 0: it lay in the pool.
        identifier: (type, value) of a node that the request saw first, so that a replay gives it the same number.
    """

    pool: str
    code: str
    ref: str
    node: int
    at_ms: int
    expires_ms: int = 0
    decision: str = ""
    offer: str = ""
    source: str = ""
    key: str = ""
    serial: int = 0
    identifier: tuple[str, str] | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A till reserved a code until an instant. ``holder``: who may redeem it meanwhile."""

    ref: str
    pool: str
    at_ms: int
    until_ms: int
    holder: str
    node: int = -1
    source: str = ""
    store: str = ""
    till: str = ""


class Released(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A till gave a reserved code back."""

    ref: str
    pool: str
    at_ms: int
    node: int = -1
    source: str = ""
    store: str = ""
    till: str = ""


class Redeemed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code was used: once, unless that is taken back (``Reversed``).

    Args:
        node: Whose it was; -1: nobody's that is known.
        key: Of the request: the same key gives the same answer.
        basket, discount: None where the till did not say, or the pool gives no amount.
        accepted_ms: When a till without a network accepted it; 0: it was redeemed here and then. ``sequence``: its number there.
    """

    ref: str
    pool: str
    at_ms: int
    node: int = -1
    source: str = ""
    key: str = ""
    store: str = ""
    till: str = ""
    order: str = ""
    basket: int | None = None
    discount: int | None = None
    currency: str = ""
    accepted_ms: int = 0
    sequence: int | None = None


class Reversed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A redemption was taken back, for the order was returned or was none; the code can be used as before.

    Args:
        of: The redemption.
        key: Of the request: the same key gives the same answer.
        store, till: Where it was taken back.
    """

    ref: str
    pool: str
    at_ms: int
    of: Redeemed
    node: int = -1
    source: str = ""
    key: str = ""
    store: str = ""
    till: str = ""


class Revoked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Codes that are no longer good. ``nodes``: whose they were, one a ref; -1: nobody's."""

    refs: list[str]
    pool: str
    at_ms: int
    nodes: list[int] = []


class Doubted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a till accepted without a network and what the ledger says otherwise; somebody must look at it.

    Args:
        sequence: The acceptance's number at that till.
        reason: Why it is doubtful, with what the ledger knows (``verdicts``).
        ref, pool, node: Of the coupon, where there is one.
        said: What the till said: order, store, basket.
    """

    till: str
    sequence: int
    at_ms: int
    accepted_ms: int
    reason: Reason
    ref: str = ""
    pool: str = ""
    node: int = -1
    source: str = ""
    said: dict[str, object] = {}


Record = Added | Issued | Held | Released | Redeemed | Revoked | Doubted | Reversed

STRUCTS: dict[str, type[Record]] = dict(zip(KINDS, (Added, Issued, Held, Released, Redeemed, Revoked, Doubted, Reversed), strict=True))
"""The struct of each kind."""
KIND_OF: dict[type[Record], str] = {struct: kind for kind, struct in STRUCTS.items()}


def body_of(record: Record) -> dict[str, object]:
    """The body of the command that keeps a record."""
    found: dict[str, object] = msgspec.to_builtins(record)
    return found


def record_of(kind: str, body: dict[str, object]) -> Record:
    """The record that a command keeps. Raises msgspec.ValidationError for a body that is none."""
    found: Record = msgspec.convert(body, STRUCTS[kind])
    return found
