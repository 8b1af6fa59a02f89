"""What a fact is about: a person, an article, a store, a grid cell, a region, or the whole workspace."""

from __future__ import annotations

import math
from typing import Literal, get_args

import msgspec

SubjectKind = Literal["person", "sku", "store", "cell", "region", "workspace"]
SUBJECT_KINDS: tuple[SubjectKind, ...] = get_args(SubjectKind)
"""From the most specific to the least: of two fresh facts of one name the more specific one counts."""

EVERYBODY = "*"
"""The id of the one subject of kind ``workspace``."""
CELLS_PER_DEGREE = 20.0
"""Cells are 0.05 degrees wide and high, about 5 km in Korea. Source: the grid of the Korea Meteorological Administration's forecasts."""
COUNTS_FOR_MS: dict[str, int | None] = {"sku": 30 * 60_000, "store": 60 * 60_000, "cell": 24 * 3_600_000, "region": None}
"""For how long a person is where an event last said; None: until another says otherwise. Our own choice."""
EVENT_KEYS = ("sku", "store", "cell", "region")
"""The kinds that an event can say itself, under the path that the workspace's ``moment`` gives."""
BEHAVIOUR_KEYS = ("path", "product", "category", "query", "text", "price", "channel")
"""What behaviour is read from."""
PERSON_KEYS = ("zone", "birthday", "address", "nps", "case", "beacon", "device", "referrer")
"""What is remembered of a person."""
READ_KEYS = (*EVENT_KEYS, *PERSON_KEYS, *BEHAVIOUR_KEYS)
"""What the workspace's ``moment`` may say where to find in events."""


class Subject(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One subject.

    Args:
        kind: See ``SUBJECT_KINDS``.
        id: A person's is the number of the node; ``*`` of the workspace.
    """

    kind: SubjectKind
    id: str

    @property
    def rank(self) -> int:
        """0 is the most specific."""
        return SUBJECT_KINDS.index(self.kind)


WORKSPACE = Subject("workspace", EVERYBODY)


def person_subject(node: int) -> Subject:
    """The subject of a node."""
    return Subject("person", str(node))


def cell_of(latitude: float, longitude: float) -> str:
    """The cell of a point: ``row:column``, counted from the south pole's side of the equator and from Greenwich."""
    return f"{math.floor(latitude * CELLS_PER_DEGREE)}:{math.floor(longitude * CELLS_PER_DEGREE)}"


def cell_centre(cell: str) -> tuple[float, float]:
    """(latitude, longitude) of a cell's middle. Raises ValueError for what is no cell."""
    row, column = (int(part) for part in cell.split(":"))
    return (row + 0.5) / CELLS_PER_DEGREE, (column + 0.5) / CELLS_PER_DEGREE
