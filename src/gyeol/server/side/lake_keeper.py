"""What keeps the lake up to date: reads the log's end every now and then, commits, tidies, and tells the core how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from gyeol.app.book import Book
from gyeol.kernel.errors import GyeolError
from gyeol.server.side.keeper import LONGEST_PAUSE_S, Keeper
from gyeol.storage.lake.lake import Lake

PAUSE_S = 0.2
"""How often the log is looked at; an event is on a person's timeline that much later at most."""
TIDY_S = 3_600.0
"""Source: DESIGN §10, small files are merged hourly."""


class LakeKeeper(Keeper):
    """See ``Keeper``. It ends with everything that was acted upon in the lake.

    Args:
        lake: What is kept.
        book: The log in sum, which sees each frame that the lake reads; what it has not seen it reads here.
        passed: Told each new offset of the lake; may fail while the core restarts.
        pause_s, longest_pause_s: See ``Keeper``. ``tidy_s``: see above.
    """

    def __init__(
        self,
        lake: Lake,
        book: Book,
        passed: Callable[[int], object],
        *,
        pause_s: float = PAUSE_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
        tidy_s: float = TIDY_S,
    ) -> None:
        super().__init__("lake", "lake_stuck", "the lake does not move on", pause_s=pause_s, longest_pause_s=longest_pause_s)
        self._lake, self._book, self._passed, self._tidy_s = lake, book, passed, tidy_s
        self._told = -1
        self._tidied_s = time.monotonic()

    def turn(self) -> None:
        """Bring what is new into the lake."""
        self._lake.writer.step()
        self._book.follow(self._lake.writer.read_offset)
        self._tell()
        if time.monotonic() - self._tidied_s >= self._tidy_s:
            self._tidied_s = time.monotonic()
            self._lake.tidy()

    def last(self) -> None:
        """Bring everything that was acted upon into the lake."""
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
