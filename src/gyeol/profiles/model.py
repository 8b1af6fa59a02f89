"""Definitions of traits."""

from __future__ import annotations

from typing import Literal

import msgspec

TraitKindName = Literal["count", "sum", "mean", "min", "max", "first", "last", "recent", "decay", "distinct", "top", "sequence"]


class TraitDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named thing known of a person, folded from events.

    Args:
        name: Unique; lower case, digits, ``_``.
        kind: Which monoid.
        event: A track event's name, or ``$page``, ``$identify``, ``$screen``, ``$group``, ``$any``.
        property: Dotted path of the value (``properties.revenue``, ``traits.city``, ``context.campaign.source``); events without it
            do not count. None for count and sequence (and for decay: 1 an event).
        where: A condition over dotted paths of the event.
        window: ``7d`` = today and the six dates before in the workspace's zone; ``24h`` = rolling hourly buckets. count and sum only.
        half_life: For decay: ``3d``, ``12h``.
        size: For recent: how many.
        at_least: For sequence: so many such events within ``within`` of each other (2 when neither this nor ``then`` is given).
        within: For sequence: ``10m``, ``2h``, ``7d`` (24 hours each).
        then: For sequence: this event followed the first one within ``within``.
        then_no: For sequence: this event has not followed, and ``within`` has passed since the first one.
        then_where: A condition over the paths of the event of ``then`` or ``then_no``.
        scale: For sum, min, max, last … of plain numbers: digits kept after the point (money has its currency's own).
        unit: What the number counts (``orders``, ``KRW`` minor units are shown as money when the property is money).
    """

    name: str
    kind: TraitKindName
    event: str
    property: str | None = None
    where: str | None = None
    window: str | None = None
    half_life: str | None = None
    size: int = 5
    at_least: int = 2
    within: str | None = None
    then: str | None = None
    then_no: str | None = None
    then_where: str | None = None
    scale: int = 2
    unit: str | None = None
    label: dict[str, str] = {}
    description: dict[str, str] = {}
    simulated: bool = False
