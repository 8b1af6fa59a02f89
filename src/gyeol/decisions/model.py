"""Definitions of placements and offers, and the decision as recorded and answered."""

from __future__ import annotations

import msgspec

from gyeol.kernel.reason import Reason

__all__ = ["Decision", "OfferDefinition", "PlacementDefinition", "Reason", "Refusal"]


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
        content: What the channel shows, by language: title, body, link, coupon, ….
        promotional: Whether it promotes; what does stops while a complaint is open, and while the person seeks help or wants to leave.
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
    content: dict[str, dict[str, str]] = {}
    promotional: bool = True
    label: dict[str, str] = {}


class PlacementDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something can be said.

    Args:
        name: Unique.
        channel: web, app, email, webhook, till, …: whose consent is asked.
        holdout: Share in [0, 1) of people who see the fallback, by sticky assignment (salt = ``holdout_salt`` or the name).
        fallback: Name of the offer that is shown when all others are refused; it passes no gate. None: nothing is shown.
        cap, cap_window: At most so many decisions with an offer (not the fallback) in this placement for one person.
        promotional: Whether what is said here can be promotion; false: its offers never stop for complaints or intents.
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


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that was not chosen, with the first gate that refused it (or ``outranked``) and the values compared."""

    offer: str
    gate: str
    reason: Reason
    score: float | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
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
