"""sum: whole numbers at the declared scale, added."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows, unscaled
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """An int64, or a float64 where the scale has digits after the point."""
    return unscaled(rows.value(trait).sum(), trait.value)
