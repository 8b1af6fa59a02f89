"""What is answered about people who may be one. Shapes of JSON, like ``answers``."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.app.core_people import ShownIdentifier, Texts


class SuggestedSide(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two: the person now, what the record calls them, and the identifier that the evidence would be about."""

    person: str
    name: str
    identifier: ShownIdentifier


class WaterfallStep(msgspec.Struct, frozen=True, kw_only=True):
    """What one field adds or takes away, in bits. ``left``, ``right``: the two values, masked; empty where there is none."""

    field: str
    label: Texts
    level: Texts
    left: str
    right: str
    bits: float


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """Two people who may be one.

    Args:
        id: Names the suggestion.
        weight: log2 odds that they are one: ``prior`` and the ``bits`` of all steps. ``probability``: the same.
        at: When they were compared.
        model: Version of the weights.
        by_servers: Whether servers alone stated the values; else nothing is accepted without a person.
    """

    id: str
    weight: float
    probability: float
    prior: float
    steps: list[WaterfallStep]
    a: SuggestedSide
    b: SuggestedSide
    at: int
    model: str
    by_servers: bool


class SuggestionModel(msgspec.Struct, frozen=True, kw_only=True):
    """The weights in use. ``trained``: learnt from the workspace's own people; ``records``: how many there were."""

    version: str
    trained: bool
    records: int


class SuggestionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Suggestions that nobody has judged, strongest first.

    Args:
        total: How many there are, at most: pairs whose people are one by now are left out of the pages.
        mode, at_least, accept_at_least: The settings (bits).
        behind: Records that wait to be compared.
    """

    suggestions: list[Suggested]
    next: str | None
    total: int
    mode: Literal["off", "queue", "accept"]
    at_least: float
    accept_at_least: float
    behind: int
    records: int
    model: SuggestionModel | None


class SuggestionsRun(msgspec.Struct, frozen=True, kw_only=True):
    """What comparing did. ``behind``: records that still wait."""

    statements: int
    compared: int
    suggested: int
    accepted: int
    behind: int
