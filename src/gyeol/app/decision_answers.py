"""Shapes of what is told of decisions: what they used and led to, and the export that answers a request about automated decisions.

The export is in one language, for it is handed to the customer; everything else has codes, and texts in both.
"""

from __future__ import annotations

import msgspec

from gyeol.app.core_people import ShownIdentifier, Texts

FORMAT = "gyeol.automated-decisions/1"


class UsedTrait(msgspec.Struct, frozen=True, kw_only=True):
    """A trait that the chosen offer's condition or score read. ``source``: names of the events it is made of."""

    name: str
    label: Texts
    value: object
    text: Texts
    source: list[str]


class ShownContribution(msgspec.Struct, frozen=True, kw_only=True):
    """What a feature of a policy added for the chosen offer and for the runner-up."""

    feature: str
    value: float
    chosen: float
    runner_up: float


class ShownOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The event that reached the goal. ``value``: in minor units; 1 where the goal says nothing."""

    at: int
    value: float


class ExportedDatum(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of data. ``observed_at``: ISO 8601, of facts of the situation."""

    name: str
    label: str
    value: str
    source: str
    observed_at: str | None = None


class ExportedRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that was not chosen, the rule that refused it, and why."""

    offer: str
    offer_label: str
    rule: str
    rule_label: str
    reason: str


class ExportedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision as its customer reads it.

    Args:
        at: ISO 8601, in the workspace's zone.
        outcome: ``offer``, ``fallback`` or ``nothing``; ``what`` says it.
        criteria: What the chosen offer asks for, and how it was ranked.
        data: What was read about the person and the situation, with values and sources.
        propensity: Probability with which it was drawn; 1: nothing was left to chance, as ``chance`` says.
        contributions: Of a learned policy: what counted how much.
        later: What came of it; empty: nothing that a goal counts.
        definitions: Hash of the rules in force then.
    """

    id: str
    at: str
    placement: str
    placement_label: str
    outcome: str
    what: str
    offer: str | None
    offer_label: str
    criteria: list[str]
    reasons: list[str]
    data: list[ExportedDatum]
    refusals: list[ExportedRefusal]
    propensity: float
    chance: str
    contributions: list[str]
    later: str
    catalogue: str
    definitions: str


class DecisionsExport(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions about one person.

    Args:
        as_of: The log's clock: the same log gives the same bytes.
        since: From when on, ISO 8601; None: from the beginning.
        complete: Whether these are all; there are at most 10,000.
        about: How decisions are taken, in plain words. rights: Whom to turn to.
        contact: ``human_contact`` of the workspace in this language; empty: none is set.
    """

    format: str
    lang: str
    title: str
    workspace: str
    person: str
    identifiers: list[ShownIdentifier]
    as_of: str
    since: str | None
    complete: bool
    about: list[str]
    rights: str
    contact: str
    decisions: list[ExportedDecision]
