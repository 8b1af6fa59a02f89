"""The tree of a condition or formula, free of any parser's classes, and its canonical SQL text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

Type = Literal["number", "text", "flag", "list", "time", "any"]
"""The type of a part; ``any`` only in free mode, where a path's type is not yet known."""

CompareOp = Literal["=", "<>", "<", "<=", ">", ">="]


class Name(msgspec.Struct, frozen=True):
    """A trait, a fact of the Moment or an event path. ``free``: its column may turn out to be of another kind; then it is NULL."""

    name: str
    type: Type
    free: bool = False


class Constant(msgspec.Struct, frozen=True):
    """A literal. ``value`` is float, int, str, bool, or None (SQL NULL); ``written`` is the text of a time literal."""

    value: int | float | str | bool | None
    type: Type
    written: str = ""


class Compare(msgspec.Struct, frozen=True):
    """``left op right``; a lone constant stands on the right."""

    op: CompareOp
    left: Node
    right: Node


class Logic(msgspec.Struct, frozen=True):
    """AND or OR over two or more items, flattened."""

    op: Literal["AND", "OR"]
    items: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True):
    """NOT: unknown stays unknown."""

    item: Node


class In(msgspec.Struct, frozen=True):
    """One of some literals."""

    item: Node
    values: tuple[Constant, ...]


class Between(msgspec.Struct, frozen=True):
    """From ``low`` to ``high``, both included."""

    item: Node
    low: Node
    high: Node


class Like(msgspec.Struct, frozen=True):
    """``%`` stands for any text, ``_`` for one character; case matters."""

    item: Node
    pattern: str


class IsNull(msgspec.Struct, frozen=True):
    """True where the item is unknown; always known itself."""

    item: Node


class IsTruth(msgspec.Struct, frozen=True):
    """IS TRUE or IS FALSE; always known itself."""

    item: Node
    wanted: bool


class IsStale(msgspec.Struct, frozen=True):
    """True where the name is unknown only because its fact has aged; always known itself."""

    name: Name


class Contains(msgspec.Struct, frozen=True):
    """True where a list holds the value."""

    name: Name
    value: Constant


class Arithmetic(msgspec.Struct, frozen=True):
    """float64 arithmetic; a result that is not finite (division by 0) is NULL."""

    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


class Negate(msgspec.Struct, frozen=True):
    """The number with its sign changed."""

    item: Node


class Call(msgspec.Struct, frozen=True):
    """LEAST and GREATEST leave NULLs out; LN of a number ≤ 0 is NULL."""

    op: Literal["COALESCE", "LEAST", "GREATEST", "LN"]
    items: tuple[Node, ...]


class Case(msgspec.Struct, frozen=True):
    """The value of the first condition that is true, else ``otherwise`` (None: NULL)."""

    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


class AsNumber(msgspec.Struct, frozen=True):
    """A truth counted as 1 or 0, NULL where unknown (formulas only)."""

    item: Node


Node = (
    Name | Constant | Compare | Logic | Not | In | Between | Like | IsNull | IsTruth | IsStale | Contains
    | Arithmetic | Negate | Call | Case | AsNumber
)  # fmt: skip


