"""Jobs that wait for the engine, in three lines: decisions, questions, and everything that brings records.

Decisions and questions, which somebody waits for, may overtake records: an event that nobody was answered for yet need not be known.
"""

from __future__ import annotations

import threading
from collections import deque

from gyeol.engine.jobs import Job

MOST_DECISIONS = 16
"""So many placements are decided in one frame at most: the first asker waits for the last."""

MOST_WAITING_DECISIONS = 2_000
MOST_BYTES = 256 * 2**20
"""Bodies that may wait before requests are turned away, however few events they hold."""


class JobQueue:
    """Three lines behind one lock.

    Attributes:
        events, size_bytes: Of the jobs that wait.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._decisions: deque[Job] = deque()
        self._questions: deque[Job] = deque()
        self._records: deque[Job] = deque()
        self._hasty = 0
        self.events = self.size_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._decisions or self._questions or self._records)

    def full(self, most_events: int) -> bool:
        """Whether more events, or more bytes of them, wait than may."""
        return self.events > most_events or self.size_bytes > MOST_BYTES

    @property
    def decisions(self) -> int:
        """Requests for decisions that wait."""
        return len(self._decisions)

    @property
    def oldest_s(self) -> float:
        """When the oldest job with records came, on ``time.monotonic``; 0 when none waits."""
        try:
            return self._records[0].since_s
        except IndexError:  # taken by another thread a moment ago
            return 0.0

    def put(self, job: Job) -> None:
        """Add a job at the end of its line."""
        line = self._records if not job.quick else self._questions if job.heavy else self._decisions
        with self.lock:
            line.append(job)
            self.events += job.events
            self.size_bytes += job.size_bytes
            self._hasty += not job.patient

    def long_work(self) -> bool:
        """Whether something waits that takes long: a question, or a job with records that is heavy and whose turn it is."""
        with self.lock:
            return bool(self._questions) or (bool(self._records) and self._records[0].heavy)

    def hasty(self) -> bool:
        """Whether a job waits that should not wait for others to share its frame."""
        return self._hasty > 0

    def take_decisions(self) -> list[Job]:
        """The requests of the next frame of decisions."""
        with self.lock:
            return self._taken(self._decisions, MOST_DECISIONS, heavy=False)

    def take_questions(self) -> list[Job]:
        """All questions."""
        with self.lock:
            return self._taken(self._questions, 0, heavy=True)

    def take_records(self, most_events: int) -> list[Job]:
        """The first jobs with records, up to one that takes long: at least one, as many as bring so many events."""
        with self.lock:
            return self._taken(self._records, most_events, heavy=False)

    def take_heavy(self) -> list[Job]:
        """The next job with records, if it takes long."""
        with self.lock:
            return self._taken(self._records, 0, heavy=True)

    def _taken(self, line: deque[Job], most: int, *, heavy: bool) -> list[Job]:
        jobs: list[Job] = []
        events = 0
        while line and line[0].heavy == heavy and (not jobs or events + line[0].events <= most):
            job = line.popleft()
            jobs.append(job)
            events += job.events
            self.size_bytes -= job.size_bytes
            self._hasty -= not job.patient
        self.events -= events
        return jobs
