"""The engine without threads: each job is durable, folded and projected when ``run`` returns. For the CLI, imports and tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Built, Engine
from gyeol.engine.jobs import Apply, Ask, Job
from gyeol.engine.projector import project
from gyeol.engine.state import EngineState
from gyeol.engine.state_store import StateStore
from gyeol.events.log import Log

ASIDE_FROM_RECORDS = 1_000
"""A frame of so many records is packed, compressed and appended by another thread while it is folded."""
PROJECT_FRAMES = 64
"""So many frames share one transaction of state.db while an import runs; a crash folds them again, silently."""


class EmbeddedEngine:
    """Runs jobs in the caller's thread.

    Args:
        engine: The engine.
        log: Its log.
        store: state.db.
        rebuild: Gives the state that the whole log makes under other definitions.
    """

    def __init__(self, engine: Engine, log: Log, store: StateStore, rebuild: Callable[[Definitions], EngineState]) -> None:
        self.engine, self._log, self._store, self._rebuild = engine, log, store, rebuild
        self._waiting: list[Effects] = []
        self._aside = ThreadPoolExecutor(1, "gyeol-append")

    def run(self, jobs: Sequence[Job]) -> None:
        """Answer jobs; errors are set on each.

        Raises:
            BackendError: The log took nothing; the engine's memory is then ahead of it and must be recovered.
        """
        self.engine.ask(jobs)
        for job in jobs:
            if isinstance(job, Apply):
                self._apply(job)
        rest = [job for job in jobs if not isinstance(job, Ask | Apply)]
        built = self.engine.begin(rest) if rest else None
        if built is None:
            return
        effects = self._appended_and_folded(built)
        # Both or neither: a frame that counts as acted upon, but whose journeys are not in the log, would never begin them.
        self._waiting += [effects, *self._begun(effects)]
        if len(self._waiting) >= PROJECT_FRAMES:
            self.flush()

    def _appended_and_folded(self, built: Built) -> Effects:
        """Append a frame and fold it; a large one at the same time, for it is compressed and written without the interpreter's lock."""
        if built.header.count < ASIDE_FROM_RECORDS:
            self._log.append(built.header, built.frame)
            return self.engine.finish(built)
        appended = self._aside.submit(lambda: self._log.append(built.header, built.frame))
        try:
            return self.engine.finish(built)
        finally:
            appended.result()

    def _apply(self, job: Apply) -> None:
        built = self.engine.apply(job, self._rebuild(job.definitions))
        self._log.append(built.header, built.frame)
        self._waiting.append(built.effects)

    def answer(self, effects: Effects) -> None:
        """Begin the journeys that a folded frame set off."""
        self._waiting += self._begun(effects)

    def _begun(self, effects: Effects) -> list[Effects]:
        following: Built | None = self.engine.act(effects)
        if following is None:
            return []
        self._log.append(following.header, following.frame)
        return [following.effects]

    def take(self, effects: Sequence[Effects]) -> None:
        """Effects of a recovery: to be projected with the next flush."""
        self._waiting += effects

    def flush(self) -> None:
        """Write what waits to state.db."""
        if self._waiting:
            project(self._store, self._waiting)
            self._waiting = []
