"""Jobs that wait for the engine, in two lines: decisions and questions, which somebody waits for, and everything that brings records.

The quick line may overtake the other: an event that nobody was answered for yet need not be known to a decision.
"""

from __future__ import annotations

import threading
from collections import deque

from gyeol.engine.jobs import Job

MOST_DECISIONS = 16
"""So many placements are decided in one frame at most: the first asker waits for the last."""


class JobQueue:
    """Two lines behind one lock.

    Attributes:
        events, size_bytes: Of the jobs that wait.
        decisions: Jobs of the quick line.
        oldest_s: When the oldest job of the other line came, on ``time.monotonic``; 0 when none waits.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._quick: deque[Job] = deque()
        self._records: deque[Job] = deque()
        self._hasty = 0
        self.events = self.size_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._quick or self._records)

    @property
    def decisions(self) -> int:
        """Jobs of the quick line."""
        return len(self._quick)

    @property
    def oldest_s(self) -> float:
        """When the oldest job of the other line came; 0 when none waits."""
        try:
            return self._records[0].since_s
        except IndexError:  # taken by another thread a moment ago
            return 0.0

    def put(self, job: Job) -> None:
        """Add a job at the end of its line."""
        with self.lock:
            (self._quick if job.quick else self._records).append(job)
            self.events += job.events
            self.size_bytes += job.size_bytes
            self._hasty += not job.patient

    def first_is_heavy(self) -> bool:
        """Whether either line begins with a job that takes long."""
        with self.lock:
            return any(line[0].heavy for line in (self._quick, self._records) if line)

    def hasty(self) -> bool:
        """Whether a job waits that should not wait for others to share its frame."""
        return self._hasty > 0

    def take_quick(self) -> list[Job]:
        """The first jobs of the quick line, up to one that takes long."""
        with self.lock:
            return self._taken(self._quick, MOST_DECISIONS, heavy=False)

    def take_records(self, most_events: int) -> list[Job]:
        """The first jobs of the other line, up to one that takes long: at least one, as many as bring so many events."""
        with self.lock:
            return self._taken(self._records, most_events, heavy=False)

    def take_heavy(self) -> list[Job]:
        """The job that takes long at the head of a line; none when there is none."""
        with self.lock:
            for line in (self._quick, self._records):
                if line and line[0].heavy:
                    return self._taken(line, 0, heavy=True)
            return []

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
