"""Open complaints: a person who is angry with us and has no answer yet. While one is open promotion stops.

A negative text, said with confidence and about what we do, opens a case; an event of the service desk closes it. The state is
a commutative, associative and idempotent monoid: per case the latest opening and the latest closing, whatever order they come in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from gyeol.context.emotion.trend import DAY_MS

Source = Literal["chat", "ticket", "call", "review", "survey", "social"]
SERVICE: frozenset[str] = frozenset({"chat", "ticket", "call"})
"""Where people turn to us for help: what is negative there is a complaint whatever it is about."""
NOT_OURS: frozenset[str] = frozenset({"story"})
"""Topics that no service desk can mend: a dull film is no complaint."""
SURE = 0.8
"""Confidence from which a text opens a case. Source: docs/emotion.md, "An open complaint": 1 in 5 at most is a misreading."""
LAPSE_MS = 30 * DAY_MS
ALL = "*"
"""As a case: closes every case opened until then."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case.

    Args:
        opened_ms: Latest opening; -1: none is known.
        closed_ms: Latest closing; -1: none.
    """

    opened_ms: int = -1
    closed_ms: int = -1


Cases = Mapping[str, Case]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a text opens a case, and why (not): a reason code.

    Args:
        opens: Whether.
        reason: ``service_negative``, ``topic_negative``; ``not_negative``, ``not_sure``, ``not_ours``.
    """

    opens: bool
    reason: str


def judged(source: str, label: str, confidence: float, topics: Collection[str], *, sure: float = SURE) -> Verdict:
    """Whether a text opens a case.

    Args:
        source: Where it was said, a ``Source``; others open nothing unless they speak of what we do.
        label: Of the text.
        confidence: Of the text.
        topics: What it is about; for a text about several things those that are spoken ill of.
        sure: Confidence that is needed.
    """
    if label != "negative":
        return Verdict(opens=False, reason="not_negative")
    if confidence < sure:
        return Verdict(opens=False, reason="not_sure")
    if source in SERVICE:
        return Verdict(opens=True, reason="service_negative")
    if any(topic not in NOT_OURS for topic in topics):
        return Verdict(opens=True, reason="topic_negative")
    return Verdict(opens=False, reason="not_ours")


def opened(case: str, at_ms: int) -> Cases:
    """A case opens."""
    return {case: Case(opened_ms=at_ms)}


def closed(case: str, at_ms: int) -> Cases:
    """A case closes; ``ALL``: every one opened until then."""
    return {case: Case(closed_ms=at_ms)}


def combine(a: Cases, b: Cases) -> Cases:
    """Both together, cases by name."""
    none = Case()
    return {
        name: Case(
            opened_ms=max(a.get(name, none).opened_ms, b.get(name, none).opened_ms),
            closed_ms=max(a.get(name, none).closed_ms, b.get(name, none).closed_ms),
        )
        for name in sorted({*a, *b})
    }


def open_cases(cases: Cases, now_ms: int, *, lapse_ms: int = LAPSE_MS) -> dict[str, int]:
    """What is open at an instant: case → when it was opened, oldest first.

    Args:
        cases: The state.
        now_ms: The instant; what happened after it is not known yet.
        lapse_ms: A case that nobody closed stops braking after this long.
    """
    everything = cases.get(ALL, Case()).closed_ms
    found = {
        name: case.opened_ms
        for name, case in cases.items()
        if name != ALL and case.opened_ms > max(case.closed_ms, everything) and case.opened_ms <= now_ms < case.opened_ms + lapse_ms
    }
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))
