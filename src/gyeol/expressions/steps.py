"""The steps of a program: each makes one array (or two) of a block from operands and from the results of earlier steps.

A step never writes into what an earlier step or the caller made: results are shared between trees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gyeol.expressions.column import Mask
from gyeol.expressions.operands import Frame
from gyeol.expressions.scalars import COMPARE, holds
from gyeol.expressions.words import Truth, compare_rows, known_only

Numbers = tuple[Any, Mask | None]
"""(values, unknown): an array, or a Python scalar for a literal, which NumPy broadcasts alike."""

Slots = list[Any]
Step = Callable[[Slots, Frame], Any]


def flag(at: int) -> Step:
    """A bare flag name."""

    def run(slots: Slots, frame: Frame) -> Truth:
        operand = frame.operands[at]
        return known_only(operand.values.astype(np.bool_), operand)

    return run


def values(at: int) -> Step:
    """A name as it stands."""

    def run(slots: Slots, frame: Frame) -> Numbers:
        operand = frame.operands[at]
        return operand.values, operand.unknown

    return run


def literal(value: object) -> Step:
    """A number as a scalar; TRUE and FALSE as a column."""
    if isinstance(value, bool):
        return lambda slots, frame: (np.full(frame.n, value), None)
    return lambda slots, frame: (value, None)


def compare_values(at: int, ufunc: np.ufunc, value: object) -> Step:
    """A number or flag and a literal: most of all conditions."""

    def run(slots: Slots, frame: Frame) -> Truth:
        operand = frame.operands[at]
        true = ufunc(operand.values, value)
        if operand.known is None:
            return true, None
        np.logical_and(true, operand.known, out=true)
        return true, operand.unknown

    return run


def compare(ufunc: np.ufunc, left: int, right: int) -> Step:
    """Two numbers, or two truths."""

    def run(slots: Slots, frame: Frame) -> Truth:
        (one, unknown_one), (two, unknown_two) = slots[left], slots[right]
        unknown = either(unknown_one, unknown_two)
        true = np.broadcast_to(ufunc(one, two), frame.n) if np.ndim(one) == np.ndim(two) == 0 else ufunc(one, two)
        return (true, None) if unknown is None else (true & ~unknown, unknown)

    return run


def compare_any(op: str, left: int, right: int) -> Step:
    """Two paths of which nothing is known before their columns are there: different kinds are not comparable, hence unknown."""
    ufunc, words = {"=": np.equal, "<>": np.not_equal}[op], COMPARE[op]

    def run(slots: Slots, frame: Frame) -> Truth:
        one, two = frame.operands[left], frame.operands[right]
        if one.kind == two.kind == "text":
            return compare_rows(one, two, words, frame.n)
        if one.kind != two.kind or one.kind == "list":
            return np.zeros(frame.n, np.bool_), np.ones(frame.n, np.bool_)
        unknown = either(one.unknown, two.unknown)
        true = ufunc(one.values, two.values)
        return (true, None) if unknown is None else (true & ~unknown, unknown)

    return run


def either(one: Mask | None, two: Mask | None) -> Mask | None:
    """Unknown where one of two is."""
    return two if one is None else one if two is None else one | two


def conjunction(reads: Sequence[int]) -> Step:
    """AND: unknown where no item is false and not all are true."""

    def run(slots: Slots, frame: Frame) -> Truth:
        terms = [slots[slot] for slot in reads]
        true = np.logical_and(terms[0][0], terms[1][0])
        for term, _ in terms[2:]:
            np.logical_and(true, term, out=true)
        if all(unknown is None for _, unknown in terms):
            return true, None
        possible = [term if unknown is None else np.logical_or(term, unknown) for term, unknown in terms]
        both = np.logical_and(possible[0], possible[1])
        for term in possible[2:]:
            np.logical_and(both, term, out=both)
        return true, np.logical_xor(both, true, out=both)

    return run


def disjunction(reads: Sequence[int]) -> Step:
    """OR: unknown where no item is true and some are unknown."""

    def run(slots: Slots, frame: Frame) -> Truth:
        terms = [slots[slot] for slot in reads]
        true = terms[0][0] if len(terms) == 1 else np.logical_or(terms[0][0], terms[1][0])
        for term, _ in terms[2:]:
            np.logical_or(true, term, out=true)
        unknown: Mask | None = None
        for _, mask in terms:
            unknown = either(unknown, mask)
        return true, None if unknown is None else unknown & ~true

    return run


def negation(read: int) -> Step:
    """NOT: unknown stays unknown."""

    def run(slots: Slots, frame: Frame) -> Truth:
        true, unknown = slots[read]
        return (~true, None) if unknown is None else (~(true | unknown), unknown)

    return run


def name_is_null(at: int) -> Step:
    """IS NULL of a name."""

    def run(slots: Slots, frame: Frame) -> Truth:
        unknown = frame.operands[at].unknown
        return (np.zeros(frame.n, np.bool_) if unknown is None else unknown), None

    return run


def is_null(read: int) -> Step:
    """IS NULL of a truth or of arithmetic."""

    def run(slots: Slots, frame: Frame) -> Truth:
        unknown = slots[read][1]
        return (np.zeros(frame.n, np.bool_) if unknown is None else unknown), None

    return run


def is_truth(read: int, wanted: bool) -> Step:
    """IS TRUE, IS FALSE."""

    def run(slots: Slots, frame: Frame) -> Truth:
        true, unknown = slots[read]
        if wanted:
            return true, None
        return ~true if unknown is None else ~(true | unknown), None

    return run


def is_stale(at: int) -> Step:
    """is_stale(name)."""

    def run(slots: Slots, frame: Frame) -> Truth:
        stale = frame.operands[at].stale
        return (np.zeros(frame.n, np.bool_) if stale is None else stale), None

    return run


def contains(at: int, wanted: object) -> Step:
    """CONTAINS(list, literal): row by row, lists are Python objects."""

    def run(slots: Slots, frame: Frame) -> Truth:
        operand = frame.operands[at]
        true = np.zeros(frame.n, np.bool_)
        rows = np.arange(frame.n) if operand.known is None else np.flatnonzero(operand.known)
        lists = operand.values
        true[rows] = [holds(lists[row], wanted) for row in rows.tolist()]
        return true, operand.unknown

    return run
