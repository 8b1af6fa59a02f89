"""Numbers of events: which of them count, and how they are written as text."""

from __future__ import annotations

LARGEST_NUMBER = 2.0**53
"""A number counts if its magnitude at the trait's scale is at most this: beyond it float64 (and so JSON) is not exact."""


def number_text(number: float) -> str:
    """The shortest decimal text of a number; whole numbers without a point."""
    return str(int(number)) if number == int(number) else repr(number)
