"""Policies that are to be valued: with which probability each would have drawn each action, row by row."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gyeol.kernel.instants import Int64
from gyeol.measures.policy.logged import Floats, Logged


class Candidate(Protocol):
    """A policy over the rows of a log."""

    @property
    def name(self) -> str:
        """As results call it."""
        ...

    def probabilities(self, logged: Logged, rows: slice) -> Floats:
        """(rows, actions) probability of each action in each of these rows; every row adds up to 1."""
        ...


class Uniform:
    """Every action alike.

    Args:
        among: Codes of the actions it draws from; None: all.
    """

    name = "uniform"

    def __init__(self, among: Int64 | None = None) -> None:
        self._among = among

    def probabilities(self, logged: Logged, rows: slice) -> Floats:
        """The same in each row."""
        among = np.arange(len(logged.actions)) if self._among is None else self._among
        row = np.zeros(len(logged.actions))
        row[among] = 1.0 / len(among)
        return np.broadcast_to(row, (rows.stop - rows.start, len(row)))


class Shares:
    """Each action with a fixed probability, by slot.

    Args:
        name: As results call it.
        shares: (positions, actions).
    """

    def __init__(self, name: str, shares: Floats) -> None:
        self.name, self._shares = name, shares

    def probabilities(self, logged: Logged, rows: slice) -> Floats:
        """Those of each row's slot."""
        found: Floats = self._shares[logged.position[rows]]
        return found


class Table:
    """Probabilities of its own in each row.

    Args:
        name: As results call it.
        table: (n, actions).
    """

    def __init__(self, name: str, table: Floats) -> None:
        self.name, self._table = name, table

    def probabilities(self, logged: Logged, rows: slice) -> Floats:
        """Those rows of it."""
        found: Floats = self._table[rows]
        return found


class Sparse:
    """Probabilities of few actions in each row; all others are 0.

    Args:
        name: As results call it.
        starts, ends: (n,) where the entries of each row lie.
        codes, chances: Action and probability of each entry.
    """

    def __init__(self, name: str, starts: Int64, ends: Int64, codes: Int64, chances: Floats) -> None:
        self.name, self._starts, self._ends, self._codes, self._chances = name, starts, ends, codes, chances

    def probabilities(self, logged: Logged, rows: slice) -> Floats:
        """Those of each row."""
        starts, ends = self._starts[rows], self._ends[rows]
        sizes = ends - starts
        row = np.repeat(np.arange(len(sizes)), sizes)
        entry = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(starts, sizes)
        found = np.zeros((len(sizes), len(logged.actions)))
        np.add.at(found, (row, self._codes[entry]), self._chances[entry])
        return found
