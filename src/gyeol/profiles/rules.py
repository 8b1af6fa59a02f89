"""What a trait's definition means: checked and compiled once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec

from gyeol.events.batch import Wanted
from gyeol.events.model import TrackingPlan
from gyeol.events.reading import Reading
from gyeol.expressions.durations import parse_duration
from gyeol.expressions.schema import NameInfo, NameType
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import HOUR_MS
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.model import TraitDefinition

Grain = Literal["day", "hour"]

_NEED_PROPERTY = {"sum", "mean", "min", "max", "first", "last", "recent", "distinct", "top"}
_NUMERIC = {"sum", "mean", "min", "max", "decay"}
_NUMBERS = (".latitude", ".longitude", "moment.action")
"""Ends of paths that hold numbers whatever the kind, where the plan is silent. Source: the Segment spec's context.location; actions are
joined as numbers (``context/behaviour/recorded.py``)."""
_TIMESTAMP = "timestamp"
"""When an event happened: the latest times are kept in milliseconds, as the least and greatest are."""
_TEXTUAL = {"recent", "distinct", "top"}
_STEADY = {"count", "sum", "mean", "min", "max", "first", "last", "recent", "distinct", "top", "sequence"}
_ZERO = {"count", "sum", "decay", "distinct"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PATH = re.compile(r"[^\s.]+(\.[^\s.]+)*")
_WINDOW = re.compile(r"[1-9][0-9]{0,3}[hdw]")
_LONGEST_WINDOW = {"day": 1100, "hour": 24 * 31}
_LONGEST_RECENT = 100
_MOST_IN_SEQUENCE = 50


class ValueType(msgspec.Struct, frozen=True, kw_only=True):
    """How the values of a property are kept.

    Args:
        wanted: What the batch is asked for.
        scale: For numbers: digits kept after the point (money is whole minor units already: 0).
        currency: For money: the one currency that counts; amounts in another do not.
    """

    wanted: Wanted
    scale: int = 0
    currency: str | None = None

    @property
    def is_number(self) -> bool:
        """Kept as int64 at a scale (numbers, money, instants), not as codes."""
        return self.wanted in ("number", "time")


class Window(msgspec.Struct, frozen=True):
    """How many buckets of which grain, the current one included."""

    grain: Grain
    buckets: int


class Trait(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled definition."""

    definition: TraitDefinition
    value: ValueType | None = None
    window: Window | None = None
    half_life_ms: int = 0
    within_ms: int = 0

    @property
    def name(self) -> str:
        """The trait's name."""
        return self.definition.name

    @property
    def path(self) -> str:
        """The property's path; only for traits that have one."""
        assert self.definition.property is not None
        return self.definition.property

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events that it reads: one, or two for a sequence of two."""
        second = self.definition.then or self.definition.then_no
        return (self.definition.event,) if second is None else (self.definition.event, second)

    @property
    def wheres(self) -> list[str]:
        """The texts of all its conditions."""
        return [text for text in (self.definition.where, self.definition.then_where) if text is not None]

    @property
    def where(self) -> str | None:
        """The condition's text: equal texts are evaluated once a batch."""
        return self.definition.where

    @property
    def fades(self) -> bool:
        """Whether its value may change by time alone between the edges of buckets."""
        return self.definition.kind not in _STEADY or self.definition.then_no is not None

    def info(self) -> NameInfo:
        """What conditions know of the trait."""
        kind = self.definition.kind
        unit = self.definition.unit
        if unit is None and self.value is not None and kind != "distinct":
            unit = self.value.currency
        return NameInfo(type=self._type(), label=self.definition.label, unit=unit, default_zero=kind in _ZERO)

    def _type(self) -> NameType:
        kind = self.definition.kind
        if kind == "recent":
            return "list"
        if kind == "sequence":
            return "flag"
        if kind in ("first", "last", "top", "min", "max") and self.value is not None:
            return self.value.wanted
        return "number"


