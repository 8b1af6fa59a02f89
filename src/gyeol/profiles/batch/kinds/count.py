"""count: how many events."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """An int64."""
    mask = rows.where(trait.where)
    return rows.table.count() if mask is None else rows.table.count(where=mask)
