"""Records into state: resolve → fold → audiences, one frame at a time.

Folding is deterministic: the same records give the same state, so that a replay is exact. Nothing outside the state is touched;
what a frame asks of the outside is returned as ``Effects``.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gyeol.channels.model import Delivery
from gyeol.content.approval import CONTENT_COMMANDS
from gyeol.context.record import FactRecord, decode_record
from gyeol.engine.backfill import Block, join_block
from gyeol.engine.commands import IDENTITY_COMMANDS, carry_out
from gyeol.engine.contents import fold_content
from gyeol.engine.coupon_records import COUPON_COMMANDS, fold_coupon
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Act, Effects, Entry, Regrouped
from gyeol.engine.enriched import EnrichedBatch
from gyeol.engine.facts import fold_facts, moment_turns
from gyeol.engine.holding import fold_decided, fold_delivery, read_impressions
from gyeol.engine.places import forget_places, learn_places
from gyeol.engine.refold import History, refold
from gyeol.engine.state import EngineState
from gyeol.engine.sweeps import due_turns
from gyeol.engine.switching import POLICY_COMMAND, fold_switch
from gyeol.engine.warming import WARM_COMMAND, fold_warm
from gyeol.engine.waves import in_waves, remember, told_by
from gyeol.events.batch import EventBatch
from gyeol.events.columns import ColumnsBatch
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import (
    Command,
    Commands,
    Decisions,
    Deliveries,
    EventColumns,
    EventRows,
    Facts,
    Frame,
    Rejections,
    Section,
    section_count,
)
from gyeol.identity.evidence import Change
from gyeol.identity.extract import identify_batch
from gyeol.kernel.instants import Int64
from gyeol.privacy.consent import Statement
from gyeol.profiles.runs import distinct

OWN_COMMANDS = ("refold", "backfill")
"""Commands of Gyeol itself; they are no acts of anybody, so they are neither counted nor audited."""
BLOCK_ROWS = 25_000
"""A sweep looks at so many people at a time: their columns stay in the processor's cache. Source: measured, ``gyeol bench sweep``."""
decode_act = msgspec.msgpack.Decoder(Act).decode
decode_delivery = msgspec.msgpack.Decoder(Delivery).decode


def fold_frame(state: EngineState, frame: Frame, parts: Sequence[tuple[int, int]] = ()) -> Effects:
    """Apply one frame.

    Args:
        state: Changed in place; its ``offset`` must be the frame's first.
        frame: Header and sections, as read from the log or just built.
        parts: Of several frames that are folded as one, see ``groups.Group``.

    Returns:
        What is to be written to state.db, and whose journeys may begin (``entries``, ``matches``).
    """
    header = frame.header
    effects = Effects(first_offset=header.first_offset, end_offset=header.first_offset + header.count, at_ms=header.engine_now_ms)
    effects.parts, effects.definitions = list(parts), header.definitions
    effects.entries += advance(state, header.engine_now_ms, acting=acting_clock(state.definitions, frame.sections))
    offset = header.first_offset
    for section in frame.sections:
        fold_section(state, section, offset, effects)
        offset += section_count(section)
    state.offset = effects.end_offset
    return effects


def acting_clock(definitions: Definitions, sections: Sequence[Section]) -> bool:
    """Whether the time that passes before a frame may begin journeys: not when an import that may not act is what moves the clock."""
    silent = any(isinstance(section, EventColumns) and not section.act for section in sections)
    return not (silent and definitions.workspace.clock == "data")


def advance(state: EngineState, now_ms: int, *, acting: bool = True) -> list[Entry]:
    """Let time pass up to ``now_ms``: at every edge of a bucket on the way everybody's audiences are looked at again,
    and of those whose sequence time makes true, theirs.

    Args:
        state: Changed in place.
        now_ms: The instant to reach.
        acting: Whether who enters may begin journeys.

    Returns:
        Who entered and left; nobody when ``acting`` is false.
    """
    entries: list[Entry] = []
    turns: list[tuple[int, Int64 | None, frozenset[str] | None]] = [(at_ms, rows, None) for at_ms, rows in due_turns(state, now_ms)]
    if state.moments.reads:
        turns = sorted([*turns, *moment_turns(state, now_ms)], key=lambda turn: (turn[0], turn[1] is not None, turn[2] is not None))
    for at_ms, rows, changed in turns:
        state.now_ms = at_ms
        if state.groups:
            rows = with_groups(state, rows)
        entries += evaluate(state, state.people.all_rows() if rows is None else rows[state.people.person_of_row[rows] >= 0], changed)
    state.now_ms = max(state.now_ms, now_ms)
    state.decided.lapse(state.now_ms)
    return entries if acting else []


