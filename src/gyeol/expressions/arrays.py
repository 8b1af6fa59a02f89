"""Trees over columns: a program of NumPy steps in which equal parts of all the trees are worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

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
from gyeol.expressions.operands import NOTHING, Frame, Operand, operand_of
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


class Selection(NamedTuple):
    """The part of a program that some of its roots need.

    Args:
        roots: Indices of the roots, ascending.
        inputs: Indices of the inputs that are read.
        steps: (slot, step, slots whose results are let go afterwards), in order.
    """

    roots: tuple[int, ...]
    inputs: tuple[int, ...]
    steps: tuple[tuple[int, Step, tuple[int, ...]], ...]


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
        self._inputs_of: list[frozenset[int]] = []
        self._asked: list[set[int]] = []
        self.roots = [self._slot(root) for root in roots]
        self.whole = self.select(range(len(self.roots)))

    def __len__(self) -> int:
        return len(self._steps)

    def select(self, roots: Iterable[int]) -> Selection:
        """What some roots need of the program; ``whole`` is the selection of all."""
        wanted = tuple(sorted(set(roots)))
        ends = {self.roots[root] for root in wanted}
        needed = set(ends)
        for slot in range(len(self._steps) - 1, -1, -1):
            if slot in needed:
                needed.update(self._reads[slot])
        # A result is let go after its last use, so that its memory, still in the cache, serves the next step.
        last = {read: slot for slot in sorted(needed) for read in self._reads[slot] if read not in ends}
        frees: dict[int, list[int]] = {}
        for read, slot in sorted(last.items()):
            frees.setdefault(slot, []).append(read)
        inputs = sorted({at for slot in needed for at in self._inputs_of[slot]})
        return Selection(wanted, tuple(inputs), tuple((slot, self._steps[slot], tuple(frees.get(slot, ()))) for slot in sorted(needed)))

    def operands(self, columns: Callable[[str], Column], selection: Selection | None = None) -> list[Operand]:
        """The columns that the program reads, each asked for and looked at once; those that a selection does not read are left out."""
        given: dict[str, Column] = {}
        found = [NOTHING] * len(self.inputs)
        for at in (selection or self.whole).inputs:
            name = self.inputs[at]
            if name.name not in given:
                given[name.name] = columns(name.name)
            found[at] = operand_of(given[name.name], name.name, name.type, name.free)
        return found

    def run(self, operands: list[Operand], n: int, take: Callable[[int, int, int, Any], None], selection: Selection | None = None) -> None:
        """Work out all roots, or those of a selection.

        Args:
            operands: From ``operands``.
            n: Rows.
            take: Called with (index of the root, first row, row after the last, result) for each root and block.
            selection: From ``select``.
        """
        chosen = selection or self.whole
        slots: Slots = [None] * len(self._steps)
        with np.errstate(all="ignore"):
            for start in range(0, n, BLOCK_ROWS):
                stop = min(start + BLOCK_ROWS, n)
                whole = start == 0 and stop == n
                frame = Frame(operands if whole else [operand.rows(start, stop) for operand in operands], stop - start)
                for slot, step, frees in chosen.steps:
                    slots[slot] = step(slots, frame)
                    for freed in frees:
                        slots[freed] = None
                for root in chosen.roots:
                    take(root, start, stop, slots[self.roots[root]])

    def _input(self, name: Node) -> int:
        assert isinstance(name, Name)
        if name not in self._input_of:
            self._input_of[name] = len(self.inputs)
            self.inputs.append(name)
        self._asked[-1].add(self._input_of[name])
        return self._input_of[name]

    def _slot(self, node: Node) -> int:
        # In free mode one path may be read as a text here and as a number there, so the types are part of the key.
        types = ",".join(sorted({f"{part.name}:{part.type}" for part in walk(node) if isinstance(part, Name)}))
        key = f"{type(node).__name__} {sql(node, order_free=True)} {types}"
        if key not in self._slot_of:
            self._asked.append(set())
            step, reads = self._compile(node)
            self._slot_of[key] = len(self._steps)
            self._steps.append(step)
            self._reads.append(reads)
            self._inputs_of.append(frozenset(self._asked.pop()))
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
