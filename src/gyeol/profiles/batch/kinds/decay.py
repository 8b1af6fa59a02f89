"""decay: a sum in which every event loses half of its weight each half-life; equal to the stream at 1e-9."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """A float64. Weights below 2**-1000 count as nothing."""
    import ibis

    age = (rows.now_ms - rows.time).cast("float64") / float(trait.half_life_ms)
    weight = (age < 1000.0).ifelse(ibis.literal(2.0).pow(-age), 0.0)
    if trait.value is None:
        mask = rows.where(trait.where)
        return weight.sum() if mask is None else weight.sum(where=mask)
    return (rows.value(trait).cast("float64") * 10.0**-trait.value.scale * weight).sum()
