"""Definitions of sources and of the tracking plan; verdicts."""

from __future__ import annotations

from typing import Literal

import msgspec

EVENT_TYPES = ("track", "page", "identify", "screen", "group", "alias")
"""The Segment spec's calls; an event's ``type_code`` is its index here."""

Trust = Literal["client", "server"]
PropertyType = Literal["text", "number", "flag", "money", "time", "list", "object", "any"]


class SourceDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where events come from.

    Args:
        name: The source's name, unique.
        trust: ``client`` (a key that anybody can read in a web page or app) or ``server``.
        write_key: The key itself, or ``env:NAME`` to read it from the environment.
        channel: What kind of touchpoint it is (web, app, store, call_centre, email, crm, …), for journeys and figures.
        label: What people call it; may hold both languages.
    """

    name: str
    trust: Trust
    write_key: str
    channel: str = "web"
    label: dict[str, str] = {}
    enabled: bool = True


class PropertyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a property must be. ``pii``: never leaves for the lake. ``currency``: for money without a currency property."""

    type: PropertyType = "any"
    required: bool = False
    pii: bool = False
    one_of: list[str] | None = None
    currency: str | None = None


class EventRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan for one event name (or ``$page``, ``$identify``, ``$screen``, ``$group``, ``$any``).

    Args:
        name: Event name.
        properties: Dotted path (``properties.revenue``, ``traits.email``, ``context.…``) → rule.
        on_violation: ``flag`` keeps the event and says so in its verdict; ``reject`` sends it to the dead letter.
    """

    name: str
    properties: dict[str, PropertyRule] = {}
    on_violation: Literal["flag", "reject"] = "flag"
    simulated: bool = False


class TrackingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All rules by event name."""

    rules: dict[str, EventRule] = {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one event.

    ``status``: accepted | duplicate | rejected. ``code`` for rejected: no_type, unknown_type, no_identity, track_without_event,
    bad_timestamp, not_an_object, too_large, id_reused, plan_violation, bad_number, … ``notes``: flags of an accepted event
    (future_clamped, retry_offset_used, plan:…).
    """

    status: Literal["accepted", "duplicate", "rejected"]
    message_id: str = ""
    code: str = ""
    detail: str = ""
    notes: tuple[str, ...] = ()
    dead_letter: str = ""
