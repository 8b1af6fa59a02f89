"""Traits of everybody as one Ibis table: what the stream holds in memory, asked of the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from gyeol.events.reading import Reading
from gyeol.kernel.instants import Zone
from gyeol.profiles.batch.events import Past, Seen, person_events
from gyeol.profiles.batch.kinds import count, dated, decay, distinct, max, mean, min, recent, sequence, sum, top, window
from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.batch.values import MOMENT, kept
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.model import TraitKindName
from gyeol.profiles.rules import Trait

if TYPE_CHECKING:
    import ibis.expr.types as ir

AGGREGATES: dict[TraitKindName, Callable[[Rows, Trait], Any]] = {
    "count": count.aggregate, "sum": sum.aggregate, "mean": mean.aggregate, "min": min.aggregate, "max": max.aggregate,
    "first": dated.first, "last": dated.last, "recent": recent.aggregate, "decay": decay.aggregate, "distinct": distinct.aggregate,
}  # fmt: skip
"""Kinds that are one aggregate over a person's events."""
RELATIONS: dict[TraitKindName, Callable[[Rows, Trait], ir.Table]] = {"top": top.relation, "sequence": sequence.relation}
"""Kinds that need an order or a count of their own: a table of person and ``value``."""
ANY = "$any"


class FactJoins(Protocol):
    """Joins events with facts; ``context.batch.SqlJoins`` is one."""

    def joined(self, events: ir.Table, wanted: Iterable[str], past: Past, seen: Seen) -> ir.Table:
        """Events with a column for each of the wanted names that is a fact's."""
        ...


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What traits are compiled with.

    Args:
        past: The tables.
        seen: What of them is looked at.
        now_ms: The instant as of which values are presented.
        zone: Whose days the daily buckets are.
        reading: Types and currencies by the tracking plan.
        facts: Joins events with facts; None: no condition over events reads any.
    """

    past: Past
    seen: Seen
    now_ms: int
    zone: Zone
    reading: Reading
    facts: FactJoins | None = None


def trait_table(traits: Sequence[Trait], batch: Batch) -> ir.Table:
    """One row a person who has an event, ``person`` and a column a trait.

    Args:
        traits: Compiled definitions; all must be readable, see ``unreadable``.
        batch: What they are compiled with.

    Raises:
        CapabilityMissingError: ``not_in_lake``: a trait reads what the lake does not keep.
    """
    events = person_events(batch.past, batch.seen)
    whole = events.select("person").distinct()
    groups: dict[tuple[str, ...], list[Trait]] = {}
    for trait in traits:
        groups.setdefault(trait.events, []).append(trait)
    for names, members in groups.items():
        whole = _joined(whole, _rows(events, names, members, batch), members, batch.zone)
    shown: dict[str, Any] = {"person": whole.person}
    for trait in traits:
        column = whole[trait.name]
        if trait.info().default_zero or trait.definition.kind == "sequence":
            column = column.fill_null(False if trait.definition.kind == "sequence" else 0)
        shown[trait.name] = column
    return whole.select(**shown)


def _rows(events: ir.Table, names: tuple[str, ...], members: list[Trait], batch: Batch) -> Rows:
    mine = events if ANY in names else events.filter(events.name.isin(names))
    if batch.facts is not None:
        mine = batch.facts.joined(mine, paths_read(members), batch.past, batch.seen)
    return Rows(mine, batch.reading, names[0], members, batch.now_ms)


def paths_read(traits: Iterable[Trait]) -> list[str]:
    """The paths that conditions of traits read, and the facts that are kept as values, sorted."""
    found = {path for trait in traits for text in trait.wheres for path in event_condition(text).paths}
    found |= {trait.path for trait in traits if trait.definition.property is not None and trait.path.startswith(MOMENT)}
    return sorted(found)


def _joined(whole: ir.Table, rows: Rows, members: list[Trait], zone: Zone) -> ir.Table:
    """The table with these traits' columns beside it."""
    columns: dict[str, Any] = {}
    for trait in members:
        if trait.window is not None:
            columns[trait.name] = window.aggregate(rows, trait, zone)
        elif trait.definition.kind in AGGREGATES:
            columns[trait.name] = AGGREGATES[trait.definition.kind](rows, trait)
        else:
            found = RELATIONS[trait.definition.kind](rows, trait)
            whole = _beside(whole, found.select(person=found.person, **{trait.name: found.value}))
    return _beside(whole, rows.table.group_by("person").aggregate(**columns)) if columns else whole


def _beside(whole: ir.Table, found: ir.Table) -> ir.Table:
    joined = whole.left_join(found, "person")
    return joined.select(*whole.columns, *(name for name in found.columns if name != "person"))


def unreadable(
    traits: Sequence[Trait], hidden: Callable[[str, str], bool], joined: Callable[[str], Iterable[str]] = lambda name: ()
) -> dict[str, str]:
    """Traits that cannot be asked of the lake, with the path at fault.

    Args:
        traits: Compiled definitions.
        hidden: Whether the lake leaves out (event name, path): personal data, addresses.
        joined: The paths by which a fact is joined.
    """
    found: dict[str, str] = {}
    for trait in traits:
        for event, path in sorted(_reads(trait)):
            for each in (path, *joined(path)):
                if hidden(event, each) or not kept(each):
                    found.setdefault(trait.name, each)
    return found


def _reads(trait: Trait) -> set[tuple[str, str]]:
    events, definition = trait.events, trait.definition
    read = {(events[0], path) for path in (event_condition(definition.where).paths if definition.where is not None else ())}
    if definition.then_where is not None:
        read |= {(events[-1], path) for path in event_condition(definition.then_where).paths}
    if definition.property is not None:
        read.add((events[0], definition.property))
    return read
