"""The facts that follow from traits, of one person and of many, by the kinds that a workspace has."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.context.fact import Fact
from gyeol.context.facts import BY_MINUTE
from gyeol.context.facts.kind import DerivedKind, SingleKind
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64, Zone

_NEVER = np.iinfo(np.int64).max


class DerivedFacts:
    """Derived facts.

    Args:
        kinds: Those of the workspace that it gives something to read.
        zone: The workspace's.

    Attributes:
        by_minute: Whether any of them changes within an hour.
    """

    def __init__(self, kinds: Sequence[DerivedKind], zone: Zone) -> None:
        self._zone = zone
        self._kinds = [(kind, kind if isinstance(kind, SingleKind) else None) for kind in kinds]
        self._kind_of = {name: kind for kind in kinds for name in kind.names}
        self.by_minute = any(kind in BY_MINUTE for kind in kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def __contains__(self, name: str) -> bool:
        return name in self._kind_of

    def of_one(self, read: Read, now_ms: int, today: int) -> list[Fact]:
        """All of one person.

        Args:
            read: Of the one.
            now_ms: The instant.
            today: The person's date, in days from 1970-01-01.
        """
        found: list[Fact] = []
        days = np.array([today])
        for kind, single in self._kinds:
            if single is not None:
                found += single.one(read, now_ms, self._zone)
            else:
                derived = kind.derive(read, 1, now_ms, days, self._zone)
                found += [fact for name, each in derived.items() if (fact := first_fact(name, kind.source, each)) is not None]
        return found

    def column(self, name: str, read: Read, n: int, now_ms: int, days: Int64) -> Column:
        """One of the facts of many people; what has aged is stale.

        Args:
            name: Without ``moment.``; one that is contained.
            read: Of them.
            n: How many.
            now_ms: The instant.
            days: (n,) their dates, in days from 1970-01-01.
        """
        derived = self._kind_of[name].derive(read, n, now_ms, days, self._zone)[name]
        column, stale = derived.column, derived.until_ms <= now_ms
        return msgspec.structs.replace(column, known=column.known & ~stale, stale=column.known & stale) if stale.any() else column


def first_fact(name: str, source: str, derived: Derived, place: int = 0) -> Fact | None:
    """What is derived of the first person, or of another, as a fact; None where nothing is known."""
    value = derived.column.item(place)
    if not isinstance(value, int | float | str):
        return None
    observed, until = int(derived.observed_ms[place]), int(derived.until_ms[place])
    ttl_ms = None if until == _NEVER else until - observed
    sure = 1.0 if derived.confidence is None else float(np.asarray(derived.confidence)[place])
    return Fact(name=name, value=value, source=source, observed_at_ms=observed, ttl_ms=ttl_ms, confidence=sure)
