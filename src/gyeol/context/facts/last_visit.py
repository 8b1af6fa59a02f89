"""moment.days_since_visit, moment.days_away: how long ago somebody was here, and for how long they had been away before this visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.people import Told, latest_ms, session_of, told_of, told_one
from gyeol.context.behaviour.recorded import Read, Step, traits_of
from gyeol.context.behaviour.session import GAP_MS
from gyeol.context.derived import Derived
from gyeol.context.fact import Fact
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS, Int64, Zone
from gyeol.profiles.model import TraitDefinition


class LastVisit:
    """Whole days of 24 hours."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "days_since_visit": NameInfo(type="number", label={"ko": "마지막 방문 후 일수", "en": "days since the last visit"}, unit="days"),
        "days_away": NameInfo(type="number", label={"ko": "이번 방문 전 공백 일수", "en": "days away before this visit"}, unit="days"),
    }
    source = "behaviour"

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths)

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Days away are known while the visit lasts, unless it is the first one or has more than 31 actions."""
        at_ms, latest = latest_ms(read)
        known = latest.known & (at_ms <= now_ms)
        days = np.where(known, (now_ms - at_ms) // DAY_MS, 0)
        until = np.where(known, at_ms + (days + 1) * DAY_MS, now_ms + 1)
        since = Derived(Column("number", days.astype(np.float64), known), np.full(n, now_ms), until)
        return {"days_since_visit": since, **told_of(read, n, now_ms, {"days_away": "number"}, _away)}

    def one(self, read: Read, now_ms: int, zone: Zone) -> list[Fact]:
        """As ``derive``, of one person."""
        away, at_ms = told_one(read, now_ms, self.source, self.names, _away), read.latest_ms
        if at_ms is None or at_ms > now_ms:
            return away
        days = (now_ms - at_ms) // DAY_MS
        ttl_ms = at_ms + (days + 1) * DAY_MS - now_ms
        return [Fact(name="days_since_visit", value=float(days), source=self.source, observed_at_ms=now_ms, ttl_ms=ttl_ms), *away]


def _away(history: Sequence[Step], place: int) -> Told | None:
    steps = session_of(history)
    if len(steps) == len(history):
        return None
    away = (steps[-1].at_ms - history[len(steps)].at_ms) // DAY_MS
    return Told({"days_away": float(away)}, steps[0].at_ms, steps[0].at_ms + GAP_MS)
