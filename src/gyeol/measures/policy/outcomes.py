"""What came of each decision: a goal's events of the same person within a window after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gyeol.measures.paths import epoch_ms, number_at, truth
from gyeol.measures.tables import ALWAYS, Period, Result, events_named, table, with_facts, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESULT: Result = {
    "log_offset": "int64",
    "node": "int64",
    "person": "string",
    "time_ms": "int64",
    "action": "string",
    "propensity": "float64",
    "moment": "string",
    "reward": "float64",
}
"""``action`` is empty where nothing was shown. Decisions of the holdout are left out: nothing was chosen there."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as a reward.

    Args:
        event: Its name.
        within_ms: So long after the decision, the last millisecond included.
        where: Condition over its paths; None: every such event counts.
        value: What it is worth: a number, or the path of one (money: minor units) that is added up; None: 1 where there is any.
    """

    event: str
    within_ms: int
    where: str | None = None
    value: float | str | None = None


def outcomes(placement: str, goal: Goal, period: Period = ALWAYS, told: ir.Table | None = None) -> ir.Table:
    """Decisions of a placement with their reward, in the order of the log.

    An event that lies in the windows of several decisions counts for each: whoever compares policies compares them on the same terms.

    Args:
        placement: Its name.
        goal: What is counted.
        period: Of the decisions.
        told: Facts as of the goal's events that its ``where`` reads; see ``kpis.kpi``.

    Raises:
        InputError: ``goal.value`` or ``goal.where`` is wrong.
    """
    import ibis

    rows = within(table("decisions"), "time", period)
    rows = rows.filter(rows.placement == placement, ~rows.holdout)
    people = table("person_of")
    decided = rows.left_join(people, "node").select(
        log_offset=rows.log_offset,
        node=rows.node,
        person=people.person,
        time_ms=epoch_ms(rows.time),
        action=rows.chosen.fill_null(""),
        propensity=rows.propensity,
        moment=rows.moment.cast("string"),
    )
    events = with_facts(events_named(goal.event), told)
    if goal.where is not None:
        events = events.filter(truth(events, goal.where))
    fixed = 1.0 if goal.value is None else goal.value
    worth = number_at(events, fixed).fill_null(0.0) if isinstance(fixed, str) else ibis.literal(float(fixed))
    told = events.select(who=events.person, at_ms=epoch_ms(events.time), worth=worth)
    pairs = decided.join(told, decided.person == told.who)
    pairs = pairs.filter(pairs.at_ms > pairs.time_ms, pairs.at_ms <= pairs.time_ms + goal.within_ms)
    sums = pairs.group_by(pairs.log_offset).aggregate(sum=pairs.worth.sum() if isinstance(fixed, str) else pairs.worth.max())
    sums = sums.rename(of="log_offset")
    joined = decided.left_join(sums, decided.log_offset == sums.of)
    reward = joined["sum"].fill_null(0.0).cast("float64")
    return joined.mutate(reward=reward).select(*RESULT).order_by("log_offset")
