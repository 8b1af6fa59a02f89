"""distinct: how many different values; above 256 the estimate of the stream, from the same 256 smallest hashes."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.batch.values import functions, half_even
from gyeol.profiles.kinds.distinct import MOST
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """An int64."""
    hashes = functions().hash(rows.value(trait)).collect(distinct=True)
    kth = hashes.sort()[MOST - 1].cast("float64")
    estimate = half_even((MOST - 1) / (kth / 2.0**64)).cast("int64")
    return (hashes.length() > MOST).ifelse(estimate, hashes.length())
