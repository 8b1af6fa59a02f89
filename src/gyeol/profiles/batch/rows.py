"""Events of one name with everything that their traits need of them, each path read once: what kinds aggregate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from gyeol.events.batch import Wanted
from gyeol.events.reading import Reading
from gyeol.expressions.condition import parse_condition
from gyeol.expressions.nodes import Contains, Name, walk
from gyeol.profiles.batch.values import Need, Paths
from gyeol.profiles.rules import Trait, ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Rows:
    """The events of one name (or of the two of a sequence), by person.

    Args:
        events: Columns as ``events.EVENTS`` and ``person``.
        reading: Types and currencies by the tracking plan.
        event: Their name, or ``$any``.
        traits: That are to be aggregated.
        now_ms: The instant as of which values are presented.

    Attributes:
        table: Columns ``person``, ``time`` (ms), ``id``, ``name``, and one for each value and condition.
    """

    def __init__(self, events: ir.Table, reading: Reading, event: str, traits: list[Trait], now_ms: int) -> None:
        self.now_ms = now_ms
        wheres = {text: Where(text) for trait in traits for text in trait.wheres}
        values = {(trait.path, trait.value): trait.value for trait in traits if trait.value is not None}
        needs = [need for where in wheres.values() for need in where.needs.values()]
        needs += [Need(path, value.wanted) for (path, _), value in values.items()]
        paths = Paths(events, reading, event, needs)
        columns: dict[str, Any] = {}
        self._made: dict[object, str] = {}
        for text, where in wheres.items():
            self._made[text] = f"w{len(columns)}"
            columns[self._made[text]] = where.truth(paths)
        for (path, _), value in values.items():
            self._made[path, value] = f"p{len(columns)}"
            columns[self._made[path, value]] = (paths.scaled if value.is_number else paths.coded)(path, value)
        self.table: ir.Table = paths.table.select("person", "time", "id", "name", **columns)

    @property
    def time(self) -> Any:
        """When each event happened, ms."""
        return self.table["time"]

    @property
    def order(self) -> list[Any]:
        """Time, then id."""
        return [self.table["time"], self.table["id"]]

    def where(self, text: str | None) -> Any:
        """Whether a condition is true; None: always."""
        return None if text is None else self.table[self._made[text]]

    @property
    def name(self) -> Any:
        """The events' names."""
        return self.table["name"]

    def counts(self, event: str, where: str | None) -> Any:
        """Whether each event has a name (``$any``: any) and fulfils a condition."""
        import ibis

        named = ibis.literal(True) if event == "$any" else self.name == event
        mask = self.where(where)
        return named if mask is None else named & mask

    def value(self, trait: Trait) -> Any:
        """The property of the events that count, NULL of the others: int64 at the scale, text or flag."""
        column = self.table[self._made[trait.path, trait.value]]
        mask = self.where(trait.where)
        return column if mask is None else mask.ifelse(column, None)


class Where:
    """A condition over events: what it reads, each path as ``profiles.conditions.EventCondition`` reads it.

    Args:
        text: As in the definition.
    """

    def __init__(self, text: str) -> None:
        self._condition = parse_condition(text, None)
        kinds: dict[str, Wanted] = {}
        items: dict[str, Literal["str", "float", "bool"]] = {}
        for part in walk(self._condition.tree):
            if isinstance(part, Name) and part.type != "any":
                kinds.setdefault(part.name, part.type)
            if isinstance(part, Contains):
                value = part.value.value
                items.setdefault(part.name.name, "bool" if isinstance(value, bool) else "str" if isinstance(value, str) else "float")
        self.needs = {path: Need(path, kinds.get(path, "text"), items.get(path, "str")) for path in self._condition.names}

    def truth(self, paths: Paths) -> Any:
        """Where it is true, never NULL."""
        return self._condition.to_ibis(paths.table, lambda path: paths.column(self.needs[path]).value).fill_null(False)


def unscaled(total: Any, value: ValueType | None) -> Any:
    """Whole numbers at a scale as conditions read them: int64 at scale 0 (money: minor units), else float64."""
    if value is None or not value.scale:
        return total.cast("int64")
    return total.cast("float64") / 10.0**value.scale
