"""Definitions of what may be given away, to whom and how often: budgets, units, partners, categories, caps, the budget of contacts."""

from __future__ import annotations

from typing import Literal

import msgspec


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money that may be given away, in minor units of the workspace's currency.

    Args:
        day_minor: At most so much on one day of the workspace's zone.
        total_minor: At most so much ever.
    """

    day_minor: int | None = None
    total_minor: int | None = None


class OfferBudget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an offer costs, and how much money may go into it.

    Args:
        cost_minor: What one costs, in minor units; it counts for the offer, its category and its partner.
        day_minor: At most so much on one day of the workspace's zone.
        total_minor: At most so much ever.
    """

    cost_minor: int
    day_minor: int | None = None
    total_minor: int | None = None


class Inventory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many there are of what is offered.

    Args:
        sku: The article whose ``stock`` fact is asked.
        least: So many must be left of it.
        day: At most so many offers of it on one day of the workspace's zone, whatever is in stock.
        total: At most so many offers of it ever.
        when_unknown: What happens while nobody has told the stock, or it has aged.
    """

    sku: str | None = None
    least: int = 1
    day: int | None = None
    total: int | None = None
    when_unknown: Literal["refuse", "pass"] = "refuse"


class Bought(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The event after which an offer is no longer news.

    Args:
        event: Name of the event.
        where: Condition over its paths; None: any.
        within: For how long it counts: ``30d`` calendar days, ``24h`` rolling; None: for ever.
    """

    event: str
    where: str | None = None
    within: str | None = None


class CategoryDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What offers have in common; caps, placements' ``diversity`` and budgets speak of it.

    Args:
        name: Unique.
        budget: Of all its offers together.
    """

    name: str
    budget: Budget | None = None
    label: dict[str, str] = {}


class PartnerDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another brand whose offers are shown.

    Args:
        name: Unique.
        budget: Of all its offers together.
        day: At most so many of its offers on one day of the workspace's zone.
        total: At most so many of its offers ever.
    """

    name: str
    budget: Budget | None = None
    day: int | None = None
    total: int | None = None
    label: dict[str, str] = {}


class CapDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a person may be offered something, across placements and journeys. What is not promotion neither counts nor is refused.

    Args:
        name: Unique.
        most: At most so many, up to 64.
        window: ``1d`` and ``7d`` are calendar days of the workspace's zone, ``24h`` rolls.
        channel: Only what is said on this channel (a placement's, or where it leaves channels open a channel's medium); None: on any.
        category: Only offers of this category.
        partner: Only offers of this partner.
    """

    name: str
    most: int
    window: str
    channel: str | None = None
    category: str | None = None
    partner: str | None = None
    label: dict[str, str] = {}


class ContactBudget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many advertising messages a person may get. Those that wait compete: the one worth most leaves.

    Args:
        most: At most so many, up to 64.
        per: In this window: ``1d``, ``7d``, ``24h``.
        wait: So long a message waits for better ones, and competes with those that could leave so soon after it.
    """

    most: int = 1
    per: str = "1d"
    wait: str = "30m"


class Fatigue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a person is tired of promotion: too much shown since the last answer.

    Args:
        most: From this weariness on promotion stops; each showing adds 1, which fades.
        half_life: After so long half of it is left.
    """

    most: float
    half_life: str = "3d"


MOST_COUNTED = 64
"""So many decisions of one offer in one placement, and so many contacts, are remembered of a node for sure."""
