"""The reading form of a condition: only AND and OR over single tests, with every NOT moved into the tests."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.expressions.nodes import (
    Between,
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
    Node,
    Not,
    is_truth,
)

TestOp = Literal[
    "=", "<>", "<", "<=", ">", ">=", "in", "not in", "between", "not between", "like", "not like", "is null", "is not null",
    "is not true", "is not false", "is stale", "is not stale", "contains", "not contains", "flag", "not flag", "always", "never",
]  # fmt: skip

OPPOSITE: dict[CompareOp, CompareOp] = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Test(msgspec.Struct, frozen=True):
    """One question about one thing.

    Args:
        op: The question.
        node: The node that asks it, without the NOT.
        subject: What it is asked of; None for TRUE and FALSE.
        wanted: What the subject is compared with: one node, the ends of a range, or the literals of a list.
        negated: Whether the node's own truth is turned round.
    """

    op: TestOp
    node: Node
    subject: Node | None
    wanted: tuple[Node, ...] = ()
    negated: bool = False


class Group(msgspec.Struct, frozen=True):
    """AND or OR of two or more tests and groups."""

    op: Literal["AND", "OR"]
    items: tuple[Phrase, ...]


Phrase = Test | Group


def phrase_of(node: Node, negated: bool = False) -> Phrase:
    """The reading form. It is unknown exactly where the condition is: De Morgan's laws hold in Kleene's logic."""
    match node:
        case Not():
            return phrase_of(node.item, not negated)
        case Logic():
            op: Literal["AND", "OR"] = "OR" if (node.op == "AND") == negated else "AND"
            return _group(op, [phrase_of(item, negated) for item in node.items])
        case IsTruth():
            return _is_truth(node, negated)
        case Compare() if is_truth(node.left) and not (isinstance(node.left, Name) and isinstance(node.right, Name)):
            return _same_truth(node.left, node.right, (node.op == "=") != negated)
        case IsNull() if _is_constant(node.item):
            return _test(Constant(False, "flag"), negated)
        case _:
            return _test(node, negated)


def _same_truth(left: Node, right: Node, same: bool) -> Phrase:
    # What equals TRUE holds, what equals FALSE does not; two tests are alike when both hold or neither does.
    if isinstance(right, Constant):
        return phrase_of(left, bool(right.value) != same)
    both = _group("AND", [phrase_of(left), phrase_of(right, not same)])
    neither = _group("AND", [phrase_of(left, True), phrase_of(right, same)])
    return _group("OR", [both, neither])


def _is_constant(node: Node) -> bool:
    if isinstance(node, Constant):
        return True
    phrase = phrase_of(node) if is_truth(node) else None
    return isinstance(phrase, Test) and phrase.subject is None


def _group(op: Literal["AND", "OR"], items: list[Phrase]) -> Phrase:
    # TRUE and FALSE are read away: nobody says "and for whom nothing is asked".
    neutral, decisive = ("always", "never") if op == "AND" else ("never", "always")
    kept = [item for item in items if not (isinstance(item, Test) and item.op == neutral)]
    settled = [item for item in kept if isinstance(item, Test) and item.op == decisive]
    if settled or not kept:
        return (settled or items)[0]
    return kept[0] if len(kept) == 1 else Group(op, tuple(kept))


def _is_truth(node: IsTruth, negated: bool) -> Phrase:
    # "x IS TRUE" holds for the same people as x; only what counts the unknown in needs words of its own.
    if not negated:
        return phrase_of(node.item, not node.wanted)
    inner = phrase_of(node.item, node.wanted)
    if isinstance(inner, Test) and inner.subject is None:
        return inner
    return Test("is not true" if node.wanted else "is not false", node, node.item, (), True)


def _test(node: Node, negated: bool) -> Test:
    match node:
        case Compare():
            return Test(OPPOSITE[node.op] if negated else node.op, node, node.left, (node.right,), negated)
        case In():
            return Test("not in" if negated else "in", node, node.item, node.values, negated)
        case Between():
            return Test("not between" if negated else "between", node, node.item, (node.low, node.high), negated)
        case Like():
            return Test("not like" if negated else "like", node, node.item, (Constant(node.pattern, "text"),), negated)
        case IsNull():
            return Test("is not null" if negated else "is null", node, node.item, (), negated)
        case IsStale():
            return Test("is not stale" if negated else "is stale", node, node.name, (), negated)
        case Contains():
            return Test("not contains" if negated else "contains", node, node.name, (node.value,), negated)
        case Name():
            return Test("not flag" if negated else "flag", node, node, (), negated)
        case Constant():
            return Test("always" if bool(node.value) != negated else "never", node, None, (), negated)
        case _:
            raise AssertionError(node)