def fold_section(state: EngineState, section: Section, offset: int, effects: Effects) -> None:
    """Apply one section whose first record has this offset."""
    match section:
        case EventRows():
            fold_events(state, RowsBatch(section, offset, state.reading, effects.parts), effects)
        case EventColumns():
            if section.origin is not None:
                state.imported.add((section.origin.file_hash, section.origin.group))
            entries, matches = len(effects.entries), len(effects.matches)
            if section.count:
                fold_events(state, ColumnsBatch(section, offset, state.reading), effects)
            if not section.act:
                del effects.entries[entries:], effects.matches[matches:]
        case Rejections(items=items):
            state.totals.rejected += len(items)
            effects.rejected += items
        case Commands(items=items):
            for index, command in enumerate(items):
                fold_command(state, command, offset + index, effects)
        case Decisions(items=items):
            for item in items:
                fold_act(state, decode_act(item), effects)
        case Deliveries(items=items):
            for item in items:
                delivery = decode_delivery(item)
                fold_delivery(state, delivery)
                effects.deliveries.append(delivery)
        case Facts(items=items):
            fold_told(state, [decode_record(item) for item in items], effects)


def fold_events(state: EngineState, batch: EventBatch, effects: Effects) -> None:
    """Events: who they belong to, what they change in people's traits, and which audiences that moves."""
    extracted = identify_batch(batch, state.definitions.identity, state.graph, state.trust, state.sources)
    nodes = extracted.event_node
    effects.event_nodes = np.concatenate([effects.event_nodes, nodes])
    state.consents.read(batch, nodes, state.graph.nodes, state.consent)
    state.attributes.read(batch, nodes, state.sources)
    read_impressions(state, batch, nodes)
    change = state.graph.observe(extracted.evidence)
    forget_places(state)
    learn_places(state, batch, nodes)
    served = serve_anew(state, change, effects)
    _place_new_nodes(state, effects)
    moments = state.moments
    joined = state.joins.enriched(batch, nodes, moments.facts, moments.clock, state.now_ms, effects.definitions, state.traits)
    batch = batch if joined is None else joined
    groups = regroup(state, change, effects, state.groups.read(batch, nodes)) if state.groups else []
    state.totals.accepted += batch.n
    events = np.flatnonzero(nodes >= 0)
    changed: frozenset[str] | None = None
    if len(events):
        rows, changed = _fold_traits(state, batch, joined, nodes, events)
        # A row that was never looked at, or serves other nodes now, is looked at whole; and then so may be the rest.
        changed = None if len(served) else changed
        served = np.concatenate([served, rows])
        effects.matches += state.journeys.matching_events(batch, nodes, state.now_ms)
        effects.outcomes += state.learning.happened(batch, nodes, state.graph, state.now_ms)
        if state.groups:
            groups += state.groups.of_nodes(nodes[events])
    if groups:
        served = np.concatenate([served, look_at_groups(state, groups)])
        changed = None if changed is None else changed | state.groups.prefixed(changed)
    # One look a batch, at those who were joined or split as well: a second one costs as much as the first and would only show
    # people on the way. A row that another person's change has retired meanwhile serves nobody.
    touched = distinct(served)
    effects.entries += evaluate(state, touched[state.people.person_of_row[touched] >= 0], changed)


