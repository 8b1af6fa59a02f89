"""The engine's turns: one frame at a time, in the thread that reads requests when the work is short, in one of its own when it is long.

Whoever makes a frame holds the baton. Events and decisions are answered where they arrive: the asyncio loop takes a turn as soon as it
has read what came, so that no thread is woken, and no interpreter lock handed over, for a request (ADR 0010). Imports, questions about
everybody, definitions, sweeps and snapshots have a thread of their own, which gives the baton back after every frame.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence

from gyeol.engine.committer import Committer, Notify
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Engine
from gyeol.engine.healing import Due, Healer
from gyeol.engine.jobs import Apply, Ask, Import, Job, Resume
from gyeol.engine.parts import import_parts, whole_of
from gyeol.engine.projector import Projector
from gyeol.engine.queue import MOST_WAITING_DECISIONS, JobQueue
from gyeol.engine.recovery import Recovered
from gyeol.engine.state import EngineState
from gyeol.engine.state_store import StateStore
from gyeol.engine.window import LONGEST_S, Window
from gyeol.events.log import Log
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError, GyeolError

TICK_S = 0.25
"""When idle the clock is looked at so often: a timer that is due fires at most so late."""
MOST_UNCOMMITTED = 32
"""Frames that may wait for the disk: beyond, no frame is begun, jobs queue up, and requests are turned away."""
SWEEP_PEOPLE = 20_000
"""With more people, looking at everybody's audiences at the edge of a bucket is long work."""
_log = logging.getLogger("gyeol.core.engine")
Rebuild = Callable[[Definitions], EngineState]


