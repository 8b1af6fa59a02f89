"""Sequences that events from long ago have made doubtful: who they are, and their history put in the place of what is held.

A mark is state: it is kept in snapshots and told by ``status``. The history comes from the lake, as a command: a replay reads it from
the log like everything else (ADR 0015).
"""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.engine.state import EngineState
from gyeol.kernel.instants import Int64
from gyeol.profiles import waiting
from gyeol.profiles.kinds.timed import Moments
from gyeol.profiles.waiting import marked

MOST_AT_ONCE = 500
"""People in one command: their events must fit into a frame."""


class Doubtful(msgspec.Struct, frozen=True, kw_only=True):
    """A sequence of somebody that is to be folded anew. ``nodes``: all whose events count, ascending."""

    trait: str
    nodes: list[int]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """All events of a sequence that some nodes had.

    Args:
        trait: The sequence.
        definitions: Hash of the definitions under which the events were chosen.
        nodes: Whose; one row serves them all.
        until: Everything before this offset of the log was looked at.
        times, ids, roles: int64, uint64 and uint8 (n,), by (time, id).
    """

    trait: str
    definitions: str
    nodes: list[int]
    until: int
    times: bytes
    ids: bytes
    roles: bytes


def doubtful(state: EngineState, most: int = MOST_AT_ONCE) -> list[Doubtful]:
    """Who is to be folded anew, at most ``most`` of them."""
    found: list[Doubtful] = []
    for name, rows in marked(state.traits):
        own = [row for row in rows.tolist() if not state.groups.is_group(row)]
        found += [Doubtful(trait=name, nodes=nodes_of(state, row)) for row in own[: most - len(found)]]
    return found


def count_doubtful(state: EngineState) -> int:
    """How many sequences of people are to be folded anew."""
    return sum(not state.groups.is_group(row) for _, rows in marked(state.traits) for row in rows.tolist())


def nodes_of(state: EngineState, row: int) -> list[int]:
    """The nodes whose events a row holds, ascending."""
    node = state.traits.node_of(row)
    if node is not None:
        return [node]
    return sorted(state.graph.members(int(state.people.person_of_row[row])))


def refold(state: EngineState, history: History) -> Int64:
    """Fold a sequence of somebody anew; returns the serving rows whose audiences are to be looked at, none when it no longer applies."""
    if history.definitions != state.definitions.hash or history.trait in state.traits.unready:
        return np.empty(0, np.int64)
    row = _row(state, history.nodes)
    if row is None:
        return np.empty(0, np.int64)
    times = np.frombuffer(history.times, "<i8")
    moments = Moments(np.zeros(len(times), np.int64), times, np.frombuffer(history.ids, "<u8"), np.frombuffer(history.roles, np.uint8))
    waiting.refold(state.traits, history.trait, row, moments, history.until)
    if state.groups:  # a group's row is made of those of single nodes
        state.groups.refresh(history.nodes)
    return np.array([row] if state.people.person_of_row[row] >= 0 else [], np.int64)


def _row(state: EngineState, nodes: list[int]) -> int | None:
    """The row that holds just these nodes' events; None when people were joined or split meanwhile, which marks them anew."""
    if len(nodes) == 1:
        row = int(state.traits.rows_of_nodes(np.array(nodes), create=False)[0])
        return row if row >= 0 else None
    if not nodes or max(nodes) >= state.graph.size:
        return None
    person = int(state.graph.person[nodes[0]])
    row = state.people.row(person)
    return row if row >= 0 and sorted(state.graph.members(person)) == nodes and state.traits.node_of(row) is None else None
