"""What a command on people did: whose identifiers changed hands, and which acts went with them."""

from __future__ import annotations

import msgspec

from gyeol.app.core_people import ShownIdentifier
from gyeol.app.identity_views import named_nodes
from gyeol.engine.state import EngineState
from gyeol.engine.state_store import StateStore

MOST_SHOWN = 200
"""Identifiers and acts that one answer lists; ``complete`` says whether that was all."""


class Moved(msgspec.Struct, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}):
    """An identifier that belongs to another person now."""

    identifier: ShownIdentifier
    before: str
    after: str


class MovedAct(msgspec.Struct, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}):
    """A decision, enrolment or message that followed its identifier. ``name``: its placement or journey; ``state``: what became of it."""

    kind: str
    id: str
    name: str
    state: str
    at: int
    before: str
    after: str


def people_named(state: EngineState, body: dict[str, object]) -> dict[int, str]:
    """Person id by node, of everybody whom a command names."""
    graph = state.graph
    given = body.get("identifiers")
    texts = [*map(str, given if isinstance(given, list) else []), *(str(body[side]) for side in ("a", "b") if side in body)]
    people = dict.fromkeys(person for text in texts if (person := graph.find(text)) is not None)
    return {node: graph.person_id(person) for person in people for node in graph.members(person)}


def regrouped(state: EngineState, body: dict[str, object], before: dict[int, str]) -> dict[str, object]:
    """What is told after the fold: ``together``, ``a``, ``b`` of a pair, ``moved`` identifiers.

    Args:
        state: After the command.
        body: As it was given.
        before: From ``people_named``, before it.
    """
    graph = state.graph
    facts: dict[str, object] = {}
    if "a" in body and "b" in body:
        a, b = graph.find(str(body["a"])), graph.find(str(body["b"]))
        if a is not None and b is not None:
            facts = {"together": a == b, "a": graph.person_id(a), "b": graph.person_id(b)}
    told = [node for node, person in before.items() if graph.person_id(graph.people.person.view[node]) != person]
    names = named_nodes(state, told[:MOST_SHOWN])
    moved = [Moved(identifier=each.identifier, before=before[each.node], after=each.person) for each in names]
    return {**facts, "nodes": told, "moved": msgspec.to_builtins(moved), "complete": len(told) <= MOST_SHOWN}


def acts_of(store: StateStore, nodes: list[int], before: dict[int, str], after: dict[int, str]) -> list[MovedAct]:
    """The newest decisions, enrolments and messages of nodes that changed hands: they follow their node."""

    def act(kind: str, id_: str, name: str, state: str, at: int, node: int) -> MovedAct:
        return MovedAct(kind=kind, id=id_, name=name, state=state, at=at, before=before[node], after=after[node])

    acts = [act("decision", d.id, d.placement, d.chosen or "", d.at_ms, d.node) for d in store.decisions.of_nodes(nodes, MOST_SHOWN)]
    acts += [act("enrolment", e.entry_key, e.journey, e.outcome, e.at_ms, e.node) for e in store.enrolments.of_nodes(nodes, MOST_SHOWN)]
    for entry in store.outbox.of_nodes(nodes, MOST_SHOWN):
        message = entry.message
        acts.append(act("message", message.send_key, message.journey, entry.state, message.queued_at_ms, message.node))
    return sorted(acts, key=lambda act: (-act.at, act.kind, act.id))[:MOST_SHOWN]
