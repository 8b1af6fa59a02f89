"""The whole language of conditions and formulas in one table: what SQLGlot may give us, and what each form takes and gives.

Whatever is not in ``GRAMMAR`` is refused with its position. Text: names are plain or double-quoted identifiers (Hangul too) with
dots between them; literals are ``'text'``, numbers, TRUE, FALSE; a time is compared with an ISO-8601 text.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlglot import exp

Shape = Literal[
    "name", "dotted", "constant", "brackets", "compare", "logic", "not", "in", "between", "like", "is", "contains", "function",
    "arithmetic", "negate", "call", "case",
]  # fmt: skip
Takes = Literal["none", "alike", "ordered", "flags", "numbers", "text", "name", "list", "conditions"]
"""alike: two of one type · ordered: two numbers, texts or times · the rest as they say."""


class Form(msgspec.Struct, frozen=True):
    """One row of the grammar.

    Args:
        sql: SQLGlot's class.
        shape: Which reader of ``reading.py`` builds it.
        op: How it is written; the operator of the node.
        takes: What its operands must be.
        gives: The type of its result; ``same`` = that of its operands.
        example: A text that uses it; every example is parsed by the tests.
        reads: Which of the class's arguments are read; a tree in which another one is set is refused, so that no variant
            (``BETWEEN SYMMETRIC``, ``IN (SELECT …)``) is taken for its plain form.
        formula_only: Not in conditions.
    """

    sql: type[exp.Expr]
    shape: Shape
    op: str
    takes: Takes
    gives: Literal["flag", "number", "same"]
    example: str
    reads: tuple[str, ...]
    formula_only: bool = False


_ONE = ("this",)
_TWO = ("this", "expression")
_MANY = ("this", "expressions")
_ALL = ("this", "expressions", "ignore_nulls")

GRAMMAR: tuple[Form, ...] = (
    Form(exp.Column, "name", "name", "none", "same", "browsing_burst", ("this", "table", "db", "catalog")),
    Form(exp.Dot, "dotted", "dotted.name", "none", "same", "context.device.screen.size.ratio.x > 1", _TWO),
    Form(exp.Literal, "constant", "literal", "none", "same", "city = '서울'", ("this", "is_string")),
    Form(exp.Boolean, "constant", "TRUE/FALSE", "none", "flag", "TRUE", _ONE),
    Form(exp.Paren, "brackets", "( )", "none", "same", "(orders > 1)", _ONE),
    Form(exp.EQ, "compare", "=", "alike", "flag", "orders = 0", _TWO),
    Form(exp.NEQ, "compare", "<>", "alike", "flag", "orders != 0", _TWO),
    Form(exp.LT, "compare", "<", "ordered", "flag", "orders < 3", _TWO),
    Form(exp.LTE, "compare", "<=", "ordered", "flag", "orders <= 3", _TWO),
    Form(exp.GT, "compare", ">", "ordered", "flag", "orders > 3", _TWO),
    Form(exp.GTE, "compare", ">=", "ordered", "flag", "orders >= 3", _TWO),
    Form(exp.And, "logic", "AND", "flags", "flag", "orders > 1 AND views > 2", _TWO),
    Form(exp.Or, "logic", "OR", "flags", "flag", "orders > 1 OR views > 2", _TWO),
    Form(exp.Not, "not", "NOT", "flags", "flag", "NOT browsing_burst", _ONE),
    Form(exp.In, "in", "IN", "alike", "flag", "tier IN ('gold', 'vip')", _MANY),
    Form(exp.Between, "between", "BETWEEN", "ordered", "flag", "orders BETWEEN 2 AND 5", ("this", "low", "high")),
    Form(exp.Like, "like", "LIKE", "text", "flag", "city NOT LIKE '%산'", ("this", "expression", "negate")),
    Form(exp.Is, "is", "IS", "alike", "flag", "browsing_burst IS NOT TRUE AND city IS NULL", _TWO),
    Form(exp.Contains, "contains", "CONTAINS", "list", "flag", "CONTAINS(tags, 'p1')", _TWO),
    Form(exp.ArrayContains, "contains", "CONTAINS", "list", "flag", "list_contains(tags, 'p1')", _TWO),
    Form(exp.Anonymous, "function", "is_stale", "name", "flag", "is_stale(moment.weather)", _MANY),
    Form(exp.Add, "arithmetic", "+", "numbers", "number", "orders + views > 3", _TWO),
    Form(exp.Sub, "arithmetic", "-", "numbers", "number", "orders - views > 3", _TWO),
    Form(exp.Mul, "arithmetic", "*", "numbers", "number", "orders * 2 > views", _TWO),
    Form(exp.Div, "arithmetic", "/", "numbers", "number", "views / orders > 3", ("this", "expression", "typed", "safe")),
    Form(exp.Neg, "negate", "-", "numbers", "number", "-orders < -3", _ONE),
    Form(exp.Coalesce, "call", "COALESCE", "numbers", "number", "COALESCE(orders, 0)", _MANY, formula_only=True),
    Form(exp.Least, "call", "LEAST", "numbers", "number", "LEAST(orders, 5)", _ALL, formula_only=True),
    Form(exp.Greatest, "call", "GREATEST", "numbers", "number", "GREATEST(orders, 1)", _ALL, formula_only=True),
    Form(exp.Ln, "call", "LN", "numbers", "number", "LN(1 + views)", _ONE, formula_only=True),
    Form(exp.Case, "case", "CASE", "conditions", "number", "CASE WHEN orders > 3 THEN 2 ELSE 0 END", ("ifs", "default"), formula_only=True),
)

FORMS: dict[type[exp.Expr], Form] = {form.sql: form for form in GRAMMAR}


def allowed(formula: bool) -> str:
    """The operators that may be written, for a message."""
    ops = dict.fromkeys(form.op for form in GRAMMAR if form.shape not in ("name", "dotted", "constant", "brackets"))
    names = [op for op in ops if formula or not any(form.formula_only for form in GRAMMAR if form.op == op)]
    return " ".join(names)
