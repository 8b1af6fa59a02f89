"""What the engine's state says of groups, in the words of ``core_groups``. Read on the engine's thread; changes nothing."""

from __future__ import annotations

import numpy as np

from gyeol.app.core_groups import GroupAudience, GroupKind, GroupLine, GroupMember, GroupReply, GroupsReply, GroupsRequest
from gyeol.app.core_people import GroupOfPerson, ShownTrait
from gyeol.app.views import LINE_TRAITS, name_of, shown_trait
from gyeol.engine.state import EngineState
from gyeol.identity.description import mask
from gyeol.kernel.errors import InputError, NotFoundError, Problem

MOST_MEMBERS = 200


def groups_reply(state: EngineState, request: GroupsRequest) -> GroupsReply:
    """Kinds of groups, or the groups of a kind, or one of them.

    Raises:
        NotFoundError: There is no such kind, audience or group.
        InputError: The cursor is none.
    """
    if request.kind is None:
        return GroupsReply(kinds=[_kind(state, kind) for kind in range(len(state.groups.table.types))])
    kind = _kind_named(state, request.kind)
    if request.id is not None:
        return GroupsReply(one=_one(state, kind, request.id))
    groups = np.array(state.groups.table.groups_of(kind), np.int64)
    if request.audience is not None:
        memberships = state.groups.memberships[request.kind]
        if request.audience not in memberships.names:
            told = f"there is no audience {request.audience!r} of {request.kind}; it has: {', '.join(memberships.names) or 'none'}"
            raise NotFoundError("unknown_audience", told, audience=request.audience)
        rows = state.groups.rows_of_groups(groups)
        groups = groups[rows >= 0][memberships.members(request.audience, rows[rows >= 0])]
    total, newest = len(groups), groups[::-1]
    if request.cursor is not None:
        if not request.cursor.isdecimal():
            what, mend = f"{request.cursor!r} is no cursor of this list", "take it from `next` of the page before"
            raise InputError("bad_cursor", [Problem(path="cursor", code="bad_cursor", what=what, mend=mend)])
        newest = newest[newest < int(request.cursor)]
    page: list[int] = newest[: request.limit].tolist()
    following = str(page[-1]) if page and len(newest) > request.limit else None
    return GroupsReply(groups=[line(state, group, LINE_TRAITS) for group in page], next=following, total=total)


def groups_of_person(state: EngineState, node: int) -> list[GroupOfPerson]:
    """The groups that the person of a node is in, a kind each."""
    table, found = state.groups.table, []
    for kind, definition in enumerate(table.types):
        group = int(table.of_nodes(kind, np.array([node], np.int64))[0])
        if group >= 0:
            told = line(state, group, 0)
            found.append(
                GroupOfPerson(
                    kind=definition.name, label=definition.label, id=told.id, value=told.value, people=told.people, crowded=told.crowded
                )
            )
    return found


def line(state: EngineState, group: int, traits: int | None) -> GroupLine:
    """A group, with so many of its traits; None: all."""
    groups = state.groups
    kind = groups.table.types[groups.table.type_of(group)]
    row = int(groups.rows_of_groups(np.array([group], np.int64))[0])
    value = groups.table.value(group)
    return GroupLine(
        kind=kind.name,
        id=groups.table.group_id(group),
        value=mask(value) if kind.pii else value,
        people=len(groups.persons_of(group)),
        crowded=row < 0,
        audiences=groups.memberships[kind.name].of_row(row) if row >= 0 else [],
        traits=[] if row < 0 else _traits(state, row, traits),
    )


def _traits(state: EngineState, row: int, most: int | None) -> list[ShownTrait]:
    definitions = state.definitions.traits
    if most is not None:
        definitions = [d for d in definitions if d.kind in ("count", "sum", "top", "last")][:most]
    found = []
    for definition in definitions:
        described = state.traits.describe(definition.name, row, state.now_ms)
        found.append(shown_trait(state, definition, described.value, described.estimate))
    return found


def _kind_named(state: EngineState, name: str) -> int:
    names = state.groups.table.names
    if name not in names:
        told = f"there is no kind of group {name!r}; the workspace has: {', '.join(names) or 'none'}"
        raise NotFoundError("unknown_group_kind", told, kind=name)
    return names.index(name)


def _kind(state: EngineState, kind: int) -> GroupKind:
    definition, memberships = state.groups.table.types[kind], state.groups.memberships[state.groups.table.names[kind]]
    groups = np.array(state.groups.table.groups_of(kind), np.int64)
    rows = state.groups.rows_of_groups(groups)
    audiences = []
    for audience in state.definitions.audiences:
        if audience.of == definition.name:
            condition = memberships.condition(audience.name)
            audiences.append(
                GroupAudience(
                    name=audience.name,
                    label=audience.label,
                    size=memberships.size(audience.name, rows[rows >= 0]),
                    sentence={"ko": condition.sentence("ko", state.schema), "en": condition.sentence("en", state.schema)},
                    condition=audience.condition,
                    description=audience.description,
                )
            )
    return GroupKind(
        name=definition.name, label=definition.label, description=definition.description, size=len(groups), audiences=audiences
    )


def _one(state: EngineState, kind: int, text: str) -> GroupReply:
    group = state.groups.table.find(kind, text)
    people = [] if group is None else state.groups.persons_of(group)
    if group is None or not people:
        name = state.groups.table.names[kind]
        told = f"nobody is in a {name} known as {text!r}: give its id, or what names it in events"
        raise NotFoundError("unknown_group", told, group=text)
    members = []
    for person in people[:MOST_MEMBERS]:
        row = np.array([state.people.row(person)], np.int64)
        members.append(GroupMember(id=state.graph.person_id(person), name=name_of(state, person, row)))
    return GroupReply(group=line(state, group, None), members=members, complete=len(people) <= MOST_MEMBERS)
