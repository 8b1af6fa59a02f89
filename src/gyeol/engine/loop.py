"""The engine's turns: one frame at a time, in the thread that reads requests when the work is short, in one of its own when it is long.

Whoever makes a frame holds the baton. Events and decisions are answered where they arrive: the asyncio loop takes a turn as soon as it
has read what came, so that no thread is woken, and no interpreter lock handed over, for a request (ADR 0010). Imports, questions about
everybody, definitions, sweeps and snapshots have a thread of their own, which gives the baton back after every frame.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

from gyeol.engine.committer import Committer, Notify
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Engine
from gyeol.engine.healing import Due, Healer
from gyeol.engine.jobs import Import, Job, Resume
from gyeol.engine.parts import import_parts, whole_of
from gyeol.engine.projector import Projector
from gyeol.engine.queue import MOST_WAITING_DECISIONS, JobQueue
from gyeol.engine.recovery import Recovered
from gyeol.engine.state_store import StateStore
from gyeol.engine.steps import Rebuild, Steps
from gyeol.engine.window import LONGEST_S, Window
from gyeol.events.log import Log
from gyeol.kernel.errors import BackendUnavailableError

TICK_S = 0.25
"""When idle the clock is looked at so often: a timer that is due fires at most so late."""
MOST_UNCOMMITTED = 32
"""Frames that may wait for the disk: beyond, no frame is begun, jobs queue up, and requests are turned away."""
SWEEP_PEOPLE = 20_000
"""With more people, looking at everybody's audiences at the edge of a bucket is long work."""


class EngineLoop:
    """Owns the engine.

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
        taken = engine.state.offset if snapshot_offset is None else snapshot_offset
        self._snapshots = Due(snapshot, snapshot_every_records, snapshot_every_s, taken)
        healer = Healer(engine, self.committer, self.projector, restore, probe)
        self._steps = Steps(engine, self.committer, self.projector, notify, rebuild, self._snapshots, healer)
        self._notify, self._frame_events, self._max_unwritten = notify, frame_events, max_unwritten_frames
        self._queue = JobQueue()
        self._baton = threading.Lock()
        self._changed = threading.Condition()
        self._stopping = self._long_work = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._called = self._after_quick = False
        self._timer: asyncio.TimerHandle | None = None
        self._turned = threading.Event()
        self._window = Window()
        self._thread = threading.Thread(target=self._run, name="gyeol-engine", daemon=True)

    @property
    def failure(self) -> BackendUnavailableError | None:
        """Why no records are taken, or None."""
        return self._steps.failure

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
                self._steps.take([Resume(pending, unanswered)])

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
        elif self._long_work or self._steps.snapshot_due:
            self._wake()

    def _short(self) -> bool:
        """Make one frame if one is due; returns whether another turn is wanted at once."""
        queue = self._queue
        if not queue or self.committer.waiting() > MOST_UNCOMMITTED:
            return self._rest(None)
        if self._sweeps_everybody():
            self._long_work = True
            return False
        if queue.decisions and not self._after_quick:
            jobs = queue.take_decisions()
            self._after_quick = bool(jobs)
            if jobs:
                self._steps.take(jobs)
                return bool(queue)
        self._after_quick = False
        now = time.monotonic()
        due_s = self._window.due_s(queue.oldest_s)
        if now < due_s and queue.events < self._frame_events and not queue.hasty():
            return self._rest(due_s)
        jobs = queue.take_records(self._frame_events)
        if not jobs:
            return queue.decisions > 0
        self._steps.take(jobs, hold=self._loop is not None)
        self._window.note(now, time.monotonic())
        return bool(queue) or self._rest(None)

    def _rest(self, due_s: float | None) -> bool:
        """Nothing is to be begun before ``due_s`` (None: before something comes): fold what was held long enough, else see to it later."""
        now, fold_s = time.monotonic(), self._steps.fold_at_s
        if fold_s:
            if now >= fold_s:
                self._steps.settle()
                return due_s is not None
            due_s = fold_s if due_s is None else min(due_s, fold_s)
        if due_s is not None and self._loop is not None:
            self._timer = self._loop.call_later(due_s - now, self._turn)
        return False

    def _sweeps_everybody(self) -> bool:
        return self.engine.state.people.people > SWEEP_PEOPLE and self.engine.edge_due()

    # -- the engine's own thread
    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _wanted(self) -> bool:
        if self._stopping or self._steps.snapshot_due or self._long_work or self._queue.long_work():
            return True
        return self._loop is None and bool(self._queue)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._wanted, TICK_S)
            if self._stopping and not self._queue:
                with self._baton:
                    self._steps.settle()
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
        if jobs or self._long_work or time.monotonic() - self._steps.last_s >= TICK_S:
            self._long_work = False
            self._steps.take(jobs)
        if self.failure is not None:
            self._steps.heal()
        elif self._snapshots.due(self.engine.state.offset):
            self._steps.settle()
            if self.failure is None:
                self._snapshots.take(self.engine.state.offset)
        self._steps.snapshot_due = False
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
                    self._steps.take(questions)
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

    # -- answers
    def _answered(self, jobs: Sequence[Job]) -> None:
        """Told by the committer; the disk is free again, so a frame that waited for it may be begun."""
        self._notify(jobs)
        if self._queue:
            self._call()
