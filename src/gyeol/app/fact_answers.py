"""What the API says of facts and of the Moment of a person."""

from __future__ import annotations

import msgspec

from gyeol.context.fact import FactValue

Texts = dict[str, str]


class FactAbout(msgspec.Struct, frozen=True, kw_only=True):
    """What a fact is about. ``id``: ``*`` of the workspace; of a person the strongest identifier, masked where it is personal."""

    kind: str
    id: str


class ShownFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of somebody's Moment. Instants in milliseconds.

    Args:
        name: With ``moment.``.
        label: Of the name. ``said``: what people call the value; empty where the value speaks for itself.
        value: What was observed; None when it has aged: then it is unknown, and ``last`` says what it was.
        until: The first instant at which it no longer counts; None: while the request lasts.
        age_s: Since it was observed.
        origin: ``live`` or ``history``.
        about: What it was recorded of; None: of this person's clock, traits or request.
    """

    name: str
    label: Texts
    value: FactValue | None
    last: FactValue
    said: Texts
    source: str
    observed_at: int
    received_at: int
    age_s: float
    ttl_s: float | None
    until: int | None
    confidence: float
    stale: bool
    origin: str
    about: FactAbout | None = None


class MomentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of one person at an instant.

    Args:
        id: The person's.
        at: The instant, in milliseconds.
        zone: Whose wall clock counts.
        facts: By name.
        warnings: What had to be assumed: ``zone_assumed``.
    """

    id: str
    at: int
    zone: str
    facts: list[ShownFact]
    warnings: list[str] = []


class RecordedFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as it is held. Instants in milliseconds."""

    name: str
    value: FactValue
    about: FactAbout
    source: str
    observed_at: int
    received_at: int
    until: int
    confidence: float
    origin: str
    stale: bool


class FactsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that are held, those observed last first; ``total``: how many are held in all."""

    facts: list[RecordedFact]
    total: int


class FactSaidAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one fact: ``recorded`` or ``duplicate``."""

    status: str
    offset: int | None = None


class FactsSaidAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of facts, one entry each."""

    facts: list[FactSaidAnswer]
