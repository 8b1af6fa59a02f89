"""A formula: a number for each person, for ranking offers. Truths count as 1 and 0, NULLs stay NULL unless COALESCE takes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from gyeol.expressions.arrays import Program
from gyeol.expressions.column import Column, Mask
from gyeol.expressions.nodes import Node, names_of, sql
from gyeol.expressions.parsing import Place
from gyeol.expressions.reading import read
from gyeol.expressions.relational import number
from gyeol.expressions.scalars import Staleness, Values, never_stale
from gyeol.expressions.schema import Schema
from gyeol.expressions.singles import Single, single

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Formula:
    """A parsed formula; made by ``parse_formula``. Immutable.

    Args:
        text: What was written.
        tree: What was read.
    """

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self.tree = tree
        self.names: tuple[str, ...] = names_of(tree)

    def __repr__(self) -> str:
        return f"Formula({self.sql!r})"

    @cached_property
    def sql(self) -> str:
        """The canonical text."""
        return sql(self.tree)

    @cached_property
    def _single(self) -> Single:
        return single(self.tree)

    @cached_property
    def _program(self) -> Program:
        return Program([self.tree])

    def evaluate(self, columns: Callable[[str], Column], n: int) -> tuple[npt.NDArray[np.float64], Mask]:
        """The number of each row.

        Args:
            columns: The column of each name in ``names``, (n,) long.
            n: Rows.

        Returns:
            (values, known): (n,) float64, 0 where unknown; (n,) bool.
        """
        values, known = np.empty(n, np.float64), np.ones(n, np.bool_)

        def take(root: int, start: int, stop: int, found: tuple[Any, Mask | None]) -> None:
            values[start:stop] = found[0]
            if found[1] is not None:
                values[start:stop][found[1]] = 0.0
                np.logical_not(found[1], out=known[start:stop])

        self._program.run(self._program.operands(columns), n, take)
        return values, known

    def value(self, values: Values, stale: Staleness = never_stale) -> float | None:
        """The number for one person, None when unknown; arguments as in ``Condition.holds``."""
        found = self._single(values, stale)
        return None if found is None else float(cast(float, found))

    def to_ibis(
        self, table: ir.Table, column: Callable[[str], ir.Value] | None = None, stale: Callable[[str], ir.Value] | None = None
    ) -> ir.NumericValue:
        """The same as a float64 Ibis expression; arguments as in ``Condition.to_ibis``."""
        return number(self.tree, column or (lambda name: cast(Any, table[name])), stale)


def parse_formula(text: str, schema: Schema | None, *, path: str = "", line: int | None = None) -> Formula:
    """Read a formula: + - * /, CASE WHEN, COALESCE, LEAST, GREATEST, LN, and conditions as 1 or 0.

    Args:
        text: What was written.
        schema: As in ``parse_condition``.
        path: Where the text stands, for problems.
        line: Its line there.

    Raises:
        InputError: ``bad_formula`` with every problem.

    Example:
        >>> from gyeol.expressions.schema import NameInfo
        >>> views = {"views": NameInfo(type="number")}
        >>> parse_formula("LN(1 + views) + 2 * (views > 3)", views).value({"views": 0}.get)
        0.0
    """
    return Formula(text, read(text, schema, Place(path, line), formula=True))
