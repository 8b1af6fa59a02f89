"""Sums, means and extremes of numbers: what they have in common."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.profiles.rules import Trait
from gyeol.profiles.slices import EventSlice
from gyeol.profiles.slots import Int64


def counted(part: EventSlice, trait: Trait) -> tuple[Int64, Int64]:
    """(slots, values) of the events that count, values as int64 at the trait's scale."""
    values, mask = part.numbers(trait)
    if mask is None:
        return part.slots, values
    return part.slots[mask], values[mask]


def wrapped(total: int) -> int:
    """A whole number modulo 2**64, as int64 has it: so adds NumPy."""
    return (total + 2**63) % 2**64 - 2**63


def unscaled(values: Int64, trait: Trait) -> npt.NDArray[np.generic]:
    """Values as conditions read them: int64 at scale 0 (money: minor units), else float64."""
    assert trait.value is not None
    return values / 10.0**trait.value.scale if trait.value.scale else values
