"""Sequences: ``A ≥ n within d``, ``A then B within d``, ``A then no B for d``. Events equal in time and id count once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.rules import Trait

if TYPE_CHECKING:
    import ibis.expr.types as ir


def relation(rows: Rows, trait: Trait) -> ir.Table:
    """Person and ``value``, a flag; who has no such event may be missing."""
    if trait.definition.then is not None:
        return _then(rows, trait)
    if trait.definition.then_no is not None:
        return _then_no(rows, trait)
    return _repeated(rows, trait)


def _repeated(rows: Rows, trait: Trait) -> ir.Table:
    import ibis

    events = rows.table.filter(rows.counts(trait.definition.event, trait.where)).select("person", "time", "id").distinct()
    apart = ibis.window(group_by="person", order_by=[events.time, events.id])
    earlier = events.time.lag(trait.definition.at_least - 1).over(apart) if trait.definition.at_least > 1 else events.time
    gaps = events.mutate(close=(events.time - earlier <= trait.within_ms).fill_null(False))
    return gaps.group_by("person").aggregate(value=gaps.close.any())


def _then(rows: Rows, trait: Trait) -> ir.Table:
    import ibis

    both = _firsts_and_seconds(rows, trait, trait.definition.then)
    # The latest A before each B is the nearest; at one instant B comes first, so that nothing follows itself.
    before = ibis.window(group_by="person", order_by=[both.time, both.is_first], preceding=None, following=0)
    latest = both.is_first.ifelse(both.time, None).max().over(before)
    pairs = both.mutate(gap=(~both.is_first).ifelse(both.time - latest, None))
    return pairs.group_by("person").aggregate(value=(pairs.gap <= trait.within_ms).fill_null(False).any())


def _then_no(rows: Rows, trait: Trait) -> ir.Table:
    import ibis

    both = _firsts_and_seconds(rows, trait, trait.definition.then_no)
    newest = (~both.is_first).ifelse(both.time, None).max().over(ibis.window(group_by="person"))
    marked = both.mutate(newest=newest)
    waits = marked.is_first & (marked.newest.isnull() | (marked.time >= marked.newest))
    since = marked.group_by("person").aggregate(since=waits.ifelse(marked.time, None).min())
    return since.select(person=since.person, value=(since.since <= rows.now_ms - trait.within_ms).fill_null(False))


def _firsts_and_seconds(rows: Rows, trait: Trait, second: str | None) -> ir.Table:
    """Person, time and which of the two: an event may be both."""
    assert second is not None
    a = rows.table.filter(rows.counts(trait.definition.event, trait.where))
    b = rows.table.filter(rows.counts(second, trait.definition.then_where))
    return _of(a, first=True).union(_of(b, first=False))


def _of(events: ir.Table, *, first: bool) -> ir.Table:
    import ibis

    return events.select(person=events.person, time=events.time, is_first=ibis.literal(first))
