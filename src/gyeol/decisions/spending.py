"""What was given away: amounts by account and day. Every amount stands in the decision that took it, so a replay gives the same sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gyeol.kernel.instants import Zone

Accounts = list[tuple[str, list[tuple[int, int]]]]


class Taken(NamedTuple):
    """What was taken of an account: today, and ever. In minor units, or pieces."""

    day: int
    total: int


NOTHING = Taken(0, 0)


def money_of(kind: str, name: str) -> str:
    """The account of the money of an ``offer``, ``category`` or ``partner``."""
    return f"{kind}:{name}"


def pieces_of(kind: str, name: str) -> str:
    """The account of the pieces of an ``offer`` or ``partner``."""
    return f"pieces:{kind}:{name}"


class Spending:
    """Amounts by account. What is held counts as taken until it is given back.

    Args:
        zone: Whose days are counted: an amount counts for the day on which it was decided.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._days: dict[str, dict[int, int]] = {}
        self._totals: dict[str, int] = {}

    def take(self, charges: Mapping[str, int], at_ms: int) -> None:
        """Take amounts."""
        day = self.zone.day(at_ms)
        for account, amount in charges.items():
            days = self._days.setdefault(account, {})
            days[day] = days.get(day, 0) + amount
            self._totals[account] = self._totals.get(account, 0) + amount

    def give_back(self, charges: Mapping[str, int], at_ms: int) -> None:
        """Undo ``take``: what was decided at that instant has come to nothing."""
        self.take({account: -amount for account, amount in charges.items()}, at_ms)

    def taken(self, account: str, now_ms: int) -> Taken:
        """What was taken, on the day of ``now_ms`` and ever."""
        days = self._days.get(account)
        return NOTHING if days is None else Taken(days.get(self.zone.day(now_ms), 0), self._totals[account])

    def by_day(self, account: str) -> dict[int, int]:
        """What was taken, by day since 1970 in the zone."""
        return dict(sorted((day, amount) for day, amount in self._days.get(account, {}).items() if amount))

    def dump(self) -> Accounts:
        """The amounts; equal ones give an equal list."""
        return [(account, sorted(self._days[account].items())) for account in sorted(self._days)]

    def load(self, accounts: Accounts) -> None:
        """Take back what ``dump`` gave."""
        self._days = {account: dict(days) for account, days in accounts}
        self._totals = {account: sum(days.values()) for account, days in self._days.items()}
