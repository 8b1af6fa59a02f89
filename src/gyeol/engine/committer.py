"""Group commit: frames wait while one fsync runs, and the next fsync covers all of them. Nobody is answered before it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from gyeol.engine.jobs import Job
from gyeol.events.log import FrameHeader, Log
from gyeol.kernel.errors import BackendError, BackendUnavailableError

Notify = Callable[[Sequence[Job]], None]


class Committer:
    """A thread that appends frames in order and then tells the askers.

    Args:
        log: Where frames go.
        notify: Called in the committer's thread with jobs that are answered.

    Attributes:
        durable_offset: Everything before it survives a power cut.
        failure: Why appending stopped, or None. After a failure nothing is appended until ``resume``.
        busy_since_s: Since when the frames that are being appended wait for the disk, on ``time.monotonic``; 0 when none are.
    """

    def __init__(self, log: Log, notify: Notify) -> None:
        self._log, self._notify = log, notify
        self._items: list[tuple[FrameHeader | None, bytes, Sequence[Job]]] = []
        self._changed = threading.Condition()
        self._stopping = self._busy = False
        self.busy_since_s = 0.0
        self.durable_offset = log.end_offset()
        self.failure: BackendError | None = None
        self._thread = threading.Thread(target=self._run, name="gyeol-commit", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Append what waits, then end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def submit(self, header: FrameHeader | None, frame: bytes, jobs: Sequence[Job]) -> None:
        """Queue a frame; its jobs are told once it is durable. Without a header: tell the jobs once all frames before are durable."""
        with self._changed:
            self._items.append((header, frame, jobs))
            self._changed.notify_all()

    def drained(self, timeout_s: float) -> bool:
        """Wait until nothing waits or is being appended; False after the time-out."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._items and not self._busy, timeout_s)

    def resume(self) -> None:
        """Append again after a failure; the engine's memory is what the log says."""
        with self._changed:
            self.failure = None
            self.durable_offset = self._log.end_offset()

    def waiting(self) -> int:
        """Frames not yet durable."""
        return len(self._items)

    def wait_durable(self, offset: int, timeout_s: float) -> bool:
        """Wait until everything before ``offset`` is durable; False after the time-out or a failure."""
        with self._changed:
            self._changed.wait_for(lambda: self.durable_offset >= offset or self.failure is not None, timeout_s)
            return self.durable_offset >= offset

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._items) or self._stopping)
                if not self._items:
                    return
                items, self._items = self._items, []
                self._busy, self.busy_since_s = True, time.monotonic()
            self._commit(items)

    def _commit(self, items: list[tuple[FrameHeader | None, bytes, Sequence[Job]]]) -> None:
        frames = [(header, frame) for header, frame, _ in items if header is not None]
        failure = self.failure
        if frames and failure is None:
            try:
                self._log.append_many(frames)
            except BackendError as error:
                failure = error
            except Exception as error:
                # Whatever it is, the askers must hear of it, and nothing more may be promised.
                failure = BackendError("append_failed", f"{type(error).__name__}: {error}")
        jobs = [job for _, _, waiting in items for job in waiting]
        if failure is not None:
            for job in jobs:
                job.error = BackendUnavailableError("log_unwritable", f"The log takes no more records: {failure}", cause=failure.code)
        with self._changed:
            self.failure = failure
            if frames and failure is None:
                last = frames[-1][0]
                self.durable_offset = last.first_offset + last.count
            self._busy, self.busy_since_s = False, 0.0
            self._changed.notify_all()
        if jobs:
            self._notify(jobs)
