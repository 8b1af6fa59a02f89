"""Facts of people from their last actions: of many, only those who did something lately are looked at one by one; of one, no columns
are made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from gyeol.context.behaviour.recorded import LATEST_TRAIT, Read, Step, time_of
from gyeol.context.behaviour.session import GAP_MS
from gyeol.context.derived import Derived
from gyeol.context.fact import Fact, FactValue
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS, Int64, Zone

MINUTE_MS = 60_000
Kind = Literal["number", "text", "flag"]
Value = float | str | bool | None


class Told(NamedTuple):
    """What one person's actions tell.

    Args:
        values: By name; None: unknown.
        observed_ms, until_ms: When they were so, and when they must be looked at again.
        confidence: 0 to 1.
    """

    values: Mapping[str, Value]
    observed_ms: int
    until_ms: int
    confidence: float = 1.0


def latest_ms(read: Read) -> tuple[Int64, Column]:
    """When each person last did something (0: never), and where that is known."""
    latest = read(LATEST_TRAIT)
    numbers = np.where(latest.known, latest.values, 0).astype(np.int64)
    return time_of(numbers), latest


Teller = Callable[[Sequence[Step], int], Told | None]
"""The facts by the actions of one person up to now, newest first, at least one, and by the place of the person among all; None: nothing
is known."""


class ByActions(ABC):
    """A kind of derived facts that follow from what one person did lately.

    Attributes:
        names: See ``FactKind``.
        source: See ``DerivedKind``.
        lately_ms: Who did nothing for longer is passed over.
    """

    names: ClassVar[Mapping[str, NameInfo]]
    source: ClassVar[str] = "behaviour"
    lately_ms: ClassVar[int] = DAY_MS

    @abstractmethod
    def teller(self, read: Read, now_ms: int) -> Teller:
        """What tells the facts of people at an instant."""

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """See ``DerivedKind``."""
        return told_of(read, n, now_ms, _kinds(self.names), self.teller(read, now_ms), lately_ms=self.lately_ms)

    def one(self, read: Read, now_ms: int, zone: Zone) -> list[Fact]:
        """As ``derive``, of one person."""
        return told_one(read, now_ms, self.source, self.names, self.teller(read, now_ms), lately_ms=self.lately_ms)


def told_one(read: Read, now_ms: int, source: str, names: Mapping[str, NameInfo], tell: Teller, *, lately_ms: int = DAY_MS) -> list[Fact]:
    """As ``told_of``, of the one person that is read."""
    latest_ms = read.latest_ms
    past = () if latest_ms is None or latest_ms <= now_ms - lately_ms else read.past(now_ms)
    told = tell(past, 0) if past else None
    if told is None:
        return []
    ttl_ms = told.until_ms - told.observed_ms
    return [
        Fact(
            name=name, value=_value(names[name].type, value), source=source,
            observed_at_ms=told.observed_ms, ttl_ms=ttl_ms, confidence=told.confidence,
        )
        for name, value in told.values.items()
        if value is not None
    ]  # fmt: skip


def _value(type: str, value: FactValue) -> FactValue:
    return str(value) if type == "text" else value is True if type == "flag" else float(value)


def _kinds(names: Mapping[str, NameInfo]) -> dict[str, Kind]:
    return {name: "text" if info.type == "text" else "flag" if info.type == "flag" else "number" for name, info in names.items()}


def told_of(read: Read, n: int, now_ms: int, names: Mapping[str, Kind], tell: Teller, *, lately_ms: int = DAY_MS) -> Mapping[str, Derived]:
    """The facts of those who did something lately.

    Args:
        read: Traits.
        n: How many people.
        now_ms: The instant.
        names: Names and types.
        tell: See ``Teller``.
        lately_ms: Who did nothing for longer is passed over.
    """
    at_ms, latest = latest_ms(read)
    at = np.flatnonzero(latest.known & (at_ms > now_ms - lately_ms))
    observed, until, confidence = np.full(n, now_ms), np.full(n, now_ms + 1), np.ones(n)
    values: dict[str, list[Value]] = {name: [] for name in names}
    places: list[int] = []
    for i, history in zip(at.tolist(), read.histories(at) if len(at) else [], strict=True):
        past = [step for step in history if step.at_ms <= now_ms]
        told = tell(past, i) if past else None
        if told is not None:
            places.append(i)
            observed[i], until[i], confidence[i] = told.observed_ms, told.until_ms, told.confidence
            for name, held in values.items():
                held.append(told.values.get(name))
    where = np.array(places, np.int64)
    return {name: Derived(_column(kind, values[name], where, n), observed, until, confidence) for name, kind in names.items()}


def _column(kind: Kind, values: Sequence[Value], where: Int64, n: int) -> Column:
    known = np.zeros(n, np.bool_)
    known[where] = [value is not None for value in values]
    if kind == "text":
        words = Vocabulary()
        codes = np.full(n, -1, np.int32)
        codes[where] = words.encode([None if value is None else str(value) for value in values])
        return Column("text", codes, known, words)
    if kind == "flag":
        flags = np.zeros(n, np.bool_)
        flags[where] = [value is True for value in values]
        return Column("flag", flags, known)
    numbers = np.zeros(n)
    numbers[where] = [0.0 if value is None else float(value) for value in values]
    return Column("number", numbers, known)


def session_of(history: Sequence[Step]) -> Sequence[Step]:
    """The actions of the last session, newest first."""
    later_ms = history[0].at_ms
    for place, step in enumerate(history):
        if later_ms - step.at_ms >= GAP_MS:
            return history[:place]
        later_ms = step.at_ms
    return history


def while_it_lasts(session: Sequence[Step], now_ms: int, values: Mapping[str, Value], *, moving: bool = False) -> Told:
    """Facts that count while a session lasts.

    Args:
        session: Newest first.
        now_ms: The instant.
        values: By name.
        moving: Whether time alone changes them, so that they are looked at every minute.
    """
    ends_ms = session[0].at_ms + GAP_MS
    if moving and now_ms < ends_ms:
        return Told(values, now_ms, min((now_ms // MINUTE_MS + 1) * MINUTE_MS, ends_ms))
    return Told(values, session[0].at_ms, ends_ms)
