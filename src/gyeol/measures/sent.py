"""What was sent, by journey, channel and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.measures.tables import ALWAYS, Period, Result, table, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {
    "journey": "string",
    "channel": "string",
    "state": "string",
    "reason": "string",
    "simulated": "boolean",
    "messages": "int64",
    "people": "int64",
}
"""``state`` is that of the last delivery record, ``queued`` before the first."""


def sent(period: Period = ALWAYS) -> ir.Table:
    """Messages by journey, channel and state, by the instant at which they were queued."""
    messages = within(table("messages"), "queued", period)
    told = table("deliveries")
    last = told.group_by("send_key").aggregate(
        state=told.state.argmax(told.log_offset), reason=told.reason.argmax(told.log_offset).nullif("")
    )
    person_of = table("person_of")
    rows = messages.left_join(last, "send_key").left_join(person_of, "node")
    rows = rows.mutate(state=rows.state.fill_null("queued"))
    grouped = rows.group_by(["journey", "channel", "state", "reason", "simulated"])
    return grouped.aggregate(messages=rows.count(), people=rows.person.nunique()).order_by(["journey", "channel", "state", "reason"])
