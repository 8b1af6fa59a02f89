"""One step of the engine: jobs in, a frame to the committer, its fold, its effects to state.db; and what happens when one fails.

Whoever calls holds the baton (``gyeol.engine.loop``). A job is answered by whom it was handed to: once the committer has it, nobody else
touches it, for the disk may have kept its records already.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from gyeol.engine.committer import Committer, Notify
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Built, Engine
from gyeol.engine.groups import takes_more
from gyeol.engine.healing import Due, Healer
from gyeol.engine.jobs import Apply, Ask, Job, Resume
from gyeol.engine.projector import Projector
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError, GyeolError

HOLD_S = 0.1
"""So long a frame may be held, unless somebody asks: the next one is then the last of its group, folded while the disk takes it."""
IDLE_S = 0.02
"""When no other frame follows for so long, what is held is folded: there is time."""
MOST_HELD = 2_000
"""Records that may be held: folding them takes some 25 ms, in which nothing is read. Source: docs/benchmarks.md."""
_log = logging.getLogger("gyeol.core.engine")
Rebuild = Callable[[Definitions], EngineState]


class Steps:
    """Makes frames, and knows whether more may be made.

    Args:
        engine, committer, projector: Where jobs, frames and effects go.
        notify: Told which jobs are answered.
        rebuild: Gives the state that the whole log makes under other definitions.
        snapshots: When one is due.
        healer: Makes everything anew after a failure.

    Attributes:
        failure: Why no records are taken, or None.
        snapshot_due: Whether a snapshot became due with the last frame.
        last_s: When the last step ended, on ``time.monotonic``.
        fold_at_s: When what is held is to be folded at last, on ``time.monotonic``; 0 when nothing is.
    """

    def __init__(
        self, engine: Engine, committer: Committer, projector: Projector, notify: Notify, rebuild: Rebuild, snapshots: Due, healer: Healer
    ) -> None:
        self._engine, self._committer, self._projector, self._notify = engine, committer, projector, notify
        self._rebuild, self._snapshots, self._healer = rebuild, snapshots, healer
        self.failure: BackendUnavailableError | None = None
        self.snapshot_due = False
        self.last_s = time.monotonic()
        self.fold_at_s = self._held_since_s = 0.0

    def take(self, jobs: Sequence[Job], *, hold: bool = False) -> None:
        """One frame of some jobs; without jobs time passes.

        Args:
            jobs: Questions and definitions are answered, too.
            hold: Whether the frame may be left unfolded, if it holds nothing but events that came over HTTP.
        """
        mine = list(jobs)
        try:
            if self.failure is None:
                self._step(mine, hold)
            else:
                self._refused(mine, self.failure)
        except Exception as error:
            self._fail(mine, error)
        self.last_s = time.monotonic()

    def settle(self) -> None:
        """Fold what is held."""
        try:
            if self.failure is None:
                self._settle()
        except Exception as error:
            self._fail([], error)

    def heal(self) -> None:
        """In the engine's own thread, now and then: see whether the cause of a failure is gone, and go on."""
        healed = self._healer.attempt()
        if healed is None:
            return
        self.failure = None
        try:
            self._project(healed.effects, healed.unanswered)
        except Exception as error:
            self._fail([], error)

    def _step(self, mine: list[Job], hold: bool) -> None:
        """``mine`` loses those jobs that are answered, or that somebody else will answer."""
        failure = self._committer.failure
        if failure is not None:
            raise BackendUnavailableError("log_unwritable", f"The log takes no more records: {failure}", cause=failure.code)
        now_ms = self._engine.holdable(mine) if hold else None
        if now_ms is None:
            self._settle()
        asked = bool(mine)
        questions = self._engine.ask(mine)
        mine[:] = [job for job in mine if not isinstance(job, Ask)]
        if questions:
            self._notify(questions)
        for job in [job for job in mine if isinstance(job, Apply | Resume)]:
            if isinstance(job, Apply):
                self._apply(job)
            else:
                self._project(job.pending, job.unanswered)
            mine.remove(job)
        if asked and not mine:
            return
        built = self._engine.begin(mine, now_ms)
        if built is None:
            # Nothing to record; an answer such as "duplicate" may rest on a frame that is not durable yet.
            self._answer_later(mine, mine)
            return
        mine[:] = built.later
        self._committer.submit(built.header, built.frame, built.jobs)
        if now_ms is not None:
            self._hold(built)
            return
        effects = self._engine.finish(built)
        self._project([effects], [effects])
        self._answer_later(mine, built.later)
        self.snapshot_due = self._snapshots.due(effects.end_offset)

    def _answer_later(self, mine: list[Job], jobs: Sequence[Job]) -> None:
        """Have the committer answer the last jobs, once all that was given to it before is durable."""
        given = tuple(jobs)
        mine.clear()
        if given:
            self._committer.submit(None, b"", given)

    def _hold(self, built: Built) -> None:
        """Leave a frame unfolded, unless it is the last that fits, as large as they are now: the disk is busy with it, so there is time."""
        now = time.monotonic()
        self._held_since_s = self._held_since_s or now
        self.fold_at_s = now + IDLE_S
        records = self._engine.hold(built)
        if records + built.header.count > MOST_HELD or now - self._held_since_s >= HOLD_S or not takes_more(built.sections):
            self._settle()

    def _settle(self) -> None:
        self.fold_at_s = self._held_since_s = 0.0
        if self._engine.held:
            effects = self._engine.settle()
            self._project([effects], [effects])
            self.snapshot_due = self._snapshots.due(effects.end_offset)

    def _apply(self, job: Apply) -> None:
        """Fold the log under other definitions, once it is durable to its end; collecting waits meanwhile."""
        if not self._committer.wait_durable(self._engine.next_offset, 60.0):
            job.error = BackendTimeoutError("log_slow", "The log did not become durable within a minute; nothing was applied. Try again.")
        else:
            try:
                state = self._rebuild(job.definitions)
            except GyeolError as error:
                job.error = error
        if job.error is not None:
            self._notify([job])
            return
        built = self._engine.apply(job, state)
        self._committer.submit(built.header, built.frame, built.later)
        self._projector.submit(built.effects)
        self._snapshots.now()

    def _project(self, folded: Sequence[Effects], unanswered: Sequence[Effects]) -> None:
        """Begin the journeys that folded frames set off, and hand all effects on in the order of their offsets.

        A frame counts as acted upon only once the frame of its acts is durable: a crash between the two must not lose a journey.
        """
        begun: list[Effects] = []
        for effects in unanswered:
            following = self._engine.act(effects)
            if following is not None:
                self._committer.submit(following.header, following.frame, following.jobs)
                effects.waits_for = following.effects.end_offset
                begun.append(following.effects)
        for effects in (*folded, *begun):
            self._projector.submit(effects)

    def _fail(self, mine: Sequence[Job], error: Exception) -> None:
        """Say what went wrong to those whom nobody else answers. The memory may be ahead of the log: it is made anew before all else."""
        if not isinstance(error, BackendUnavailableError):
            _log.error("the engine failed", exc_info=error, extra={"code": "engine_failed"})
            told = f"{type(error).__name__}: {error}. A bug of ours; everything that was acknowledged is in the log."
            error = BackendUnavailableError("engine_failed", told)
        self.failure = error
        self.fold_at_s = self._held_since_s = 0.0
        self._refuse(mine, error)
        self._healer.failed(error)

    def _refused(self, jobs: Sequence[Job], failure: BackendUnavailableError) -> None:
        """While nothing can be taken: answer questions as far as the memory is sound, refuse the rest."""
        questions = self._engine.ask(jobs) if self._healer.sound else []
        self._notify(questions)
        self._refuse([job for job in jobs if job not in questions], failure)

    def _refuse(self, jobs: Sequence[Job], error: Exception) -> None:
        for job in jobs:
            job.error = job.error or error
        self._notify(jobs)
