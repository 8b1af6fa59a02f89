"""Effects into state.db: one unit of work for all frames that are durable and folded, in order, off the acknowledgement's path."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from gyeol.engine.committer import Committer
from gyeol.engine.effects import Effects
from gyeol.engine.state_store import AuditEntry, StateStore
from gyeol.events.dead_letter import letter_of
from gyeol.events.sections import Command

MOST_FRAMES = 256
"""So many frames share one transaction at most: a longer one would hold back the messages of the first."""
REST_S = 0.1
"""Between two transactions: one costs 1.5 ms of processor time and an fsync, however many frames it holds. Source: docs/benchmarks.md."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
_log = logging.getLogger("gyeol.core.state")


def project(store: StateStore, effects: Sequence[Effects]) -> None:
    """Write the effects of consecutive frames in one unit of work; frames already acted upon are passed over.

    Raises:
        BackendError: Nothing was written.
    """
    acted = store.acted_offset()
    fresh = [e for e in effects if e.end_offset > acted]
    if not fresh:
        return
    # One statement a table for all frames: each costs as much as a hundred rows.
    acts = [act for frame in fresh for act in frame.acts]
    rejected = [letter_of(event) for frame in fresh for event in frame.rejected]
    replayed = [each for frame in fresh for each in frame.replayed]
    outcomes = [each for frame in fresh for each in frame.outcomes]
    with store.unit() as unit:
        unit.moved(
            [(node, person, frame.first_offset, frame.at_ms) for frame in fresh for node, person in frame.moved],
            [(first, nodes.astype("<i8").tobytes()) for frame in fresh for first, nodes in frame.nodes_of_frames()],
            [(node, kind, group, frame.first_offset, frame.at_ms) for frame in fresh for node, kind, group in frame.grouped],
        )
        if rejected or replayed:
            unit.reject(rejected, replayed)
        if acts or outcomes:
            unit.decided([act.decision for act in acts if act.decision is not None], outcomes)
            unit.enrol([act.enrolment for act in acts if act.enrolment is not None])
            unit.queue([act.message for act in acts if act.message is not None])
        # Last: what is delivered was queued in the same frame or an earlier one.
        unit.deliver([each for frame in fresh for each in frame.deliveries])
        unit.acted(fresh[-1].end_offset, [_audit(offset, command) for frame in fresh for offset, command in frame.commands])


def _audit(offset: int, command: Command) -> AuditEntry:
    body = {"definitions": command.body.get("hash")} if command.kind == "apply" else command.body
    return AuditEntry(offset=offset, at_ms=command.at_ms, by=command.by, kind=command.kind, why=command.why, body=body)


def _durable_from(effects: Effects) -> int:
    """What must be durable before a frame counts as acted upon: the frame, and what it set off."""
    return max(effects.end_offset, effects.waits_for)


class Projector:
    """A thread that projects effects as soon as their frames are durable, and tries again when state.db does not take them.

    Attributes:
        problem: Why the last attempt failed, or None. Collecting goes on meanwhile, up to the backlog limit.
    """

    def __init__(self, store: StateStore, committer: Committer) -> None:
        self._store, self._committer = store, committer
        self._waiting: list[Effects] = []
        self._changed = threading.Condition()
        self._stopping = self._hurried = self._resting = False
        self._rested_s = 0.0
        self.problem: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="gyeol-project", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits (one attempt), then end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def submit(self, effects: Effects) -> None:
        """Queue what a folded frame asks for."""
        with self._changed:
            self._waiting.append(effects)
            if not self._resting or len(self._waiting) == MOST_FRAMES:  # a thread that rests is not woken for every frame
                self._changed.notify_all()

    def forget(self) -> None:
        """Forget what waits: it is made anew from the log."""
        with self._changed:
            self._waiting = []
            self._changed.notify_all()

    def backlog(self) -> int:
        """Frames not yet in state.db."""
        return len(self._waiting)

    def flush(self, timeout_s: float = 30.0) -> bool:
        """Wait until state.db has everything queued so far."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._waiting, timeout_s)

    def _rest(self) -> None:
        """Let frames gather after the last transaction, unless somebody waits for it."""
        self._resting = True
        self._changed.wait_for(
            lambda: self._stopping or self._hurried or len(self._waiting) >= MOST_FRAMES, max(0.0, self._rested_s - time.monotonic())
        )
        self._resting = self._hurried = False

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._stopping)
                self._rest()
                waiting = self._waiting
                batch = waiting[:MOST_FRAMES]
                if not batch:
                    return
            self._committer.wait_durable(_durable_from(batch[-1]), 1.0)
            durable = self._committer.durable_offset
            done = next((i for i, each in enumerate(batch) if _durable_from(each) > durable), len(batch))
            with self._changed:
                if waiting is not self._waiting:  # forgotten meanwhile: other records may have these offsets now
                    continue
            try:
                project(self._store, batch[:done])
                self.problem, pause_s = None, FIRST_PAUSE_S
            except Exception as error:
                # It is tried again for ever: stopping for a bug would lose messages without a word.
                if self.problem is None:
                    _log.error("state.db takes nothing; it is tried again", exc_info=error, extra={"code": "not_acting"})
                self.problem, done = error, 0
            self._rested_s = time.monotonic() + REST_S
            with self._changed:
                del waiting[:done]
                self._changed.notify_all()
                if self._stopping and done == 0:
                    return
                if self.problem is not None:
                    self._changed.wait_for(lambda: self._stopping, pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
