"""Few events, one by one: what a stack is given instead of a slice when calls of NumPy would cost more than what they do.

A slice of ten events costs some forty calls of NumPy a stack, about a microsecond each; one event by itself costs a stack about one
microsecond. Values follow the same laws as columns (``events/values.py``), rounded by the same products, so that the state is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gyeol.events.reading import Reading, currency_path
from gyeol.events.values import as_flag, as_number, as_text, as_time, nfc_deep
from gyeol.expressions.column import Vocabulary
from gyeol.kernel.instants import HOUR_MS
from gyeol.kernel.money import exponent
from gyeol.profiles.conditions import EventCondition
from gyeol.profiles.numbers import LARGEST_NUMBER, number_text
from gyeol.profiles.rules import Grain, Trait, ValueType

FEW = 24
"""Up to so many events of one name are folded one by one. Source: measured, docs/adr/0013."""
_LARGEST_MINOR = float(2**62)
_LARGEST_PRODUCT = 2.0**62
_SPECIAL = {"type", "timestamp", "receivedAt", "originalTimestamp", "sentAt", "context.ip"}
_UNREAD = object()


class OneEvent:
    """An event that counts for one slot.

    Args:
        laws: How values are read.
        event: The event as decoded, with ``readers`` by path.
        name: The event's name.
        slot, time, id, day: Where it counts, when it happened (ms), the hash of its messageId, the calendar day.
    """

    __slots__ = ("_event", "_laws", "_masks", "_read", "_readers", "day", "id", "name", "slot", "time")

    def __init__(
        self, laws: Laws, event: object, readers: Mapping[str, Callable[[Any], object]], name: str, slot: int, time: int, id: int, day: int
    ) -> None:
        self._laws, self._event, self._readers = laws, event, readers
        self.name, self.slot, self.time, self.id, self.day = name, slot, time, id, day
        self._read: list[object] = [_UNREAD] * len(laws.values)
        self._masks: dict[str, bool] = {}

    def value(self, path: str) -> object:
        """What stands under a path, as JSON has it."""
        return self._readers[path](self._event)

    def bucket(self, grain: Grain) -> int:
        """The bucket in which it lies."""
        return self.day if grain == "day" else self.time // HOUR_MS

    def counts(self, where: str | None) -> bool:
        """Whether a condition is true of it."""
        if where is None:
            return True
        found = self._masks.get(where)
        if found is None:
            found = self._masks[where] = self._laws.condition(where, self.value, self.name)
        return found

    def number(self, trait: Trait) -> int | None:
        """The trait's property as a whole number at its scale; None where the event does not count."""
        if trait.where is not None and not self.counts(trait.where):
            return None
        found = self._value(trait)
        assert found is None or isinstance(found, int)
        return found

    def code(self, trait: Trait, vocabulary: Vocabulary) -> int:
        """The trait's property as a code (flags: 0 and 1); -1 where the event does not count."""
        if trait.where is not None and not self.counts(trait.where):
            return -1
        found = self._value(trait)
        if found is None:
            return -1
        return vocabulary.code(found) if isinstance(found, str) else int(found is True)

    def _value(self, trait: Trait) -> object:
        at = self._laws.place[trait.name]
        found = self._read[at]
        if found is _UNREAD:
            found = self._read[at] = self._laws.values[at](self.value, self.name)
        return found


Reader = Callable[[Callable[[str], object], str], object]
"""(the event's values by path, its name) → a number at the trait's scale, a text, a flag, or None."""


