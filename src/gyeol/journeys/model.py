"""Definitions of journeys and campaigns."""

from __future__ import annotations

from typing import Literal

import msgspec


class TriggerDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What enrols a person: entering an audience, or an event (with an optional condition over the event's paths)."""

    audience: str | None = None
    event: str | None = None
    where: str | None = None


class MessageStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a message: through ``channel``, what ``placement`` decides (or a fixed ``offer``)."""

    channel: str
    placement: str
    purpose: str
    message_class: Literal["advertising", "transactional"] = "advertising"
    expires_after: str = "24h"


class JourneyDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trigger and what follows it.

    Args:
        name: Unique.
        trigger: What enrols.
        message: The step.
        re_entry: ``7d``: how long after an enrolment the same person may be enrolled again; None = never again.
        goal_event, goal_within: Which later event counts as an outcome.
    """

    name: str
    trigger: TriggerDefinition
    message: MessageStep
    re_entry: str | None = None
    goal_event: str | None = None
    goal_within: str = "14d"
    campaign: str | None = None
    label: dict[str, str] = {}


class CampaignDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An objective with its calendar; past campaigns may be declared to read their results."""

    name: str
    label: dict[str, str] = {}
    starts: str | None = None
    ends: str | None = None
    budget_minor: int | None = None
    kpi: str | None = None
    target: float | None = None
    kind: str = ""
