"""What is asked of coupons: judged against the ledger, made records, folded at once; one answer a question, once they are durable.

A redemption stands in one frame with the event ``Coupon Redeemed``, and what takes it back with ``Coupon Reversed``: one fsync covers
both, so neither is without the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from gyeol.content.coupons import rules
from gyeol.content.coupons.ledger import Coupon
from gyeol.content.coupons.reconcile import Acceptance, earlier, settle
from gyeol.content.coupons.records import KIND_OF, Added, Doubted, Issued, Record, Redeemed, Released, Reversed, Revoked, body_of
from gyeol.content.coupons.rules import TillRequest
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_command
from gyeol.engine.jobs import Job
from gyeol.engine.state import EngineState
from gyeol.events.own import OwnEvent
from gyeol.events.sections import Command, Commands
from gyeol.kernel.reason import Reason

REDEEMED_EVENT, REVERSED_EVENT = "Coupon Redeemed", "Coupon Reversed"
AskKind = Literal["add", "issue", "hold", "release", "redeem", "reverse", "revoke", "accept"]


class CouponAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One question; what a kind does not read is left out.

    Args:
        kind: ``accept``: what a till accepted without a network.
        pool: add, issue. ``codes``, ``count``: add: codes of a file, and how many are to be generated.
        refs: revoke: which; all others: ``refs[0]``, empty for a signature that is not ours.
        person: issue: ``type:value``, a person id or a bare value; redeem: who brings a code that was issued to nobody.
        key: issue, redeem, reverse: of the request; the same key gives the same answer.
        store, till, order, basket, currency, minutes: As in ``rules.TillRequest``.
        sequence, accepted_ms: accept: the till's number, and when it was by the till's clock.
    """

    kind: AskKind
    pool: str = ""
    refs: list[str] = []
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
    accepted_ms: int = 0


class CouponSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one question.

    Args:
        verdict: A code of ``verdicts.SENTENCES`` with its parameters.
        good: Whether it was done, now or by the same request before.
        coupon: As it is afterwards; None: none was found.
        record: What the log keeps of it; None: nothing.
        now_ms: ``engine_now``.
    """

    verdict: Reason
    good: bool
    coupon: Coupon | None = None
    record: Record | None = None
    now_ms: int = 0


class CouponJob(Job):
    """Questions about coupons, answered in order; the answer is ``list[CouponSaid]``.

    Args:
        asks: The questions.
        source: Name of the source whose key the request bears; empty: somebody who works here asks.
        by: Who.
        why: In their words.
    """

    quick = True

    def __init__(self, asks: Sequence[CouponAsk], source: str, by: str, why: str = "") -> None:
        super().__init__()
        self.asks, self.source, self.by, self.why = asks, source, by, why

    @property
    def events(self) -> int:
        """It counts as one event a question where frames are cut and load is told."""
        return len(self.asks)


def take_coupons(state: EngineState, jobs: Sequence[Job], first_offset: int, effects: Effects) -> tuple[list[Commands], list[OwnEvent]]:
    """Answer the questions of all jobs, each as if the ones before had been answered long ago.

    Args:
        state: Changed in place.
        jobs: Those about coupons are looked at.
        first_offset: Of the first record.
        effects: Of the frame.

    Returns:
        The section of their records, if there are any, and the events of redemptions and of what took them back.
    """
    commands: list[Command] = []
    events: list[OwnEvent] = []
    for job in jobs:
        if not isinstance(job, CouponJob) or job.error is not None:
            continue
        said: list[CouponSaid] = []
        seen: dict[str, int] = {}
        for ask in job.asks:
            found = _judge(state, job, ask, seen)
            record = found if not isinstance(found, tuple) else None
            if record is not None and not isinstance(record, Reason):
                command = Command(KIND_OF[type(record)], job.by, state.now_ms, job.why, body_of(record))
                fold_command(state, command, first_offset + len(commands), effects)
                commands.append(command)
                events += _event(state, record)
            said.append(_said(state, ask, found))
            if ask.kind == "accept" and ask.refs:
                seen.setdefault(ask.refs[0], ask.sequence)
        job.answer = said
    return [Commands(commands)] if commands else [], events


Judged = Record | Reason | tuple[Record | Reason]
"""A new record, a refusal, or in a tuple what was recorded before."""


def _judge(state: EngineState, job: CouponJob, ask: CouponAsk, seen: dict[str, int]) -> Judged:
    ledger, pools, now_ms = state.coupons, state.pools, state.now_ms
    match ask.kind:
        case "add":
            pool = pools.get(ask.pool)
            unknown = Reason(code="unknown_pool", params={"pool": ask.pool})
            return unknown if pool is None else rules.add(ledger, state.identity_key, pool, ask.codes, ask.count, now_ms)
        case "issue":
            return _issue(state, job, ask)
        case "revoke":
            return rules.revoke(ledger, ask.refs, now_ms)
        case _:
            pass
    asked = _till_request(state, job, ask)
    match ask.kind:
        case "hold":
            return rules.hold(ledger, pools, asked, now_ms)
        case "release":
            return rules.release(ledger, asked, now_ms)
        case "redeem" | "reverse":
            again = ledger.asked(job.source, ask.kind, ask.key)
            found = rules.redeem(ledger, pools, asked, now_ms) if ask.kind == "redeem" else rules.reverse(ledger, asked, now_ms)
            return (found,) if again is not None else found
        case _:
            accepted = Acceptance(sequence=ask.sequence, ref=asked.ref, at_ms=ask.accepted_ms, asked=asked)
            before = earlier(ledger, accepted)
            return settle(ledger, pools, seen, accepted, now_ms) if before is None else (before,)


def _till_request(state: EngineState, job: CouponJob, ask: CouponAsk) -> TillRequest:
    node = state.graph.find_node(ask.person) if ask.person else None
    return TillRequest(
        ref=ask.refs[0] if ask.refs else "",
        source=job.source,
        key=ask.key,
        store=ask.store,
        till=ask.till,
        order=ask.order,
        basket=ask.basket,
        currency=ask.currency,
        node=-1 if node is None else node,
        minutes=ask.minutes,
    )


def _issue(state: EngineState, job: CouponJob, ask: CouponAsk) -> Judged:
    ledger, pool, graph = state.coupons, state.pools.get(ask.pool), state.graph
    if pool is None:
        return Reason(code="unknown_pool", params={"pool": ask.pool})
    before = ledger.asked(job.source, "issue", ask.key)
    node = graph.find_node(ask.person)
    if before is not None:
        theirs = node is not None and before.node in graph.members(int(graph.person[node]))
        return (_issued(before),) if before.pool == pool.name and theirs else Reason(code="key_reused")
    identifier = None
    if node is None:
        # Nobody gets a number before it is sure that a record says so: a replay would not know of it.
        identifier = _new_identifier(state, ask.person)
        reason = Reason(code="unknown_person") if identifier is None else rules.unavailable(ledger, pool, (), state.now_ms)
        if identifier is None or reason is not None:
            return reason or Reason(code="unknown_person")
        node = int(graph.nodes(identifier[0], [identifier[1]], [state.now_ms])[0])
        if node < 0:
            return Reason(code="unknown_person")
    nodes = graph.members(int(graph.person[node]))
    return rules.issue(
        ledger, state.identity_key, pool, node, nodes, state.now_ms, source=job.source, request_key=ask.key, identifier=identifier
    )


def _new_identifier(state: EngineState, text: str) -> tuple[str, str] | None:
    """(type, value) of somebody who was never seen; None: the text names nobody."""
    type_, _, value = text.partition(":")
    if type_ not in {kind.name for kind in state.definitions.identity.types} or not value:
        return None
    known = state.graph.policy.normaliser(state.graph.policy.code(type_))(value)
    return None if known is None else (type_, value)


def _issued(coupon: Coupon) -> Issued:
    return Issued(
        pool=coupon.pool,
        code=coupon.code,
        ref=coupon.ref,
        node=coupon.node,
        at_ms=coupon.issued_ms,
        expires_ms=coupon.expires_ms,
        source=coupon.source,
        key=coupon.issue_key,
    )


def _said(state: EngineState, ask: CouponAsk, found: Judged) -> CouponSaid:
    told = found[0] if isinstance(found, tuple) else found
    ref = ask.refs[0] if ask.refs else ""
    if isinstance(told, Reason):
        return CouponSaid(verdict=told, good=False, coupon=_copy(state, ref), now_ms=state.now_ms)
    if isinstance(told, Doubted):
        return CouponSaid(verdict=told.reason, good=False, coupon=_copy(state, ref), record=told, now_ms=state.now_ms)
    if isinstance(told, Added):
        verdict = Reason(code="added", params={"count": len(told.codes), "pool": told.pool})
        return CouponSaid(verdict=verdict, good=True, record=told, now_ms=state.now_ms)
    if isinstance(told, Revoked):
        verdict = Reason(code="revoked", params={"count": len(told.refs), "pool": told.pool})
        return CouponSaid(verdict=verdict, good=True, coupon=_copy(state, ref), record=told, now_ms=state.now_ms)
    if isinstance(told, Issued | Redeemed | Released | Reversed):
        code = {Issued: "issued", Redeemed: "redeemed", Released: "released", Reversed: "reversed"}[type(told)]
        return CouponSaid(verdict=Reason(code=code), good=True, coupon=_copy(state, told.ref), record=told, now_ms=state.now_ms)
    verdict = Reason(code="held", params={"until_ms": told.until_ms})
    return CouponSaid(verdict=verdict, good=True, coupon=_copy(state, told.ref), record=told, now_ms=state.now_ms)


def _copy(state: EngineState, ref: str) -> Coupon | None:
    """The coupon as it is now: the answer is read later, by another thread."""
    coupon = state.coupons.get(ref)
    return None if coupon is None else msgspec.structs.replace(coupon)


def _event(state: EngineState, record: Record) -> list[OwnEvent]:
    """The event that goals and traits count: in the name of the source whose key the till bears, else of the first server source."""
    if not isinstance(record, Redeemed | Reversed) or record.node < 0:
        return []
    servers = [name for name, trust in zip(state.sources, state.trust, strict=True) if trust == "server"]
    source = record.source if record.source in servers else next(iter(servers), None)
    coupon = state.coupons.get(record.ref)
    if source is None or coupon is None:
        return []
    type_, value, _ = state.graph.identifier(record.node)
    kind = next((each for each in state.definitions.identity.types if each.name == type_), None)
    if kind is None:
        return []
    name, id_, at_ms = _named(record, coupon)
    used = record if isinstance(record, Redeemed) else record.of
    said: dict[str, object] = {"coupon": record.ref, "pool": record.pool, "offer": coupon.offer, "decision": coupon.decision}
    said |= {"store": record.store, "till": record.till, "order_id": used.order, "currency": used.currency}
    properties = {key: each for key, each in said.items() if each}
    properties |= {"basket_minor": used.basket} if used.basket is not None else {}
    properties |= {"discount_minor": used.discount} if used.discount is not None else {}
    event: dict[str, object] = {"type": "track", "event": name, "messageId": id_, "properties": properties}
    _put(event, kind.paths[0].split("."), value)
    return [OwnEvent(source=source, raw=event, message_id=id_, time_ms=at_ms)]


def _named(record: Redeemed | Reversed, coupon: Coupon) -> tuple[str, str, int]:
    """Name, messageId and instant of a record's event. A code may be used again after it was taken back: each time has its own id."""
    times = len(coupon.reversals)
    if isinstance(record, Reversed):
        return REVERSED_EVENT, f"coupon:{record.ref}:reversed:{times}", record.at_ms
    return REDEEMED_EVENT, f"coupon:{record.ref}" + (f":{times}" if times else ""), record.accepted_ms or record.at_ms


def _put(event: dict[str, object], keys: Sequence[str], value: str) -> None:
    """Write a value where its path says, so that the event is of that node and of no other."""
    *parents, last = keys
    inside = event
    for key in parents:
        below = inside.setdefault(key, {})
        assert isinstance(below, dict)
        inside = below
    inside[last] = value
