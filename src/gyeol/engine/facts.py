"""Facts into state: named and judged once, as records folded, and whose audiences a change or the end of one moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from msgspec.structs import replace

from gyeol.context.fact import Fact
from gyeol.context.ledger import same
from gyeol.context.moment import PREFIX
from gyeol.context.record import FactInput, FactRecord, judge
from gyeol.context.subject import Subject, person_subject
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import Int64

MOST_ENDS = 400
"""So many looks at the ends of facts at most in one passing of time: beyond, those of neighbouring instants are taken together."""
_DAY_MS = 86_400_000


class FactSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one fact: ``recorded``, or a ``duplicate`` of one that is held."""

    status: Literal["recorded", "duplicate"]
    offset: int | None = None


def named_facts(state: EngineState, given: Sequence[FactInput], latest_ms: int, source: str) -> tuple[list[FactRecord], list[bool]]:
    """The records of some facts, and which of the facts are new; nothing is kept yet.

    With ``clock: data`` a fact may be observed before any event has moved the clock there, up to ``latest_ms``, the machine's.

    A person is named by ``type:value``, a person id or a bare value; one that was never seen is named by ``type:value`` alone.

    Raises:
        InputError: Every problem of every fact.
        LimitError: Too many facts are held.
    """
    wall = state.definitions.workspace.clock != "data"
    records = judge(given, state.now_ms or latest_ms, source, state.now_ms if wall else latest_ms)
    problems: list[Problem] = []
    told = [_named(state, record, f"facts[{i}].about.person", problems) for i, record in enumerate(records)]
    if problems:
        raise InputError("bad_facts", problems)
    state.moments.facts.room(len(told))
    fresh: list[FactRecord] = []
    new: list[bool] = []
    seen: dict[tuple[str, str, str, str], list[Fact]] = {}
    for record in told:
        fact = record.fact(_subject(state, record))
        beside = seen.setdefault((record.kind, record.type, record.id, record.name), [])
        new.append(not state.moments.facts.holds(fact) and not any(same(fact, other) for other in beside))
        if new[-1]:
            beside.append(fact)
            fresh.append(record)
    return fresh, new


def _named(state: EngineState, record: FactRecord, path: str, problems: list[Problem]) -> FactRecord:
    """The record with the type and value of an identifier for a person."""
    if record.kind != "person":
        return record
    node = state.graph.find_node(record.id)
    if node is not None:
        type_, value, _ = state.graph.identifier(node)
        return replace(record, type=type_, id=value)
    type_, _, value = record.id.partition(":")
    kinds = {kind.name for kind in state.definitions.identity.types}
    if type_ not in kinds or not value:
        what, mend = f"nobody is known as {record.id!r}", "write type:value, for example user_id:u1"
        problems.append(Problem(path=path, code="unknown_person", what=what, mend=mend))
    elif state.graph.policy.normaliser(state.graph.policy.code(type_))(value) is None:
        what = f"{type_} {value!r} identifies nobody (it is a blocked value)"
        problems.append(Problem(path=path, code="blocked_identifier", what=what, mend="send the person's own id"))
    return replace(record, type=type_, id=value)


def _subject(state: EngineState, record: FactRecord) -> Subject:
    """What a record is about; a person who was never seen has no number yet."""
    if record.kind != "person":
        return Subject(record.kind, record.id)
    node = state.graph.find_node(f"{record.type}:{record.id}")
    return person_subject(-1 if node is None else node)


def placed(state: EngineState, record: FactRecord) -> FactRecord:
    """The record with the number of its person, who gets one here if nobody knew of them."""
    if record.kind != "person":
        return record
    return replace(record, node=int(state.graph.nodes(record.type, [record.id], [state.now_ms])[0]))


def fold_facts(state: EngineState, records: Sequence[FactRecord]) -> tuple[Int64, frozenset[str]]:
    """Keep facts; returns the serving rows that they may concern, and the names (with ``moment.``) that may have changed for them."""
    moments, now_ms = state.moments, state.now_ms
    touched: list[Subject] = []
    changed: set[str] = set()
    for record in records:
        if record.kind == "person":
            node = state.graph.numbered(record.node, record.type, record.id, now_ms)
            if node < 0:
                continue
            subject = person_subject(node)
        else:
            subject = Subject(record.kind, record.id)
        fact = record.fact(subject)
        if moments.facts.add(fact, now_ms) and record.name in moments.reads and fact.fresh(now_ms):
            touched.append(subject)
            changed.add(PREFIX + record.name)
    oldest_ms = now_ms - moments.memory_ms
    if oldest_ms // _DAY_MS > state.forgotten_ms // _DAY_MS:
        moments.facts.forget(oldest_ms)
        state.forgotten_ms = oldest_ms
    rows = moments.rows_under(list(dict.fromkeys(touched)), now_ms) if touched else np.empty(0, np.int64)
    return rows, frozenset(changed)


def moment_turns(state: EngineState, until_ms: int) -> list[tuple[int, Int64 | None, frozenset[str]]]:
    """When facts change by time alone after now, up to and including an instant: (when, whose rows, names with ``moment.``).

    None for rows: everybody's. The ends of facts that are told here will not be told again.
    """
    moments = state.moments
    found: list[tuple[int, Int64 | None, frozenset[str]]] = []
    names = frozenset(PREFIX + name for name in moments.reads)
    edges: list[int] = []
    edge = moments.next_edge_ms(state.now_ms) if state.now_ms else None
    while edge is not None and edge <= until_ms:
        edges.append(edge)
        edge = moments.next_edge_ms(edge)
    # After a long silence only the latest are looked at: earlier ones could only show people entering and leaving again.
    found += [(each, None, names) for each in edges[-MOST_ENDS:]]
    ends: dict[int, list[Subject]] = {}
    for at_ms, subject, name in moments.facts.ended(until_ms):
        if name in moments.reads and at_ms > state.now_ms:
            ends.setdefault(at_ms, []).append(subject)
    instants = sorted(ends)
    step = -(-len(instants) // MOST_ENDS) or 1
    for start in range(0, len(instants), step):
        together = instants[start : start + step]
        subjects = list(dict.fromkeys(subject for at_ms in together for subject in ends[at_ms]))
        # Who is under a subject is asked as of when the fact still counted.
        found.append((together[-1], moments.rows_under(subjects, together[0] - 1), names))
    return found


def moment_due_ms(state: EngineState) -> int | None:
    """The next instant at which a fact changes by time alone; None: nothing waits for that."""
    if not state.now_ms or not state.moments.reads:
        return None
    ends = [state.moments.next_edge_ms(state.now_ms), state.moments.facts.next_end_ms()]
    return min((at_ms for at_ms in ends if at_ms is not None), default=None)
