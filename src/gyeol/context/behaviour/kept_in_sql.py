"""What traits of one identifier held before an event, asked of the lake: the last, the greatest or the most frequent value of some events.

The lake says what each event adds; it is taken in one after the other in the order of the log, as the stream does it (``profiles/kinds``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gyeol.events.reading import Reading
from gyeol.expressions.column import Column, Vocabulary
from gyeol.kernel.hashing import value_hash
from gyeol.kernel.instants import Int64
from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.batch.values import kept
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.kinds.top import MOST
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.rules import Trait, ValueType, value_type

if TYPE_CHECKING:
    import ibis.expr.types as ir

_ANY = "$any"
_hash = cache(value_hash)
Value = int | str | bool


def readable(definitions: Sequence[TraitDefinition], reading: Reading) -> list[Trait]:
    """Those of some traits that the lake can be asked for, compiled.

    Args:
        definitions: Of kind ``last``, ``max`` or ``top``, over all events.
        reading: Types by the tracking plan.
    """
    found = [Trait(definition=each, value=value_type(each, reading)) for each in definitions]
    paths = {trait.name: {trait.path, *(path for text in trait.wheres for path in event_condition(text).paths)} for trait in found}
    return [trait for trait in found if all(map(kept, paths[trait.name]))]


def added(traits: Sequence[Trait], events: ir.Table, reading: Reading) -> ir.Table:
    """``log_offset`` and, by the name of each trait, what the event adds to it; NULL: nothing.

    Args:
        traits: As ``readable`` gives them; at least one.
        events: Columns as ``profiles.batch.events.EVENTS`` and ``person``.
        reading: Types by the tracking plan.
    """
    rows = Rows(events.mutate(person=events.log_offset.cast("string")), reading, _ANY, list(traits), 0)
    values: dict[str, Any] = {trait.name: rows.value(trait) for trait in traits}
    return rows.table.select(log_offset=rows.table.person.cast("int64"), **values)


class Held:
    """What was added to the traits of one identifier so far.

    Args:
        traits: As ``readable`` gives them.
    """

    def __init__(self, traits: Sequence[Trait]) -> None:
        self._traits = traits
        self._best: dict[str, tuple[int, int, Value]] = {}
        self._counts: dict[str, Counter[str]] = {trait.name: Counter() for trait in traits if trait.definition.kind == "top"}

    def take(self, at_ms: int, id: int, values: Sequence[object]) -> None:
        """Take one event in.

        Args:
            at_ms: Of the event.
            id: Of the event.
            values: As ``added`` has them, one for each trait.
        """
        for trait, value in zip(self._traits, values, strict=True):
            if value is None:
                continue
            name = trait.name
            if name in self._counts:
                self._counts[name][str(value)] += 1
                continue
            # The latest by (time, id), of two equal in both the greater value; the greatest has no time.
            when = (at_ms, id) if trait.definition.kind == "last" else (0, 0)
            offered = (*when, cast(Value, value))
            if name not in self._best or offered > self._best[name]:
                self._best[name] = offered

    def column(self, name: str, at: Int64 | None = None) -> Column:
        """A trait as the stream presents it: of one row. KeyError for another name."""
        trait = next((trait for trait in self._traits if trait.name == name), None)
        if trait is None:
            raise KeyError(name)
        if name in self._counts:
            return _column(_most_frequent(self._counts[name]), ValueType(wanted="text"))
        assert trait.value is not None
        return _column(self._best[name][2] if name in self._best else None, trait.value)


def _most_frequent(counts: Counter[str]) -> str | None:
    """Ties to the smallest; above 64 different ones among the 64 of smallest hash. See ``profiles/kinds/top.py``."""
    words = sorted(counts, key=_hash)[:MOST] if len(counts) > MOST else [*counts]
    return min(words, key=lambda word: (-counts[word], word), default=None)


def _column(value: Value | None, kind: ValueType) -> Column:
    known = np.array([value is not None])
    if kind.is_number:
        number = 0 if value is None else int(value)
        return Column("number", np.array([number / 10.0**kind.scale]) if kind.scale else np.array([number], np.int64), known)
    if kind.wanted == "flag":
        return Column("flag", np.array([value is True]), known)
    words = Vocabulary()
    return Column("text", words.encode([None if value is None else str(value)]), known, words)