_FLIPPED: dict[CompareOp, CompareOp] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def ordered(op: CompareOp, left: Node, right: Node) -> Compare:
    """A comparison with its lone constant on the right."""
    if isinstance(left, Constant) and not isinstance(right, Constant):
        return Compare(_FLIPPED[op], right, left)
    return Compare(op, left, right)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node, in the order in which they are written."""
    match node:
        case Compare() | Arithmetic():
            return (node.left, node.right)
        case Logic() | Call():
            return node.items
        case Not() | IsNull() | IsTruth() | Negate() | AsNumber() | Like() | In():
            return (node.item,)
        case Between():
            return (node.item, node.low, node.high)
        case IsStale() | Contains():
            return (node.name,)
        case Case():
            flat = [part for when in node.whens for part in when]
            return tuple(flat if node.otherwise is None else [*flat, node.otherwise])
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it, parents first."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def names_of(node: Node) -> tuple[str, ...]:
    """All names in a tree, sorted, each once."""
    return tuple(sorted({part.name for part in walk(node) if isinstance(part, Name)}))


def is_truth(node: Node) -> bool:
    """Whether a tree is true or false, not a number, text or list."""
    if isinstance(node, Name | Constant):
        return node.type == "flag"
    return not isinstance(node, Arithmetic | Negate | Call | Case | AsNumber)


# How tightly a form binds; a part that binds less tightly than its place needs is put in brackets.
_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _ATOM = range(1, 8)
_PLAIN = re.compile(r"[^\W\d]\w*")
# Words that SQL would not read as a name; they are quoted when they are one.
_RESERVED = frozenset(
    "all and any array as asc between by case cast constraint create cross current_date current_time current_timestamp default desc "
    "distinct do drop else end escape except exists false fetch for from full glob group having if ilike in inner insert intersect "
    "interval into is isnull join kill lateral left like limit map natural not notnull null of offset on or order outer over "
    "partition pivot qualify right row select semi set show similar some struct table then to true union unique unknown unpivot "
    "update use using values when where window with xor".split()
)


def name_sql(name: str) -> str:
    """A dotted name as SQL writes it, each part quoted where it must be."""
    parts = []
    for part in name.split("."):
        plain = _PLAIN.fullmatch(part) and part.lower() not in _RESERVED
        parts.append(part if plain else '"' + part.replace('"', '""') + '"')
    return ".".join(parts)


def constant_sql(value: object) -> str:
    """A literal as SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def sql(node: Node, *, order_free: bool = False) -> str:
    """The canonical SQL text of a tree; reading it again gives the same tree.

    Args:
        node: The tree.
        order_free: Write the items of AND and OR in sorted order, so that two predicates that differ only in it share one text.
    """
    return _write(node, order_free)[0]


def _inside(node: Node, least: int, free: bool) -> str:
    text, binding = _write(node, free)
    return text if binding >= least else f"({text})"


def _write(node: Node, free: bool) -> tuple[str, int]:
    match node:
        case Name():
            return name_sql(node.name), _ATOM
        case Constant():
            negative = isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value < 0
            return (constant_sql(node.written or node.value), _PRODUCT if negative else _ATOM)
        case Logic():
            binding = _AND if node.op == "AND" else _OR
            items = [_inside(item, binding + 1, free) for item in node.items]
            return f" {node.op} ".join(sorted(items) if free else items), binding
        case Not():
            return _write_not(node, free)
        case Arithmetic():
            binding = _SUM if node.op in "+-" else _PRODUCT
            return f"{_inside(node.left, binding, free)} {node.op} {_inside(node.right, binding + 1, free)}", binding
        case Negate():
            return f"-{_inside(node.item, _ATOM, free)}", _PRODUCT
        case Call():
            return f"{node.op}({', '.join(_write(item, free)[0] for item in node.items)})", _ATOM
        case Case():
            whens = " ".join(f"WHEN {_write(test, free)[0]} THEN {_write(value, free)[0]}" for test, value in node.whens)
            otherwise = "" if node.otherwise is None else f" ELSE {_write(node.otherwise, free)[0]}"
            return f"CASE {whens}{otherwise} END", _ATOM
        case AsNumber():
            return f"({_write(node.item, free)[0]})", _ATOM
        case _:
            return _write_test(node, free, "")


def _write_not(node: Not, free: bool) -> tuple[str, int]:
    if isinstance(node.item, In | Between | Like | IsNull | IsTruth):
        return _write_test(node.item, free, "NOT ")
    return f"NOT {_inside(node.item, _NOT + 1, free)}", _NOT


def _write_test(node: Node, free: bool, negation: str) -> tuple[str, int]:
    match node:
        case Compare():
            return f"{_inside(node.left, _SUM, free)} {node.op} {_inside(node.right, _SUM, free)}", _TEST
        case In():
            values = ", ".join(constant_sql(v.written or v.value) for v in node.values)
            return f"{_inside(node.item, _SUM, free)} {negation}IN ({values})", _TEST
        case Between():
            ends = f"{_inside(node.low, _SUM, free)} AND {_inside(node.high, _SUM, free)}"
            return f"{_inside(node.item, _SUM, free)} {negation}BETWEEN {ends}", _TEST
        case Like():
            return f"{_inside(node.item, _SUM, free)} {negation}LIKE {constant_sql(node.pattern)}", _TEST
        case IsNull():
            return f"{_inside(node.item, _SUM, free)} IS {negation}NULL", _TEST
        case IsTruth():
            return f"{_inside(node.item, _SUM, free)} IS {negation}{constant_sql(node.wanted)}", _TEST
        case IsStale():
            return f"is_stale({name_sql(node.name.name)})", _ATOM
        case Contains():
            return f"CONTAINS({name_sql(node.name.name)}, {constant_sql(node.value.value)})", _ATOM
        case _:
            raise AssertionError(node)
