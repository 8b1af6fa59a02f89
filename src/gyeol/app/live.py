"""The core as a running service: the engine's threads, the public port's intake, and the ten calls, in one asyncio loop."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from gyeol.app.core import LocalCore
from gyeol.app.examining import Pulse
from gyeol.app.intake import Busy, Chosen, Collected, DecideRequest, FactsRequest
from gyeol.app.listening import Listeners
from gyeol.app.opening import OpenCore
from gyeol.app.spoken import Spoken
from gyeol.app.till_desk import TillDesk
from gyeol.app.unsubscribing import Links, Unsubscriber
from gyeol.app.visitor import shown, visitor_of
from gyeol.engine.facts import FactSaid
from gyeol.engine.jobs import Ask, Collect, Decide, Job, Observe
from gyeol.engine.loop import EngineLoop
from gyeol.engine.snapshot import latest_offset
from gyeol.engine.state import EngineState
from gyeol.events.ingest import Incoming
from gyeol.events.log import Log
from gyeol.events.model import SourceDefinition, Verdict
from gyeol.workspace.formats import env_name

T = TypeVar("T")
_log = logging.getLogger("gyeol.core")


class LiveCore:
    """Takes events and questions from the asyncio loop, hands them to the engine's thread, brings answers back.

    Args:
        parts: The open data folder.
        loop: The asyncio loop in which requests are answered.
        environment: For write keys given as ``env:NAME``.
        log: Where frames go, when not into the folder's log itself.
        mark: Called with each job that a request brings, where traces are made.
    """

    def __init__(
        self,
        parts: OpenCore,
        loop: asyncio.AbstractEventLoop,
        environment: Callable[[str], str | None],
        log: Log | None = None,
        mark: Callable[[Job], None] | None = None,
    ) -> None:
        settings = parts.settings
        self._parts, self._loop, self._environment, self._mark = parts, loop, environment, mark
        self.engine = EngineLoop(
            parts.engine,
            parts.log if log is None else log,
            parts.store,
            self._notify,
            parts.changed,
            parts.begin_snapshot,
            restore=parts.restore,
            probe=parts.log.probe,
            snapshot_offset=max(0, latest_offset(parts.folder.snapshots)[0]),
            snapshot_every_records=settings.snapshot_every_records,
            snapshot_every_s=settings.snapshot_every_s,
            frame_events=settings.frame_events,
            max_unwritten_frames=settings.max_unwritten_frames,
        )
        self.core = LocalCore(
            parts,
            self.run,
            lambda: self.engine.queued_events,
            lambda: self.engine.projector.problem is None,
            self.engine.waiting_ms,
            self._pulse,
            patience_s=10.0,
        )
        self.unsubscriber = Unsubscriber(Links(parts.identity_key, settings), parts.clock, self._run)
        self.till = TillDesk(
            parts.identity_key, lambda: parts.engine.state.pools, lambda: parts.engine.state.placements.names, parts.clock, self._run
        )
        self.listeners = Listeners(parts.engine, self._submit, loop, parts.secrets.decide_key)
        self._numbers = itertools.count()
        self._spoken = lru_cache(maxsize=2)(lambda hash_: Spoken(parts.engine.definitions))
        self._keys: dict[str, tuple[int, SourceDefinition]] = {}
        self._keys_of = ""

    def _pulse(self) -> Pulse:
        failure, problem = self.engine.failure, self.engine.projector.problem
        return Pulse(
            backlog=self.engine.queued_events,
            waiting_ms=self.engine.waiting_ms(),
            refusing="" if failure is None else failure.message,
            state_problem="" if problem is None else str(problem),
        )

    def start(self) -> None:
        """Begin: what a crash left undone is done first. Afterwards ``attach`` has the asyncio loop take turns."""
        self.engine.resume(self._parts.pending, self._parts.unanswered)
        self.engine.start()
        self.core.apply_first()
        self.run(Ask(self._warm))

    def _warm(self, state: EngineState) -> None:
        """Load and compile what the first decision would otherwise wait for: calendars (250 ms), sentences of conditions (1 ms each)."""
        state.moment().as_json()
        words = self._spoken(state.definitions.hash).words
        for offer in state.definitions.offers:
            if offer.eligibility is not None:
                words.sentence(offer.eligibility, "ko")
                words.sentence(offer.eligibility, "en")

    def attach(self) -> None:
        """Answer events and decisions in the asyncio loop's thread; called in it."""
        self.engine.attach(self._loop)

    def stop(self) -> None:
        """Answer what waits, then write a snapshot."""
        self.engine.stop()
        self._parts.snapshot()

    # -- jobs
    def run(self, job: Job) -> object:
        """A job's answer, for callers in other threads. Raises what it failed with."""
        done = threading.Event()
        job.waiter = done
        self.engine.submit(job)
        done.wait()
        if job.error is not None:
            raise job.error
        return job.answer

    async def _run(self, job: Job) -> object:
        future: asyncio.Future[None] = self._loop.create_future()
        self._submit(job, lambda: _settle(future, None, None))
        await future
        if job.error is not None:
            raise job.error
        return job.answer

    def _submit(self, job: Job, told: Callable[[], object]) -> None:
        """Queue a job; ``told`` is called in the asyncio loop's thread once it is answered."""
        job.waiter = told
        if self._mark is not None:
            self._mark(job)
        self.engine.submit(job)

    def _notify(self, jobs: Sequence[Job]) -> None:
        """Called in the engine's threads: one wake-up of the asyncio loop for all jobs of a commit."""
        told: list[Callable[[], object]] = []
        for job in jobs:
            # What is told knows the job: as long as the job knew it, too, both would wait for the garbage collector.
            waiter, job.waiter = job.waiter, None
            if isinstance(waiter, threading.Event):
                waiter.set()
            elif callable(waiter):
                told.append(waiter)
        if told:
            self._loop.call_soon_threadsafe(_tell, told)

    # -- Intake
    def source(self, write_key: str) -> tuple[int, SourceDefinition] | None:
        """The enabled source of a key."""
        definitions = self._parts.engine.definitions
        if definitions.hash != self._keys_of:
            self._keys = {}
            for index, source in enumerate(definitions.sources):
                variable = env_name(source.write_key)
                key = source.write_key if variable is None else self._environment(variable)
                if source.enabled and key:
                    self._keys[key] = (index, source)
            self._keys_of = definitions.hash
        return self._keys.get(write_key)

    def busy(self) -> Busy | None:
        """Whether requests are to be turned away now."""
        if self.engine.full(self._parts.settings.max_queued_events):
            return Busy("overloaded", "too_fast", "More events are waiting than the engine can hold; come back in a second.", 1)
        return self._unable()

    def _unable(self) -> Busy | None:
        if self.engine.failure is not None:
            return Busy("unavailable", self.engine.failure.code, self.engine.failure.message, 5)
        if self.engine.overloaded():
            return Busy("unavailable", "state_behind", "state.db is too far behind; events wait with you for a moment.", 5)
        return None

    def busy_deciding(self) -> Busy | None:
        """Whether requests for decisions are to be turned away now: events that wait do not hold them up."""
        if self.engine.decisions_full():
            return Busy("overloaded", "too_fast", "More decisions are waiting than the engine can hold; come back in a second.", 1)
        return self._unable()

    def take(self, incoming: Incoming, done: Collected) -> None:
        """Events; ``done`` hears of the verdicts once they are durable."""
        job = Collect(incoming)
        self._submit(job, lambda: done(job.verdicts, job.error))

    async def collect(self, incoming: Incoming) -> list[Verdict]:
        """Verdicts, once durable."""
        verdicts = await self._run(Collect(incoming))
        assert isinstance(verdicts, list)
        return verdicts

    def choose(self, request: DecideRequest, source: SourceDefinition, done: Chosen) -> None:
        """Decisions; ``done`` hears of them once they are recorded. A public key learns neither reasons nor refusals."""
        find, placements = visitor_of(request, source, self._parts.secrets.decide_key)
        key = f"{self._parts.clock.now_ms()}:{next(self._numbers)}"
        # Anybody may claim with a client key that their browser is somebody's: without a signed token only the browser itself is seen.
        alone = source.trust == "client" and request.userId is None
        job = Decide(find, placements, request.context, key, request.lang, alone=alone, stands=request.standing)
        begun = time.perf_counter()

        def told() -> None:
            if job.error is not None:
                done([], job.error)
                return
            answers = job.answer
            assert isinstance(answers, list)
            self._parts.engine.recent.decided([answer.decision.id for answer in answers], 1_000 * (time.perf_counter() - begun))
            spoken = self._spoken(self._parts.engine.definitions.hash) if source.trust == "server" else None
            done([shown(answer, spoken) for answer in answers], None)

        self._submit(job, told)

    async def decide(self, request: DecideRequest, source: SourceDefinition) -> list[dict[str, object]]:
        """As ``choose``, for a coroutine. Raises what it failed with."""
        future: asyncio.Future[list[dict[str, object]]] = self._loop.create_future()

        def done(decisions: list[dict[str, object]], error: Exception | None) -> None:
            _settle(future, decisions, error)

        self.choose(request, source, done)
        return await future

    async def observe(self, request: FactsRequest, source: SourceDefinition) -> list[FactSaid]:
        """What became of facts, once recorded."""
        said = await self._run(Observe(request.facts, source.name))
        assert isinstance(said, list)
        return said

    def placements(self) -> dict[str, str]:
        """The placements, each with its channel."""
        return {each.name: each.channel for each in self._parts.engine.definitions.placements}

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether events are taken."""
        busy = self.busy()
        figures: dict[str, object] = {
            "queued_events": self.engine.queued_events,
            "backlog_age_ms": self.engine.waiting_ms(),
            "end_offset": self._parts.engine.next_offset,
        }
        return busy is None, figures if busy is None else {**figures, "why": busy.code}

    async def answer(self, call: Callable[[], object]) -> object:
        """Run one of the ten calls beside the asyncio loop."""
        return await asyncio.to_thread(call)


def _tell(told: Sequence[Callable[[], object]]) -> None:
    for each in told:
        try:
            each()
        except Exception:
            # One answer that cannot be written must not keep the others of its frame back.
            _log.exception("an answer could not be given", extra={"code": "internal"})


def _settle(future: asyncio.Future[T], result: T, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
