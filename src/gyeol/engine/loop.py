"""The engine's threads: jobs wait while one frame is made, and the next frame takes all of them."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence

from gyeol.engine.committer import Committer, Notify
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Engine
from gyeol.engine.jobs import Apply, Ask, Job, Resume
from gyeol.engine.projector import Projector
from gyeol.engine.state import EngineState
from gyeol.engine.state_store import StateStore
from gyeol.events.log import Log
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError, GyeolError

TICK_S = 0.25
"""When idle the clock is looked at so often: a timer that is due fires at most so late."""
Rebuild = Callable[[Definitions], EngineState]
MOST_UNCOMMITTED = 32
"""Frames that may wait for the disk: beyond, the engine waits, jobs queue up, and requests are turned away."""


class EngineLoop:
    """Owns the engine's thread.

    Attributes:
        queued_events: Events that wait.
        failure: Why the engine stopped taking jobs, or None.

    Args:
        engine: Used by this thread only once started.
        log, store: Where records and effects go.
        notify: Told, in other threads, which jobs are answered.
        rebuild: Gives the state that the whole log makes under other definitions.
        snapshot: Writes the state; called in the engine's thread, which waits meanwhile.
        snapshot_every_records: How many records lie between two snapshots.
        frame_events: A frame closes at so many events.
        max_unwritten_frames: Frames that may wait for state.db.
    """

    def __init__(
        self,
        engine: Engine,
        log: Log,
        store: StateStore,
        notify: Notify,
        rebuild: Rebuild,
        snapshot: Callable[[], None],
        *,
        snapshot_every_records: int = 2_000_000,
        frame_events: int = 1_000,
        max_unwritten_frames: int = 2_000,
    ) -> None:
        self.engine = engine
        self.committer = Committer(log, notify)
        self.projector = Projector(store, self.committer)
        self._rebuild, self._snapshot, self._snapshot_every = rebuild, snapshot, snapshot_every_records
        self._snapshot_offset = engine.state.offset
        self._notify, self._frame_events, self._max_unwritten = notify, frame_events, max_unwritten_frames
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self.queued_events = 0
        self.failure: BackendUnavailableError | None = None
        self._thread = threading.Thread(target=self._run, name="gyeol-engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.committer.start()
        self.projector.start()
        self._thread.start()

    def stop(self) -> None:
        """Answer what waits, make it durable, write it to state.db, end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        self.committer.stop()
        self.projector.stop()

    def submit(self, job: Job) -> None:
        """Queue a job; its answer comes through ``notify``."""
        with self._changed:
            if self._stopping:
                raise BackendUnavailableError("stopping", "The core is stopping; try again in a moment.")
            self._jobs.append(job)
            self.queued_events += job.events
            self._changed.notify()

    def resume(self, pending: Sequence[Effects], unanswered: Sequence[Effects]) -> None:
        """After a crash: write to state.db what it has not seen, and begin the journeys that were still to begin."""
        if pending:
            self.submit(Resume(pending, unanswered))

    def overloaded(self) -> bool:
        """Whether state.db is so far behind that no more may be taken."""
        return self.projector.backlog() > self._max_unwritten

    def _take(self) -> list[Job]:
        """The jobs of the next frame: all that wait, up to the frame's size; empty after an idle moment."""
        with self._changed:
            if not self._jobs and not self._stopping:
                self._changed.wait(TICK_S)
            jobs: list[Job] = []
            events = 0
            while self._jobs and (not jobs or events + self._jobs[0].events <= self._frame_events):
                job = self._jobs.popleft()
                jobs.append(job)
                events += job.events
            self.queued_events -= events
            return jobs

    def _run(self) -> None:
        while True:
            jobs = self._take()
            if not jobs and self._stopping:
                return
            try:
                if self.failure is not None:
                    raise self.failure
                self._step(jobs)
            except Exception as error:
                self._fail(jobs, error)

    def _step(self, jobs: list[Job]) -> None:
        failure = self.committer.failure
        if failure is not None:
            raise BackendUnavailableError("log_unwritable", f"The log takes no more records: {failure}", cause=failure.code)
        questions = self.engine.ask(jobs)
        if questions:
            self._notify(questions)
        rest = [job for job in jobs if not isinstance(job, Ask | Apply | Resume)]
        for job in jobs:
            if isinstance(job, Apply):
                self._apply(job)
            elif isinstance(job, Resume):
                self._project(job.pending, job.unanswered)
        if not rest and jobs:
            return
        built = self.engine.begin(rest)
        if built is None:
            # Nothing to record; an answer such as "duplicate" may rest on a frame that is not durable yet.
            if rest:
                self.committer.submit(None, b"", rest)
            return
        self.committer.submit(built.header, built.frame, built.jobs)
        effects = self.engine.finish(built)
        self._project([effects], [effects])
        if built.later:
            self.committer.submit(None, b"", built.later)
        if built.effects.end_offset - self._snapshot_offset >= self._snapshot_every:
            self._snapshot_offset = built.effects.end_offset
            if self.committer.wait_durable(self.engine.next_offset, 30.0):
                self._snapshot()
        if self.committer.waiting() > MOST_UNCOMMITTED:
            self.committer.wait_durable(built.header.first_offset, 30.0)

    def _apply(self, job: Apply) -> None:
        """Fold the log under other definitions, once it is durable to its end; collecting waits meanwhile."""
        if not self.committer.wait_durable(self.engine.next_offset, 60.0):
            job.error = BackendTimeoutError("log_slow", "The log did not become durable within a minute; nothing was applied. Try again.")
        else:
            try:
                state = self._rebuild(job.definitions)
            except GyeolError as error:
                job.error = error
        if job.error is not None:
            self._notify([job])
            return
        built = self.engine.apply(job, state)
        self.committer.submit(built.header, built.frame, built.later)
        self.projector.submit(built.effects)

    def _project(self, folded: Sequence[Effects], unanswered: Sequence[Effects]) -> None:
        """Begin the journeys that folded frames set off, and hand all effects on in the order of their offsets.

        A frame counts as acted upon only once the frame of its acts is durable: a crash between the two must not lose a journey.
        """
        begun: list[Effects] = []
        for effects in unanswered:
            following = self.engine.act(effects)
            if following is not None:
                self.committer.submit(following.header, following.frame, following.jobs)
                effects.waits_for = following.effects.end_offset
                begun.append(following.effects)
        for effects in (*folded, *begun):
            self.projector.submit(effects)

    def _fail(self, jobs: Sequence[Job], error: Exception) -> None:
        """Answer jobs with what went wrong. The memory may be ahead of the log then, so nothing more is taken until a restart."""
        if not isinstance(error, BackendUnavailableError):
            traceback.print_exception(error)
            told = f"{type(error).__name__}: {error}. A bug of ours: restart the core; everything that was acknowledged is in the log."
            error = BackendUnavailableError("engine_failed", told)
        self.failure = error
        for job in jobs:
            job.error = job.error or error
        self._notify(jobs)