def _fold_traits(
    state: EngineState, batch: EventBatch, joined: EnrichedBatch | None, nodes: Int64, events: Int64
) -> tuple[Int64, frozenset[str] | None]:
    """Fold the events that belong to somebody; returns the rows that serve them, and the traits that may have changed (None: all)."""
    rows, fresh = state.people.rows_for_events(nodes[events])
    serving = state.people.serving_of_row[rows]
    cached = np.flatnonzero(serving != rows)
    all_events = np.concatenate([events, events[cached]])
    all_rows = np.concatenate([rows, serving[cached]])
    state.people.note(all_rows, batch.time_ms[all_events])
    if state.groups:
        places, more = state.groups.rows_for_events(nodes[events])
        all_events, all_rows = np.concatenate([all_events, events[places]]), np.concatenate([all_rows, more])
    changed: frozenset[str] = frozenset()
    for asking, mine in in_waves(state.joins, batch, nodes, events):
        if joined is not None and len(asking):
            find = told_by(state.moments.facts, state.now_ms - state.joins.memory_ms)
            remember(state.joins, joined, asking, nodes[asking], state.traits, state.now_ms, find)
        now = slice(None) if mine is None else mine[all_events]
        changed |= state.traits.fold(batch, all_events[now], all_rows[now], state.now_ms)
    return serving, None if fresh else changed


def fold_told(state: EngineState, records: Sequence[FactRecord], effects: Effects) -> None:
    """Facts: kept, and the audiences of those whom they concern looked at again."""
    state.totals.facts += len(records)
    rows, changed = fold_facts(state, records)
    _place_new_nodes(state, effects)
    effects.entries += evaluate(state, rows, changed)


def _place_new_nodes(state: EngineState, effects: Effects) -> None:
    """Tell the lake whose the nodes are that this frame saw first."""
    told = {node for node, _ in effects.moved}
    graph, people = state.graph, state.graph.person
    fresh = [node for node in range(state.placed, graph.size) if node not in told]
    alone = graph.alone(np.array(fresh, np.int64)).tolist()
    effects.moved += [
        (node, graph.node_id(node) if single else graph.person_id(int(people[node]))) for node, single in zip(fresh, alone, strict=True)
    ]
    state.placed = state.graph.size


def apply_change(state: EngineState, change: Change, effects: Effects, *, cut: bool = False) -> None:
    """People were joined or split: serve them anew, look at their audiences, tell the lake."""
    served = serve_anew(state, change, effects, cut=cut)
    groups = regroup(state, change, effects) if state.groups else []
    effects.entries += evaluate(state, np.unique(np.concatenate([served, look_at_groups(state, groups)])))


def serve_anew(state: EngineState, change: Change, effects: Effects, *, cut: bool = False) -> Int64:
    """People were joined or split: serve them anew and tell the lake; returns their rows, whose audiences are still to be looked at."""
    if not change.formed:
        return np.empty(0, np.int64)
    served = state.people.regroup(change.dissolved, change.formed)
    effects.regrouped += regrouped_by(change, state.placed, cut=cut)
    for person, nodes in change.formed:
        person_id = state.graph.person_id(person)
        effects.moved += [(node, person_id) for node in nodes]
    return np.array(served, np.int64)


def regroup(state: EngineState, change: Change, effects: Effects, nodes: Sequence[int] = ()) -> list[int]:
    """People were joined or split, or something was stated of their groups (``nodes``): returns the groups that are others now."""
    settled = state.groups.settle(nodes, [node for _, members in change.formed for node in members])
    names, group_id = state.groups.table.names, state.groups.table.group_id
    effects.grouped += [(node, names[kind], group_id(group) if group >= 0 else "") for node, kind, group in settled.moved]
    return settled.groups


def look_at_groups(state: EngineState, groups: Sequence[int] | None) -> Int64:
    """Look at the audiences of groups (None: all); returns the rows of their people, if conditions on people read of groups."""
    if groups is not None and not len(groups):
        return np.empty(0, np.int64)
    state.groups.evaluate(groups, state.now_ms, state.moment)
    return state.groups.people_rows(groups) if groups is not None and state.groups.reads(state.memberships.reads) else np.empty(0, np.int64)


def with_groups(state: EngineState, rows: Int64 | None) -> Int64 | None:
    """The rows that time alone changes, and those of the people of groups among them; None: everybody's."""
    groups = None if rows is None else sorted(set(state.groups.groups_of_rows(rows).tolist()))
    more = look_at_groups(state, groups)
    return None if rows is None else np.unique(np.concatenate([rows, more]))


