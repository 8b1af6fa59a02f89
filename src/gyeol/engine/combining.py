"""Facts that follow from other facts and from the journey stage: ``moment.tone``. The stage is that of the last look at the person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gyeol.audiences.membership import Memberships
from gyeol.context.fact import Moment
from gyeol.context.facts import COMBINED, COMBINED_OF
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64


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
        name: One of ``context.facts.COMBINED_NAMES``.
        rows: (n,) serving rows; -1: nothing is known.
        read: The column of another fact over them, by its name.
        memberships: As for ``combined``.
    """
    kind = COMBINED_OF[name]
    stages = np.full(len(rows), -1, np.int64)
    if memberships is not None:
        stages[rows >= 0] = memberships.stage_codes(rows[rows >= 0])
    names = [] if memberships is None else memberships.stages
    return kind.columns({each: read(each) for each in kind.reads}, stages, names)[name]
