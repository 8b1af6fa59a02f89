"""Paths of the lake's events as typed values: the laws of ``gyeol.events.values``, said in SQL.

Money stands in the lake as whole minor units with its currency beside it (``storage/lake/shaping.py``); all else as it was sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from gyeol.events.batch import Wanted
from gyeol.events.reading import Reading, currency_path
from gyeol.expressions.column import Kind
from gyeol.kernel.errors import CapabilityMissingError
from gyeol.profiles.numbers import LARGEST_NUMBER
from gyeol.profiles.rules import ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir

ROOTS = ("properties", "traits", "context")
MOMENT = "moment."
"""Begins the names of facts that are joined with events (``context/batch.py``)."""
FIELDS = ("name", "category", "groupId")
"""Values of the event itself that the lake keeps in ``fields``."""
TIMES = {"timestamp": "time", "receivedAt": "received", "originalTimestamp": "original", "sentAt": "sent"}
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{3}([0-9]{3})?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
_OWN = ("type", "event", "messageId")
_WHOLE = ("BIGINT", "UBIGINT")
_LARGEST_MINOR = 2**62
_FINITE = 1.7976931348623157e308


class _Functions(msgspec.Struct, frozen=True):
    """DuckDB's functions that Ibis has no name for; each takes and gives Ibis values."""

    text: Any
    type: Any
    raw: Any
    epoch_ms: Any
    epoch_us: Any
    floor: Any
    matches: Any
    hash: Any


@cache
def functions() -> _Functions:
    """See ``_Functions``: they are declared once, so that equal calls are equal expressions."""
    import ibis
    import ibis.expr.datatypes as dt

    def of_one(value: object) -> object:
        """Run by the query engine, never here."""
        raise NotImplementedError

    def of_two(value: object, other: object) -> object:
        """Run by the query engine, never here."""
        raise NotImplementedError

    def named(name: str, gives: Any, *takes: Any) -> Any:
        return ibis.udf.scalar.builtin(of_one if len(takes) == 1 else of_two, name=name, signature=(takes, gives))

    json, text, whole, real, instant = dt.JSON(), dt.String(), dt.Int64(), dt.Float64(), dt.Timestamp("UTC")
    return _Functions(
        text=named("json_extract_string", text, json, text),
        type=named("json_type", text, json, text),
        raw=named("json_extract", json, json, text),
        epoch_ms=named("epoch_ms", whole, instant),
        epoch_us=named("epoch_us", whole, instant),
        floor=named("floor", real, real),
        matches=named("regexp_full_match", dt.Boolean(), text, text),
        hash=named("md5_number_lower", dt.UInt64(), text),
    )


class Need(msgspec.Struct, frozen=True):
    """What is read of events: a path and what it is wanted as; ``items``: the elements of that kind in a list."""

    path: str
    wanted: Wanted
    items: Literal["str", "float", "bool"] = "str"


class Typed(msgspec.Struct, frozen=True):
    """A path's value: of which kind a batch would hold it, and the expression, NULL where it is not known."""

    kind: Kind
    value: Any


