"""Opening a data folder for work: lock, stores, recovery, definitions. The one place where drivers are chosen."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from gyeol.app.applied import Applied
from gyeol.app.bridging import bridge
from gyeol.app.data_files import offer_files, open_files
from gyeol.app.folder import DataFolder, Secrets
from gyeol.app.retention import Retention
from gyeol.app.settings import Settings, data_folder
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.backfill import carried, folds_anew
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.engine import Engine
from gyeol.engine.fold import evaluate
from gyeol.engine.poison import quarantine
from gyeol.engine.recent import Recent
from gyeol.engine.recovery import FoldFailedError, Progress, Recovered, recover, refill_dedupe
from gyeol.engine.snapshot import latest_offset, write_snapshot
from gyeol.engine.snapshotting import Snapshotter
from gyeol.engine.state import EngineState
from gyeol.events.ingest import Limits
from gyeol.kernel.clock import Clock, WallClock
from gyeol.kernel.errors import BackendError
from gyeol.kernel.structs import resolve_structs
from gyeol.storage.dedupe import MappedDedupe
from gyeol.storage.log.mending import CutOff, cut_damaged_end
from gyeol.storage.log.rewriting import rewrite
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.storage.state.store import SqlStateStore
from gyeol.workspace.load import load

MakeEngine = Callable[[EngineState, Arrivals, Clock, Recent], Engine]


class OpenCore:
    """A data folder that this process owns.

    Attributes:
        folder, seal, secrets, log, store, applied, engine: Its parts.
        pending: Effects of the recovery that state.db has not seen.
        unanswered: Effects of frames whose journeys are still to begin.
        fresh: Whether the log was empty: the workspace's definitions are still to be applied.
        found: What the start found damaged and passed over.
        start_s: How long making the state took.
        retention, snapshotter: What keeps the folder small and the next start quick.
    """

    def __init__(
        self,
        workspace: Path,
        settings: Settings,
        clock: Clock | None = None,
        progress: Progress | None = None,
        engine: MakeEngine = Engine,
    ) -> None:
        resolve_structs()
        self.workspace, self.settings, self.clock = workspace, settings, clock or WallClock()
        self.folder = DataFolder(data_folder(workspace))
        self.folder.lock()
        with ExitStack() as undone:
            undone.callback(self.folder.unlock)
            recovered, cut = self._opened(undone, progress)
            self.pending: list[Effects] = recovered.effects
            self.unanswered: list[Effects] = recovered.unanswered
            self.found: tuple[str, ...] = (*map(str, cut), *recovered.problems)
            arrivals = Arrivals(self.dedupe, Limits(event_bytes=settings.max_event_bytes))
            refill_dedupe(self.log, arrivals)
            self.engine = engine(recovered.state, arrivals, self.clock, recovered.recent)
            undone.pop_all()
        self.retention = Retention(
            self.log,
            self.folder.snapshots,
            self.store.acted_offset,
            self.folder.hold,
            settings.keep_log_days,
            lambda: self.engine.definitions.hash,
        )
        self.snapshotter = Snapshotter(self.folder.snapshots, self._usable, self._snapshot_taken, self.seal)

    def _opened(self, undone: ExitStack, progress: Progress | None) -> tuple[Recovered, list[CutOff]]:
        """Open everything and recover the state.

        ``undone`` closes log and state.db if that fails. Not the index of ids: closing it vouches that it holds what the log holds.
        """
        settings, workspace = self.settings, self.workspace
        self.seal = self.folder.vault(make=True)
        self.secrets: Secrets = self.folder.secrets()
        cut = cut_damaged_end(self.folder.log)
        self.log = SqliteLog(self.folder.log, clock=self.clock, seal=self.seal)
        undone.callback(self.log.close)
        self.store = SqlStateStore(self.folder.state, seal=self.seal)
        undone.callback(self.store.close)
        self.dedupe = MappedDedupe(self.folder.dedupe, settings.dedupe_capacity)
        if cut or self.log.end_offset() < self.store.acted_offset():  # cut by a start that crashed before it came here
            self.dedupe.forget_from(self.log.end_offset())
        bridge(self.log, self.store.acted_offset(), self.folder)
        self.applied = Applied(self.folder.definitions)
        in_force = self.applied.in_force(self.log)
        self.fresh = in_force is None
        definitions = in_force if in_force is not None else load(workspace).definitions
        offer_files(definitions, self.applied.files, workspace)
        open_files(definitions)
        begun_s = time.monotonic()
        recovered = self.recovered(definitions, progress)
        self.start_s = time.monotonic() - begun_s
        return recovered, cut

    @property
    def identity_key(self) -> bytes:
        """Key of person ids."""
        return bytes.fromhex(self.secrets.identity_key)

    def recovered(
        self,
        definitions: Definitions,
        progress: Progress | None = None,
        *,
        snapshots: bool = True,
        until: int | None = None,
        not_after: int | None = None,
    ) -> Recovered:
        """The state at the log's end (or before ``until``) under some definitions; events that cannot be folded become dead letters.

        ``not_after``: use no snapshot of a later offset.
        """
        while True:
            try:
                return recover(
                    self.log,
                    definitions,
                    self.identity_key,
                    defined=self.applied.get,
                    snapshots=self.folder.snapshots if snapshots else None,
                    acted_offset=self.store.acted_offset() if not_after is None else not_after,
                    history=self.applied.history(self.log),
                    progress=progress,
                    until=until,
                    seal=self.seal,
                )
            except FoldFailedError as failed:
                self._quarantine(failed, definitions)

    def _quarantine(self, failed: FoldFailedError, definitions: Definitions) -> None:
        frame = failed.frame
        end = frame.header.first_offset + frame.header.count
        taken = quarantine(
            self.log,
            lambda change: rewrite(self.folder.log, change, from_offset=frame.header.first_offset, until=end, seal=self.seal),
            frame,
            failed.__cause__ or failed,
            lambda: EngineState(definitions, self.identity_key),
            lambda: self.recovered(definitions, until=frame.header.first_offset).state,
            failed.parts,
        )
        if not taken:
            raise failed

    def under(self, definitions: Definitions) -> EngineState:
        """The state that the whole log gives under other definitions; nodes keep their numbers."""
        history = self.applied.history(self.log)
        current = self.engine.definitions
        if definitions.identity != current.identity:
            history = [*(history or [current]), definitions]
        return recover(self.log, definitions, self.identity_key, snapshots=None, acted_offset=self.log.end_offset(), history=history).state

    def changed(self, definitions: Definitions) -> EngineState:
        """The state to go on with under other definitions: carried over where that is exact, else the whole log folded anew.

        Raises:
            StateError: The log must be folded anew and no longer reaches back to its start.
        """
        if folds_anew(self.engine.definitions, definitions):
            return self.under(definitions)
        state = carried(self.engine.state, definitions)
        evaluate(state, state.people.all_rows())
        return state

    def restore(self) -> Recovered:
        """The state at the log's end, after something failed: what never became durable is forgotten everywhere.

        Raises:
            GyeolError: The log or state.db cannot be read.
        """
        self.snapshotter.give_up()
        self.log.reopen()
        in_force = self.applied.in_force(self.log)
        recovered = self.recovered(in_force if in_force is not None else self.engine.definitions)
        refill_dedupe(self.log, self.engine.arrivals)
        return recovered

    def snapshot(self) -> None:
        """Write the state, and make the index of ids durable up to it. A disk that is full costs only time at the next start.

        Nothing is written for a state that is half folded (an interrupt), ahead of the log (an append that failed) or of state.db.
        """
        self.snapshotter.stop()
        state = self.engine.state
        if self.engine.folding or state.offset != self.log.end_offset() or self.store.acted_offset() < state.offset:
            return
        try:
            if latest_offset(self.folder.snapshots) != (state.offset, state.definitions.hash):
                write_snapshot(self.folder.snapshots, state, seal=self.seal)
            self._snapshot_taken(state.offset)
        except BackendError as error:
            self.snapshotter.problem = error

    def begin_snapshot(self) -> None:
        """Take a snapshot of the state as it is, beside the engine; called in the engine's thread between two frames."""
        self.snapshotter.begin(self.engine.state)

    def _usable(self, offset: int) -> bool:
        return self.log.end_offset() >= offset and self.store.acted_offset() >= offset

    def _snapshot_taken(self, offset: int) -> None:
        self.dedupe.checkpoint(offset)
        self.retention.run()

    def close(self) -> None:
        """Let go of everything."""
        self.snapshotter.stop()
        with ExitStack() as closing:
            closing.callback(self.folder.unlock)
            closing.callback(self.log.close)
            closing.callback(self.store.close)
            # An interrupt inside the index leaves views of its map alive; the process ends, and the map with it.
            with suppress(BufferError):
                self.dedupe.close()
