"""What became of coupons, as rows of the lake: by node and by ref, never by code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gyeol.content.coupons.records import KINDS, Doubted, Held, Issued, Record, Redeemed, Released, Reversed, Revoked, record_of
from gyeol.engine.effects import Act
from gyeol.events.sections import Command

Row = tuple[object, ...]
_PREFIX = "coupon_"


def of_commands(commands: Sequence[Command], first_offset: int) -> list[Row]:
    """The rows of commands at consecutive offsets; those that are no coupons', and codes that were only added, have none."""
    return [
        row
        for i, command in enumerate(commands)
        if command.kind in KINDS
        for row in _rows(first_offset + i, command.kind.removeprefix(_PREFIX), record_of(command.kind, command.body))
    ]


def of_acts(acts: Sequence[Act], first_offset: int) -> list[Row]:
    """The rows of the codes that decisions issued."""
    return [row for i, act in enumerate(acts) if act.coupon is not None for row in _rows(first_offset + i, "issue", act.coupon)]


def _rows(offset: int, kind: str, record: Record) -> Iterator[Row]:
    match record:
        case Issued():
            expires = record.expires_ms or None
            yield _row(offset, kind, record.ref, record.pool, record.node, record.at_ms, expires=expires, offer=record.offer,
                       decision=record.decision, source=record.source)  # fmt: skip
        case Held() | Released():
            yield _row(offset, kind, record.ref, record.pool, record.node, record.at_ms, source=record.source, store=record.store,
                       till=record.till)  # fmt: skip
        case Redeemed():
            yield _row(offset, kind, record.ref, record.pool, record.node, record.at_ms, source=record.source, store=record.store,
                       till=record.till, order=record.order, basket=record.basket, discount=record.discount, currency=record.currency,
                       accepted=record.accepted_ms or None)  # fmt: skip
        case Reversed(of=used):
            yield _row(offset, kind, record.ref, record.pool, record.node, record.at_ms, source=record.source, store=record.store,
                       till=record.till, order=used.order, basket=used.basket, discount=used.discount, currency=used.currency)  # fmt: skip
        case Revoked():
            for ref, node in zip(record.refs, record.nodes, strict=True):
                yield _row(offset, kind, ref, record.pool, node, record.at_ms)
        case Doubted():
            yield _row(offset, kind, record.ref, record.pool, record.node, record.at_ms, source=record.source, till=record.till,
                       store=str(record.said.get("store", "")), order=str(record.said.get("order", "")), accepted=record.accepted_ms,
                       reason=record.reason.code)  # fmt: skip
        case _:
            return


def _row(
    offset: int,
    kind: str,
    ref: str,
    pool: str,
    node: int,
    at_ms: int,
    *,
    expires: int | None = None,
    offer: str = "",
    decision: str = "",
    source: str = "",
    store: str = "",
    till: str = "",
    order: str = "",
    basket: int | None = None,
    discount: int | None = None,
    currency: str = "",
    accepted: int | None = None,
    reason: str = "",
) -> Row:
    """In the order of the table's columns; what is not known is NULL."""
    texts = (offer or None, decision or None, source or None, store or None, till or None, order or None)
    whose = node if node >= 0 else None
    return (
        offset,
        kind,
        ref or None,
        pool or None,
        whose,
        at_ms,
        expires,
        *texts,
        basket,
        discount,
        currency or None,
        accepted,
        reason or None,
    )
