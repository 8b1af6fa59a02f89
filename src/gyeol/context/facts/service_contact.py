"""moment.days_since_service: days since somebody last turned to the service desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS, Int64, Zone
from gyeol.profiles.model import TraitDefinition

SINCE = "moment_case_at"


class ServiceContact:
    """Every event that names a case (``moment: {case: properties.ticket_id}``) is a contact; whole days of 24 hours."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "days_since_service": NameInfo(
            type="number", label={"ko": "마지막 상담 후 일수", "en": "days since the last service contact"}, unit="days"
        )
    }
    source = "service"

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """When a case was last named."""
        path = paths.get("case")
        if path is None:
            return []
        return [TraitDefinition(name=SINCE, kind="max", event="$any", property="timestamp", where=f"{path} IS NOT NULL", scale=0)]

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown of who never did."""
        since = read(SINCE)
        at_ms = np.where(since.known, since.values, 0).astype(np.int64)
        known = since.known & (at_ms <= now_ms)
        days = np.where(known, (now_ms - at_ms) // DAY_MS, 0)
        until = np.where(known, at_ms + (days + 1) * DAY_MS, now_ms + 1)
        return {"days_since_service": Derived(Column("number", days.astype(np.float64), known), np.full(n, now_ms), until)}