class Paths:
    """The paths of some events. They are read in two steps, JSON first, types second, so that no expression is written twice.

    Args:
        rows: Columns as ``events.EVENTS`` and ``person``.
        reading: Types and currencies by the tracking plan.
        event: The events' name, or ``$any``.
        needs: All that will be asked for.
        keep: Columns of ``rows`` that are kept as they are.

    Attributes:
        table: ``person``, ``time`` (ms), ``id``, ``name``, and a column a need.

    Raises:
        CapabilityMissingError: ``not_in_lake``: the lake does not keep a path.
    """

    def __init__(self, rows: ir.Table, reading: Reading, event: str, needs: Iterable[Need], keep: tuple[str, ...] = ()) -> None:
        self._reading, self._event, self._keep = reading, event, keep
        wanted = dict.fromkeys(needs)
        for need in list(wanted):
            if reading.types.get(need.path) == "money":
                wanted[Need(currency_path(need.path), "text")] = None
        self._raw = self._read(rows, [need.path for need in wanted])
        found = {need: self._typed(need) for need in wanted}
        self._place = {need: f"v{index}" for index, need in enumerate(found)}
        self._kinds: dict[Need, Kind] = {need: typed.kind for need, typed in found.items()}
        raw = self._raw
        columns = {self._place[need]: typed.value for need, typed in found.items()}
        self.table: ir.Table = raw.select("person", "time", "id", "name", *keep, **columns)

    def column(self, need: Need) -> Typed:
        """As ``EventBatch.column``: the plan's type decides, then what the reader wants."""
        return Typed(self._kinds[need], self.table[self._place[need]])

    def currency(self, path: str) -> Any:
        """The currency of a money path: its own, else the plan's for the event's name, else the workspace's."""
        own = self.column(Need(currency_path(path), "text")).value.upper()
        by_name = self._reading.currencies.get(path, {})
        fallback: Any = by_name.get(self._event) or by_name.get("$any") or self._reading.currency
        if self._event == "$any" and by_name:
            fallback = self.table["name"].cases(*sorted(by_name.items()), else_=by_name.get("$any", self._reading.currency))
        return own.fill_null(fallback)

    def scaled(self, path: str, value: ValueType) -> Any:
        """The property as int64 at a scale, NULL where it does not count; see ``EventSlice.numbers``."""
        found = self.column(Need(path, value.wanted))
        if found.kind != "number":
            return _null("int64")
        if value.currency is not None:
            minor = found.value
            return ((self.currency(path) == value.currency) & (minor.abs() <= int(LARGEST_NUMBER))).ifelse(minor, None)
        amounts = rounded(found.value.cast("float64"), value.scale)
        return (amounts.abs() <= LARGEST_NUMBER).ifelse(amounts, None).cast("int64")

    def coded(self, path: str, value: ValueType) -> Any:
        """The property as text, or as a flag where flags are wanted; see ``EventSlice.codes``."""
        found = self.column(Need(path, value.wanted))
        if found.kind == "flag":
            return found.value if value.wanted == "flag" else found.value.cast("string")
        if found.kind == "number":
            return _number_text(found.value)
        return found.value

    def _read(self, rows: ir.Table, paths: Iterable[str]) -> ir.Table:
        """The JSON values of some paths, as text and type, beside the event's own columns."""
        columns: dict[str, Any] = {}
        for path in dict.fromkeys(paths):
            if path in TIMES:
                columns[f"at {path}"] = functions().epoch_ms(rows[TIMES[path]])
            elif path.startswith(MOMENT):
                columns[f"fact {path}"] = rows[path]
            elif path not in _OWN:
                document, place = _place(rows, path)
                columns[f"text {path}"] = functions().text(document, place)
                columns[f"type {path}"] = functions().type(document, place)
                columns[f"raw {path}"] = functions().raw(document, place)
        own = {name: rows[name] for name in ("person", "name", "type", "message_id", *self._keep)}
        return rows.select(**own, time=functions().epoch_ms(rows.time), id=rows.id_hash, **columns)

    def _typed(self, need: Need) -> Typed:
        raw, path, wanted = self._raw, need.path, need.wanted
        if path in TIMES:
            return Typed("number", raw[f"at {path}"].cast("float64"))
        if path.startswith(MOMENT):
            fact = raw[f"fact {path}"]
            return Typed("text" if fact.type().is_string() else "flag" if fact.type().is_boolean() else "number", fact)
        if path == "type":
            return Typed("text", raw["type"])
        if path == "messageId":
            return Typed("text", raw.message_id)
        if path == "event":
            return Typed("text", (raw["type"] == "track").ifelse(raw.name, None))
        text, kind = raw[f"text {path}"], raw[f"type {path}"]
        declared = self._reading.types.get(path)
        if declared == "money":
            return Typed("number", _minor(text, kind))
        if declared is not None and declared != "any":
            wanted = "list" if declared == "object" else declared
        if wanted == "list":
            return Typed("list", _items(raw[f"raw {path}"], kind, need.items))
        read = {"number": _number, "time": _time, "flag": _flag, "text": _text}[wanted]
        kinds: dict[str, Kind] = {"number": "number", "time": "number", "flag": "flag", "text": "text"}
        return Typed(kinds[wanted], read(text, kind))


