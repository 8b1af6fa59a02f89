"""Windows of count and sum: ``7d`` is today and the six dates before, ``24h`` the current hour of UTC and the 23 before it."""

from __future__ import annotations

from typing import Any

from gyeol.kernel.instants import HOUR_MS, Zone
from gyeol.profiles.batch.rows import Rows, unscaled
from gyeol.profiles.rules import Trait, Window


def bounds_ms(window: Window, now_ms: int, zone: Zone) -> tuple[int, int]:
    """The half-open span of time that a window covers as of now."""
    if window.grain == "hour":
        end = now_ms // HOUR_MS + 1
        return (end - window.buckets) * HOUR_MS, end * HOUR_MS
    today = zone.day(now_ms)
    return zone.day_start_ms(today - window.buckets + 1), zone.day_start_ms(today + 1)


def aggregate(rows: Rows, trait: Trait, zone: Zone) -> Any:
    """As the trait without its window."""
    assert trait.window is not None
    start, end = bounds_ms(trait.window, rows.now_ms, zone)
    inside = (rows.time >= start) & (rows.time < end)
    if trait.value is not None:
        return unscaled(rows.value(trait).sum(where=inside), trait.value)
    mask = rows.where(trait.where)
    return rows.table.count(where=inside if mask is None else inside & mask)
