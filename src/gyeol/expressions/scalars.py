"""One person at a time, in plain Python: the same semantics as ``arrays.py``, faster below some dozens of rows, and what explains use."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, cast

from gyeol.expressions.nodes import (
    Arithmetic,
    AsNumber,
    Between,
    Call,
    Case,
    Compare,
    Constant,
    Contains,
    In,
    IsNull,
    IsStale,
    IsTruth,
    Like,
    Logic,
    Name,
    Negate,
    Node,
    Not,
)
from gyeol.expressions.patterns import matcher

Values = Callable[[str], object]
"""The value of a name: None (NULL), int, float, str, bool or list."""

Staleness = Callable[[str], bool]

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
KINDS: dict[str, tuple[type, ...]] = {"number": (int, float), "time": (int, float), "text": (str,), "flag": (bool,), "list": (list, tuple)}
"""The Python types of each kind of value."""


def never_stale(name: str) -> bool:
    """For values that do not age."""
    return False


def value_of(node: Node, values: Values, stale: Staleness = never_stale) -> object:
    """The value of a tree for one person: True, False or None (unknown) for a condition, a number or None for a formula."""
    match node:
        case Name():
            return _name(node, values)
        case Constant():
            return node.value
        case Compare():
            left, right = value_of(node.left, values, stale), value_of(node.right, values, stale)
            return None if left is None or right is None or not comparable(left, right) else COMPARE[node.op](left, right)
        case Logic():
            return _logic(node, values, stale)
        case Not():
            item = value_of(node.item, values, stale)
            return None if item is None else not item
        case In():
            item = value_of(node.item, values, stale)
            return None if item is None else any(item == constant.value for constant in node.values)
        case Between():
            ends = (Compare(">=", node.item, node.low), Compare("<=", node.item, node.high))
            return _logic(Logic("AND", ends), values, stale)
        case Like():
            item = value_of(node.item, values, stale)
            return None if item is None else matcher(node.pattern)(cast(str, item))
        case IsNull():
            # A free name of no type is asked for its presence only, so its kind does not matter.
            return value_of(node.item, values, stale) is None
        case IsTruth():
            return value_of(node.item, values, stale) is node.wanted
        case IsStale():
            return stale(node.name.name)
        case Contains():
            found = value_of(node.name, values, stale)
            return None if found is None else holds(cast(list[object], found), node.value.value)
        case _:
            return _number(node, values, stale)


def holds(found: list[object], wanted: object) -> bool:
    """Whether a list holds a value; TRUE is not 1."""
    if isinstance(wanted, bool):
        return any(value is wanted for value in found)
    return any(value == wanted and not isinstance(value, bool) for value in found)


def _name(node: Name, values: Values) -> object:
    value = values(node.name)
    if value is None or node.type == "any":
        return value
    right = isinstance(value, KINDS[node.type]) and (node.type == "flag" or not isinstance(value, bool))
    return value if right else None


def comparable(left: object, right: object) -> bool:
    """Whether two values can be compared: numbers with numbers, else the same type."""
    numbers = isinstance(left, int | float) and isinstance(right, int | float) and isinstance(left, bool) == isinstance(right, bool)
    return numbers or type(left) is type(right)


def _logic(node: Logic, values: Values, stale: Staleness) -> bool | None:
    decisive = node.op == "OR"
    unknown = False
    for item in node.items:
        found = value_of(item, values, stale)
        if found is decisive:
            return decisive
        unknown = unknown or found is None
    return None if unknown else not decisive


def _number(node: Node, values: Values, stale: Staleness) -> float | None:
    match node:
        case Arithmetic():
            left, right = value_of(node.left, values, stale), value_of(node.right, values, stale)
            if left is None or right is None:
                return None
            return _finite(_ARITHMETIC[node.op], float(cast(float, left)), float(cast(float, right)))
        case Negate():
            item = value_of(node.item, values, stale)
            return None if item is None else -float(cast(float, item))
        case AsNumber():
            truth = value_of(node.item, values, stale)
            return None if truth is None else float(bool(truth))
        case Call():
            return _call(node, [value_of(item, values, stale) for item in node.items])
        case Case():
            for test, value in node.whens:
                if value_of(test, values, stale) is True:
                    return cast(float | None, value_of(value, values, stale))
            return None if node.otherwise is None else cast(float | None, value_of(node.otherwise, values, stale))
        case _:
            raise AssertionError(node)


def _finite(work: Callable[[float, float], float], left: float, right: float) -> float | None:
    try:
        result = work(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def _call(node: Call, items: list[object]) -> float | None:
    known = [float(cast(float, item)) for item in items if item is not None]
    match node.op:
        case "COALESCE":
            return known[0] if known else None
        case "LEAST":
            return min(known, default=None)
        case "GREATEST":
            return max(known, default=None)
        case "LN":
            return math.log(known[0]) if known and known[0] > 0 else None
