"""Columns of traits and of the Moment over some rows, each presented once."""

from __future__ import annotations

import numpy as np

from gyeol.context.fact import Moment
from gyeol.context.moment import PREFIX, column_of
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64
from gyeol.profiles.table import TraitTable


class RowColumns:
    """What conditions and formulas read: ``columns(name)`` for traits and ``moment.*`` over the same rows at one instant."""

    def __init__(self, traits: TraitTable, rows: Int64, now_ms: int, moment: Moment) -> None:
        self.traits, self.rows, self.now_ms, self.moment = traits, rows, now_ms, moment
        self._made: dict[str, Column] = {}

    def __call__(self, name: str) -> Column:
        """The column of a name; raises KeyError for a name that no definition gives."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def _make(self, name: str) -> Column:
        if not name.startswith(PREFIX):
            return self.traits.column(name, self.rows, self.now_ms)
        one = column_of(self.moment, name)
        n = len(self.rows)
        stale = None if one.stale is None else np.repeat(one.stale, n)
        return Column(one.kind, np.repeat(one.values, n), np.repeat(one.known, n), one.vocabulary, stale)
