"""Facts of many people from their last actions: only those who did something lately are looked at one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from gyeol.context.behaviour.recorded import LATEST_TRAIT, Read, Step, time_of
from gyeol.context.behaviour.session import GAP_MS
from gyeol.context.derived import Derived
from gyeol.expressions.column import Column, Vocabulary
from gyeol.kernel.instants import DAY_MS, Int64

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


def told_of(
    read: Read,
    n: int,
    now_ms: int,
    names: Mapping[str, Kind],
    tell: Callable[[Sequence[Step]], Told | None],
    *,
    lately_ms: int = DAY_MS,
) -> Mapping[str, Derived]:
    """The facts of those who did something lately.

    Args:
        read: Traits.
        n: How many people.
        now_ms: The instant.
        names: Names and types.
        tell: The facts by the actions of one person up to now, newest first, at least one; None: nothing is known.
        lately_ms: Who did nothing for longer is passed over.
    """
    return told_at(read, n, now_ms, names, lambda past, place: tell(past), lately_ms=lately_ms)


def told_at(
    read: Read,
    n: int,
    now_ms: int,
    names: Mapping[str, Kind],
    tell: Callable[[Sequence[Step], int], Told | None],
    *,
    lately_ms: int = DAY_MS,
) -> Mapping[str, Derived]:
    """As ``told_of``; what tells is also given the place of the person among all."""
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
    end = 1
    while end < len(history) and history[end - 1].at_ms - history[end].at_ms < GAP_MS:
        end += 1
    return history[:end]


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