def regrouped_by(change: Change, placed: int, *, cut: bool) -> list[Regrouped]:
    """What a change did to people, for those who watch.

    Args:
        change: Of the graph.
        placed: Nodes from this number on were not there before.
        cut: Whether somebody said that two identifiers belong to two people. Evidence splits as well: it leaves a known node alone.
    """
    alone = change.formed if cut else [each for each in change.formed if len(each[1]) == 1 and each[1][0] < placed]
    together = [] if cut else [each for each in change.formed if len(each[1]) > 1]
    found = [Regrouped(split=False, people=[person], nodes=nodes, placed=placed) for person, nodes in together]
    if alone:
        nodes = [node for _, part in alone for node in part]
        found.append(Regrouped(split=True, people=[person for person, _ in alone], nodes=nodes, placed=placed))
    return found


def fold_command(state: EngineState, command: Command, offset: int, effects: Effects) -> None:
    """A command of somebody who works here. An ``apply`` was dealt with before: its state is the one that is folded into."""
    if command.kind in OWN_COMMANDS:
        fold_own_command(state, command, effects)
        return
    if command.kind in COUPON_COMMANDS:
        audited = fold_coupon(state, command)
        _place_new_nodes(state, effects)
        if audited is not None:
            state.totals.commands += 1
            effects.commands.append((offset, audited))
        return
    state.totals.commands += 1
    effects.commands.append((offset, command))
    body, graph = command.body, state.graph
    match command.kind:
        case kind if kind in IDENTITY_COMMANDS:
            apply_change(state, carry_out(graph, command, offset), effects, cut=kind in ("cut", "split"))
        case kind if kind == "apply" or kind in CONTENT_COMMANDS:
            fold_content(state, command)
        case kind if kind == POLICY_COMMAND:
            fold_switch(state, command)
        case kind if kind == WARM_COMMAND:
            fold_warm(state, command)
        case "consent":
            state.consent.state(statement_of(command, offset))
            forget_places(state)
        case "replay_dead_letter":
            state.replayed.add(str(body["id"]))
            effects.replayed.append((str(body["id"]), offset))


def fold_own_command(state: EngineState, command: Command, effects: Effects) -> None:
    """A command that nobody gave: what was worked out beside the engine comes into the log this way."""
    if command.kind == "refold":
        for history in msgspec.convert(command.body["histories"], list[History]):
            rows = refold(state, history)
            groups = state.groups.of_nodes(np.array(history.nodes, np.int64)) if state.groups else []
            effects.entries += evaluate(state, np.unique(np.concatenate([rows, look_at_groups(state, groups)])))
    elif join_block(state, msgspec.convert(command.body, Block)):
        # What a definition changes begins no journey: who entered and left is not told.
        look_at_groups(state, None)
        evaluate(state, state.people.all_rows())


def statement_of(command: Command, offset: int) -> Statement:
    """What a ``consent`` command states. Raises msgspec.ValidationError for a body that states nothing."""
    return msgspec.convert({**command.body, "at_ms": command.at_ms, "id": offset, "source": command.by}, Statement)


def fold_act(state: EngineState, act: Act, effects: Effects) -> None:
    """A decision that was taken, and the enrolment and message it led to."""
    if act.identifier is not None:
        state.graph.numbered(-1 if act.decision is None else act.decision.node, *act.identifier, state.now_ms)
        _place_new_nodes(state, effects)
    if act.decision is not None:
        state.totals.decisions += 1
    fold_decided(state, act)
    if act.enrolment is not None:
        state.enrolments.add(act.enrolment)
    if act.coupon is not None:
        state.coupons.apply(act.coupon)
    effects.acts.append(act)


def evaluate(state: EngineState, rows: Int64, changed: frozenset[str] | None = None) -> list[Entry]:
    """Look at the audiences of these people now; returns who entered and left, by block of rows.

    Args:
        state: Changed in place.
        rows: Serving rows, each once.
        changed: The traits that may have changed since these rows were looked at; None: all may have.
    """
    entries: list[Entry] = []
    people, names = state.people.person_of_row, state.memberships.names
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        transitions = state.memberships.evaluate(block, state.columns(block), state.now_ms, changed)
        entries += [
            Entry(audience=names[t.audience], person=int(people[t.row]), row=t.row, entered=t.entered, reason=t.reason, at_ms=state.now_ms)
            for t in transitions
        ]
    return entries
