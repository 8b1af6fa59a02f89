"""What the engine's state says of coupons. Read on the engine's thread; changes nothing."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.app.coupon_api import CouponsAsked, CouponsView, ShownCoupon, ShownDoubt, ShownPool
from gyeol.app.coupon_counter import Counter
from gyeol.app.views import name_of
from gyeol.content.coupons.ledger import Coupon
from gyeol.content.coupons.model import Pool
from gyeol.content.coupons.records import Doubted
from gyeol.content.coupons.verdicts import sentence
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import InputError, NotFoundError, Problem

MOST_SHOWN = 1_000


def coupons_view(state: EngineState, counter: Counter, asked: CouponsAsked) -> CouponsView:
    """What was asked for.

    Raises:
        NotFoundError: No such pool, or nobody is known by the name.
        InputError: The cursor is none.
    """
    start, limit = _position(asked.cursor), min(max(asked.limit, 1), MOST_SHOWN)
    now_ms, key = state.now_ms, counter.signer.public_key.hex()
    if asked.person is not None:
        node = state.graph.find_node(asked.person)
        if node is None:
            raise NotFoundError("unknown_person", f"nobody is known as {asked.person!r}: give a person id or `type:value`")
        found = list(state.coupons.of_nodes(state.graph.members(int(state.graph.person[node]))))
        found.sort(key=lambda coupon: (-coupon.issued_ms, coupon.ref))
        page, following = found[start : start + limit], start + limit if len(found) > start + limit else None
        shown = [_shown(state, counter, each, asked.reveal) for each in page]
        return CouponsView(coupons=shown, next=_cursor(following), public_key=key, now=now_ms)
    if asked.doubts:
        doubts = state.coupons.doubts()[::-1]
        shown_doubts = [_doubt(state, counter, each) for each in doubts[start : start + limit]]
        following = start + limit if len(doubts) > start + limit else None
        return CouponsView(doubts=shown_doubts, next=_cursor(following), public_key=key, now=now_ms)
    if asked.pool is None:
        return CouponsView(pools=[_pool(state, pool) for pool in state.pools.values()], public_key=key, now=now_ms)
    pool = state.pools.get(asked.pool)
    if pool is None:
        known = ", ".join(state.pools) or "none"
        raise NotFoundError("unknown_pool", f"there is no coupon pool {asked.pool!r}; the workspace has: {known}", pool=asked.pool)
    listed = state.coupons.page(pool.name, start, limit + 1)
    shown = [_shown(state, counter, each, asked.reveal) for each in listed[:limit]]
    following = start + limit if len(listed) > limit else None
    return CouponsView(pools=[_pool(state, pool)], coupons=shown, next=_cursor(following), public_key=key, now=now_ms)


def _shown(state: EngineState, counter: Counter, coupon: Coupon, reveal: bool) -> ShownCoupon:
    if not 0 <= coupon.node < state.graph.size:
        return counter.shown(coupon, state.now_ms, reveal=reveal)
    person = int(state.graph.person[coupon.node])
    shown = counter.shown(coupon, state.now_ms, reveal=reveal, person=state.graph.person_id(person))
    row = np.array([state.people.row(person)], np.int64)
    return msgspec.structs.replace(shown, person_name=name_of(state, person, row))


def _doubt(state: EngineState, counter: Counter, doubt: Doubted) -> ShownDoubt:
    coupon = state.coupons.get(doubt.ref)
    return ShownDoubt(
        till=doubt.till,
        sequence=doubt.sequence,
        accepted_at=doubt.accepted_ms,
        told_at=doubt.at_ms,
        status=doubt.reason.code,
        params=doubt.reason.params,
        said=doubt.said,
        text={lang: sentence(doubt.reason, lang) for lang in ("ko", "en")},
        coupon=None if coupon is None else _shown(state, counter, coupon, reveal=False),
    )


def _pool(state: EngineState, pool: Pool) -> ShownPool:
    rule, counts = pool.definition, state.coupons.counts(pool.name)
    return ShownPool(
        name=rule.name,
        label=rule.label,
        codes=rule.codes,
        amount=rule.amount,
        percent=rule.percent,
        most=rule.most,
        currency=pool.currency,
        min_basket=rule.min_basket,
        valid_from=pool.from_ms,
        valid_until=pool.until_ms,
        days=rule.days,
        per_person=rule.per_person,
        size=rule.size,
        bearer=rule.bearer,
        combinable=rule.combinable,
        total=counts.codes,
        free=state.coupons.free(pool.name),
        issued=counts.issued,
        redeemed=counts.redeemed,
        revoked=counts.revoked,
    )


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdigit() or len(cursor) > 12:
        raise InputError(
            "bad_cursor", [Problem(path="cursor", code="bad_cursor", what=f"{cursor!r} is none", mend="send `next` as it came")]
        )
    return int(cursor)


def _cursor(position: int | None) -> str | None:
    return None if position is None else str(position)
