"""Steps that work out numbers, in float64; what is not finite is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Mask
from gyeol.expressions.operands import Frame
from gyeol.expressions.steps import Numbers, Slots, Step, either

Floats = npt.NDArray[np.float64]


def arithmetic(ufunc: np.ufunc, left: int, right: int) -> Step:
    """+ - * /"""

    def run(slots: Slots, frame: Frame) -> Numbers:
        (one, unknown_one), (two, unknown_two) = slots[left], slots[right]
        result = ufunc(np.asarray(one, np.float64), np.asarray(two, np.float64))
        return finite(result, either(unknown_one, unknown_two))

    return run


def finite(result: Floats, unknown: Mask | None) -> Numbers:
    """Make what is not finite unknown (division by 0, overflow)."""
    good = np.isfinite(result)
    return (result, unknown) if good.all() else (result, either(unknown, ~good))


def negate(read: int) -> Step:
    """-number."""

    def run(slots: Slots, frame: Frame) -> Numbers:
        value, unknown = slots[read]
        return -np.asarray(value, np.float64), unknown

    return run


def as_number(read: int) -> Step:
    """A truth as 1.0 or 0.0."""

    def run(slots: Slots, frame: Frame) -> Numbers:
        true, unknown = slots[read]
        return true.astype(np.float64), unknown

    return run


def spread(numbers: Numbers, n: int) -> Floats:
    """(n,) float64 with NaN where unknown."""
    value, unknown = numbers
    column = np.full(n, value, np.float64) if np.ndim(value) == 0 else np.array(value, np.float64)
    if unknown is not None:
        column[unknown] = np.nan
    return column


def gather(column: Floats) -> Numbers:
    """The inverse of ``spread``."""
    missing = np.isnan(column)
    return column, missing if missing.any() else None


def call(op: str, reads: Sequence[int]) -> Step:
    """COALESCE, LEAST, GREATEST, LN."""

    def run(slots: Slots, frame: Frame) -> Numbers:
        result, *others = [spread(slots[slot], frame.n) for slot in reads]
        if op == "LN":
            return gather(np.where(result > 0, np.log(result), np.nan))
        for other in others:
            if op == "COALESCE":
                result = np.where(np.isnan(result), other, result)
            else:
                # fmin and fmax leave NaN out, as LEAST and GREATEST leave NULL out.
                result = np.fmin(result, other) if op == "LEAST" else np.fmax(result, other)
        return gather(result)

    return run


def case(tests: Sequence[tuple[int, int]], otherwise: int | None) -> Step:
    """CASE WHEN: the first true condition wins."""

    def run(slots: Slots, frame: Frame) -> Numbers:
        result: Any = np.full(frame.n, np.nan) if otherwise is None else spread(slots[otherwise], frame.n)
        for test, value in reversed(tests):
            result = np.where(slots[test][0], spread(slots[value], frame.n), result)
        return gather(result)

    return run
