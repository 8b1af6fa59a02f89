"""moment.zone: whose wall clock the other facts of time are read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo

ASSUMED = 0.5
"""Confidence of the workspace's zone where the person's own is not known: no measurement, only less than certain."""


class ZoneOf:
    """The person's zone; the workspace's, less confidently, where it is not known."""

    names: ClassVar[Mapping[str, NameInfo]] = {"zone": NameInfo(type="text", label={"ko": "시간대 지역", "en": "time zone"})}

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Always known."""
        source, confidence = ("workspace", ASSUMED) if situation.assumed else ("events", 1.0)
        yield situation.fact("zone", situation.zone.name, source, situation.midnight_ms, confidence)
