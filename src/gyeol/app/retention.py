"""When whole days of the log may go: once two snapshots, state.db and the lake are past them (ADR 0017)."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gyeol.engine.snapshot import safe_offset
from gyeol.events.dedupe import DAYS
from gyeol.kernel.errors import GyeolError
from gyeol.storage.log.sqlite import SqliteLog

PAUSE_S = 3_600.0
LEAST_DAYS = DAYS + 1
"""The index of ids can always be made again from the log."""


class Retention:
    """Drops old files of the log. Any thread may run it.

    Args:
        log: The writer's.
        snapshots: Folder of snapshots.
        acted_offset: How far state.db is.
        hold: A backup holds a lock on this file: then nothing goes.
        keep_days: Days before today that stay, at least ``LEAST_DAYS``; 0: all of them, for ever.
        definitions: Hash of those in force: snapshots of others do not stand for the log.

    Attributes:
        lake_offset: How far the lake is; None until it has told: then nothing goes.
        retired: Files that went since the process began.
        problem: Why the last attempt failed.
    """

    def __init__(
        self, log: SqliteLog, snapshots: Path, acted_offset: Callable[[], int], hold: Path, keep_days: int, definitions: Callable[[], str]
    ) -> None:
        self._log, self._snapshots, self._acted_offset, self._hold = log, snapshots, acted_offset, hold
        self._definitions = definitions
        self._keep_days = max(keep_days, LEAST_DAYS) if keep_days else 0
        self._lock = threading.Lock()
        self._ran_s = -PAUSE_S
        self.lake_offset: int | None = None
        self.retired: list[str] = []
        self.problem: GyeolError | None = None

    def needed_from(self) -> int:
        """Nothing at or after this offset may go: what a start reads if the newer snapshot is damaged, and what others have yet to read."""
        lake = 0 if self.lake_offset is None else self.lake_offset
        return min(safe_offset(self._snapshots, self._definitions()), self._acted_offset(), lake)

    def passed(self, lake_offset: int) -> None:
        """The lake is so far; runs when the last time is an hour ago."""
        self.lake_offset = lake_offset
        if time.monotonic() - self._ran_s >= PAUSE_S:
            self.run()

    def run(self) -> list[str]:
        """Drop what may go; returns the files."""
        if not self._keep_days or not self._lock.acquire(blocking=False):
            return []
        try:
            with _nobody_holds(self._hold) as free:
                if not free:
                    return []
                self._ran_s = time.monotonic()
                gone = self._log.retire(self._keep_days, self.needed_from())
            self.retired += gone
            self.problem = None
            return gone
        except GyeolError as error:
            self.problem = error
            return []
        finally:
            self._lock.release()


@contextmanager
def _nobody_holds(path: Path) -> Iterator[bool]:
    """Whether no backup is being made; while this lasts none begins."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)
