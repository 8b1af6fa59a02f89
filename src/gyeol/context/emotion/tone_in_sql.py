"""The tone to speak in, asked of the lake: the table of ``tone.py`` as one expression, for people of no known stage."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from gyeol.context.emotion.tone import ANGRY, COMMUTES, GLAD, LOW, TABLE, Row

if TYPE_CHECKING:
    import ibis.expr.types as ir


def tones_in_sql(table: ir.Table, prefix: str) -> dict[str, Any]:
    """``tone`` and ``tone_reason`` of each row, as ``tone_for`` finds them for somebody of no known stage.

    Args:
        table: With a column for each of ``facts.tone.ToneOf.reads``; NULL where it is not known.
        prefix: Of their names.
    """
    trend = table[f"{prefix}emotion_trend"]
    rest = (trend >= GLAD).ifelse("glad", "even")
    feeling = trend.isnull().ifelse("unknown", (trend <= ANGRY).ifelse("angry", (trend <= LOW).ifelse("low", rest)))
    complaint, weekend = (table[f"{prefix}{name}"].fill_null(False) for name in ("open_complaint", "weekend"))
    commuting = table[f"{prefix}commute"].isin(COMMUTES).fill_null(False)
    intent, daypart = (table[f"{prefix}{name}"].fill_null("") for name in ("intent", "daypart"))

    def fits(row: Row) -> Any:
        flags = ((complaint, row.complaint), (commuting, row.commuting), (weekend, row.weekend))
        texts = ((feeling, row.feelings), (intent, row.intents), (daypart, row.dayparts))
        asked = [column == wanted for column, wanted in flags if wanted is not None]
        return reduce(and_, [*asked, *(column.isin(wanted) for column, wanted in texts if wanted)])

    # A row that asks for a stage fits nobody here. The last one fits everybody.
    *rows, last = [row for row in TABLE if not row.stages]
    tone: Any = last.tone
    reason: Any = last.reason
    for row in reversed(rows):
        truth = fits(row)
        tone, reason = truth.ifelse(row.tone, tone), truth.ifelse(row.reason, reason)
    return {f"{prefix}tone": tone, f"{prefix}tone_reason": reason}
