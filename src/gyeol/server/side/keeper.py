"""A thread of the side process that does one thing again and again, and outlives whatever goes wrong with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from gyeol.kernel.errors import GyeolError

LONGEST_PAUSE_S = 30.0
"""After failures the pause doubles up to this."""
_LEAST_FAILED_S = 1.0


class Keeper:
    """Runs beside the API.

    A failure is told once, as long as it stays the same, and the turn is tried again after a longer and longer pause. What nobody expected
    is told as an error of ours and tried again as well: ingest and decisions do not need what is kept here, and a thread that ended
    without a word would be missed by nobody until it is needed.

    Args:
        name: Of the thread, without ``gyeol-``; its log is ``gyeol.side.<name>``.
        code: Of its log lines.
        stuck: What is the matter when a turn fails, in words.
        pause_s: Between two turns.
        longest_pause_s: See above.

    Attributes:
        problem: Why it does not get on; empty when it does.
    """

    def __init__(self, name: str, code: str, stuck: str, *, pause_s: float, longest_pause_s: float = LONGEST_PAUSE_S) -> None:
        self._code, self._stuck, self._pause_s, self._longest_pause_s = code, stuck, pause_s, longest_pause_s
        self._log = logging.getLogger(f"gyeol.side.{name}")
        self._stop = threading.Event()
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name=f"gyeol-{name}", daemon=True)

    def turn(self) -> float | None:
        """Do what there is to do now; returns the pause until the next turn in seconds, None for the usual one."""
        raise NotImplementedError

    def last(self) -> None:
        """Done once before the end."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done, and after ``last``."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        pause_s, failed_s = self._pause_s, 0.0
        while not self._stop.wait(pause_s):
            wanted = self._attempt(self.turn)
            failed_s = min(max(2 * failed_s, _LEAST_FAILED_S), self._longest_pause_s) if self.problem else 0.0
            pause_s = failed_s or (self._pause_s if wanted is None else wanted)
        self._attempt(self.last)

    def _attempt(self, work: Callable[[], float | None]) -> float | None:
        try:
            wanted = work()
        except GyeolError as error:
            if error.message != self.problem:
                self._log.warning("%s: %s", self._stuck, error.message, extra={"code": self._code})
            self.problem = error.message
            return None
        except Exception as error:
            self._log.exception("%s", self._stuck, extra={"code": self._code})
            self.problem = f"{type(error).__name__}: {error}. This is a bug: please report it with the log of the side process."
            return None
        self.problem = ""
        return wanted