def parse_window(text: str) -> Window | None:
    """``7d``, ``2w`` (calendar days) or ``24h`` (rolling hours); None for anything else or longer than is kept."""
    if _WINDOW.fullmatch(text) is None:
        return None
    span = parse_duration(text)
    window = Window("hour", span.ms // HOUR_MS) if span.calendar_days is None else Window("day", span.calendar_days)
    return window if window.buckets <= _LONGEST_WINDOW[window.grain] else None


def value_type(definition: TraitDefinition, reading: Reading) -> ValueType | None:
    """How the property's values are kept: as the tracking plan says, else as the kind needs; None without a property.

    Without a plan for the property, first, last, recent, distinct and top keep texts.
    """
    path, kind = definition.property, definition.kind
    if path is None:
        return None
    declared = reading.types.get(path)
    if kind in ("distinct", "top"):
        return ValueType(wanted="text")
    if declared == "money":
        currencies = reading.currencies.get(path, {})
        own = currencies.get(definition.event, currencies.get("$any", reading.currency))
        return ValueType(wanted="number", currency=own)
    numeric = kind in _NUMERIC or path.endswith(_NUMBERS) or (kind == "recent" and path == _TIMESTAMP)
    if declared == "number" or (declared is None and numeric):
        return ValueType(wanted="number", scale=definition.scale)
    if declared == "time" or declared == "flag":
        return ValueType(wanted=declared)
    return ValueType(wanted="text")


def compile_traits(definitions: list[TraitDefinition], plan: TrackingPlan, currency: str) -> list[Trait]:
    """All definitions compiled.

    Args:
        definitions: In the order of the files.
        plan: Types of properties.
        currency: ISO 4217 code of money without a currency of its own.

    Raises:
        InputError: Every problem of every definition.
    """
    problems = list(check_traits(definitions, plan, currency))
    if problems:
        raise InputError("bad_traits", problems)
    reading = Reading(plan, currency)
    return [
        Trait(
            definition=d,
            value=value_type(d, reading),
            window=None if d.window is None else parse_window(d.window),
            half_life_ms=0 if d.half_life is None else parse_duration(d.half_life).ms,
            within_ms=0 if d.within is None else parse_duration(d.within).ms,
        )
        for d in definitions
    ]


def check_traits(definitions: list[TraitDefinition], plan: TrackingPlan, currency: str = "KRW") -> Iterator[Problem]:
    """What is wrong in definitions, in their order."""
    reading = Reading(plan, currency)
    for name, times in Counter(d.name for d in definitions).items():
        if times > 1:
            yield Problem(path=f"traits.{name}", code="duplicate_name", what=f"{times} traits have this name", mend="rename all but one")
    for definition in definitions:
        for field, code, what, mend in _problems(definition, reading):
            yield Problem(path=f"traits.{definition.name}.{field}", code=code, what=what, mend=mend)
        for field, text in (("where", definition.where), ("then_where", definition.then_where)):
            if text is not None:
                try:
                    event_condition(text)
                except InputError as error:
                    for problem in error.problems:
                        yield msgspec.structs.replace(problem, path=f"traits.{definition.name}.{field}")


def _problems(d: TraitDefinition, reading: Reading) -> Iterator[tuple[str, str, str, str]]:
    """(field, code, what, mend) of each problem."""
    if not _NAME.fullmatch(d.name):
        yield "name", "bad_name", f"{d.name!r} is no name", "use lower-case letters, digits and _, a letter first"
    if not d.event:
        yield "event", "missing", "no event", "name a track event, or $page, $identify, $screen, $group, $any"
    if d.property is None and d.kind in _NEED_PROPERTY:
        yield "property", "missing", f"{d.kind} needs a property", "add property: properties.…"
    if d.property is not None and d.kind in ("count", "sequence"):
        yield "property", "not_for_kind", f"{d.kind} counts events, it reads no property", "remove it, or use where: … IS NOT NULL"
    if d.property is not None and not _PATH.fullmatch(d.property):
        yield "property", "bad_path", f"{d.property!r} is no dotted path", "write it as properties.price"
    if not 0 <= d.scale <= 9:
        yield "scale", "out_of_range", f"{d.scale} digits after the point", "0 to 9"
    yield from _numbers(d)
    yield from _following(d)
    yield from _durations(d)
    declared = reading.types.get(d.property or "", "any")
    if d.kind in _NUMERIC and declared not in ("number", "money", "any") and not (declared == "time" and d.kind in ("min", "max")):
        yield "property", "type_clash", f"{d.kind} needs numbers, the plan says {declared}", "change the plan or the kind"
    if d.kind in ("first", "last", *_TEXTUAL) and declared in ("list", "object"):
        yield "property", "type_clash", f"{d.kind} keeps single values, the plan says {declared}", "name a path inside it"


def _numbers(d: TraitDefinition) -> Iterator[tuple[str, str, str, str]]:
    if d.kind == "recent" and not 1 <= d.size <= _LONGEST_RECENT:
        yield "size", "out_of_range", f"size is {d.size}", f"1 to {_LONGEST_RECENT}"
    if d.kind == "sequence" and not 1 <= d.at_least <= _MOST_IN_SEQUENCE:
        yield "at_least", "out_of_range", f"at_least is {d.at_least}", f"1 to {_MOST_IN_SEQUENCE}"


def _following(d: TraitDefinition) -> Iterator[tuple[str, str, str, str]]:
    for field, text in (("then", d.then), ("then_no", d.then_no)):
        if text is not None and d.kind != "sequence":
            yield field, "not_for_kind", f"{d.kind} has no {field}", "remove it, or use kind: sequence"
        elif text == "" or (text is not None and "$any" in (text, d.event)):
            yield field, "bad_event", "a sequence of two is between two named events", "name a track event, or $page, $identify, $screen"
    if d.then is not None and d.then_no is not None:
        yield "then_no", "two_forms", "a sequence has either then or then_no", "make two traits"
    if d.then_where is not None and d.then is None and d.then_no is None:
        yield "then_where", "not_for_kind", "then_where speaks of the event of then or then_no", "use where, or add then"


def _durations(d: TraitDefinition) -> Iterator[tuple[str, str, str, str]]:
    wanted = {"half_life": d.kind == "decay", "within": d.kind == "sequence"}
    for field, text in (("half_life", d.half_life), ("within", d.within)):
        if text is None:
            if wanted[field]:
                yield field, "missing", f"{d.kind} needs {field}", f"add {field}: 3d"
        elif not wanted[field]:
            yield field, "not_for_kind", f"{d.kind} has no {field}", "remove it"
        else:
            try:
                parse_duration(text)
            except InputError as error:
                yield from ((field, p.code, p.what, p.mend) for p in error.problems)
    if d.window is not None and d.kind not in ("count", "sum"):
        yield "window", "not_for_kind", f"{d.kind} has no window", "windows are for count and sum"
    elif d.window is not None and parse_window(d.window) is None:
        limits = f"at most {_LONGEST_WINDOW['day']} days or {_LONGEST_WINDOW['hour']} hours"
        yield "window", "bad_window", f"{d.window!r} is no window", f"7d, 2w (calendar days) or 24h (rolling hours), {limits}"