class EngineLoop:
    """Owns the engine.

    Attributes:
        failure: Why the engine stopped taking jobs, or None.

    Args:
        engine: Used by whoever holds the baton only, once started.
        log, store: Where records and effects go.
        notify: Told, in other threads, which jobs are answered.
        rebuild: Gives the state that the whole log makes under other definitions.
        snapshot: Begins to write the state; called in the engine's thread, which holds the baton meanwhile.
        restore: Gives the state at the log's end after something failed; None: a failure lasts until a restart.
        probe: Raises BackendError as long as the log takes nothing.
        snapshot_offset: Of the newest snapshot; None: of the state.
        snapshot_every_records, snapshot_every_s: A snapshot is due after so many records, or so long with any.
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
        restore: Callable[[], Recovered] | None = None,
        probe: Callable[[], None] = lambda: None,
        snapshot_offset: int | None = None,
        snapshot_every_records: int = 2_000_000,
        snapshot_every_s: float = 600.0,
        frame_events: int = 1_000,
        max_unwritten_frames: int = 2_000,
    ) -> None:
        self.engine = engine
        self.committer = Committer(log, self._answered)
        self.projector = Projector(store, self.committer)
        self._rebuild = rebuild
        taken = engine.state.offset if snapshot_offset is None else snapshot_offset
        self._snapshots = Due(snapshot, snapshot_every_records, snapshot_every_s, taken)
        self._healer = Healer(engine, self.committer, self.projector, restore, probe)
        self._notify, self._frame_events, self._max_unwritten = notify, frame_events, max_unwritten_frames
        self._queue = JobQueue()
        self._baton = threading.Lock()
        self._changed = threading.Condition()
        self._stopping = self._snapshot_due = self._long_work = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._called = self._after_quick = False
        self._timer: asyncio.TimerHandle | None = None
        self._turned = threading.Event()
        self._window = Window()
        self._last_frame = time.monotonic()
        self.failure: BackendUnavailableError | None = None
        self._thread = threading.Thread(target=self._run, name="gyeol-engine", daemon=True)

    @property
    def queued_events(self) -> int:
        """Events that wait."""
        return self._queue.events

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take turns in an asyncio loop; called in its thread. Without a loop the engine's thread does everything."""
        self._loop_thread, self._loop = threading.get_ident(), loop

    def start(self) -> None:
        """Begin."""
        self.committer.start()
        self.projector.start()
        self._thread.start()

    def stop(self) -> None:
        """Answer what waits, make it durable, write it to state.db, end."""
        with self._changed:
            self._stopping = True
            self._loop = None
            self._changed.notify_all()
        self._thread.join()
        self.committer.stop()
        self.projector.stop()

    def submit(self, job: Job) -> None:
        """Queue a job; its answer comes through ``notify``."""
        if self._stopping:
            raise BackendUnavailableError("stopping", "The core is stopping; try again in a moment.")
        job.since_s = time.monotonic()
        self._queue.put(job)
        if job.heavy or self._loop is None:
            self._wake()
        else:
            self._call()

    def resume(self, pending: Sequence[Effects], unanswered: Sequence[Effects]) -> None:
        """After a crash: write to state.db what it has not seen, and begin the journeys that were still to begin.

        Called before ``start``: nothing else may come before it, not even time that passes.
        """
        if pending:
            with self._baton:
                self._attempt([Resume(pending, unanswered)])

    def waiting_ms(self) -> int:
        """How long what waits longest has waited, for a frame or for the disk; 0 when nothing does."""
        since_s = min((at for at in (self._queue.oldest_s, self.committer.busy_since_s) if at), default=0.0)
        return int(1_000 * (time.monotonic() - since_s)) if since_s else 0

    def full(self, most_events: int) -> bool:
        """Whether more wait for the engine than may: then requests with events are turned away."""
        return self._queue.full(most_events)

    def decisions_full(self) -> bool:
        """Whether more decisions wait than may."""
        return self._queue.decisions > MOST_WAITING_DECISIONS

    def overloaded(self) -> bool:
        """Whether state.db is so far behind that no more may be taken."""
        return self.projector.backlog() > self._max_unwritten

    # -- turns in the asyncio loop
    def _call(self) -> None:
        """Have the asyncio loop take a turn once it has read what came."""
        loop = self._loop
        if loop is None or self._called:
            return
        self._called = True
        if threading.get_ident() == self._loop_thread:
            loop.call_soon(self._turn)
        else:
            loop.call_soon_threadsafe(self._turn)

    def _turn(self) -> None:
        self._called = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._baton.acquire(blocking=False):
            return  # its holder calls for a turn when it lets go
        try:
            again = self._short()
        finally:
            self._baton.release()
            self._turned.set()
        if again:
            self._call()
        elif self._long_work or self._snapshot_due:
            self._wake()

    def _short(self) -> bool:
        """Make one frame if one is due; returns whether another turn is wanted at once."""
        queue = self._queue
        if not queue or self.committer.waiting() > MOST_UNCOMMITTED:
            return False
        if self._sweeps_everybody():
            self._long_work = True
            return False
        if queue.decisions and not self._after_quick:
            jobs = queue.take_decisions()
            self._after_quick = bool(jobs)
            if jobs:
                self._attempt(jobs)
                return bool(queue)
        self._after_quick = False
        now = time.monotonic()
        due_s = self._window.due_s(queue.oldest_s)
        if now < due_s and queue.events < self._frame_events and not queue.hasty():
            self._later(due_s - now)
            return False
        jobs = queue.take_records(self._frame_events)
        if not jobs:
            return queue.decisions > 0
        self._attempt(jobs)
        self._window.note(now, time.monotonic())
        return bool(queue)

    def _later(self, seconds: float) -> None:
        if self._loop is not None:
            self._timer = self._loop.call_later(seconds, self._turn)

    def _sweeps_everybody(self) -> bool:
        return self.engine.state.people.people > SWEEP_PEOPLE and self.engine.edge_due()

    # -- the engine's own thread
    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _wanted(self) -> bool:
        if self._stopping or self._snapshot_due or self._long_work or self._queue.long_work():
            return True
        return self._loop is None and bool(self._queue)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._wanted, TICK_S)
            if self._stopping and not self._queue:
                return
            jobs = self._queue.take_questions() or self._queue.take_heavy()
            if not jobs and self._loop is None:
                jobs = self._queue.take_decisions() or self._queue.take_records(self._frame_events)
            if len(jobs) == 1 and isinstance(jobs[0], Import):
                self._import(jobs[0])
            else:
                with self._baton:
                    self._long(jobs)
                self._give_way()

    def _long(self, jobs: list[Job]) -> None:
        """Work that may take long, with the baton; without jobs let time pass."""
        if jobs or self._long_work or time.monotonic() - self._last_frame >= TICK_S:
            self._long_work = False
            self._attempt(jobs)
        if self.failure is not None:
            self._heal()
        elif self._snapshots.due(self.engine.state.offset):
            self._snapshots.take(self.engine.state.offset)
        self._snapshot_due = False
        if self.committer.waiting() > MOST_UNCOMMITTED:
            self.committer.wait_durable(self.engine.next_offset, TICK_S)  # not longer: questions wait for the baton meanwhile

    def _import(self, job: Import) -> None:
        """A group of an import, in parts of a few milliseconds: decisions and other events have their turns between them."""
        parts = import_parts(job, self.engine.state)
        for part in parts:
            with self._baton:
                self._long([part])
            self._give_way()
            questions = self._queue.take_questions()
            if questions:
                with self._baton:
                    self._attempt(questions)
            if part.error is not None:
                break
        if len(parts) > 1:
            whole_of(job, parts)
            self.committer.submit(None, b"", [job])

    def _give_way(self) -> None:
        """Let the asyncio loop have a turn before this thread takes the baton again."""
        if self._loop is not None and self._queue:
            self._turned.clear()
            self._call()
            self._turned.wait(LONGEST_S)

    # -- frames
    def _attempt(self, jobs: list[Job]) -> None:
        try:
            if self.failure is None:
                self._step(jobs)
            else:
                self._held(jobs, self.failure)
        except Exception as error:
            self._fail(jobs, error)
        self._last_frame = time.monotonic()

    def _answered(self, jobs: Sequence[Job]) -> None:
        """Told by the committer; the disk is free again, so a frame that waited for it may be begun."""
        self._notify(jobs)
        if self._queue:
            self._call()

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
        self._snapshot_due = self._snapshots.due(built.effects.end_offset)

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
        self._snapshots.now()

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
        """Answer jobs with what went wrong. The memory may be ahead of the log then: it is made anew before anything else is taken."""
        if not isinstance(error, BackendUnavailableError):
            _log.error("the engine failed", exc_info=error, extra={"code": "engine_failed"})
            told = f"{type(error).__name__}: {error}. A bug of ours; everything that was acknowledged is in the log."
            error = BackendUnavailableError("engine_failed", told)
        self.failure = error
        self._refuse(jobs, error)
        self._healer.failed(error)

    def _held(self, jobs: Sequence[Job], failure: BackendUnavailableError) -> None:
        """While nothing can be taken: answer questions as far as the memory is sound, refuse the rest."""
        questions = self.engine.ask(jobs) if self._healer.sound else []
        self._notify(questions)
        self._refuse([job for job in jobs if job not in questions], failure)

    def _heal(self) -> None:
        """In the engine's own thread, now and then: see whether the cause is gone, and go on."""
        healed = self._healer.attempt()
        if healed is None:
            return
        self.failure = None
        try:
            self._project(healed.effects, healed.unanswered)
        except Exception as error:
            self._fail([], error)

    def _refuse(self, jobs: Sequence[Job], error: Exception) -> None:
        for job in jobs:
            job.error = job.error or error
        self._notify(jobs)
