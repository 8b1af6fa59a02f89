"""The core as a running service: the engine's threads, the public port's intake, and the ten calls, in one asyncio loop."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

from gyeol.app.core import LocalCore
from gyeol.app.intake import Busy, DecideRequest
from gyeol.app.opening import OpenCore
from gyeol.app.spoken import Spoken
from gyeol.app.visitor import shown, visitor_of
from gyeol.engine.jobs import Collect, Decide, Job
from gyeol.engine.loop import EngineLoop
from gyeol.events.ingest import Incoming
from gyeol.events.model import SourceDefinition, Verdict
from gyeol.workspace.formats import env_name


class LiveCore:
    """Takes events and questions from the asyncio loop, hands them to the engine's thread, brings answers back.

    Args:
        parts: The open data folder.
        loop: The asyncio loop in which requests are answered.
        environment: For write keys given as ``env:NAME``.
    """

    def __init__(self, parts: OpenCore, loop: asyncio.AbstractEventLoop, environment: Callable[[str], str | None]) -> None:
        settings = parts.settings
        self._parts, self._loop, self._environment = parts, loop, environment
        self.engine = EngineLoop(
            parts.engine,
            parts.log,
            parts.store,
            self._notify,
            parts.under,
            parts.snapshot,
            snapshot_every_records=settings.snapshot_every_records,
            frame_events=settings.frame_events,
            max_unwritten_frames=settings.max_unwritten_frames,
        )
        self.core = LocalCore(parts, self.run, lambda: self.engine.queued_events, lambda: self.engine.projector.problem is None)
        self._numbers = itertools.count()
        self._spoken = lru_cache(maxsize=2)(lambda hash_: Spoken(parts.engine.definitions))
        self._keys: dict[str, tuple[int, SourceDefinition]] = {}
        self._keys_of = ""

    def start(self) -> None:
        """Begin: what a crash left undone is done first."""
        self.engine.start()
        self.core.apply_first()
        self.engine.resume(self._parts.pending, self._parts.unanswered)

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
        job.waiter = future
        self.engine.submit(job)
        await future
        if job.error is not None:
            raise job.error
        return job.answer

    def _notify(self, jobs: Sequence[Job]) -> None:
        """Called in the engine's threads: one wake-up of the asyncio loop for all jobs of a commit."""
        futures = []
        for job in jobs:
            if isinstance(job.waiter, threading.Event):
                job.waiter.set()
            elif isinstance(job.waiter, asyncio.Future):
                futures.append(job.waiter)
        if futures:
            self._loop.call_soon_threadsafe(_resolve, futures)

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
        if self.engine.failure is not None:
            return Busy("unavailable", self.engine.failure.code, self.engine.failure.message, 5)
        if self.engine.queued_events > self._parts.settings.max_queued_events:
            return Busy("overloaded", "too_fast", "More events are waiting than the engine can hold; come back in a second.", 1)
        if self.engine.overloaded():
            return Busy("unavailable", "state_behind", "state.db is too far behind; events wait with you for a moment.", 5)
        return None

    async def collect(self, incoming: Incoming) -> list[Verdict]:
        """Verdicts, once durable."""
        verdicts = await self._run(Collect(incoming))
        assert isinstance(verdicts, list)
        return verdicts

    async def decide(self, request: DecideRequest, source: SourceDefinition) -> list[dict[str, object]]:
        """Decisions, once recorded; a public key learns neither reasons nor refusals."""
        find, placements = visitor_of(request, source, self._parts.secrets.decide_key)
        key = f"{self._parts.clock.now_ms()}:{next(self._numbers)}"
        # Anybody may claim with a client key that their browser is somebody's: without a signed token only the browser itself is seen.
        alone = source.trust == "client" and request.userId is None
        answers = await self._run(Decide(find, placements, request.context, key, request.lang, alone=alone))
        assert isinstance(answers, list)
        spoken = self._spoken(self._parts.engine.definitions.hash) if source.trust == "server" else None
        return [shown(answer, spoken) for answer in answers]

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether events are taken."""
        busy = self.busy()
        figures: dict[str, object] = {"queued_events": self.engine.queued_events, "end_offset": self._parts.engine.next_offset}
        return busy is None, figures if busy is None else {**figures, "why": busy.code}

    async def answer(self, call: Callable[[], object]) -> object:
        """Run one of the ten calls beside the asyncio loop."""
        return await asyncio.to_thread(call)


def _resolve(futures: Sequence[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
