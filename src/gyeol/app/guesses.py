"""Who types codes that nobody has, and when it has been enough: guessing must not pay."""

from __future__ import annotations

from collections import OrderedDict

WINDOW_MS = 60_000
MOST_WRONG = 10
"""Wrong codes of one key and store within ``WINDOW_MS``; ten a minute for a year find none of 31**9 codes but by a chance of 2 in 10**7 for
each code that is out. Our own choice: a cashier who mistypes is not in the way of it."""
MOST_KEPT = 10_000


class Guesses:
    """Counts wrong codes by (key, store), in memory: a restart forgives.

    Args:
        most: So many within the window are answered; the next one is turned away.
    """

    def __init__(self, most: int = MOST_WRONG) -> None:
        self._most = most
        self._wrong: OrderedDict[tuple[str, str], list[int]] = OrderedDict()

    def wait_ms(self, source: str, store: str, now_ms: int) -> int:
        """How long a key and store must wait; 0: they may ask."""
        at = self._recent((source, store), now_ms)
        return at[-self._most] + WINDOW_MS - now_ms if len(at) >= self._most else 0

    def note(self, source: str, store: str, now_ms: int) -> None:
        """A code was wrong."""
        whose = source, store
        self._wrong[whose] = [*self._recent(whose, now_ms), now_ms][-self._most :]
        self._wrong.move_to_end(whose)
        while len(self._wrong) > MOST_KEPT:
            self._wrong.popitem(last=False)

    def _recent(self, whose: tuple[str, str], now_ms: int) -> list[int]:
        return [at for at in self._wrong.get(whose, ()) if at > now_ms - WINDOW_MS]
