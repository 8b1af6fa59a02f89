"""moment.last_search, moment.search_drift: what was looked for, and how far the last search went from the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from gyeol.context.behaviour.people import ByActions, Teller, Told, session_of
from gyeol.context.behaviour.recorded import Read, Step, traits_of
from gyeol.context.behaviour.session import GAP_MS
from gyeol.expressions.schema import NameInfo
from gyeol.profiles.model import TraitDefinition


class Searches(ByActions):
    """Of the session; both count for half an hour after the last action."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "last_search": NameInfo(type="text", label={"ko": "방금 검색어", "en": "latest search"}),
        "search_drift": NameInfo(type="number", label={"ko": "검색어 변화", "en": "drift of searches"}),
    }

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths) if "query" in paths else []

    def teller(self, read: Read, now_ms: int) -> Teller:
        """Unknown without a search; the drift without two."""
        return lambda past, place: _told(past)


def _told(history: Sequence[Step]) -> Told | None:
    steps = session_of(history)
    typed = [step.query for step in steps if step.query]
    if not typed:
        return None
    values = {"last_search": typed[0], "search_drift": drift(typed[1], typed[0]) if len(typed) > 1 else None}
    return Told(values, steps[0].at_ms, steps[0].at_ms + GAP_MS)


def drift(before: str, after: str) -> float:
    """How different two searches are: 0 the same, 1 nothing in common; one minus Jaccard's index of their pairs of letters.

    Source: Jaccard, The distribution of the flora in the alpine zone, 1912.
    """
    a, b = _pairs(before), _pairs(after)
    return 1 - len(a & b) / len(a | b)


def _pairs(text: str) -> set[str]:
    squeezed = "".join(text.casefold().split())
    return {squeezed[i : i + 2] for i in range(len(squeezed) - 1)} or {squeezed}
