"""first and last: the value of the earliest or the latest event, by (time, id); of two equal in both the greater value."""

from __future__ import annotations

from typing import Any

from gyeol.profiles.batch.rows import Rows, unscaled
from gyeol.profiles.rules import Trait


def first(rows: Rows, trait: Trait) -> Any:
    """As the property; NULL without values."""
    values = rows.value(trait)
    return _presented(values.first(where=values.notnull(), order_by=[*rows.order, values.desc()]), trait)


def last(rows: Rows, trait: Trait) -> Any:
    """As the property; NULL without values."""
    values = rows.value(trait)
    return _presented(values.first(where=values.notnull(), order_by=[*(key.desc() for key in rows.order), values.desc()]), trait)


def _presented(value: Any, trait: Trait) -> Any:
    assert trait.value is not None
    return unscaled(value, trait.value) if trait.value.is_number else value
