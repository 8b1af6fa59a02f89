"""The lake's tables as traits read them, and what of them had happened, or was known, at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gyeol.kernel.instants import instant_text

if TYPE_CHECKING:
    import ibis.expr.types as ir

_INSTANT = "timestamp('UTC')"
EVENTS = {
    "log_offset": "int64", "type": "string", "name": "string", "node": "int64", "message_id": "string", "id_hash": "uint64",
    "time": _INSTANT, "received": _INSTANT, "original": _INSTANT, "sent": _INSTANT, "accepted": _INSTANT, "properties": "json",
    "traits": "json", "context": "json", "fields": "json", "ip_country": "string",
}  # fmt: skip
"""The columns of the lake's ``events`` that traits may read, with their Ibis types."""
MOVES = {"node": "int64", "person": "string", "since_offset": "int64", "since": _INSTANT}
"""The columns of ``node_person``."""
FACTS = {
    "log_offset": "int64", "name": "string", "about": "string", "subject": "string", "node": "int64", "value": "string",
    "number": "float64", "source": "string", "observed": _INSTANT, "received": _INSTANT, "until": _INSTANT, "confidence": "float64",
    "origin": "string",
}  # fmt: skip
"""The columns of ``facts``."""

GROUP_MOVES = {"node": "int64", "kind": "string", "group_id": "string", "since_offset": "int64", "since": _INSTANT}
"""The columns of ``node_group``; an empty ``group_id`` is no group."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What of the past is looked at. Instants in milliseconds, both ends included; None: all.

    Args:
        happened_ms: Events with ``timestamp`` up to this instant.
        known_ms: Of those only what was also received and accepted by then, joined into people as they were known then.
        before_offset: Records of the log before this offset.
    """

    happened_ms: int | None = None
    known_ms: int | None = None
    before_offset: int | None = None


def as_of(at_ms: int) -> Seen:
    """What had happened by an instant, in the light of all that came later: for analysis."""
    return Seen(happened_ms=at_ms)


def known_at(at_ms: int) -> Seen:
    """What Gyeol knew at an instant, and nothing else: for training and for replaying decisions. No leakage from later."""
    return Seen(happened_ms=at_ms, known_ms=at_ms)


def before(offset: int) -> Seen:
    """The log up to an offset: what the stream's state holds there."""
    return Seen(before_offset=offset)


class Past(msgspec.Struct, frozen=True):
    """The tables that are read.

    Args:
        events: Columns as ``EVENTS``.
        moves: Columns as ``MOVES``.
        facts: Columns as ``FACTS``; None: no condition over events reads any.
    """

    events: ir.Table
    moves: ir.Table
    facts: ir.Table | None = None

    @classmethod
    def of_groups(cls, kind: str, *, facts: bool = False) -> Past:
        """The lake's events by the group of a kind: where tables of people say ``person`` they hold ids of groups."""
        import ibis

        moves = ibis.table(GROUP_MOVES, name="node_group")
        whose = moves.filter(moves.kind == kind).select("node", "since_offset", "since", person=moves.group_id)
        return msgspec.structs.replace(cls.of_lake(facts=facts), moves=whose.select(*MOVES))

    @classmethod
    def of_lake(cls, tail_from: int | None = None, *, facts: bool = False) -> Past:
        """The lake's tables, unbound.

        Args:
            tail_from: Read the lake up to this offset only, and go on in ``tail_events``, ``tail_moves`` and ``tail_facts``, which whoever
                runs it brings.
            facts: Whether facts are read.
        """
        import ibis

        events, moves, told = ibis.table(EVENTS, name="events"), ibis.table(MOVES, name="node_person"), ibis.table(FACTS, name="facts")
        if tail_from is not None:
            events = events.filter(events.log_offset < tail_from).union(ibis.table(EVENTS, name="tail_events"))
            moves = moves.filter(moves.since_offset < tail_from).union(ibis.table(MOVES, name="tail_moves"))
            told = told.filter(told.log_offset < tail_from).union(ibis.table(FACTS, name="tail_facts"))
        return cls(events, moves, told if facts else None)


def person_events(past: Past, seen: Seen) -> ir.Table:
    """The events that belong to somebody, as ``seen``: those of ``EVENTS`` with ``person``."""
    events, moves = past.events, past.moves
    if seen.before_offset is not None:
        events = events.filter(events.log_offset < seen.before_offset)
        moves = moves.filter(moves.since_offset < seen.before_offset)
    if seen.happened_ms is not None:
        events = events.filter(events.time <= _instant(seen.happened_ms))
    if seen.known_ms is not None:
        known = _instant(seen.known_ms)
        events = events.filter((events.received <= known) & (events.accepted <= known))
        moves = moves.filter(moves.since <= known)
    people = moves.group_by("node").aggregate(person=moves.person.argmax(moves.since_offset))
    return events.join(people.filter(people.person != ""), "node")


def _instant(at_ms: int) -> ir.TimestampScalar:
    import ibis

    return ibis.literal(instant_text(at_ms), type=_INSTANT)