class Laws:
    """How the values of some traits are read of one event.

    Args:
        traits: Of one event name.
        conditions: Their ``where`` by its text.
        reading: Types and currencies of paths.

    Attributes:
        place: Trait → its place in ``values``.
        values: A reader for each different (path, value type).
        paths: All paths that are read.
        simple: Whether one event can be read alone; else all are read as columns.
    """

    def __init__(self, traits: Sequence[Trait], conditions: dict[str, EventCondition], reading: Reading) -> None:
        self._reading = reading
        self._conditions = {trait.where: conditions[trait.where] for trait in traits if trait.where is not None}
        self.place: dict[str, int] = {}
        self.values: list[Reader] = []
        paths = {path for condition in self._conditions.values() for path in condition.paths}
        seen: dict[tuple[str, ValueType], int] = {}
        for trait in traits:
            if trait.value is not None:
                paths.add(trait.path)
                key = trait.path, trait.value
                if key not in seen:
                    seen[key] = len(self.values)
                    self.values.append(_reader(trait.path, trait.value, reading))
                self.place[trait.name] = seen[key]
        money = {currency_path(path) for path in paths if reading.types.get(path) == "money"}
        texts = all(reading.types.get(path, "text") == "text" for path in money)
        self.paths = frozenset(paths | money)
        self.simple = texts and _SPECIAL.isdisjoint(self.paths)

    def condition(self, text: str, row: Callable[[str], object], name: str) -> bool:
        """Whether a condition is true of an event."""
        condition, types = self._conditions[text], self._reading.types

        def value(path: str) -> object:
            declared = types.get(path)
            if declared == "money":
                found = _money(path, self._reading)(row, name)
                return None if found is None else found[0]
            kind = condition.kind(path) if declared is None else "list" if declared == "object" else declared
            return _as(kind, row(path))

        return condition.holds(value)


def _as(kind: str, value: object) -> object:
    """A JSON value as a column of a kind has it."""
    if value is None:
        return None
    if kind == "text":
        return as_text(value)
    if kind == "number":
        return as_number(value)
    if kind == "flag":
        return as_flag(value)
    if kind == "time":
        return as_time(value)
    return nfc_deep(value) if isinstance(value, list | dict) else None


def _reader(path: str, value: ValueType, reading: Reading) -> Reader:
    declared = reading.types.get(path)
    if declared == "money":
        amount = _money(path, reading)
        if value.is_number:
            return lambda row, name: _own(amount(row, name), value.currency)
        return lambda row, name: None if (found := amount(row, name)) is None else str(found[0])
    kind = value.wanted if declared is None or declared in ("any", "list", "object") else declared
    if value.is_number:
        read = as_time if kind == "time" else as_number
        return lambda row, name: None if (found := read(row(path))) is None else _scaled(found, value.scale)
    if value.wanted == "flag" or kind == "text":
        return lambda row, name: _as(kind, row(path))
    return lambda row, name: _text(_as(kind, row(path)))


def _text(found: object) -> str | None:
    """A number or flag of a path that is kept as text."""
    if found is None or isinstance(found, str):
        return found
    if isinstance(found, bool):
        return "true" if found else "false"
    assert isinstance(found, float)
    return number_text(found)


def _scaled(number: float, scale: int) -> int | None:
    """As ``slices.at_scale``."""
    if scale:
        product = number * 10.0**scale
        number = round(product * 1e6) / 1e6 if -_LARGEST_PRODUCT < product < _LARGEST_PRODUCT else product
    return round(number) if -LARGEST_NUMBER <= number <= LARGEST_NUMBER else None


def _money(path: str, reading: Reading) -> Callable[[Callable[[str], object], str], tuple[int, str] | None]:
    """Reads (minor units, currency) of an amount, as ``values.money_column`` and ``Reading.currency_codes`` do."""
    beside, by_name = currency_path(path), reading.currencies.get(path, {})
    otherwise = by_name.get("$any", reading.currency)

    def read(row: Callable[[str], object], name: str) -> tuple[int, str] | None:
        amount = as_number(row(path))
        if amount is None:
            return None
        told = as_text(row(beside))
        currency = by_name.get(name, otherwise) if told is None else told.upper()
        unit = 10.0 ** exponent(currency)
        if not abs(amount) < _LARGEST_MINOR / unit:
            return None
        return round(round(amount * unit * 1e6) / 1e6), currency

    return read


def _own(amount: tuple[int, str] | None, currency: str | None) -> int | None:
    """Minor units, if they are of the trait's currency."""
    if amount is None or amount[1] != currency or not -LARGEST_NUMBER <= amount[0] <= LARGEST_NUMBER:
        return None
    return amount[0]
