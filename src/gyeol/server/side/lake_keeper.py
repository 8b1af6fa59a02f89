"""The thread that keeps the lake up to date: reads the log's end every now and then, commits, tidies, and tells the core how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from gyeol.app.book import Book
from gyeol.kernel.errors import GyeolError
from gyeol.storage.lake.lake import Lake

PAUSE_S = 0.2
"""How often the log is looked at; an event is on a person's timeline that much later at most."""
TIDY_S = 3_600.0
"""Source: DESIGN §10, small files are merged hourly."""
_LONGEST_PAUSE_S = 30.0

_log = logging.getLogger("gyeol.side.lake")


class LakeKeeper:
    """Runs beside the API.

    Args:
        lake: What is kept.
        book: The log in sum, which sees each frame that the lake reads; what it has not seen it reads here.
        passed: Told each new offset of the lake; may fail while the core restarts.
        pause_s, tidy_s: See above.

    Attributes:
        problem: Why the lake does not move on; empty when it does.
    """

    def __init__(
        self, lake: Lake, book: Book, passed: Callable[[int], object], *, pause_s: float = PAUSE_S, tidy_s: float = TIDY_S
    ) -> None:
        self._lake, self._book, self._passed, self._pause_s, self._tidy_s = lake, book, passed, pause_s, tidy_s
        self._stop = threading.Event()
        self._told = -1
        self._tidied_s = time.monotonic()
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name="gyeol-lake", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Bring what was acted upon into the lake, then end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = self._pause_s
        while not self._stop.wait(pause_s):
            pause_s = self._pause_s if self._attempt(self._turn) else min(max(2 * pause_s, 1.0), _LONGEST_PAUSE_S)
        self._attempt(self._last)

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except GyeolError as error:
            if error.message != self.problem:
                _log.warning("the lake does not move on: %s", error.message, extra={"code": "lake_stuck"})
            self.problem = error.message
            return False
        except Exception as error:
            # The thread must outlive a bug: ingest and decisions do not need the lake, and status must be able to tell of it.
            _log.exception("the lake's thread failed", extra={"code": "lake_stuck"})
            self.problem = f"{type(error).__name__}: {error}. This is a bug: please report it with the log of the side process."
            return False
        self.problem = ""
        return True

    def _turn(self) -> None:
        self._lake.writer.step()
        self._book.follow(self._lake.writer.read_offset)
        self._tell()
        if time.monotonic() - self._tidied_s >= self._tidy_s:
            self._tidied_s = time.monotonic()
            self._lake.tidy()

    def _last(self) -> None:
        self._lake.catch_up()
        self._book.save()
        self._tell()

    def _tell(self) -> None:
        offset = self._lake.offset
        if offset == self._told:
            return
        self._book.save()
        try:
            self._passed(offset)
        except GyeolError:
            # The core is restarting or gone; it is told with the next commit.
            return
        self._told = offset
