"""The events of a sequence as they are folded: what a node that was marked is folded anew from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gyeol.events.reading import Reading
from gyeol.profiles.batch.events import Past, Seen
from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.batch.traits import FactJoins, paths_read
from gyeol.profiles.kinds.timed import FIRST, SECOND
from gyeol.profiles.rules import Trait

if TYPE_CHECKING:
    import ibis.expr.types as ir


def sequence_events(
    trait: Trait, past: Past, reading: Reading, nodes: Sequence[int], before_offset: int, facts: FactJoins | None = None
) -> ir.Table:
    """``node``, ``time`` (ms), ``id``, ``role`` of every event that the sequence counts, by (node, time, id).

    Args:
        trait: The sequence.
        past: The lake's tables.
        reading: Types by the tracking plan.
        nodes: Whose events.
        before_offset: Records of the log before this offset.
        facts: Joins events with facts.
    """
    import ibis

    events = past.events.filter(past.events.node.isin(list(nodes)), past.events.log_offset < before_offset)
    if "$any" not in trait.events:
        events = events.filter(events.name.isin(trait.events))
    events = events.mutate(person=events.node.cast("string"))
    if facts is not None:
        events = facts.joined(events, paths_read([trait]), past, Seen(before_offset=before_offset))
    rows = Rows(events, reading, trait.events[0], [trait], 0)
    role: Any = rows.counts(trait.events[0], trait.where).ifelse(FIRST, 0)
    if len(trait.events) == 2:
        role = role + rows.counts(trait.events[1], trait.definition.then_where).ifelse(SECOND, 0)
    table = rows.table
    found = table.select(node=table.person.cast("int64"), time=table["time"], id=table["id"], role=role.cast("uint8"))
    return found.filter(found.role > 0).order_by([ibis._.node, ibis._.time, ibis._.id])
