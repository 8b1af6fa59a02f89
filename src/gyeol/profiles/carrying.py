"""From one trait table to the next, under other definitions; and the past of new traits, which comes later in blocks of nodes."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.profiles.group import EventGroup
from gyeol.profiles.growth import BLOCK_NODES, Owed, grown, join, meaning
from gyeol.profiles.runs import distinct, places
from gyeol.profiles.snapshot import Dumped
from gyeol.profiles.table import TraitTable


def carry(new: TraitTable, old: TraitTable, now_ms: int, offset: int, changed: frozenset[str] = frozenset()) -> list[str]:
    """Let a table under other definitions take over what another holds.

    Args:
        new: Empty, with the same vocabularies.
        old: Under the definitions before; not to be used again.
        now_ms: engine_now.
        offset: Where the log is.
        changed: Traits that hold something else now although they are defined as before, because what their events are joined with is
            another.

    Returns:
        The traits that begin empty: their past is owed.
    """
    before = {trait.name: meaning(trait, old.reading, old.zone) for trait in old.traits}
    same = {t.name for t in new.traits if t.name not in changed and before.get(t.name) == meaning(t, new.reading, new.zone)}
    for owed in old.owed.values():
        # Blocks of the past are of all traits that were defined together: the rest of them begin once more.
        if not same.issuperset(owed.traits):
            same -= {*owed.traits}
    fresh = [trait for trait in new.traits if trait.name not in same]
    kept = [group for group in old.groups if any(name in same and old.group_of[name] is group for name in group.place)]
    new.words, new.conditions = old.words, {**old.conditions, **new.conditions}
    new.rows, new.free_rows = old.rows, old.free_rows
    new.row_of_node, new.node_of_row = old.row_of_node, old.node_of_row
    new.groups = grown(fresh, kept, new.group)
    for group in new.groups:
        group.fit(new.rows)
    made = {name: group for group in new.groups[len(kept) :] for name in group.place}
    new.index({name: old.group_of[name] for name in sorted(same)} | made)
    new.owed = {until: owed for until, owed in old.owed.items() if same.issuperset(owed.traits)}
    names, nodes = [trait.name for trait in fresh], places(new.row_of_node >= 0)
    if names and len(nodes):
        new.owed[offset] = Owed(until=offset, traits=names, nodes=int(nodes[-1]) + 1, now_ms=now_ms)
    return names


def past_table(table: TraitTable, names: list[str]) -> TraitTable:
    """An empty table of some traits of another, with the same vocabularies."""
    definitions = [trait.definition for trait in table.traits if trait.name in names]
    return TraitTable(definitions, table.words.vocabularies, table.zone, table.plan, table.currency)


def join_past(table: TraitTable, until: int, number: int, dumped: Dumped) -> bool:
    """Add one block of the past that is owed; one that has come before, or is not owed, changes nothing.

    Returns:
        Whether it was the last one: then ``settle_past`` is to be called.
    """
    owed = table.owed.get(until)
    if owed is None or number in owed.done:
        return False
    past = past_table(table, owed.traits)
    past.load(dumped)
    nodes = places(past.row_of_node >= 0)
    rows = table.rows_of_nodes(nodes + number * BLOCK_NODES, create=False)
    # A node without a row was erased meanwhile.
    theirs = past.rows_of_nodes(nodes[rows >= 0], create=False)
    for name, group in _groups(table, owed).items():
        join(group, past.group_of[name], rows[rows >= 0], theirs)
    table.owed[until] = msgspec.structs.replace(owed, done=[*owed.done, number])
    return len(table.owed[until].done) >= owed.blocks


def settle_past(table: TraitTable, until: int, plans: list[tuple[int, list[int]]]) -> None:
    """The past is complete: the rows that combine others are rebuilt for these traits, which are known from now on.

    Args:
        table: Changed in place.
        until: Which past.
        plans: Rows that combine others, each with those.
    """
    owed = table.owed.pop(until)
    targets = np.repeat(np.array([t for t, _ in plans], np.int64), [len(s) for _, s in plans])
    sources = np.array([row for _, rows in plans for row in rows], np.int64)
    for group in _groups(table, owed).values():
        if plans:
            group.free(distinct(targets))
            group.rebuild(targets, sources)
        for stack in group.missed:
            stack.look_again()


def _groups(table: TraitTable, owed: Owed) -> dict[str, EventGroup]:
    """The groups of the traits, each under the name of one of its traits."""
    groups = {id(table.group_of[name]): name for name in reversed(owed.traits)}
    return {name: table.group_of[name] for name in groups.values()}
