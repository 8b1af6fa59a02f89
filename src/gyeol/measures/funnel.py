"""Funnels: how many people came so far, step by step, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.expressions.durations import parse_duration
from gyeol.measures.model import FunnelDefinition, FunnelStep
from gyeol.measures.paths import epoch_ms, text_at
from gyeol.measures.tables import ALWAYS, Period, Result, events_named

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {"step": "int64", "event": "string", "split": "string", "people": "int64"}
"""``step`` counts from 1. ``split`` is NULL in the rows over all splits, in which each person counts once."""


def funnel(definition: FunnelDefinition, period: Period = ALWAYS) -> ir.Table:
    """People by step.

    An event is on step i when it comes no earlier than an event on step i - 1 of the same person, and within the step's ``within`` of
    it. Every event on the step before counts as a start, so the figure is exact whatever the order of tries. Two steps of the same
    event name need two events, the second one later.

    With ``by``, people are split by that property of the first step's event. A later event which has the property itself belongs only
    to the split of its own value; one without it (an order knows no campaign) belongs to every split of its person.

    Args:
        definition: At least one step.
        period: Of the first step's event; later steps may lie after it.

    Raises:
        InputError: ``by`` is no path.
    """
    first, *later = definition.steps
    reached = _reached_first(first, definition.by, period)
    tables = [_people(reached, 1, first.event, definition.by is not None)]
    for number, (before, step) in enumerate(zip(definition.steps, later, strict=False), start=2):
        reached = _reached_next(reached, before, step, definition.by)
        tables.append(_people(reached, number, step.event, definition.by is not None))
    result = tables[0].union(*tables[1:]) if len(tables) > 1 else tables[0]
    return result.order_by(["step", "split"])


def _columns(events: ir.Table, by: str | None) -> ir.Table:
    import ibis

    split = ibis.null("string") if by is None else text_at(events, by)
    rows = events.select(person=events.person, split=split, at_ms=epoch_ms(events.time))
    return rows.filter(rows.person.notnull())


def _reached_first(step: FunnelStep, by: str | None, period: Period) -> ir.Table:
    rows = _columns(events_named(step.event, period), by)
    if by is None:
        return rows.mutate(split=rows.split.fill_null(""))
    return rows.filter(rows.split.notnull())


def _reached_next(reached: ir.Table, before: FunnelStep, step: FunnelStep, by: str | None) -> ir.Table:
    """Events on the next step: for each, the latest event on the step before that is not later than it decides."""
    import ibis

    events = _columns(events_named(step.event), by)
    starts = reached.select("person", "split").distinct()
    candidates = events.join(starts, [events.person == starts.person, events.split.isnull() | (events.split == starts.split)])
    candidates = candidates.select(person=events.person, split=starts.split, at_ms=events.at_ms, start=False)
    # An event may not follow itself: as a start, it counts from the millisecond after it.
    delay = 1 if before.event == step.event else 0
    begun = reached.select(person=reached.person, split=reached.split, at_ms=reached.at_ms + delay, start=True)
    both = begun.union(candidates)
    window = ibis.range_window(group_by=[both.person, both.split], order_by=both.at_ms, preceding=None, following=0)
    latest = both.start.ifelse(both.at_ms, ibis.null("int64")).max().over(window)
    both = both.mutate(latest=latest)
    kept = both.filter(~both.start, both.latest.notnull())
    if step.within is not None:
        kept = kept.filter(kept.at_ms - kept.latest + delay <= parse_duration(step.within).ms)
    return kept.select("person", "split", "at_ms")


def _people(reached: ir.Table, number: int, event: str, split: bool) -> ir.Table:
    import ibis

    step = {"step": ibis.literal(number, type="int64"), "event": ibis.literal(event)}
    every = reached.aggregate(people=reached.person.nunique())
    total = every.select(**step, split=ibis.null("string"), people=every.people)
    if not split:
        return total
    each = reached.group_by("split").aggregate(people=reached.person.nunique())
    return total.union(each.select(**step, split=each.split, people=each.people))
