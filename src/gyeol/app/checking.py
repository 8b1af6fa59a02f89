"""``gyeol check consistency``: the stream's state at an offset beside what SQL finds in the lake and in the frames after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.app.applied import Applied
from gyeol.app.consistency import Consistency, consistency
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder
from gyeol.app.session import Session
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriching import BY_ADDRESS
from gyeol.engine.recovery import frames, recover
from gyeol.engine.state import EngineState
from gyeol.engine.state_store import StateStore
from gyeol.events.frames import decode_header
from gyeol.events.log import Log
from gyeol.kernel.errors import BackendTimeoutError, InputError, Problem, StateError
from gyeol.privacy.sealing import Seal
from gyeol.storage.lake.reader import LakeReader
from gyeol.storage.lake.rows import FrameShaper, move_rows
from gyeol.storage.lake.schema import arrow_schema
from gyeol.storage.lake.shaping import Shaping
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.storage.state.store import SqlStateStore

if TYPE_CHECKING:
    import pyarrow as pa

_ATTEMPTS = 5
_PAGE = 100_000


class Folder:
    """What of a data folder the comparison reads; nothing is written.

    Args:
        folder: The data folder; another process may be using it.
        log, store: Its log and state.db, open for reading.
        seal: Opens its snapshots.
    """

    def __init__(self, folder: DataFolder, log: Log, store: StateStore, seal: Seal) -> None:
        self.folder, self.log, self.store, self._seal = folder, log, store, seal
        self.applied = Applied(folder.definitions)

    def definitions_at(self, offset: int) -> Definitions:
        """Those of the frame before an offset."""
        last = next(iter(self.log.read(offset - 1)))
        return self.applied.get(decode_header(last).definitions)

    def state_at(self, offset: int) -> EngineState:
        """Newest snapshot before the offset and the log after it."""
        key = bytes.fromhex(self.folder.secrets().identity_key)
        definitions = self.definitions_at(offset)
        history = self.applied.history(self.log)
        return recover(
            self.log,
            definitions,
            key,
            snapshots=self.folder.snapshots,
            acted_offset=offset,
            history=history,
            until=offset,
            seal=self._seal,
        ).state

    def tail(self, start: int, end: int) -> dict[str, pa.Table] | None:
        """Rows of the frames from ``start`` up to ``end``; None when the lake has passed some of them meanwhile."""
        import pyarrow as pa

        batches: list[pa.RecordBatch] = []
        facts: list[pa.RecordBatch] = []
        for frame in frames(self.log, start):
            if frame.header.first_offset >= end:
                break
            nodes = self.store.nodes_of(frame.header.first_offset)
            try:
                found = FrameShaper(self.applied.get(frame.header.definitions)).rows(frame, nodes)
            except StateError:
                return None
            batches += found.batches.get("events", [])
            facts += found.batches.get("facts", [])
        moves = [move for move in self._moves(start) if move[2] < end]
        return {
            "tail_events": pa.Table.from_batches(batches, arrow_schema("events")),
            "tail_moves": pa.Table.from_batches([move_rows(moves)]),
            "tail_facts": pa.Table.from_batches(facts, arrow_schema("facts")),
        }

    def _moves(self, start: int) -> list[tuple[int, str, int, int]]:
        found: list[tuple[int, str, int, int]] = []
        after = (start - 1, 2**62)
        while page := self.store.moves(after, _PAGE):
            found += page
            after = (page[-1][2], page[-1][0])
        return found

    def compare(self, lake: LakeReader, offset: int, live: EngineState | None = None) -> Consistency:
        """Compare at an offset; ``live`` is the state there when this process owns it.

        Raises:
            BackendTimeoutError: The lake moved on each time while it was read.
        """
        state = live if live is not None else self.state_at(offset)
        hides, complete = Shaping(state.definitions).hides, lake.countries_from() == 0

        def hidden(event: str, path: str) -> bool:
            # Before it was upgraded an older release wrote no countries beside events, and the stream knew them.
            return hides(event, path) or (not complete and path in BY_ADDRESS)

        for _ in range(_ATTEMPTS):
            reached = lake.offset()
            if reached >= state.offset:
                return consistency(state, lake.run, hidden)
            tail = self.tail(reached, state.offset)
            if tail is not None and lake.offset() == reached:
                return consistency(state, lake.run, hidden, tail=tail, lake_offset=reached)
        raise BackendTimeoutError("lake_busy", "The lake moved on while it was compared, five times. Try again when it is quieter.")


def check_consistency(session: Session, workspace_data: Path, at: int | None = None) -> Consistency:
    """Compare the stream with SQL on all people.

    Args:
        session: Of the workspace: the folder itself, or the pair that runs (then the state is read from snapshot and log).
        workspace_data: The data folder.
        at: The offset; None: as far as everything is acted upon. Rounded down to where a frame begins.

    Raises:
        InputError: There is no such offset.
        StateError: The log no longer reaches back to it.
    """
    if isinstance(session, EmbeddedSession):
        session.settle()
        folder = Folder(session.parts.folder, session.parts.log, session.parts.store, session.parts.seal)
        live = session.parts.engine.state if at is None else None
        return _compared(folder, session.parts.folder, at, live)
    data = DataFolder(workspace_data, create=False)
    seal = data.vault()
    log, store = SqliteLog(data.log, read_only=True, seal=seal), SqlStateStore(data.state, read_only=True, seal=seal)
    try:
        return _compared(Folder(data, log, store, seal), data, at, None)
    finally:
        store.close()
        log.close()


def _compared(folder: Folder, data: DataFolder, at: int | None, live: EngineState | None) -> Consistency:
    acted = folder.store.acted_offset()
    if at is not None and not 0 < at <= acted:
        what = f"offset {at} is not between 1 and {acted}"
        raise InputError(
            "no_such_offset", [Problem(path="--at", code="no_such_offset", what=what, mend="leave --at out, or name a smaller one")]
        )
    lake = LakeReader(data.lake)
    try:
        return folder.compare(lake, live.offset if live is not None else at if at is not None else acted, live)
    finally:
        lake.close()
