"""The lake's tables as figures see them: unbound, so that an expression is a value and whoever holds a connection runs it.

``ibis`` is imported where an expression is built, never with the module: the core process must not load it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from gyeol.kernel.instants import instant_text

if TYPE_CHECKING:
    import ibis.expr.types as ir

Result = dict[str, str]
"""The declared schema of a figure: column → Ibis type. A test asserts that what comes back is exactly this."""

_TABLES: dict[str, Result] = {
    "person_events": {
        "person": "string",
        "log_offset": "int64",
        "source": "string",
        "channel": "string",
        "type": "string",
        "name": "string",
        "node": "int64",
        "message_id": "string",
        "time": "timestamp('UTC')",
        "received": "timestamp('UTC')",
        "properties": "json",
        "traits": "json",
        "context": "json",
    },
    "person_of": {"node": "int64", "person": "string"},
    "decisions": {
        "id": "string",
        "placement": "string",
        "node": "int64",
        "time": "timestamp('UTC')",
        "chosen": "string",
        "fallback": "boolean",
        "holdout": "boolean",
        "log_offset": "int64",
        "propensity": "float64",
        "cause": "string",
        "moment": "json",
    },
    "messages": {
        "send_key": "string",
        "journey": "string",
        "channel": "string",
        "node": "int64",
        "queued": "timestamp('UTC')",
        "simulated": "boolean",
    },
    "deliveries": {"log_offset": "int64", "send_key": "string", "state": "string", "time": "timestamp('UTC')", "reason": "string"},
    "coupons": {
        "log_offset": "int64",
        "kind": "string",
        "ref": "string",
        "pool": "string",
        "node": "int64",
        "time": "timestamp('UTC')",
        "offer": "string",
        "store": "string",
        "basket_minor": "int64",
        "discount_minor": "int64",
    },
    "stage_of": {"person": "string", "stage": "string"},
    "campaign_window": {"campaign": "string", "starts": "timestamp('UTC')", "ends": "timestamp('UTC')"},
}
"""Columns that figures read. ``stage_of`` and ``campaign_window`` are not the lake's: who runs the expression brings them."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A half-open span of event time in milliseconds; None: open on that side."""

    start_ms: int | None = None
    end_ms: int | None = None


ALWAYS = Period()


@cache
def table(name: str) -> ir.Table:
    """An unbound table of the lake, or one that the caller brings."""
    import ibis

    return ibis.table(_TABLES[name], name=name)


def events_named(name: str, period: Period = ALWAYS) -> ir.Table:
    """Events of one name (``$any``: of every name) with their present person, by event time."""
    events = table("person_events")
    if name != "$any":
        events = events.filter(events.name == name)
    return within(events, "time", period)


def with_facts(events: ir.Table, told: ir.Table | None) -> ir.Table:
    """Events with what was true when each happened.

    Args:
        events: With ``log_offset``.
        told: ``log_offset`` and a column for each fact; None: nothing is asked of them.
    """
    if told is None:
        return events
    return events.left_join(told, "log_offset").select(*events.columns, *(name for name in told.columns if name != "log_offset"))


def within(rows: ir.Table, column: str, period: Period) -> ir.Table:
    """Rows whose instant lies in the period."""
    if period.start_ms is not None:
        rows = rows.filter(rows[column] >= instant(period.start_ms))
    if period.end_ms is not None:
        rows = rows.filter(rows[column] < instant(period.end_ms))
    return rows


def instant(at_ms: int) -> ir.TimestampScalar:
    """An instant as a literal."""
    import ibis

    return ibis.literal(instant_text(at_ms), type="timestamp('UTC')")


def ibis_schema(result: Result) -> object:
    """A declared schema as Ibis compares it."""
    import ibis

    return ibis.schema(result)
