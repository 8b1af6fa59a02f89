"""Columns of traits and of the Moment over some rows, each presented once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gyeol.context.fact import Moment
from gyeol.context.moment import PREFIX, column_of
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64
from gyeol.profiles.table import TraitTable


class RowColumns:
    """What conditions and formulas read: ``columns(name)`` for traits and ``moment.*`` over the same rows at one instant.

    Args:
        traits: Of everybody.
        rows: (n,) whose; -1 is somebody of whom nothing is known.
        now_ms: The instant.
        moment: What is true then, or what tells it: most frames never ask.
        grouped: ``household.orders_30d`` over rows as of an instant; None: there are no groups.
        personal: The columns of ``moment.*`` where they differ from row to row; None: ``moment`` is everybody's.
    """

    def __init__(
        self,
        traits: TraitTable,
        rows: Int64,
        now_ms: int,
        moment: Moment | Callable[[], Moment],
        personal: Callable[[str], Column] | None = None,
        grouped: Callable[[str, Int64, int], Column] | None = None,
    ) -> None:
        self.traits, self.rows, self.now_ms, self._personal = traits, rows, now_ms, personal
        self._grouped = grouped
        self._moment = moment
        self._made: dict[str, Column] = {}
        self._slots: dict[str, Int64] = {}

    @property
    def moment(self) -> Moment:
        """What is true at that instant."""
        if not isinstance(self._moment, Moment):
            self._moment = self._moment()
        return self._moment

    def __call__(self, name: str) -> Column:
        """The column of a name; raises KeyError for a name that no definition gives."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def _make(self, name: str) -> Column:
        if not name.startswith(PREFIX):
            if self._grouped is not None and "." in name:
                return self._grouped(name, self.rows, self.now_ms)
            return self.traits.column(name, self.rows, self.now_ms, self._slots)
        if self._personal is not None:
            return self._personal(name)
        one = column_of(self.moment, name)
        n = len(self.rows)
        stale = None if one.stale is None else np.repeat(one.stale, n)
        return Column(one.kind, np.repeat(one.values, n), np.repeat(one.known, n), one.vocabulary, stale)
