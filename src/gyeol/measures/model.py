"""Definitions of KPIs and funnels."""

from __future__ import annotations

from typing import Literal

import msgspec


class KpiDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure over the lake's events: ``count`` of events, ``people`` who had one, ``sum`` of a property, ``rows`` of a list property."""

    name: str
    event: str
    measure: Literal["count", "people", "sum", "rows"]
    property: str | None = None
    where: str | None = None
    unit: str = ""
    label: dict[str, str] = {}


class FunnelStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a funnel: an event after the step before it."""

    event: str
    within: str | None = None
    label: dict[str, str] = {}


class FunnelDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps in order, counted in people; optionally split by a property of the first step's event."""

    name: str
    steps: list[FunnelStep]
    by: str | None = None
    label: dict[str, str] = {}
