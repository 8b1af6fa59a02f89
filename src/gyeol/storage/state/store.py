"""state.db on SQLite: the core opens it for writing, any number of processes for reading."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, select, tuple_

from gyeol.engine.state_store import GroupMove, NodeMove
from gyeol.kernel.errors import BackendError, CapabilityMissingError, InternalError, NotFoundError
from gyeol.kernel.instants import Int64
from gyeol.privacy.sealing import PLAIN, Seal
from gyeol.storage.state import tables
from gyeol.storage.state.bodies import Bodies, reseal, scrub
from gyeol.storage.state.dead_letters import SqlDeadLetters
from gyeol.storage.state.outbox import SqlOutbox
from gyeol.storage.state.readers import Reader, SqlAudit, SqlDecisions, SqlEnrolments
from gyeol.storage.state.revision import bring_to_head, check_readable, copy_database
from gyeol.storage.state.sqlite import backend_errors, open_engine
from gyeol.storage.state.unit import SqlUnit, read_acted


class SqlStateStore:
    """See ``StateStore``. Safe to use from several threads: writers take turns.

    Args:
        path: state.db.
        read_only: For the side process: nothing can be written, the file must exist.
        seal: Seals the bodies of rows.

    Raises:
        NotFoundError: Read-only, and the core has not made the file yet.
        VersionConflictError: Another release's tables.
        BackendError: The file cannot be opened or written.
    """

    def __init__(self, path: Path, *, read_only: bool = False, seal: Seal = PLAIN) -> None:
        self.path = path
        self._bodies = Bodies(seal)
        if read_only and not path.exists():
            raise NotFoundError("state_missing", f"{path} does not exist. Start the core first; it makes it.", path=str(path))
        self._lock = threading.RLock()
        self._inside = False
        self._writer: Engine | None = None if read_only else open_engine(path, write=True)
        self._reader = open_engine(path, write=False)
        try:
            with backend_errors(path):
                if self._writer is None:
                    check_readable(self._reader, path)
                else:
                    bring_to_head(self._writer, path, seal)
        except BaseException:
            self.close()
            raise
        bodies, reader = self._bodies, Reader(self._reader, path, self._bodies)
        self.outbox = SqlOutbox(self._reader, path, bodies, None if read_only else self._transaction)
        self.dead_letters = SqlDeadLetters(self._reader, path, bodies)
        self.decisions = SqlDecisions(reader)
        self.enrolments = SqlEnrolments(reader)
        self.audit = SqlAudit(self._reader, path, bodies)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._writer is None:
            raise CapabilityMissingError("state_read_only", f"{self.path} is open for reading only; the core is the only writer")
        with self._lock:
            if self._inside:
                raise InternalError("unit_inside_unit", "a unit of work was opened inside another one")
            self._inside = True
            try:
                with backend_errors(self.path), self._writer.begin() as connection:
                    yield connection
            finally:
                self._inside = False

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """A transaction: kept when the block ends, undone when it raises."""
        with self._transaction() as connection:
            yield SqlUnit(connection, self._bodies)

    def acted_offset(self) -> int:
        """The offset before which everything has been acted upon."""
        with backend_errors(self.path), self._reader.connect() as connection:
            return read_acted(connection)

    def moves(self, after: tuple[int, int] = (-1, -1), limit: int = 100_000) -> Sequence[NodeMove]:
        """The first moves after (since_offset, node), in that order."""
        table = tables.node_person
        place = tuple_(table.c.since_offset, table.c.node)
        query = (
            select(table.c.node, table.c.person, table.c.since_offset, table.c.since_ms)
            .where(place > after)
            .order_by(table.c.since_offset, table.c.node)
            .limit(limit)
        )
        with backend_errors(self.path), self._reader.connect() as connection:
            return [(node, person, since_offset, since_ms) for node, person, since_offset, since_ms in connection.execute(query)]

    def group_moves(self, after: tuple[int, int, str] = (-1, -1, ""), limit: int = 100_000) -> Sequence[GroupMove]:
        """The first moves between groups after (since_offset, node, kind), in that order."""
        table = tables.node_group
        place = (table.c.since_offset, table.c.node, table.c.kind)
        query = (
            select(table.c.node, table.c.kind, table.c.group_id, table.c.since_offset, table.c.since_ms)
            .where(tuple_(*place) > after)
            .order_by(*place)
            .limit(limit)
        )
        with backend_errors(self.path), self._reader.connect() as connection:
            return [(node, kind, group, offset, at_ms) for node, kind, group, offset, at_ms in connection.execute(query)]

    def nodes_of(self, first_offset: int) -> Int64 | None:
        """The node of each event of the frame that begins at an offset."""
        table = tables.frame_nodes
        with backend_errors(self.path), self._reader.connect() as connection:
            found = connection.execute(select(table.c.nodes).where(table.c.first_offset == first_offset)).scalar()
        return None if found is None else np.frombuffer(found, "<i8")

    def forget_nodes(self, before_offset: int) -> None:
        """Forget the nodes of frames that begin before an offset."""
        table = tables.frame_nodes
        with self._transaction() as connection:
            connection.execute(table.delete().where(table.c.first_offset < before_offset))

    def backup(self, path: Path) -> None:
        """A consistent copy at ``path``, which must not exist yet."""
        with backend_errors(path), self._reader.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            try:
                copy_database(driver, path)
            except OSError as error:
                raise BackendError(
                    "backup_failed", f"{path}: {error.strerror or error}. Name another file or free the disk.", path=str(path)
                ) from error

    def reseal(self) -> int:
        """Seal every body under the key that is written under now, and leave no byte of what was there; returns how many were changed.

        Raises:
            BackendTimeoutError: Another process reads the file.
        """
        with self._transaction() as connection:
            changed = reseal(connection, self._bodies.seal)
        with backend_errors(self.path):
            scrub(self.path)
        return changed

    def close(self) -> None:
        """Let go of files; the write-ahead log is folded into the file by the last connection."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()
