"""Statements that two identifiers belong together, and what became of people after some were observed."""

from __future__ import annotations

from typing import Literal

import msgspec

EvidenceKind = Literal["event", "command", "suggestion"]
"""Where a statement comes from. ``suggestion``: a probabilistic match that a threshold or a person has accepted."""

KINDS: tuple[EvidenceKind, ...] = ("event", "command", "suggestion")
"""Kinds by their stored code."""
SUGGESTION = KINDS.index("suggestion")


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One statement, or several equal ones: nodes ``a`` and ``b`` are of one person. The order of ``a`` and ``b`` means nothing.

    Args:
        a, b: Nodes of the graph.
        trust: How far the source is believed: a value of ``identity.model.TRUST_RANKS``.
        at_ms: The earliest event time at which it was stated.
        source: Name of the source, or of the person who gave the command.
        offset: Place in the log; orders merge and cut commands of one pair.
        count: How many times it was stated.
    """

    a: int
    b: int
    trust: int
    at_ms: int
    source: str = ""
    kind: EvidenceKind = "event"
    offset: int = 0
    count: int = 1


def merged(one: Evidence, other: Evidence) -> Evidence:
    """Two statements of one pair and trust as one: the earlier one's time and source, and the count of both."""
    first = min(one, other, key=lambda e: (e.at_ms, KINDS.index(e.kind), e.source, e.offset))
    return msgspec.structs.replace(first, count=one.count + other.count)


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that the rules hold back.

    Args:
        a, b: The two nodes.
        trust: Trust rank of the statement.
        reason: ``limit``: together the two people would have more than ``limit`` different values of ``type``.
            ``client_cannot_join_known``: a public key states that two people who both signed in are one.
            ``device_of_several``: the device was stated with several people, and belongs to none of them.
            ``number_of_another``: what a household shares was stated with somebody who has an account, and is nobody else's; or the account
            gave another number; or number and address both have another.
            ``another_number``: an account with an address of its own and this one were given with different numbers.
        type: The identifier type whose limit is in the way; for a device or number, its own.
        limit: At most so many values of the type a person.
        values: The values that the two people have now, sorted.
    """

    a: int
    b: int
    trust: int
    reason: str
    type: str
    limit: int
    values: list[str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one call did to people. Only real changes: a set of nodes that stays keeps its person index.

    Args:
        dissolved: Person indexes that were there before the call and mean nothing any more, ascending.
        formed: (person index, its nodes ascending) of each newly formed set; a node that a split leaves alone is a set of one.
        created: Nodes interned since the last change that are people of one, ascending; their indexes are in ``person``.
        quarantined: Evidence held back now that was not before.
    """

    dissolved: list[int] = []
    formed: list[tuple[int, list[int]]] = []
    created: list[int] = []
    quarantined: list[Quarantined] = []
