"""One value with what is known beside it."""

from __future__ import annotations

import msgspec


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A trait of one row.

    Args:
        value: As ``Column.item`` gives it: None, number, text, flag or list.
        estimate: More was seen than is kept, so the value is an estimate.
        as_of_ms: The instant for which it holds.
        at_ms: When the event that gave it happened, where the kind keeps that (first, last, recent).
    """

    value: object
    estimate: bool
    as_of_ms: int
    at_ms: int | None
