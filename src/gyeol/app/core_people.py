"""What the core says of people: pages, one person, and what waits for somebody's judgement. Part of ``core_api``."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.app.content_asked import SayReply, SayRequest
from gyeol.app.fact_answers import MomentAnswer

Texts = dict[str, str]
"""Language (``ko``, ``en``) → text."""


class PeopleRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Search people: by words in identifiers, by audience, by stage; newest activity first. Or ask what of identity waits for somebody.

    Args:
        waiting: Instead of people: evidence in quarantine, or shared identifiers, newest first.
        nodes: Also what these nodes are called, and whose they are.
    """

    query: str = ""
    audience: str | None = None
    stage: str | None = None
    limit: int = 50
    cursor: str | None = None
    waiting: Literal["quarantined", "shared"] | None = None
    nodes: list[int] = []


class ShownIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier as screens show it: PII types are masked. ``id`` names it in requests, where the masked value cannot."""

    type: str
    value: str
    label: Texts = {}
    id: str = ""


class ShownTrait(msgspec.Struct, frozen=True, kw_only=True):
    """A trait's value. Money: ``{"minor": int, "currency": text}``; ``type`` time: milliseconds; None: unknown. ``estimate``: not exact.

    ``source``: names of the events it is made of; ``updated_at``: time of the person's newest such event, where that was looked up.
    """

    name: str
    label: Texts
    kind: str
    type: str
    value: object
    unit: str | None = None
    simulated: bool = False
    description: Texts = {}
    estimate: bool = False
    source: list[str] = []
    updated_at: int | None = None


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a list."""

    id: str
    name: str
    identifiers: list[ShownIdentifier]
    stage: str | None
    last_seen_ms: int | None
    audiences: list[str]
    traits: list[ShownTrait] = []


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """One of the people whom evidence concerns."""

    id: str
    name: str
    identifiers: list[ShownIdentifier]


class HeldEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A statement in quarantine.

    Args:
        id: Names the line.
        a, b: The two identifiers.
        people: Whose they are.
        reason: ``limit``: together the two would have ``fan_out`` values of ``type``, and ``limit`` are allowed.
            ``client_cannot_join_known``: a public key may not join two people who both signed in. Others: see ``identity.evidence``.
        values: Those values, masked where they are personal.
        trust, source, count: Whose word it is, and how often it was said.
        since: First event time of the statement.
    """

    id: str
    a: ShownIdentifier
    b: ShownIdentifier
    people: list[Party]
    reason: str
    type: str
    limit: int | None
    fan_out: int
    values: list[str]
    trust: str
    source: str
    kind: str
    count: int
    since: int


class FanOut(msgspec.Struct, frozen=True, kw_only=True):
    """Of which limited type an identifier was stated with too many values, and up to which trust its evidence merges nothing."""

    type: str
    fan_out: int
    limit: int
    trust: str


class SharedIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier of several people: its evidence merges nothing. ``fan_out``: the greatest of ``over``; ``since``: first seen."""

    identifier: ShownIdentifier
    since: int | None
    fan_out: int
    over: list[FanOut]


class NodeName(msgspec.Struct, frozen=True, kw_only=True):
    """What a node is called, and the person whose it is now."""

    node: int
    identifier: ShownIdentifier
    person: str


class PeopleReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of people; ``next`` is the cursor of the following one. ``total``: how many match, when that is cheap to know.

    ``quarantined``, ``shared``: instead of people, when that was asked for. ``nodes``: those that were asked for.
    """

    people: list[PersonLine]
    next: str | None = None
    total: int | None = None
    quarantined: list[HeldEvidence] = []
    shared: list[SharedIdentifier] = []
    nodes: list[NodeName] = []


class GoldenCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an attribute, masked where it is personal.

    Args:
        source, trust: Of its most believed statement.
        first, last: Event times of its first and last statement; None where that is not kept (``last`` of identifiers).
        count: How often it was stated.
    """

    value: str
    source: str
    trust: str
    first: int | None
    last: int | None
    count: int


class GoldenWhy(msgspec.Struct, frozen=True, kw_only=True):
    """Why a value won.

    Args:
        rule: ``most_recent`` (identifiers: first seen last; others: said last) | ``most_frequent`` | ``source_order``
            (the most believed source).
        source, trust: Of its most believed statement.
        at: When it was first seen.
        count: How often it was stated.
        others: The values that did not win, best first.
        reason: What set the winner apart from the next: ``only`` (no other) | ``recent`` | ``frequent`` | ``source`` | ``value``
            (all else equal).
        candidates: All values with what they were compared by, the winner first.
        estimate: More values were said than are kept.
    """

    rule: str
    source: str
    trust: str
    at: int | None
    count: int
    others: list[ShownIdentifier]
    reason: str = "only"
    candidates: list[GoldenCandidate] = []
    estimate: bool = False


class GoldenValue(msgspec.Struct, frozen=True, kw_only=True):
    """The value of an attribute that wins over the others of the person; masked where it is personal."""

    attribute: str
    value: str
    id: str
    label: Texts
    why: GoldenWhy


class PersonRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One person by id (also an old one), ``type:value`` or bare identifier value. ``at_ms``: of its Moment; None: now.

    ``say``: also what a content would say to the person.
    """

    id: str
    at_ms: int | None = None
    say: SayRequest | None = None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A journey stage."""

    name: str
    label: Texts


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person is in an audience, and why. ``member`` None: cannot be known. ``explained``: the tree of ``expressions.explain``."""

    name: str
    label: Texts
    member: bool | None
    since_ms: int | None
    sentence: Texts
    explained: object


class GroupOfPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A group that somebody is in. ``people``: how many are; ``crowded``: more than its kind allows, so it has no traits."""

    kind: str
    label: Texts
    id: str
    value: str
    people: int
    crowded: bool = False


class PersonReply(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of a person now.

    ``nodes``: the integers of the person's identifiers, for timelines and decisions; ``name``: what lists call the person, too.
    """

    id: str
    nodes: list[int]
    name: str | None = None
    simulated: bool
    stage: Stage | None
    first_seen_ms: int | None
    last_seen_ms: int | None
    events: int
    identifiers: list[ShownIdentifier]
    evidence: list[dict[str, object]]
    quarantined: list[dict[str, object]]
    withdrawn: list[dict[str, object]] = []
    shared: list[dict[str, object]]
    traits: list[ShownTrait]
    audiences: list[Membership]
    moment: dict[str, object]
    consents: list[dict[str, object]] = []
    golden: list[GoldenValue] = []
    groups: list[GroupOfPerson] = []
    now: MomentAnswer | None = None
    said: SayReply | None = None
