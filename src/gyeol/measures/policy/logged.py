"""Logged feedback as arrays, and everything that can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import Int64

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SUM_TOLERANCE = 1e-6
"""So far from 1 may the probabilities of one row add up to."""
_ROWS_NAMED = 5


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions that were taken, with what each drew from whom, how probably, and what came of it.

    Args:
        actions: Names of what could be drawn; ``action`` counts them.
        action: (n,) what was drawn, 0 ≤ code < ``len(actions)``.
        reward: (n,) what came of it, in whatever unit; finite.
        propensity: (n,) the probability with which it was drawn, in (0, 1].
        person: (n,) whose decision it was, numbered from 0: rows of one person are resampled together.
        position: (n,) in which slot it stood, numbered from 0; zeros where there is one.
        context: (n, d) what was known, as numbers; d may be 0.
    """

    actions: tuple[str, ...]
    action: Int64
    reward: Floats
    propensity: Floats
    person: Int64
    position: Int64
    context: Floats

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.action)

    @property
    def people(self) -> int:
        """How many people."""
        return int(self.person.max()) + 1 if self.n else 0

    @property
    def positions(self) -> int:
        """How many slots."""
        return int(self.position.max()) + 1 if self.n else 1

    @property
    def binary(self) -> bool:
        """Whether every reward is 0 or 1."""
        return bool(np.isin(self.reward, (0.0, 1.0)).all())

    def blocks(self, rows: int = 65_536) -> Iterator[slice]:
        """Slices of so many rows at most: (rows × actions) tables are never made for all rows at once."""
        for start in range(0, self.n, rows):
            yield slice(start, min(start + rows, self.n))


def check_logged(reward: Floats, propensity: Floats, known: Flags | None = None) -> list[Problem]:
    """What is wrong with the numbers of a log, all at once.

    Args:
        reward: (n,), NaN where the log says nothing.
        propensity: (n,), NaN where the log says nothing.
        known: (n,) whether the action of a row is one of the policy's; None: all are.
    """
    problems = []
    if not len(reward):
        what = "the log holds no row"
        return [Problem(path="log", code="empty_log", what=what, mend="name a file with rows, or another period")]
    found = [
        ("reward", "missing_reward", "have no reward that is a number", ~np.isfinite(reward), "write 0 where nothing came of it"),
        (
            "propensity", "missing_propensity", "have no propensity that is a number", ~np.isfinite(propensity),
            "log with which probability each action was drawn; without it no other policy can be valued",
        ),
        ("propensity", "zero_propensity", "have a propensity of 0 or less: what was drawn had one", propensity <= 0, "mend what logs it"),
        ("propensity", "propensity_above_one", "have a propensity above 1", propensity > 1, "write it as a share, 0.25 for 25 %"),
    ]  # fmt: skip
    if known is not None:
        mend = "give it a probability (0 is one), or leave its rows out of the log"
        found.append(("action", "unknown_action", "hold an action that the policy does not know", ~known, mend))
    for path, code, what, bad, mend in found:
        if bad.any():
            problems.append(Problem(path=path, code=code, what=f"{int(bad.sum()):,} rows {what}{_which(bad)}", mend=mend))
    return problems


def check_probabilities(table: Floats) -> list[Problem]:
    """What is wrong with a policy's probabilities, all at once.

    Args:
        table: (n, actions): of each row.
    """
    problems = []
    bad: Flags = np.logical_not(np.isfinite(table).all(axis=1))
    if bad.any():
        what = f"{int(bad.sum()):,} rows hold a probability that is no number{_which(bad)}"
        problems.append(Problem(path="policy", code="bad_probability", what=what, mend="write 0 for what is never chosen"))
    with np.errstate(invalid="ignore"):
        bad = np.asarray((table < 0).any(axis=1))
        if bad.any():
            what = f"{int(bad.sum()):,} rows hold a probability below 0{_which(bad)}"
            problems.append(Problem(path="policy", code="negative_probability", what=what, mend="probabilities are from 0 to 1"))
        bad = np.asarray(np.abs(table.sum(axis=1) - 1) > SUM_TOLERANCE)
    if bad.any():
        what = f"the probabilities of {int(bad.sum()):,} rows do not add up to 1{_which(bad)}"
        problems.append(Problem(path="policy", code="not_a_distribution", what=what, mend="name every action, and let the rest be 0"))
    return problems


def refuse(problems: list[Problem]) -> None:
    """Raise what was found, all of it; nothing where nothing was.

    Raises:
        InputError: There are problems.
    """
    if problems:
        raise InputError("bad_policy_log", problems)


def _which(bad: Flags) -> str:
    rows = np.flatnonzero(bad)[:_ROWS_NAMED]
    more = ", …" if bad.sum() > _ROWS_NAMED else ""
    return f" (rows {', '.join(str(row + 1) for row in rows.tolist())}{more})"
