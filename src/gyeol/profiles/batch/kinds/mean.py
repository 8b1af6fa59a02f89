"""mean: (sum, number of values), divided last."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """A float64; NULL without values."""
    assert trait.value is not None
    values = rows.value(trait)
    return values.sum().cast("float64") / (values.count().nullif(0).cast("float64") * 10.0**trait.value.scale)
