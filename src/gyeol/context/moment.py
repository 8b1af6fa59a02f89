"""The Moment: all kinds of facts at one instant, and how conditions read them (``moment.daypart``)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gyeol.context.fact import Fact, Moment
from gyeol.context.facts.clock import ClockFacts
from gyeol.context.facts.holiday import HolidayFacts
from gyeol.context.facts.kind import FactKind, Situation
from gyeol.context.facts.request import RequestFacts
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Zone

KINDS: tuple[FactKind, ...] = (ClockFacts(), HolidayFacts(), RequestFacts())
PREFIX = "moment."
_WORDS = Vocabulary()


def moment_schema() -> dict[str, NameInfo]:
    """The names that conditions may read, with types and labels."""
    return {PREFIX + name: info for kind in KINDS for name, info in kind.names.items()}


def moment_at(now_ms: int, zone: Zone, country: str, *, request: dict[str, object]) -> Moment:
    """What is true at an instant.

    Args:
        now_ms: ``engine_now``.
        zone: Whose wall clock counts.
        country: ISO 3166 code.
        request: What the caller says; empty without one.
    """
    situation = Situation(now_ms=now_ms, zone=zone, country=country, request=request)
    facts: dict[str, Fact] = {}
    for kind in KINDS:
        for fact in kind.observe(situation):
            facts[fact.name] = fact
    return Moment(at_ms=now_ms, facts=facts)


@lru_cache(maxsize=1)
def _types() -> dict[str, NameInfo]:
    return moment_schema()


def column_of(moment: Moment, name: str) -> Column:
    """A name of the Moment as a column of one row.

    Raises:
        KeyError: No kind of fact gives that name.
    """
    info = _types()[name]
    fact_name = name.removeprefix(PREFIX)
    value = moment.value(fact_name)
    known = np.array([value is not None])
    stale = np.array([True]) if moment.stale(fact_name) else None
    if info.type == "text":
        code = _WORDS.code(str(value)) if value is not None else -1
        return Column("text", np.array([code], np.int32), known, _WORDS, stale)
    if info.type == "flag":
        return Column("flag", np.array([value is True]), known, None, stale)
    return Column("number", np.array([float(value) if isinstance(value, int | float) else 0.0]), known, None, stale)
