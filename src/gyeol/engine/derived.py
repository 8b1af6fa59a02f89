"""The facts that follow from traits, of one person and of many, by the kinds that a workspace has."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gyeol.context.behaviour.recorded import Read
from gyeol.context.fact import Fact
from gyeol.context.facts import BY_MINUTE
from gyeol.context.facts.kind import DerivedKind, facts_of_one, with_single
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64, Zone


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
        self._kinds = with_single(kinds)
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
        return facts_of_one(self._kinds, read, now_ms, today, self._zone)

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
