"""From columns to a plan: which columns are read together, which candidates are looked at, how they are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from gyeol.identity.matching.form import Form
from gyeol.identity.matching.forms import FORMS
from gyeol.identity.matching.roles import Column

PAIRS_A_RECORD = 10
"""A rule that finds more candidates than this many a record is combined with another. Source: `gyeol bench identity`."""
FEW_FREQUENT = 0.02
"""A key is used without its most frequent values when those are at most this share of its different values, or one."""
TRIMMED = "{}_rare"
"""Name of the column of a trimmed key."""
LEAST_SCRIPT = 0.01
"""Levels for a script are used when at least this share of the records is written in it."""


@dataclass(frozen=True)
class Field:
    """Columns that are compared as one thing.

    Args:
        name: Prefix of its derived columns.
        form: The kind.
        columns: Headers, as the kind's ``derive`` wants them; "" for one that is not there.
        label: What a person reads: the headers.
    """

    name: str
    form: Form
    columns: tuple[str, ...]
    label: str

    def column(self, part: str) -> str:
        """The derived column of a part."""
        return f"{self.name}_{part}"

    def sql(self, condition: str) -> str:
        """A condition of a level over the derived columns."""
        sides = {f"{part}_{side}": f'"{self.column(part)}_{side}"' for part in self.form.parts for side in "lr"}
        return condition.format(**sides)

    @property
    def unknown(self) -> str:
        """The condition under which two records cannot be compared in this field."""
        known = self.form.known
        return self.sql(self.form.unknown or f"{{{known}_l}} IS NULL OR {{{known}_r}} IS NULL")


@dataclass(frozen=True)
class Matching:
    """How records are matched: columns with their roles, fields, and headers that were left out with the reason."""

    columns: list[Column]
    fields: list[Field]
    ignored: dict[str, str] = field(default_factory=dict)


def plan_of(columns: Sequence[Column], length: Mapping[str, float]) -> Matching:
    """The fields of a file.

    Args:
        columns: Detected.
        length: Mean length of the values by header: of several columns with the same part of a name the longest is taken, for the others
            repeat it, and evidence may be counted once only.
    """
    ignored = {c.name: c.why for c in columns if c.role == "ignored"}
    left = [c for c in columns if c.name not in ignored]
    fields: list[Field] = []
    names = {
        role: sorted((c.name for c in left if c.role == role), key=lambda name: -length.get(name, 0.0))
        for role in ("full", "given", "family")
    }
    if any(names.values()):
        chosen = tuple(found[0] if found else "" for found in names.values())
        fields.append(Field("name", FORMS["name"], chosen, " + ".join(c for c in chosen if c)))
        ignored |= {name: "repeats" for found in names.values() for name in found[1:]}
    addresses = [c.name for c in left if c.role == "address"]
    together = {"full", "given", "family", "address"}
    if addresses:
        codes = [c.name for c in left if c.role == "postcode"][:1]
        together |= {"postcode"} if codes else set()
        fields.append(Field("address", FORMS["address"], (codes[0] if codes else "", *addresses), " + ".join((*codes, *addresses))))
    titles = [c.name for c in left if c.role == "title"]
    makers = [c.name for c in left if c.role == "maker"]
    counted: dict[str, int] = {}
    for column in left:
        if column.role in together or (column.role == "maker" and titles):
            continue
        if column.name in titles[:1] and makers:
            counted["title"] = 1
            fields.append(Field("title1", FORMS["title"], (column.name, *makers), " + ".join((column.name, *makers))))
            continue
        counted[column.role] = counted.get(column.role, 0) + 1
        fields.append(
            Field(
                f"{column.role}{counted[column.role]}",
                FORMS["place" if column.role == "maker" else column.role],
                (column.name,),
                column.name,
            )
        )
    return Matching(columns=list(columns), fields=fields, ignored=ignored)


@dataclass(frozen=True)
class Key:
    """A derived column that candidates can be found by.

    Args:
        column: Its name. field: Of the field. spread: Whether it is a list.
        pairs: How many candidates it finds.
        kept: How many it finds without its most frequent values, as many of them as make it rare enough; equal to ``pairs`` where all are
            kept.
        dropped: How many values those are. different: How many there are.
    """

    column: str
    field: str
    pairs: int
    kept: int
    dropped: int = 0
    different: int = 1
    spread: bool = False

    @property
    def trimmed(self) -> bool:
        """Whether a few values that stand everywhere make it too coarse: one telephone number of two hundred, of a shop or of nobody."""
        return 0 < self.dropped <= max(FEW_FREQUENT * self.different, 1) and self.kept > 0 and not self.spread


@dataclass(frozen=True)
class Rule:
    """Candidates agree in these derived columns; ``pairs``: how many there are; ``spread``: the column is a list."""

    columns: tuple[str, ...]
    pairs: int
    spread: bool = False


def budget_of(records: int, *, spread: bool = False) -> int:
    """How many candidates a rule may find; a list of rare words finds by several words what a column finds by one."""
    return PAIRS_A_RECORD * records * (4 if spread else 1)


def blocking(keys: Sequence[Key], pairs_of_two: Mapping[tuple[str, ...], int], records: int) -> list[Rule]:
    """Which rules candidates are found by: every key that is rare enough alone, every two that are so together.

    Args:
        keys: All there are.
        pairs_of_two: How many candidates two keys find together, for keys that are not rare enough alone.
        records: How many there are.

    Returns:
        Rules, the one with the fewest candidates first; a trimmed key is ``TRIMMED`` of its column.
    """
    rules = [Rule((key.column,), key.pairs, key.spread) for key in keys if 0 < key.pairs <= budget_of(records, spread=key.spread)]
    rules += [Rule((TRIMMED.format(key.column),), key.kept) for key in keys if key.trimmed]
    rules += [Rule(pair, count) for pair, count in pairs_of_two.items() if 0 < count <= budget_of(records)]
    return sorted(rules, key=lambda rule: (rule.pairs, rule.columns))


def coarse(keys: Sequence[Key], records: int) -> list[tuple[Key, Key]]:
    """Pairs of keys that are worth counting: both too coarse alone, of different fields or different parts of a name."""
    wide = [key for key in keys if key.pairs > budget_of(records) and not key.spread]
    return list(combinations(wide, 2))
