"""Which row of the trait table serves which person.

A node that received events has a row of its own. A person with one such node is served by that row; a person with several is
served by a cached row, rebuilt with ``combine`` when the person's set of nodes changes and folded in step with the node rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.audiences.membership import Memberships
from gyeol.identity.graph import IdentityGraph
from gyeol.profiles.runs import distinct
from gyeol.profiles.table import TraitTable

Int64 = npt.NDArray[np.int64]
_LATE = np.iinfo(np.int64).max
_EARLY = np.iinfo(np.int64).min
_ROW_ARRAYS = {"serving_of_row": -1, "person_of_row": -1, "is_cache": 0, "first_ms": _LATE, "last_ms": _EARLY, "events": 0}


def _grown(array: Int64, size: int, fill: int) -> Int64:
    """The array itself, or a copy at least twice as long whose new places hold ``fill``."""
    if size <= len(array):
        return array
    bigger = np.full(max(size, 2 * len(array), 1024), fill, np.int64)
    bigger[: len(array)] = array
    return bigger


class PeopleRows:
    """Serving rows, and the few things known of every row: first and last event time, number of events.

    Attributes:
        row_of_person: person index → serving row, -1 for people without events.
        serving_of_row: node row → the row that serves its person.
        person_of_row: serving row → person index, -1 for rows that serve nobody.
        people: How many people have had events.
    """

    def __init__(self, graph: IdentityGraph, traits: TraitTable, memberships: Memberships) -> None:
        self.graph, self.traits, self.memberships = graph, traits, memberships
        self.row_of_person = np.empty(0, np.int64)
        self.serving_of_row = np.empty(0, np.int64)
        self.person_of_row = np.empty(0, np.int64)
        self.is_cache = np.empty(0, np.int64)
        self.first_ms = np.empty(0, np.int64)
        self.last_ms = np.empty(0, np.int64)
        self.events = np.empty(0, np.int64)
        self.people = 0

    def row(self, person: int) -> int:
        """The row that serves a person, or -1."""
        return int(self.row_of_person[person]) if person < len(self.row_of_person) else -1

    def all_rows(self) -> Int64:
        """Serving rows of everybody, ascending."""
        return np.flatnonzero(self.person_of_row >= 0)

    def rows_for_events(self, nodes: Int64) -> tuple[Int64, bool]:
        """The node row of every event, made where its node never had one, and whether any was; people are served accordingly."""
        rows = self.traits.rows_of_nodes(nodes, create=False)
        missing = rows < 0
        if not np.count_nonzero(missing):
            return rows, False
        fresh = distinct(nodes[missing])
        rows = self.traits.rows_of_nodes(nodes, create=True)
        self._serve_fresh(fresh)
        return rows, True

    def _serve_fresh(self, nodes: Int64) -> None:
        """Serve the people of nodes that have just got their first events."""
        rows = self.traits.rows_of_nodes(nodes, create=False)
        self.fit_rows(int(rows.max()) + 1)
        people = self.graph.person[nodes].astype(np.int64)
        self.row_of_person = _grown(self.row_of_person, int(people.max()) + 1, -1)
        alone = self.graph.alone(nodes)
        self._serve_plain(people[alone], rows[alone])
        joined = dict.fromkeys(people[~alone].tolist())
        if joined:
            self.regroup(list(joined), [(person, self.graph.members(person)) for person in joined])

    def note(self, rows: Int64, times_ms: Int64) -> None:
        """Count events of these rows (a row may occur many times)."""
        np.minimum.at(self.first_ms, rows, times_ms)
        np.maximum.at(self.last_ms, rows, times_ms)
        np.add.at(self.events, rows, 1)

    def regroup(self, dissolved: list[int], formed: list[tuple[int, list[int]]]) -> list[int]:
        """Serve the formed people; membership follows the nodes, so that a merge or a cut enters and leaves nothing by itself.

        Returns:
            The rows that now serve the formed people.
        """
        gone = np.array(dissolved, np.int64)
        people = np.array([person for person, _ in formed], np.int64)
        self.row_of_person = _grown(self.row_of_person, max(gone.max(initial=-1), people.max(initial=-1)) + 1, -1)
        # All formed people at once: most have one node with events, and nothing to combine.
        rows = self.traits.rows_of_nodes(np.array([node for _, nodes in formed for node in nodes], np.int64), create=False)
        of = np.repeat(np.arange(len(formed)), [len(nodes) for _, nodes in formed])[rows >= 0]
        rows = rows[rows >= 0]
        before = self.serving_of_row[rows]
        plain = (np.bincount(of, minlength=len(formed))[of] == 1) & ((before < 0) | (before == rows))
        retired = self.row_of_person[gone]
        retired = retired[retired >= 0]
        self.row_of_person[gone] = -1
        self.person_of_row[retired] = -1
        self.people -= len(retired)
        self._serve_plain(people[of[plain]], rows[plain])
        served: list[int] = rows[plain].tolist()
        others = np.flatnonzero(~plain)
        caches: list[tuple[int, list[int]]] = []
        for part in np.split(others, np.flatnonzero(np.diff(of[others])) + 1) if len(others) else ():
            mine = before[part]
            served.append(self._serve(int(people[of[part[0]]]), rows[part], np.unique(mine[mine >= 0]), caches))
        if caches:
            self.traits.rebuild_many(caches)
        for row in retired[self.person_of_row[retired] < 0].tolist():
            self.memberships.drop(row)
            if self.is_cache[row]:
                self._free(row)
        return served

    def _serve_plain(self, people: Int64, rows: Int64) -> None:
        """Serve people by the one row that each has."""
        self.row_of_person[people] = rows
        self.person_of_row[rows] = people
        self.serving_of_row[rows] = rows
        self.people += len(rows)

    def _serve(self, person: int, rows: Int64, before: Int64, caches: list[tuple[int, list[int]]]) -> int:
        row = int(rows[0]) if len(rows) == 1 else self._cached(rows, caches)
        self.row_of_person[person] = row
        self.person_of_row[row] = person
        self.serving_of_row[rows] = row
        self.people += 1
        if len(before) and not (len(before) == 1 and before[0] == row):
            self.memberships.carry(before, row)
        return row

    def _cached(self, rows: Int64, caches: list[tuple[int, list[int]]]) -> int:
        """A new row for the combination of these node rows."""
        row = self.traits.new_row()
        self.fit_rows(row + 1)
        caches.append((row, rows.tolist()))
        self.is_cache[row] = 1
        self.first_ms[row] = self.first_ms[rows].min()
        self.last_ms[row] = self.last_ms[rows].max()
        self.events[row] = self.events[rows].sum()
        return row

    def combined(self) -> list[tuple[int, list[int]]]:
        """The cached rows of people of several nodes, each with the rows that it combines."""
        rows = np.flatnonzero((self.serving_of_row >= 0) & (self.is_cache == 0))
        serving = self.serving_of_row[rows]
        rows, serving = rows[serving != rows], serving[serving != rows]
        order = np.argsort(serving, kind="stable")
        rows, serving = rows[order], serving[order]
        if not len(rows):
            return []
        starts = np.flatnonzero(np.append(True, serving[1:] != serving[:-1]))
        return [(int(serving[start]), part.tolist()) for start, part in zip(starts, np.split(rows, starts[1:]), strict=True)]

    def _free(self, row: int) -> None:
        for name, fill in _ROW_ARRAYS.items():
            getattr(self, name)[row] = fill
        self.traits.free_row(row)

    def fit_rows(self, size: int) -> None:
        """Make room for what is known of every row."""
        for name, fill in _ROW_ARRAYS.items():
            setattr(self, name, _grown(getattr(self, name), size, fill))

    def dump(self) -> dict[str, Int64]:
        """The arrays, for a snapshot."""
        return {name: getattr(self, name) for name in ("row_of_person", *_ROW_ARRAYS)}

    def load(self, arrays: dict[str, Int64]) -> None:
        """Take the arrays of a snapshot."""
        for name in ("row_of_person", *_ROW_ARRAYS):
            setattr(self, name, np.array(arrays[name], np.int64))
        self.people = len(self.all_rows())
