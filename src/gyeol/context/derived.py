"""Facts of many people that follow from what is kept of them."""

from __future__ import annotations

import msgspec

from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64


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
