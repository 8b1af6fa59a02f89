"""A column as the steps of a program read it: looked at once, cut into blocks, its kind checked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Column, Kind, Mask, Vocabulary, known_everywhere
from gyeol.expressions.nodes import Type
from gyeol.kernel.errors import InternalError

_KIND_OF: dict[Type, Kind] = {"number": "number", "time": "number", "text": "text", "flag": "flag", "list": "list"}


class Operand(NamedTuple):
    """A column's arrays; ``known`` and ``unknown`` are None when every row is known."""

    kind: Kind
    values: npt.NDArray[np.generic]
    known: Mask | None
    unknown: Mask | None
    vocabulary: Vocabulary | None
    stale: Mask | None

    def rows(self, start: int, stop: int) -> Operand:
        """The same for the rows from ``start`` up to ``stop``."""
        return Operand(
            self.kind,
            self.values[start:stop],
            None if self.known is None else self.known[start:stop],
            None if self.unknown is None else self.unknown[start:stop],
            self.vocabulary,
            None if self.stale is None else self.stale[start:stop],
        )


NOTHING = Operand("number", np.empty(0), None, None, None, None)
"""Stands for a column that no chosen step reads."""


class Frame(NamedTuple):
    """The operands of one block of ``n`` rows."""

    operands: list[Operand]
    n: int


def operand_of(column: Column, name: str, type_: Type, free: bool) -> Operand:
    """Look at a column.

    Args:
        column: What the caller gave for the name.
        name: The name.
        type_: What the tree takes it for; ``any`` for questions that every kind can answer.
        free: Whether another kind is NULL (free mode) or a bug.

    Raises:
        InternalError: ``column_kind``: the schema promised another kind.
    """
    known: Mask | None = None if known_everywhere(column.known) else column.known
    if type_ != "any" and column.kind != _KIND_OF[type_] and (known is None or bool(known.any())):
        if not free:
            raise InternalError("column_kind", f"the column of {name} is a {column.kind}, its schema says {type_}", name=name)
        known = np.zeros(len(column), np.bool_)
    if known is None:
        return Operand(column.kind, column.values, None, None, column.vocabulary, column.stale)
    values, vocabulary = column.values, column.vocabulary
    if type_ != "any" and column.kind != _KIND_OF[type_]:
        values, vocabulary = _blank(type_, len(column)), Vocabulary() if type_ == "text" else None
    return Operand(column.kind if type_ == "any" else _KIND_OF[type_], values, known, ~known, vocabulary, column.stale)


def _blank(type_: Type, n: int) -> npt.NDArray[np.generic]:
    kinds = {"text": np.int32, "flag": np.bool_, "list": np.object_}
    return np.zeros(n, kinds.get(type_, np.float64))
