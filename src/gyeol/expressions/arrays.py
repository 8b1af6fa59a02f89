"""Trees over columns: a program of NumPy steps in which equal parts of all the trees are worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gyeol.expressions import arithmetic, steps, words
from gyeol.expressions.column import Column
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
    Type,
    ordered,
    sql,
    walk,
)
from gyeol.expressions.operands import Frame, Operand, operand_of
from gyeol.expressions.patterns import matcher
from gyeol.expressions.steps import Slots, Step

BLOCK_ROWS = 32_768
"""Rows worked on at a time, so that a block's columns and results stay in the processor's cache."""

_COMPARE: dict[str, np.ufunc] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_ARITHMETIC: dict[str, np.ufunc] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
_TEXT_ORDER: dict[str, Callable[[str, str], bool]] = {"<": str.__lt__, "<=": str.__le__, ">": str.__gt__, ">=": str.__ge__}
_FEW_LITERALS = 4
"""Up to so many literals IN is compared with each (and shares ``x = 'a'`` with other trees); beyond, one look-up by word."""

Compiled = tuple[Step, tuple[int, ...]]


class Program:
    """Compiled trees.

    Args:
        roots: The trees, truths or numbers; what they have in common is worked out once.
    """

    def __init__(self, roots: Sequence[Node]) -> None:
        self.inputs: list[Name] = []
        self._input_of: dict[Name, int] = {}
        self._slot_of: dict[str, int] = {}
        self._steps: list[Step] = []
        self._reads: list[tuple[int, ...]] = []
        self.roots = [self._slot(root) for root in roots]
        self._frees = self._last_uses()

    def __len__(self) -> int:
        return len(self._steps)

    def operands(self, columns: Callable[[str], Column]) -> list[Operand]:
        """The columns that the program reads, each asked for and looked at once."""
        given: dict[str, Column] = {}
        for name in self.inputs:
            if name.name not in given:
                given[name.name] = columns(name.name)
        return [operand_of(given[name.name], name.name, name.type, name.free) for name in self.inputs]

    def run(self, operands: list[Operand], n: int, take: Callable[[int, int, int, Any], None]) -> None:
        """Work out all roots.

        Args:
            operands: From ``operands``.
            n: Rows.
            take: Called with (index of the root, first row, row after the last, result) for each root and block.
        """
        slots: Slots = [None] * len(self._steps)
        with np.errstate(all="ignore"):
            for start in range(0, n, BLOCK_ROWS):
                stop = min(start + BLOCK_ROWS, n)
                whole = start == 0 and stop == n
                frame = Frame(operands if whole else [operand.rows(start, stop) for operand in operands], stop - start)
                for slot, (step, frees) in enumerate(zip(self._steps, self._frees, strict=True)):
                    slots[slot] = step(slots, frame)
                    for freed in frees:
                        slots[freed] = None
                for root, slot in enumerate(self.roots):
                    take(root, start, stop, slots[slot])

    def _last_uses(self) -> list[tuple[int, ...]]:
        # A result is let go after its last use, so that its memory, still in the cache, serves the next step.
        last = {slot: at for at, reads in enumerate(self._reads) for slot in reads}
        for root in self.roots:
            last.pop(root, None)
        return [tuple(slot for slot in sorted(set(reads)) if last.get(slot) == at) for at, reads in enumerate(self._reads)]

    def _input(self, name: Node) -> int:
        assert isinstance(name, Name)
        if name not in self._input_of:
            self._input_of[name] = len(self.inputs)
            self.inputs.append(name)
        return self._input_of[name]

    def _slot(self, node: Node) -> int:
        # In free mode one path may be read as a text here and as a number there, so the types are part of the key.
        types = ",".join(sorted({f"{part.name}:{part.type}" for part in walk(node) if isinstance(part, Name)}))
        key = f"{type(node).__name__} {sql(node, order_free=True)} {types}"
        if key not in self._slot_of:
            step, reads = self._compile(node)
            self._slot_of[key] = len(self._steps)
            self._steps.append(step)
            self._reads.append(reads)
        return self._slot_of[key]

    def _slots(self, *nodes: Node) -> tuple[int, ...]:
        return tuple(self._slot(node) for node in nodes)

    def _compile(self, node: Node) -> Compiled:
        match node:
            case Compare():
                return self._compare(node)
            case Logic():
                reads = self._slots(*node.items)
                return (steps.conjunction if node.op == "AND" else steps.disjunction)(reads), reads
            case Not():
                reads = self._slots(node.item)
                return steps.negation(*reads), reads
            case Between():
                reads = self._slots(ordered(">=", node.item, node.low), ordered("<=", node.item, node.high))
                return steps.conjunction(reads), reads
            case In():
                return self._one_of(node)
            case Like():
                return words.text_table(self._input(node.item), matcher(node.pattern)), ()
            case IsNull(item=Name() as name):
                return steps.name_is_null(self._input(Name(name.name, "any", free=True))), ()
            case IsNull():
                reads = self._slots(node.item)
                return steps.is_null(*reads), reads
            case IsTruth():
                (read,) = self._slots(node.item)
                return steps.is_truth(read, node.wanted), (read,)
            case IsStale():
                return steps.is_stale(self._input(node.name)), ()
            case Contains():
                return steps.contains(self._input(node.name), node.value.value), ()
            case _:
                return self._number(node)

    def _number(self, node: Node) -> Compiled:
        match node:
            case Name():
                return (steps.flag if node.type == "flag" else steps.values)(self._input(node)), ()
            case Constant():
                return steps.literal(node.value), ()
            case Arithmetic():
                left, right = self._slots(node.left, node.right)
                return arithmetic.arithmetic(_ARITHMETIC[node.op], left, right), (left, right)
            case Negate():
                reads = self._slots(node.item)
                return arithmetic.negate(*reads), reads
            case AsNumber():
                reads = self._slots(node.item)
                return arithmetic.as_number(*reads), reads
            case Call():
                reads = self._slots(*node.items)
                return arithmetic.call(node.op, reads), reads
            case Case():
                tests = [(self._slot(test), self._slot(value)) for test, value in node.whens]
                otherwise = None if node.otherwise is None else self._slot(node.otherwise)
                flat = tuple(slot for pair in tests for slot in pair)
                return arithmetic.case(tests, otherwise), flat if otherwise is None else (*flat, otherwise)
            case _:
                raise AssertionError(node)

    def _compare(self, node: Compare) -> Compiled:
        type_: Type | None = node.left.type if isinstance(node.left, Name) else None
        if isinstance(node.left, Name) and isinstance(node.right, Constant):
            at, value = self._input(node.left), node.right.value
            if type_ != "text":
                return steps.compare_values(at, _COMPARE[node.op], value), ()
            wanted = str(value)
            if node.op in ("=", "<>"):
                return words.text_equals(at, _COMPARE[node.op], wanted), ()
            order = _TEXT_ORDER[node.op]
            return words.text_table(at, lambda word: order(word, wanted)), ()
        if type_ == "text":
            return words.text_compare(node.op, self._input(node.left), self._input(node.right)), ()
        if type_ == "any":
            return steps.compare_any(node.op, self._input(node.left), self._input(node.right)), ()
        left, right = self._slots(node.left, node.right)
        return steps.compare(_COMPARE[node.op], left, right), (left, right)

    def _one_of(self, node: In) -> Compiled:
        if isinstance(node.item, Name) and node.item.type == "text" and len(node.values) > _FEW_LITERALS:
            wanted = frozenset(str(constant.value) for constant in node.values)
            return words.text_table(self._input(node.item), wanted.__contains__), ()
        reads = self._slots(*[Compare("=", node.item, constant) for constant in node.values])
        return steps.disjunction(reads), reads
