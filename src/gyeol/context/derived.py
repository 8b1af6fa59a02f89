"""Facts of many people that follow from what is kept of them."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.context.fact import Fact
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64

_NEVER = np.iinfo(np.int64).max


class Derived(msgspec.Struct, frozen=True):
    """A fact of many people that follows from their traits.

    Args:
        column: (n,) the values; unknown where there is none.
        observed_ms: (n,) when they were so.
        until_ms: (n,) when they must be looked at again; the greatest int64 where time changes nothing.
        confidence: (n,) float64, 0 to 1; None: 1 everywhere.
    """

    column: Column
    observed_ms: Int64
    until_ms: Int64
    confidence: object | None = None


def first_fact(name: str, source: str, derived: Derived, place: int = 0) -> Fact | None:
    """What is derived of the first person, or of another, as a fact; None where nothing is known."""
    value = derived.column.item(place)
    if not isinstance(value, int | float | str):
        return None
    observed, until = int(derived.observed_ms[place]), int(derived.until_ms[place])
    ttl_ms = None if until == _NEVER else until - observed
    sure = 1.0 if derived.confidence is None else float(np.asarray(derived.confidence)[place])
    return Fact(name=name, value=value, source=source, observed_at_ms=observed, ttl_ms=ttl_ms, confidence=sure)