def _place(rows: ir.Table, path: str) -> tuple[Any, str]:
    root, _, rest = path.partition(".")
    if root in ROOTS and rest:
        return rows[root], _json_path(rest)
    if root in FIELDS:
        return rows.fields, _json_path(path)
    raise CapabilityMissingError("not_in_lake", f"the lake does not keep {path!r} of events", path=path)


def kept(path: str) -> bool:
    """Whether the lake has a place for a path of events; a fact is joined."""
    if path.startswith(MOMENT):
        return True
    root, _, rest = path.partition(".")
    return (root in ROOTS and bool(rest)) or root in FIELDS or path in _OWN or path in TIMES


def _json_path(keys: str) -> str:
    return "$" + "".join(f'."{key}"' for key in keys.split("."))


def _null(kind: str) -> Any:
    import ibis

    return ibis.null(kind)


def _minor(text: Any, kind: Any) -> Any:
    minor = kind.isin(_WHOLE).ifelse(text.try_cast("int64"), None)
    return (minor.abs() <= _LARGEST_MINOR).ifelse(minor, None)


def _number(text: Any, kind: Any) -> Any:
    written = kind.isin((*_WHOLE, "DOUBLE")) | ((kind == "VARCHAR") & functions().matches(text, _NUMBER))
    number = written.ifelse(text, None).try_cast("float64")
    return (number.abs() <= _FINITE).ifelse(number, None)


def _flag(text: Any, kind: Any) -> Any:
    fits = kind.isin(("BOOLEAN", "VARCHAR")) & text.isin(("true", "false"))
    return fits.ifelse(text == "true", None)


def _time(text: Any, kind: Any) -> Any:
    written = ((kind == "VARCHAR") & functions().matches(text, _ISO)).ifelse(text.replace(",", "."), None)
    instant = functions().floor(functions().epoch_us(written.try_cast("timestamp('UTC')")) / 1000.0)
    return (kind == "VARCHAR").ifelse(instant, _number(text, kind))


def _text(text: Any, kind: Any) -> Any:
    number = (kind == "DOUBLE").ifelse(text, None).try_cast("float64")
    whole = (number == functions().floor(number)) & (number.abs() < LARGEST_NUMBER)
    return whole.ifelse(number, None).cast("int64").cast("string").coalesce(text)


def _items(raw: Any, kind: Any, wanted: str) -> Any:
    listed = (kind == "ARRAY").ifelse(raw, None).array
    return listed.map(lambda item: getattr(item, wanted)).filter(lambda item: item.notnull())


def _number_text(number: Any) -> Any:
    """As ``slices.number_text``."""
    if number.type().is_integer():
        return number.cast("string")
    whole = (number == functions().floor(number)) & (number.abs() < LARGEST_NUMBER)
    return whole.ifelse(number, None).cast("int64").cast("string").coalesce(number.cast("string"))


def rounded(amounts: Any, scale: int) -> Any:
    """Numbers times ``10**scale``, rounded as ``slices.at_scale`` does: first to six digits, then half to even."""
    return half_even(half_even(amounts * 10.0**scale * 1e6) / 1e6) if scale else half_even(amounts)


def half_even(number: Any) -> Any:
    """The nearest whole number, ties to the even one.

    A cast does it in DuckDB (``nearbyint``), but only where int64 reaches; a float64 of 2**53 or more is whole already. DuckDB's
    own ``round_even`` takes 3.4999999999999996 for a tie.
    """
    small = number.abs() < LARGEST_NUMBER
    return small.ifelse(small.ifelse(number, 0.0).cast("int64").cast("float64"), number)
