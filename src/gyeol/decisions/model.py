"""Definitions of placements and offers, and the decision as recorded and answered."""

from __future__ import annotations

import msgspec

from gyeol.content.model import Wording
from gyeol.decisions.limits import Bought, Inventory, OfferBudget
from gyeol.decisions.ranking.model import FORMULA, Contribution, Creative, Goal, Outcome
from gyeol.kernel.reason import Reason

__all__ = ["Beside", "Decision", "OfferDefinition", "PlacementDefinition", "Reason", "Refusal"]


class OfferDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said.

    Args:
        name: Unique.
        placements: Where it may be said.
        eligibility: Condition over traits and ``moment.*``; None = everybody.
        score: Formula over traits and ``moment.*`` (higher wins; NULL counts as 0). Ties: priority, then name.
        priority: Breaks ties, higher first.
        valid_from, valid_until: ISO instants, half-open.
        cap: At most so many decisions of this offer for one person in ``cap_window`` (``7d``).
        purpose: For what purpose consent of the placement's channel is needed; None: no consent needed (service message, on-site).
        content: What the channel shows, by language: title, body, link, coupon, …; or the name of a content.
        promotional: Whether it promotes; what does stops while a complaint is open, and while the person seeks help or wants to leave.
        category: One of ``categories``; None: of none.
        partner: One of ``partners``, whose offer it is; None: our own.
        budget: What it costs and how much may go into it.
        inventory: How many there are.
        bought: After which event it is not offered any more.
        fresh: Facts (``moment.weather``) that must be known and fresh.
        value: Formula: what a contact with it is worth; the most valuable message leaves. None: its ``score``.
        creatives: Ways to show it, by name; a policy learns which one to take, all other rankings take the first by name.
        goal: The event that it is made for: what policies learn from, and the outcome of its decisions.
        coupon: A pool of ``coupons``: who is shown the offer gets a code of it, which content reads as ``{{ coupon.code }}``.
    """

    name: str
    placements: list[str]
    eligibility: str | None = None
    score: str = "0"
    priority: int = 0
    valid_from: str | None = None
    valid_until: str | None = None
    cap: int | None = None
    cap_window: str = "7d"
    purpose: str | None = None
    content: dict[str, dict[str, str]] | str = {}
    promotional: bool = True
    label: dict[str, str] = {}
    category: str | None = None
    partner: str | None = None
    budget: OfferBudget | None = None
    inventory: Inventory | None = None
    bought: Bought | None = None
    fresh: list[str] = []
    value: str | None = None
    creatives: dict[str, Creative] = {}
    goal: Goal | None = None
    coupon: str | None = None


class PlacementDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something can be said.

    Args:
        name: Unique.
        channel: web, app, email, webhook, till, …: whose consent is asked.
        holdout: Share in [0, 1) of people who see the fallback, by sticky assignment (salt = ``holdout_salt`` or the name).
        fallback: Name of the offer that is shown when all others are refused; it passes no gate. None: nothing is shown.
        cap, cap_window: At most so many decisions with an offer (not the fallback) in this placement for one person.
        promotional: Whether what is said here can be promotion; false: its offers never stop for complaints or intents.
        diversity: At most so many offers of one category among the placements that are asked together; None: any number.
        impressions: Whether ``Offer Shown`` events tell what was seen: then a decision that was not shown within ``hold`` counts nowhere.
        hold: For how long a decision is held for its impression.
        ranking: ``rule`` (priority, name), ``formula`` (score, priority, name), or the name of a policy.
        channels: For messages: the channels that a journey may choose from; empty: its own.
        hours: For messages: the hours of the recipient's day that it may choose from; empty: as soon as may be.
    """

    name: str
    channel: str
    holdout: float = 0.0
    holdout_salt: str | None = None
    fallback: str | None = None
    cap: int | None = None
    cap_window: str = "1d"
    promotional: bool = True
    label: dict[str, str] = {}
    diversity: int | None = None
    impressions: bool = False
    hold: str = "30m"
    ranking: str = FORMULA
    channels: list[str] = []
    hours: list[int] = []


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that another placement of the same request shows already."""

    placement: str
    offer: str
    category: str | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A candidate that was not chosen, with the first gate that refused it (or ``outranked``) and the values compared.

    ``creative``, ``channel``, ``hour``: which way to show it is meant, where there are several.
    """

    offer: str
    gate: str
    reason: Reason
    score: float | None = None
    creative: str | None = None
    channel: str | None = None
    hour: int | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The choice for one placement, as recorded in the log.

    Args:
        node: The node that the request named; the decision follows it through merges and cuts.
        chosen: The offer shown; None: nothing is.
        fallback: Whether ``chosen`` is the placement's fallback.
        reasons: Why it came out like this.
        refusals: Every other candidate: outranked ones by rank, then those that a gate refused.
        moment: The facts used, by name.
        propensity: Probability with which ``chosen`` was drawn (1.0: nothing was left to chance).
        catalogue: Version of the reason catalogue.
        definitions: Hash of the definitions in force.
        holdout: Whether the holdout kept every offer back.
        cause: ``request`` or ``journey:<name>``.
        holdout_salt: Salt of the sticky assignment where it was looked at, so that the person was exposed to it; else empty.
        hold_until_ms: From then on it counts nowhere unless it was shown; 0: it counts as it is.
        charges: What it takes of which account (``decisions.spending``), in minor units or pieces.
        alone: Whether only what was told of the node itself was looked at, not of the person it may belong to.
        wording: Which words of a content were answered; None: the offer's own, or none.
        creative: Which of the offer's creatives; None: it has none.
        channel, hour: By which channel and at which hour of the recipient's day it leaves, where the placement leaves them open.
        policy: The policy that learns from it; it decided, too, unless a reason says ``policy_waits``.
        policy_shape: Hash of the features and the prior that it had.
        features: What that policy looked at; what was not known is missing.
        contributions: What parted the chosen arm from the runner-up, largest first.
        explored: Whether chance took it instead of the best, so that something is learned.
        goal_until_ms: Until then the offer's goal can be reached; 0: it has none.
        outcome: The event that reached it; None: none has (yet).
        beside: What the placements that were asked together, before this one, show.
        used: The traits that the chosen offer's condition and score read, with their values then. (``moment`` has the facts.)
    """

    id: str
    placement: str
    node: int
    person: str
    at_ms: int
    chosen: str | None
    fallback: bool
    reasons: list[Reason]
    refusals: list[Refusal]
    moment: dict[str, object]
    propensity: float
    catalogue: str
    definitions: str
    holdout: bool = False
    cause: str = "request"
    holdout_salt: str = ""
    hold_until_ms: int = 0
    charges: dict[str, int] = {}
    alone: bool = False
    wording: Wording | None = None
    creative: str | None = None
    channel: str | None = None
    hour: int | None = None
    policy: str | None = None
    policy_shape: str = ""
    features: dict[str, float] = {}
    contributions: list[Contribution] = []
    explored: bool = False
    goal_until_ms: int = 0
    outcome: Outcome | None = None
    beside: list[Beside] = []
    used: dict[str, object] = {}
