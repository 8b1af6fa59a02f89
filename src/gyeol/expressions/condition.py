"""A condition: one text, evaluated over columns or for one person, compiled to SQL, read as a sentence, explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from gyeol.expressions.arrays import Program, Selection
from gyeol.expressions.column import Column, Mask
from gyeol.expressions.explain import Explained, explain
from gyeol.expressions.nodes import Node, names_of, sql
from gyeol.expressions.parsing import Place
from gyeol.expressions.reading import read
from gyeol.expressions.relational import boolean
from gyeol.expressions.scalars import Staleness, Values, never_stale
from gyeol.expressions.schema import Lang, Schema
from gyeol.expressions.sentence import sentence
from gyeol.expressions.singles import Single, single

if TYPE_CHECKING:
    import ibis.expr.types as ir

Columns = Callable[[str], Column]
"""Gives the column of a name; called once for each name, so that conditions over the same rows share a cache behind it."""


class Condition:
    """A parsed condition; made by ``parse_condition``. Immutable.

    Args:
        text: What was written.
        tree: What was read.
    """

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self.tree = tree
        self.names: tuple[str, ...] = names_of(tree)

    def __repr__(self) -> str:
        return f"Condition({self.sql!r})"

    @cached_property
    def sql(self) -> str:
        """The canonical text: equal for conditions that differ only in spacing, brackets and the spelling of operators."""
        return sql(self.tree)

    @cached_property
    def _single(self) -> Single:
        return single(self.tree)

    @cached_property
    def _program(self) -> Program:
        return Program([self.tree])

    def evaluate(self, columns: Columns, n: int) -> tuple[Mask, Mask]:
        """Where the condition is true, and where its truth is known.

        Args:
            columns: The column of each name in ``names``, (n,) long.
            n: Rows.

        Returns:
            (true, known), both (n,) bool; true is never set where known is not.
        """
        true, known = np.empty(n, np.bool_), np.ones(n, np.bool_)

        def take(root: int, start: int, stop: int, found: tuple[Mask, Mask | None]) -> None:
            true[start:stop] = found[0]
            if found[1] is not None:
                np.logical_not(found[1], out=known[start:stop])

        self._program.run(self._program.operands(columns), n, take)
        return true, known

    def holds(self, values: Values, stale: Staleness = never_stale) -> bool | None:
        """The truth for one person: True, False or None (unknown).

        Args:
            values: The value of each name, None for NULL.
            stale: Whether a name is unknown because its fact has aged.
        """
        return cast(bool | None, self._single(values, stale))

    def explain(self, values: Values, stale: Staleness = never_stale) -> Explained:
        """Why the condition is true, false or unknown for one person; arguments as in ``holds``."""
        return explain(self.tree, values, stale)

    def sentence(self, lang: Lang, schema: Schema | None) -> str:
        """Whom the condition means, as a Korean or English phrase: "people whose city is ‘서울’"."""
        return sentence(self.tree, lang, schema)

    def to_ibis(
        self, table: ir.Table, column: Callable[[str], ir.Value] | None = None, stale: Callable[[str], ir.Value] | None = None
    ) -> ir.BooleanValue:
        """The same as a boolean Ibis expression, NULLs included.

        Args:
            table: Has a column of the name of each name in ``names``.
            column: Another way to find the value of a name.
            stale: Where to find whether a name is stale; without it nothing is.
        """
        return boolean(self.tree, column or (lambda name: cast(Any, table[name])), stale)


class ConditionSet:
    """Many conditions over the same rows: a comparison that occurs in several is worked out once.

    Args:
        conditions: In the order of the result's rows.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(conditions)
        self.names: tuple[str, ...] = tuple(sorted({name for condition in conditions for name in condition.names}))
        self._program = Program([condition.tree for condition in conditions])

    def __len__(self) -> int:
        return len(self.conditions)

    def of(self, conditions: Iterable[int]) -> Selection:
        """Some of the conditions, by index, with only the steps and names that they need: for ``evaluate``."""
        return self._program.select(conditions)

    def evaluate(self, columns: Columns, n: int, selection: Selection | None = None) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Where each condition is true, and where its truth is known.

        Args:
            columns: The column of each name in ``names``, (n,) long.
            n: Rows.
            selection: From ``of``; without it all conditions.

        Returns:
            (true, known), both (conditions, n) uint8 of 0 and 1; of a selection its conditions, in order.
        """
        chosen = selection or self._program.whole
        row_of = {root: row for row, root in enumerate(chosen.roots)}
        true = np.empty((len(row_of), n), np.bool_)
        known = np.ones((len(row_of), n), np.bool_)

        def take(root: int, start: int, stop: int, found: tuple[Mask, Mask | None]) -> None:
            row = row_of[root]
            true[row, start:stop] = found[0]
            if found[1] is not None:
                np.logical_not(found[1], out=known[row, start:stop])

        self._program.run(self._program.operands(columns, chosen), n, take, chosen)
        return true.view(np.uint8), known.view(np.uint8)


def parse_condition(text: str, schema: Schema | None, *, path: str = "", line: int | None = None) -> Condition:
    """Read a condition.

    Args:
        text: A SQL predicate of the forms in ``grammar.py``.
        schema: The names that exist with their types; None for event paths (``properties.price > 100000``), where a path takes
            the type of what it is compared with, and a value of another type is NULL.
        path: Where the text stands, for problems.
        line: Its line there.

    Raises:
        InputError: ``bad_condition`` with every problem: line, column, what is wrong and how to mend it.

    Example:
        >>> from gyeol.expressions.schema import NameInfo
        >>> parse_condition("orders>=3", {"orders": NameInfo(type="number")}).sql
        'orders >= 3'
    """
    return Condition(text, read(text, schema, Place(path, line), formula=False))
