"""From the log to the lake: a consumer with its own offset, kept in the same transaction as the rows it has read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gyeol.engine.definitions import Definitions
from gyeol.engine.state_store import GroupMove, NodeMove
from gyeol.events.frames import decode_frame, decode_header
from gyeol.events.sections import Frame
from gyeol.storage.lake.past import FrameReader, Past
from gyeol.storage.lake.rows import FrameRows, FrameShaper, group_rows, move_rows
from gyeol.storage.lake.schema import COLUMNS, arrow_schema
from gyeol.storage.lake.store import LakeStore

if TYPE_CHECKING:
    import pyarrow as pa

_ANY_NODE = 2**62


class LakeWriter:
    """Reads frames that were acted upon, keeps them as rows in memory, commits them now and then.

    Nothing is written twice or left out, whenever the process dies: rows, moves and offset are one transaction, and reading starts
    at the offset that the lake itself holds.

    Args:
        store: The lake.
        log: Where frames come from.
        past: Nodes of events, moves of nodes, and how far the engine has acted.
        definitions: The definitions of a hash (32 hex digits), as frames name them.
        commit_rows: Commit when so many rows wait …
        commit_s: … or the oldest of them has waited so many seconds.
        monotonic_s: A clock for ``commit_s``.
        also: Given each frame that was read, so that others need not decode it again.
    """

    def __init__(
        self,
        store: LakeStore,
        log: FrameReader,
        past: Past,
        definitions: Callable[[str], Definitions],
        *,
        commit_rows: int = 50_000,
        commit_s: float = 30.0,
        monotonic_s: Callable[[], float] = time.monotonic,
        also: Callable[[Frame], None] = lambda frame: None,
    ) -> None:
        self._store, self._log, self._past, self._also = store, log, past, also
        self._definitions, self._shapers = definitions, dict[str, FrameShaper]()
        self._commit_rows, self._commit_s, self._monotonic_s = commit_rows, commit_s, monotonic_s
        self._lock = threading.Lock()
        self._committed = store.offset()
        self._pending: tuple[FrameRows, ...] = ()
        self._pending_rows = 0
        self._waiting_since_s: float | None = None

    @property
    def lake_offset(self) -> int:
        """The first offset that the lake does not hold."""
        return self._committed

    @property
    def read_offset(self) -> int:
        """The first offset that neither the lake nor ``tail`` holds."""
        pending = self._pending
        return pending[-1].end_offset if pending else self._committed

    def tail(self) -> tuple[FrameRows, ...]:
        """What was read but not yet committed, oldest first. Read it before the lake: a frame may be in both, never in neither."""
        return self._pending

    def step(self) -> int:
        """Read what is new, commit what is due. Returns how many rows were read.

        Raises:
            BackendError: The lake did not take the rows; they stay in ``tail`` and the next step tries again.
        """
        with self._lock:
            return self._read(self._commit_if_due)

    def catch_up(self) -> int:
        """Bring everything that was acted upon into the lake, now. Returns the lake's offset."""
        with self._lock:
            self._read(self._commit_if_full)
            self._commit()
            return self._committed

    def _read(self, after_each: Callable[[], None]) -> int:
        """Read to the acted offset; ``after_each`` frame may commit, so that memory stays bounded."""
        found = 0
        if self._pending_rows < self._commit_rows:
            acted = self._past.acted_offset()
            start = self.read_offset
            for data in self._log.read(start) if acted > start else ():
                header = decode_header(data)
                end = header.first_offset + header.count
                if end > acted:
                    break
                if header.first_offset < start:
                    continue
                frame = decode_frame(data)
                rows = self._shaper(header.definitions).rows(frame, self._past.nodes_of(header.first_offset))
                self._keep(rows)
                self._also(frame)
                found += rows.rows
                after_each()
        after_each()
        return found

    def _keep(self, rows: FrameRows) -> None:
        if self._waiting_since_s is None:
            self._waiting_since_s = self._monotonic_s()
        pending = self._pending
        self._pending = (*pending[:-1], _joined(pending[-1], rows)) if pending and not rows.rows else (*pending, rows)
        self._pending_rows += rows.rows

    def _shaper(self, hash_: str) -> FrameShaper:
        found = self._shapers.get(hash_)
        if found is None:
            found = self._shapers[hash_] = FrameShaper(self._definitions(hash_))
        return found

    def _commit_if_full(self) -> None:
        if self._pending_rows >= self._commit_rows:
            self._commit()

    def _commit_if_due(self) -> None:
        since = self._waiting_since_s
        if self._pending_rows >= self._commit_rows or (since is not None and self._monotonic_s() - since >= self._commit_s):
            self._commit()

    def _commit(self) -> None:
        pending, end = self._pending, self.read_offset
        if end == self._committed:
            return
        tables = {name: _table(name, pending) for name in COLUMNS if name not in ("node_person", "node_group")}
        tables["node_person"] = _table_of(move_rows(self._moves(self._committed, end)))
        tables["node_group"] = _table_of(group_rows(self._group_moves(self._committed, end)))
        self._store.commit(tables, end)
        # Readers take the tail first and the lake second, so the lake must have the rows before the tail lets them go.
        self._committed = end
        self._pending, self._pending_rows, self._waiting_since_s = (), 0, None

    def _moves(self, start: int, end: int) -> list[NodeMove]:
        found: list[NodeMove] = []
        after = (start - 1, _ANY_NODE)
        while True:
            page = self._past.moves(after)
            found += [move for move in page if move[2] < end]
            if not page or page[-1][2] >= end:
                return found
            after = (page[-1][2], page[-1][0])

    def _group_moves(self, start: int, end: int) -> list[GroupMove]:
        found: list[GroupMove] = []
        after = (start - 1, _ANY_NODE, "")
        while True:
            page = self._past.group_moves(after)
            found += [move for move in page if move[3] < end]
            if not page or page[-1][3] >= end:
                return found
            after = (page[-1][3], page[-1][0], page[-1][1])


def _joined(before: FrameRows, empty: FrameRows) -> FrameRows:
    """A frame without rows (a tick, a command) only moves the end of the frame before it."""
    return FrameRows(before.first_offset, empty.end_offset, before.batches)


def _table(name: str, pending: Sequence[FrameRows]) -> pa.Table:
    import pyarrow as pa

    batches = [batch for rows in pending for batch in rows.batches.get(name, [])]
    return pa.Table.from_batches(batches, schema=arrow_schema(name))


def _table_of(batch: pa.RecordBatch) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches([batch])
