"""Facts that follow from other facts and from the journey stage: ``moment.tone``. The stage is that of the last look at the person."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from gyeol.audiences.membership import Memberships
from gyeol.context.fact import Moment
from gyeol.context.facts import COMBINED
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64

_KIND_OF = {name: kind for kind in COMBINED for name in kind.names}
COMBINED_NAMES = frozenset(_KIND_OF)


def combined(moment: Moment, row: int, memberships: Memberships | None) -> Moment:
    """A Moment with what follows from it.

    Args:
        moment: Of one person.
        row: The row that serves the person; -1: nothing is known.
        memberships: Knows the stages; None: nobody is on one.
    """
    stage = None if memberships is None or row < 0 else memberships.stage(row)
    for kind in COMBINED:
        for fact in kind.combine(moment.facts, stage, moment.at_ms):
            moment.facts[fact.name] = fact
    return moment


def combined_column(name: str, rows: Int64, read: Callable[[str], Column], memberships: Memberships | None) -> Column:
    """One name (without ``moment.``) of many people.

    Args:
        name: One of ``COMBINED_NAMES``.
        rows: (n,) serving rows; -1: nothing is known.
        read: The column of another fact over them, by its name.
        memberships: As for ``combined``.
    """
    kind = _KIND_OF[name]
    stages = np.full(len(rows), -1, np.int64)
    if memberships is not None:
        stages[rows >= 0] = memberships.stage_codes(rows[rows >= 0])
    names = [] if memberships is None else memberships.stages
    return kind.columns({each: read(each) for each in kind.reads}, stages, names)[name]


def with_what_they_rest_on(names: Iterable[str]) -> frozenset[str]:
    """Names (without ``moment.``), and those of the facts that the combined ones among them look at."""
    found = frozenset(names)
    return found | {each for name in found & COMBINED_NAMES for each in _KIND_OF[name].reads}
