"""Where "now" comes from. Nothing in Gyeol reads the wall clock but through this seam."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Milliseconds since 1970-01-01T00:00:00Z."""

    def now_ms(self) -> int:
        """The instant it is."""
        ...


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """The instant it is."""
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that moves only when told: tests, rehearsals."""

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms

    def now_ms(self) -> int:
        """The instant last set."""
        return self._now_ms

    def advance(self, by_ms: int) -> None:
        """Move forward by ``by_ms`` milliseconds."""
        self._now_ms += by_ms

    def set(self, to_ms: int) -> None:
        """Jump to an instant, also backwards (to test what a clock jump does)."""
        self._now_ms = to_ms
