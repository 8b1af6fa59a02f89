"""Trees as Ibis expressions: the same semantics as ``arrays.py``, NULLs included, run by whatever engine holds the table.

Numbers and times are taken as they stand (times: int64 milliseconds); arithmetic is float64, and x / 0 is NULL on every engine.
Sums beyond 1.8e308 are unknown in the stream and infinite in SQL; no other difference is known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

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
    ordered,
)
from gyeol.expressions.scalars import COMPARE

if TYPE_CHECKING:
    import ibis.expr.types as ir

ColumnOf = Callable[[str], "ir.Value"]


def boolean(tree: Node, column: ColumnOf, stale: ColumnOf | None) -> ir.BooleanValue:
    """A truth as an Ibis expression.

    Args:
        tree: The tree of a condition.
        column: The value of a name.
        stale: Whether a name is stale, or None when nothing is.
    """
    return cast("ir.BooleanValue", _Compiler(column, stale).any(tree))


def number(tree: Node, column: ColumnOf, stale: ColumnOf | None) -> ir.NumericValue:
    """A formula as a float64 Ibis expression; arguments as in ``boolean``."""
    return cast("ir.NumericValue", _Compiler(column, stale).float(tree))


class _Compiler:
    def __init__(self, column: ColumnOf, stale: ColumnOf | None) -> None:
        import ibis

        self.ibis: Any = ibis
        self.column, self.stale = column, stale

    def any(self, node: Node) -> Any:
        match node:
            case Name():
                return self.name(node)
            case Constant():
                return self.ibis.literal(node.value)
            case Compare():
                return self.compare(node)
            case Logic(op="AND"):
                return reduce(lambda one, two: one & two, [self.any(item) for item in node.items])
            case Logic():
                return reduce(lambda one, two: one | two, [self.any(item) for item in node.items])
            case Not():
                return ~self.any(node.item)
            case In():
                return self.any(node.item).isin([constant.value for constant in node.values])
            case Between():
                return self.compare(ordered(">=", node.item, node.low)) & self.compare(ordered("<=", node.item, node.high))
            case Like():
                return self.any(node.item).like(node.pattern)
            case IsNull():
                return self.operand(node.item).isnull()
            case IsTruth():
                item = self.any(node.item)
                return item.fill_null(False) if node.wanted else ~item.fill_null(True)
            case IsStale():
                return self.ibis.literal(False) if self.stale is None else self.stale(node.name.name)
            case Contains():
                return self.contains(node)
            case _:
                return self.float(node)

    def name(self, node: Name) -> Any:
        column = self.column(node.name)
        if not node.free or node.type == "any" or self.fits(column, node.type):
            return column
        # A path whose column is of another type is NULL, as in the stream.
        kinds = {"text": "string", "flag": "boolean", "list": "array<string>"}
        return self.ibis.null(kinds.get(node.type, "float64"))

    def fits(self, column: Any, type_: str) -> bool:
        dtype = column.type()
        match type_:
            case "text":
                return bool(dtype.is_string())
            case "flag":
                return bool(dtype.is_boolean())
            case "list":
                return bool(dtype.is_array())
            case _:
                return bool(dtype.is_numeric() and not dtype.is_boolean())

    def operand(self, node: Node) -> Any:
        """A part that is compared or asked for NULL.

        Ibis 12 writes ``NOT (x) IS NULL`` and ``NOT (x) = y`` for (NOT x) IS NULL and (NOT x) = y, which SQL reads the other way
        round; ``x = FALSE`` says NOT x and is put in brackets.
        """
        if isinstance(node, Not):
            return self.operand(node.item) == self.ibis.literal(False)
        if isinstance(node, IsTruth) and not node.wanted:
            return self.any(node.item).fill_null(True) == self.ibis.literal(False)
        return self.any(node)

    def compare(self, node: Compare) -> Any:
        left, right = self.operand(node.left), self.operand(node.right)
        if isinstance(node.left, Name) and node.left.type == "any":
            one, two = left.type(), right.type()
            alike = one == two or (one.is_numeric() and two.is_numeric() and one.is_boolean() == two.is_boolean())
            if not alike or one.is_array():
                return self.ibis.null("boolean")
        return COMPARE[node.op](left, right)

    def contains(self, node: Contains) -> Any:
        column, value = self.any(node.name), node.value.value
        element = column.type().value_type
        alike = (isinstance(value, str) and element.is_string()) or (
            isinstance(value, bool) == element.is_boolean() and not isinstance(value, str) and element.is_numeric()
        )
        if not alike:
            return self.ibis.ifelse(column.isnull(), self.ibis.null("boolean"), False)
        return column.contains(value)

    def float(self, node: Node) -> Any:
        match node:
            case Arithmetic(op="+"):
                return self.float(node.left) + self.float(node.right)
            case Arithmetic(op="-"):
                return self.float(node.left) - self.float(node.right)
            case Arithmetic(op="*"):
                return self.float(node.left) * self.float(node.right)
            case Arithmetic():
                return self.float(node.left) / self.float(node.right).nullif(0.0)
            case Negate():
                return -self.float(node.item)
            case AsNumber():
                return self.any(node.item).cast("float64")
            case Call(op="LN"):
                item = self.float(node.items[0])
                return self.ibis.ifelse(item > 0, item, self.ibis.null("float64")).ln()
            case Call():
                combine = {"COALESCE": self.ibis.coalesce, "LEAST": self.ibis.least, "GREATEST": self.ibis.greatest}[node.op]
                return combine(*[self.float(item) for item in node.items])
            case Case():
                otherwise = self.ibis.null("float64") if node.otherwise is None else self.float(node.otherwise)
                return self.ibis.cases(*[(self.any(test), self.float(value)) for test, value in node.whens], else_=otherwise)
            case _:
                return self.any(node).cast("float64")
