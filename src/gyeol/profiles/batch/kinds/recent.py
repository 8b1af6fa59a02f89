"""recent: the values of the n latest events, newest first."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows, unscaled
from gyeol.profiles.rules import Trait


def aggregate(rows: Rows, trait: Trait) -> Any:
    """An array; NULL without values."""
    assert trait.value is not None
    values = rows.value(trait)
    shown = unscaled(values, trait.value) if trait.value.is_number else values
    newest_first = [*(key.desc() for key in rows.order), values.desc()]
    return shown.collect(where=values.notnull(), order_by=newest_first)[: trait.definition.size]
