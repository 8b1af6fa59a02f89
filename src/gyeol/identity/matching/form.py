"""What every kind of column gives the matcher: parts in one spelling, levels of likeness, keys to find candidates by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Raw = tuple[str | None, ...]
"""The values of a role's columns in one record, as they stand in the file."""
Derived = tuple[object, ...]
"""One value for each part, or None for each where nothing is known."""


@dataclass(frozen=True)
class Level:
    """One level of likeness.

    Args:
        sql: A condition over ``{part_l}`` and ``{part_r}`` in DuckDB's SQL.
        ko, en: What it says, for the waterfall.
        rarity: The part whose frequency counts: agreeing on a rare value says more.
        script: Only for values of this script: ``hangul`` or ``latin``.
    """

    sql: str
    ko: str
    en: str
    rarity: str = ""
    script: str = ""


@dataclass(frozen=True)
class Form:
    """A kind of column.

    Args:
        role: Its name.
        ko, en: What a person calls it.
        parts: Names of the derived columns.
        lists: Those of the parts that are lists of texts. numbers: Those that are numbers.
        derive: Raw values → parts.
        known: The part that is None where nothing is known.
        unknown: A condition under which two values cannot be compared; by default: ``known`` is None on one side.
        levels: Best first; what meets none of them is different.
        keys: Parts that candidates are found by.
        strong: Whether two records that agree on ``known`` are probably one thing.
        own: Whether it is a person's own: families share an address and a telephone number, hardly a name or a date of birth.
        differs: Share of equal records believed to differ in it, before the records themselves are asked.
        tally: Counts what all records together say (how many texts a word is in).
        settle: Looks at the records once more when all were counted; changes the parts by name.
    """

    role: str
    ko: str
    en: str
    parts: tuple[str, ...]
    derive: Callable[[Raw], Derived | None]
    known: str
    levels: tuple[Level, ...]
    keys: tuple[str, ...]
    lists: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    strong: bool = False
    unknown: str = ""
    own: bool = False
    differs: float = 0.1
    tally: Callable[[dict[str, list[object]], Counter[str]], None] | None = None
    settle: Callable[[dict[str, list[object]], Counter[str]], None] | None = None

    def of(self, rows: Sequence[Raw]) -> dict[str, list[object]]:
        """The parts of some records, before ``settle``; equal raw values are derived once."""
        seen: dict[Raw, Derived] = {}
        nothing: Derived = (None,) * len(self.parts)
        derived: list[Derived] = []
        for row in rows:
            found = seen.get(row)
            if found is None:
                found = seen[row] = (self.derive(row) or nothing) if any(row) else nothing
            derived.append(found)
        return {part: [row[i] for row in derived] for i, part in enumerate(self.parts)}
