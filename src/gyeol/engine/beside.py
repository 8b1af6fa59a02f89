"""What derived facts look at beside the traits of people: facts of articles and stores, and where people usually are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gyeol.context.fact import Fact
from gyeol.context.ledger import best
from gyeol.context.moment import fact_column, told_kinds
from gyeol.context.place.movement import Usual
from gyeol.context.subject import Subject
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64

if TYPE_CHECKING:
    from gyeol.engine.moments import PeopleMoments


class BesidePeople:
    """See ``context/beside.py``.

    Args:
        moments: Of the state.
        rows: (n,) the people's.
        now_ms: The instant that is asked for.
    """

    def __init__(self, moments: PeopleMoments, rows: Int64, now_ms: int) -> None:
        self._moments, self._rows, self._now_ms = moments, rows, now_ms

    def fact(self, about: Subject, name: str) -> Fact | None:
        """The recorded fact that counts then."""
        facts, now_ms = self._moments.facts, self._now_ms
        found = facts.at(about, name, now_ms, now_ms - self._moments.memory_ms) if facts.has(about.kind, name) else None
        return found if found is not None and found.fresh(now_ms) else None

    def column(self, name: str, places: Int64) -> Column:
        """A told fact of some of the people, or of where they are."""
        return self._moments.column(f"moment.{name}", self._rows[places], self._now_ms)

    @property
    def learned(self) -> bool:
        """Whether anybody's usual places were learned."""
        return len(self._moments.haunts) > 0

    def usual(self, place: int) -> Usual:
        """Where the person of one of the rows usually is; nowhere unless they agree to it now."""
        moments, row = self._moments, int(self._rows[place])
        nodes = moments.nodes_of(row)
        if not moments.agreed(nodes):
            return Usual()
        return moments.haunts.usual(nodes, moments.zone_of(row)[0].local(self._now_ms).toordinal())


class BesideOne(BesidePeople):
    """As ``BesidePeople``, of one person of whom the recorded facts were found already.

    Args:
        recorded: What the log holds of the person and of where they are.
        moments, rows, now_ms: See ``BesidePeople``; one row.
    """

    def __init__(self, moments: PeopleMoments, rows: Int64, now_ms: int, recorded: Sequence[Fact]) -> None:
        super().__init__(moments, rows, now_ms)
        self._recorded = recorded

    def column(self, name: str, places: Int64) -> Column:
        """A told fact of the person, or of where they are."""
        if name in self._moments.derived or name not in told_kinds():
            return super().column(name, places)
        found = best((fact for fact in self._recorded if fact.name == name), self._now_ms)
        return fact_column(told_kinds()[name].names[name], [found], np.zeros(len(places), np.int64), self._now_ms)
