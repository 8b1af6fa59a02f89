"""From text to tree: keep only what the grammar allows, give every part a type, report every problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, cast

from sqlglot import exp

from gyeol.expressions.grammar import FORMS, Form, Shape, allowed
from gyeol.expressions.nodes import (
    Arithmetic,
    AsNumber,
    Between,
    Call,
    Case,
    Compare,
    CompareOp,
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
    Type,
    ordered,
    sql,
)
from gyeol.expressions.parsing import Place, Refused, Source
from gyeol.expressions.scalars import value_of
from gyeol.expressions.schema import Schema, nearest
from gyeol.kernel.errors import InputError
from gyeol.kernel.instants import parse_instant

Typed = tuple[Node, Type]
T = TypeVar("T")


def read(text: str, schema: Schema | None, place: Place, *, formula: bool) -> Node:
    """The tree of a condition (``formula=False``) or of a formula.

    Args:
        text: What somebody wrote.
        schema: The names that exist, or None: any dotted path, its type taken from what it is compared with.
        place: Where the text stands.
        formula: Whether a number is wanted, not a truth.

    Raises:
        InputError: With every problem found; ``bad_condition`` or ``bad_formula``.
    """
    source = Source(text, place)
    reader = _Reader(source, schema, formula)
    try:
        tree = source.parse("write 0" if formula else "write TRUE for everybody")
        return reader.number(tree) if formula else reader.truth(tree)
    except RecursionError:
        source.too_deep()
    except Refused:
        pass
    problems = sorted(source.problems, key=lambda p: (p.line or 0, p.column or 0))
    raise InputError("bad_formula" if formula else "bad_condition", problems)


class _Reader:
    """One method for each shape of the grammar; each gives a node with its type, or raises Refused with the problem noted."""

    def __init__(self, source: Source, schema: Schema | None, formula: bool) -> None:
        self.source, self.schema, self.formula = source, schema, formula
        self.refuse, self.written = source.refuse, source.written
        self.builders: dict[Shape, Callable[[exp.Expr, Form], Typed]] = {
            "name": self.name, "dotted": self.name, "constant": self.constant, "brackets": self.brackets, "compare": self.compare,
            "logic": self.logic, "not": self.negation, "in": self.one_of, "between": self.between, "like": self.like, "is": self.is_,
            "contains": self.contains, "function": self.function, "arithmetic": self.arithmetic, "negate": self.negate, "call": self.call,
            "case": self.case,
        }  # fmt: skip

    def part(self, tree: exp.Expr) -> Typed:
        """Any part, with its type."""
        form = FORMS.get(type(tree))
        if form is None or (form.formula_only and not self.formula):
            what = f"'{self.written(tree)}' uses {type(tree).__name__.upper()}, which is not allowed here"
            raise self.refuse(tree, "not_allowed", what, f"allowed: {allowed(self.formula)}")
        extra = sorted(argument for argument, value in tree.args.items() if value and argument not in form.reads)
        if extra:
            what = f"'{self.written(tree)}' is a form of {form.op} ({', '.join(extra)}) that is not allowed here"
            raise self.refuse(tree, "not_allowed", what, f"write it like this: {form.example}")
        return self.builders[form.shape](tree, form)

    def each(self, read_one: Callable[[exp.Expr], T], trees: Sequence[exp.Expr]) -> list[T]:
        """Read all parts, so that the problems of all are found, before giving up."""
        found: list[T] = []
        refused: Refused | None = None
        for tree in trees:
            try:
                found.append(read_one(tree))
            except Refused as problem:
                refused = problem
        if refused is not None:
            raise refused
        return found

    def truth(self, tree: exp.Expr) -> Node:
        """A part that must be true or false."""
        node, type_ = self.part(tree)
        if type_ not in ("flag", "any"):
            mend = {"number": "> 0", "text": "= '…'", "time": "> '2026-01-01'", "list": "IS NOT NULL"}[type_]
            what = f"'{self.written(tree)}' is a {type_}, a condition is needed here"
            raise self.refuse(tree, "type_clash", what, f"write {self.written(tree)} {mend}")
        return _of_type(node, "flag")

    def number(self, tree: exp.Expr) -> Node:
        """A part that must be a number; in formulas a truth counts as 1 or 0."""
        node, type_ = self.part(tree)
        if type_ == "flag" and self.formula:
            return Constant(int(bool(node.value)), "number") if isinstance(node, Constant) else AsNumber(node)
        if type_ not in ("number", "time", "any"):
            raise self.refuse(tree, "type_clash", f"'{self.written(tree)}' is a {type_}, a number is needed here")
        return _of_type(node, "number")

    def name(self, tree: exp.Expr, form: Form) -> Typed:
        """A name, looked up in the schema."""
        parts = _identifiers(tree)
        if parts is None:
            raise self.refuse(tree, "not_allowed", f"'{self.written(tree)}' is not a name", f"allowed: {allowed(self.formula)}")
        name = ".".join(parts)
        if self.schema is None:
            return Name(name, "any", free=True), "any"
        info = self.schema.get(name)
        if info is None:
            near = nearest(name, self.schema)
            mend = f"did you mean {near}?" if near else "see the list of traits, or add a trait of this name"
            raise self.refuse(tree, "unknown_name", f"there is no trait or fact '{name}'", mend)
        return Name(name, info.type), info.type

    def constant(self, tree: exp.Expr, form: Form) -> Typed:
        """A text, a number, TRUE or FALSE."""
        if isinstance(tree, exp.Boolean):
            return Constant(bool(tree.this), "flag"), "flag"
        text = str(tree.this)
        if tree.is_string:
            return Constant(text, "text"), "text"
        number = _number(text)
        if number is None:
            raise self.refuse(tree, "bad_number", f"'{text}' is not a number that can be kept", "use a finite decimal number")
        return Constant(number, "number"), "number"

    def brackets(self, tree: exp.Expr, form: Form) -> Typed:
        """What stands in them."""
        return self.part(tree.this)

    def compare(self, tree: exp.Expr, form: Form) -> Typed:
        """Two of one type."""
        left, right = self.alike([tree.this, tree.expression], form)
        return self.folded(tree, ordered(cast(CompareOp, form.op), left, right)), "flag"

    def alike(self, trees: Sequence[exp.Expr], form: Form) -> list[Node]:
        """Operands that must be of one type that the form takes; times given as text become milliseconds."""
        if any(isinstance(tree, exp.Null) for tree in trees):
            which = next((tree for tree in trees if not isinstance(tree, exp.Null)), trees[0])
            raise self.refuse(which, "compares_null", "a comparison with NULL is never true", f"write {self.written(which)} IS NULL")
        found = self.each(self.part, trees)
        types = {type_ for _, type_ in found} - {"any"}
        if types == {"time", "text"}:
            return self.each(self.time, trees)
        if types == {"number", "time"}:
            return [_of_type(node, "number") for node, _ in found]
        if len(types) > 1:
            raise self.clash(trees, found)
        if not types:
            return [node if form.takes == "alike" else _of_type(node, "number") for node, _ in found]
        (type_,) = types
        if type_ == "list" or (type_ == "flag" and form.takes == "ordered"):
            mend = f"write CONTAINS({self.written(trees[0])}, '…')" if type_ == "list" else "use =, <>, AND or OR; for a range BETWEEN"
            raise self.refuse(trees[0], "type_clash", f"a {type_} cannot be compared with {form.op}", mend)
        return [_of_type(node, type_) for node, _ in found]

    def time(self, tree: exp.Expr) -> Node:
        """A time, or a text that is one."""
        node, type_ = self.part(tree)
        if type_ != "text":
            return node
        at_ms = parse_instant(node.value) if isinstance(node, Constant) and isinstance(node.value, str) else None
        if at_ms is None:
            what = f"{self.written(tree)} is no instant"
            raise self.refuse(tree, "bad_time", what, "write '2026-01-31' or '2026-01-31T09:00:00+09:00'")
        return Constant(at_ms, "time", written=str(cast(Constant, node).value))

    def clash(self, trees: Sequence[exp.Expr], found: Sequence[Typed]) -> Refused:
        """Note that two operands are of different types, with the likely repair."""
        first, (_, one) = next((tree, typed) for tree, typed in zip(trees, found, strict=True) if typed[1] != "any")
        other, (node, two) = next((tree, typed) for tree, typed in zip(trees, found, strict=True) if typed[1] not in ("any", one))
        mend = ""
        if isinstance(first, exp.LT | exp.LTE | exp.GT | exp.GTE):
            mend = f"write {self.written(first)} AND … for each end, or name BETWEEN low AND high"
        elif one == "list":
            mend = f"write CONTAINS({self.written(first)}, {self.written(other)})"
        elif isinstance(node, Constant):
            if one == "number" and isinstance(node.value, str) and _number(node.value) is not None:
                mend = f"write the number without quotation marks: {node.value}"
            elif one == "text":
                mend = f"write the text in quotation marks: '{node.value}'"
            elif one == "flag":
                mend = f"write {self.written(first)} or NOT {self.written(first)} alone"
        elif isinstance(node, Name) and one == "text":
            mend = f"if a text was meant, write it in single quotation marks: '{node.name}'"
        return self.refuse(first, "type_clash", f"{self.written(first)} is a {one}, {self.written(other)} is a {two}", mend)

    def logic(self, tree: exp.Expr, form: Form) -> Typed:
        """AND and OR, with nested ones of the same kind taken in."""
        items: list[Node] = []
        for node in self.each(self.truth, list(tree.flatten())):
            items.extend(node.items if isinstance(node, Logic) and node.op == form.op else [node])
        return Logic(cast(Literal["AND", "OR"], form.op), tuple(items)), "flag"

    def negation(self, tree: exp.Expr, form: Form) -> Typed:
        """NOT."""
        return Not(self.truth(tree.this)), "flag"

    def one_of(self, tree: exp.Expr, form: Form) -> Typed:
        """IN with literals."""
        values = list(tree.expressions)
        if not values:
            raise self.refuse(tree, "not_allowed", "IN needs a list of literals", "write IN ('a', 'b')")
        if any(isinstance(value, exp.Null) for value in values):
            mend = f"leave it out and add OR {self.written(tree.this)} IS NULL"
            raise self.refuse(tree, "compares_null", "NULL in a list is never equal to anything", mend)
        item, *rest = self.alike([tree.this, *values], form)
        if isinstance(item, Constant) or not all(isinstance(value, Constant) for value in rest):
            raise self.refuse(tree, "not_allowed", "IN takes a name and a list of literals", "write name IN ('a', 'b')")
        return In(item, tuple(cast(Constant, value) for value in rest)), "flag"

    def between(self, tree: exp.Expr, form: Form) -> Typed:
        """BETWEEN, both ends included."""
        item, low, high = self.alike([tree.this, tree.args["low"], tree.args["high"]], form)
        if isinstance(item, Constant):
            ends = (self.folded(tree, ordered(">=", item, low)), self.folded(tree, ordered("<=", item, high)))
            return Logic("AND", ends), "flag"
        return Between(item, low, high), "flag"

    def like(self, tree: exp.Expr, form: Form) -> Typed:
        """LIKE with a literal pattern."""
        if not tree.expression.is_string:
            raise self.refuse(tree, "not_allowed", "LIKE takes a literal pattern", "write LIKE '%세일'")
        node, type_ = self.part(tree.this)
        if type_ not in ("text", "any") or not isinstance(node, Name):
            raise self.refuse(tree, "type_clash", f"{self.written(tree.this)} is a {type_}, LIKE takes the name of a text")
        like = Like(_of_type(node, "text"), str(tree.expression.this))
        return Not(like) if tree.args.get("negate") else like, "flag"

    def is_(self, tree: exp.Expr, form: Form) -> Typed:
        """IS NULL, IS TRUE, IS FALSE."""
        if isinstance(tree.expression, exp.Null):
            return IsNull(self.part(tree.this)[0]), "flag"
        if isinstance(tree.expression, exp.Boolean):
            return IsTruth(self.truth(tree.this), bool(tree.expression.this)), "flag"
        raise self.refuse(tree, "not_allowed", "after IS comes NULL, TRUE or FALSE", "for other values write =")

    def contains(self, tree: exp.Expr, form: Form) -> Typed:
        """CONTAINS(list, literal)."""
        (node, type_), (value, _) = self.each(self.part, [tree.this, tree.expression])
        if not isinstance(node, Name) or type_ not in ("list", "any"):
            raise self.refuse(tree, "type_clash", f"{self.written(tree.this)} is a {type_}, CONTAINS takes the name of a list")
        if not isinstance(value, Constant):
            raise self.refuse(tree, "not_allowed", "CONTAINS takes a literal", "write CONTAINS(recent_products, 'p1')")
        return Contains(Name(node.name, "list", node.free), value), "flag"

    def function(self, tree: exp.Expr, form: Form) -> Typed:
        """is_stale(name)."""
        if str(tree.this).lower() != form.op:
            raise self.refuse(tree, "not_allowed", f"there is no function {tree.this}", f"allowed: {allowed(self.formula)}")
        if len(tree.expressions) != 1 or not isinstance(tree.expressions[0], exp.Column | exp.Dot):
            raise self.refuse(tree, "not_allowed", "is_stale takes one name", "write is_stale(moment.weather)")
        node, _ = self.part(tree.expressions[0])
        return IsStale(Name(cast(Name, node).name, "any", free=True)), "flag"

    def arithmetic(self, tree: exp.Expr, form: Form) -> Typed:
        """+ - * / between numbers."""
        left, right = self.each(self.number, [tree.this, tree.expression])
        if form.op == "/" and isinstance(right, Constant) and right.value == 0:
            raise self.refuse(tree.expression, "not_finite", f"{self.written(tree)} divides by 0", "divide by another number")
        return self.folded(tree, Arithmetic(cast(Literal["+", "-", "*", "/"], form.op), left, right)), "number"

    def negate(self, tree: exp.Expr, form: Form) -> Typed:
        """-number."""
        return self.folded(tree, Negate(self.number(tree.this))), "number"

    def call(self, tree: exp.Expr, form: Form) -> Typed:
        """COALESCE, LEAST, GREATEST, LN."""
        items = self.each(self.number, [tree.this, *tree.expressions])
        return Call(cast(Literal["COALESCE", "LEAST", "GREATEST", "LN"], form.op), tuple(items)), "number"

    def case(self, tree: exp.Expr, form: Form) -> Typed:
        """CASE WHEN … THEN … ELSE … END."""
        tests = self.each(lambda when: (self.truth(when.this), self.number(when.args["true"])), tree.args["ifs"])
        default = tree.args.get("default")
        otherwise = None if default is None or isinstance(default, exp.Null) else self.number(default)
        return Case(tuple(tests), otherwise), "number"

    def folded(self, tree: exp.Expr, node: Compare | Arithmetic | Negate) -> Node:
        """A part made of literals only is worked out once, here."""
        sides = (node.item,) if isinstance(node, Negate) else (node.left, node.right)
        if not all(isinstance(side, Constant) for side in sides):
            return node
        if isinstance(node, Negate) and isinstance(node.item, Constant) and isinstance(node.item.value, int):
            return Constant(-node.item.value, "number")
        value = value_of(node, lambda name: None)
        if value is None:
            raise self.refuse(tree, "not_finite", f"{sql(node)} is not a finite number", "use smaller numbers")
        return Constant(cast(float | bool, value), "flag" if isinstance(node, Compare) else "number")


def _of_type(node: Node, type_: Type) -> Node:
    """A free name takes the type of what it is compared with."""
    return Name(node.name, type_, free=True) if isinstance(node, Name) and node.type == "any" else node


def _identifiers(tree: exp.Expr) -> list[str] | None:
    if isinstance(tree, exp.Dot):
        front = _identifiers(tree.this)
        return None if front is None or not isinstance(tree.expression, exp.Identifier) else [*front, str(tree.expression.this)]
    if isinstance(tree, exp.Column) and all(isinstance(part, exp.Identifier) for part in tree.parts):
        return [str(part.this) for part in tree.parts]
    return None


def _number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None
