"""max: the greatest value of a property."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows, unscaled
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """As the property; NULL without values."""
    return unscaled(rows.value(trait).max(), trait.value)
