"""What the core says of groups: kinds with their audiences, pages of groups, one group. Part of ``core_api``."""

from __future__ import annotations

import msgspec

from gyeol.app.core_people import ShownTrait, Texts


class GroupsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds of groups, and groups of one kind.

    Args:
        kind: ``household``; None: only the kinds.
        id: One group, by id or by what names it (a groupId, an address as written).
        audience: Only groups in this audience of groups.
        limit: Of groups. cursor: ``next`` of the page before.
    """

    kind: str | None = None
    id: str | None = None
    audience: str | None = None
    limit: int = 50
    cursor: str | None = None


class GroupAudience(msgspec.Struct, frozen=True, kw_only=True):
    """An audience of groups: what it means, and how many groups are in it."""

    name: str
    label: Texts
    size: int
    sentence: Texts
    condition: str
    description: Texts = {}


class GroupKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of group. ``size``: groups that somebody is in."""

    name: str
    label: Texts
    description: Texts
    size: int
    audiences: list[GroupAudience]


class GroupLine(msgspec.Struct, frozen=True, kw_only=True):
    """A group in a list.

    Args:
        id: 32 hex digits.
        value: What names it, masked where the kind is personal.
        people: How many are in it. ``crowded``: more than the kind allows, so it has no traits and is in no audience.
        audiences: Of groups, in which it is.
    """

    kind: str
    id: str
    value: str
    people: int
    crowded: bool
    audiences: list[str]
    traits: list[ShownTrait] = []


class GroupMember(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a group."""

    id: str
    name: str


class GroupReply(msgspec.Struct, frozen=True, kw_only=True):
    """A group with all its traits and its people; ``complete``: those are all of its people."""

    group: GroupLine
    members: list[GroupMember]
    complete: bool


class GroupsReply(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds; a page of groups, by number, newest first; and the one that was asked for."""

    kinds: list[GroupKind] = []
    groups: list[GroupLine] = []
    next: str | None = None
    total: int | None = None
    one: GroupReply | None = None
