"""Opening a data folder for work: lock, stores, recovery, definitions. The one place where drivers are chosen."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from gyeol.app.applied import Applied
from gyeol.app.folder import DataFolder, Secrets
from gyeol.app.settings import Settings, data_folder
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Engine
from gyeol.engine.recovery import Progress, Recovered, recover, refill_dedupe
from gyeol.engine.snapshot import write_snapshot
from gyeol.engine.state import EngineState
from gyeol.events.ingest import Limits
from gyeol.events.log import Log
from gyeol.kernel.clock import Clock, WallClock
from gyeol.kernel.errors import BackendError
from gyeol.storage.dedupe import MappedDedupe
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.storage.state.store import SqlStateStore
from gyeol.workspace.load import load


class OpenCore:
    """A data folder that this process owns.

    Attributes:
        folder, secrets, log, store, applied, engine: Its parts.
        pending: Effects of the recovery that state.db has not seen.
        unanswered: Effects of frames whose journeys are still to begin.
        fresh: Whether the log was empty: the workspace's definitions are still to be applied.
    """

    def __init__(self, workspace: Path, settings: Settings, clock: Clock | None = None, progress: Progress | None = None) -> None:
        self.workspace, self.settings, self.clock = workspace, settings, clock or WallClock()
        self.folder = DataFolder(data_folder(workspace))
        self.folder.lock()
        try:
            self.secrets: Secrets = self.folder.secrets()
            self.log: Log = SqliteLog(self.folder.log, clock=self.clock)
            self.store = SqlStateStore(self.folder.state)
            self.dedupe = MappedDedupe(self.folder.dedupe, settings.dedupe_capacity)
            self.applied = Applied(self.folder.definitions)
            in_force = self.applied.in_force(self.log)
            self.fresh = in_force is None
            definitions = in_force if in_force is not None else load(workspace).definitions
            recovered = self.recovered(definitions, progress)
        except BaseException:
            self.folder.unlock()
            raise
        self.pending: list[Effects] = recovered.effects
        self.unanswered: list[Effects] = recovered.unanswered
        arrivals = Arrivals(self.dedupe, Limits(event_bytes=settings.max_event_bytes))
        refill_dedupe(self.log, arrivals)
        self.engine = Engine(recovered.state, arrivals, self.clock)

    @property
    def identity_key(self) -> bytes:
        """Key of person ids."""
        return bytes.fromhex(self.secrets.identity_key)

    def recovered(
        self, definitions: Definitions, progress: Progress | None = None, *, snapshots: bool = True, until: int | None = None
    ) -> Recovered:
        """The state at the log's end (or before ``until``) under some definitions."""
        return recover(
            self.log,
            definitions,
            self.identity_key,
            snapshots=self.folder.snapshots if snapshots else None,
            acted_offset=self.store.acted_offset(),
            history=self.applied.history(self.log),
            progress=progress,
            until=until,
        )

    def under(self, definitions: Definitions) -> EngineState:
        """The state that the whole log gives under other definitions; nodes keep their numbers."""
        history = self.applied.history(self.log)
        current = self.engine.definitions
        if definitions.identity != current.identity:
            history = [*(history or [current]), definitions]
        return recover(self.log, definitions, self.identity_key, snapshots=None, acted_offset=self.log.end_offset(), history=history).state

    def snapshot(self) -> None:
        """Write the state, and make the index of ids durable up to it. A disk that is full costs only time at the next start.

        Nothing is written for a state that is half folded (an interrupt) or ahead of the log (an append that failed).
        """
        if self.engine.folding or self.engine.state.offset != self.log.end_offset():
            return
        try:
            write_snapshot(self.folder.snapshots, self.engine.state)
            self.dedupe.checkpoint(self.engine.state.offset)
        except BackendError:
            return

    def close(self) -> None:
        """Let go of everything."""
        with ExitStack() as closing:
            closing.callback(self.folder.unlock)
            closing.callback(self.log.close)
            closing.callback(self.store.close)
            # An interrupt inside the index leaves views of its map alive; the process ends, and the map with it.
            with suppress(BufferError):
                self.dedupe.close()
