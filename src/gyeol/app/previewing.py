"""What a command on people would do, before it is given: tried on a copy of the graph; traits and audiences of the people it would form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec
import numpy as np

from gyeol.app.core_people import ShownIdentifier
from gyeol.app.identity_views import shown
from gyeol.app.regrouping import MOST_SHOWN, Moved, acts_of
from gyeol.app.views import find_person, name_of
from gyeol.engine.commands import Told, carry_out, named
from gyeol.engine.state import EngineState
from gyeol.engine.state_store import StateStore
from gyeol.events.sections import Command
from gyeol.identity.explain import Show
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.rehearsal import copied
from gyeol.kernel.instants import Int64

T = TypeVar("T")
MOST_PEOPLE, MOST_NAMED = 20, 12
"""People, and identifiers of each, that one preview lists."""


class Ask(Protocol):
    """Has a function read the engine's state where nobody changes it meanwhile."""

    def __call__(self, question: Callable[[EngineState], T]) -> T:
        """Its answer."""
        ...


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """A person as is, or as would be.

    Args:
        id: Person id.
        count: Of identifiers; ``identifiers`` are the first of them.
        audiences: Names.
        entered, left: Of somebody who would be: audiences that none of those they come from is in, and the other way round.
    """

    id: str
    name: str
    count: int
    identifiers: list[ShownIdentifier]
    audiences: list[str]
    entered: list[str] = []
    left: list[str] = []


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Why two identifiers stay apart. ``reason``: see ``identity.description.StatementView``."""

    reason: str
    type: str
    limit: int | None
    values: list[str]


def preview(ask: Ask, store: StateStore, key: bytes, command: Command) -> dict[str, object]:
    """What a command would do: ``before``, ``after``, ``moved``, ``acts``, ``together``, ``held``, ``complete``.

    Args:
        ask: Has a function read the engine's state.
        store: For acts that would follow.
        key: The identity key.
        command: As it would be given.

    Raises:
        GyeolError: It would be refused.
    """
    graph, fixed, offset = ask(lambda state: (state.graph, named(state.graph, command), state.offset))
    copy = copied(lambda question: ask(lambda _: question()), graph, key)
    change = carry_out(copy, fixed, offset)
    facts, before, after, nodes = ask(lambda state: _compared(state, copy, change.formed[:MOST_PEOPLE], command))
    acts = acts_of(store, nodes, before, after) if nodes else []
    body = msgspec.convert(fixed.body, Told)
    if body.a >= 0 and body.b >= 0:
        held = held_between(copy, body.a, body.b)
        facts |= {"together": held is None, "held": msgspec.to_builtins(held)}
    return {**facts, "acts": msgspec.to_builtins(acts), "complete": facts["complete"] and len(change.formed) <= MOST_PEOPLE}


def held_between(graph: IdentityGraph, a: int, b: int) -> Held | None:
    """Why two nodes are not one person; None when they are, or nobody ever said so."""
    labels = graph.people.person.view
    if labels[a] == labels[b]:
        return None
    show = Show(graph, reveal=False)
    for record, other in graph.statements.around(a):
        if other == b:
            view = show.statement(record, a, b)
            return Held(reason=view.reason, type=view.type, limit=view.limit, values=view.values)
    return Held(reason="", type="", limit=None, values=[])


def held_fact(graph: IdentityGraph, body: dict[str, object]) -> object:
    """``held_between`` for the two that a command names, as JSON."""
    a, b = graph.find_node(str(body["a"])), graph.find_node(str(body["b"]))
    return None if a is None or b is None else msgspec.to_builtins(held_between(graph, a, b))


def _compared(
    state: EngineState, copy: IdentityGraph, formed: Sequence[tuple[int, list[int]]], command: Command
) -> tuple[dict[str, object], dict[int, str], dict[int, str], list[int]]:
    """The facts; person id by node before and after; the nodes that would change hands."""
    graph, labels = state.graph, state.graph.people.person.view
    now = list(dict.fromkeys(labels[node] for _, nodes in formed for node in nodes if node < graph.size))
    if not formed:
        now = _named_people(state, command)
    was = {person: _person(state, graph, person, graph.members(person)) for person in now}
    will = []
    for person, nodes in formed:
        one = _person(state, copy, person, nodes)
        sources = [was[each] for each in dict.fromkeys(labels[node] for node in nodes)]
        of_all = list(dict.fromkeys(name for source in sources for name in source.audiences))
        entered = [name for name in one.audiences if name not in of_all]
        left = [name for name in of_all if name not in one.audiences]
        will.append(msgspec.structs.replace(one, entered=entered, left=left))
    before = {node: was[labels[node]].id for _, nodes in formed for node in nodes}
    after = {node: one.id for one, (_, nodes) in zip(will, formed, strict=True) for node in nodes}
    nodes = [node for node in before if before[node] != after[node]]
    show = Show(graph, reveal=False)
    moved = [Moved(identifier=shown(show.identifier(node)), before=before[node], after=after[node]) for node in nodes[:MOST_SHOWN]]
    facts: dict[str, object] = {
        "before": msgspec.to_builtins(list(was.values())),
        "after": msgspec.to_builtins(will or list(was.values())),
        "moved": msgspec.to_builtins(moved),
        "complete": len(nodes) <= MOST_SHOWN,
    }
    return facts, before, after, nodes


def _named_people(state: EngineState, command: Command) -> list[int]:
    """The people whom a command names, when it would change nobody."""
    given = command.body.get("identifiers")
    texts = [*map(str, given if isinstance(given, list) else []), *(str(command.body[side]) for side in ("a", "b") if side in command.body)]
    return list(dict.fromkeys(find_person(state, text) for text in texts[:MOST_PEOPLE]))


def _person(state: EngineState, graph: IdentityGraph, person: int, nodes: list[int]) -> Foreseen:
    show = Show(graph, reveal=False)
    rows = state.traits.rows_of_nodes(np.array(nodes, np.int64), create=False)
    rows = rows[rows >= 0]
    if len(rows) < 2:
        return _seen(state, graph, show, person, nodes, rows)
    # The traits of somebody who is not there: combined in a row that is given back, so that its number is used next as if nothing had been.
    row = state.traits.new_row()
    try:
        state.traits.rebuild(row, rows.tolist())
        return _seen(state, graph, show, person, nodes, np.array([row], np.int64))
    finally:
        state.traits.free_row(row)


def _seen(state: EngineState, graph: IdentityGraph, show: Show, person: int, nodes: list[int], row: Int64) -> Foreseen:
    audiences: list[str] = []
    name = ""
    if len(row):
        columns = state.columns(row)
        for audience in state.memberships.names:
            why = state.memberships.condition(audience).holds(lambda of: columns(of).item(0), lambda of: _stale(columns(of).stale))
            audiences += [audience] if why else []
        name = name_of(state, state.graph.people.person.view[nodes[0]], row)
    described = graph.describe(person, at_most=MOST_NAMED)
    identifiers = [shown(each) for each in described.identifiers]
    return Foreseen(
        id=described.person_id, name=name or identifiers[0].value, count=len(nodes), identifiers=identifiers, audiences=audiences
    )


def _stale(flags: object) -> bool:
    return flags is not None and bool(np.asarray(flags)[0])
