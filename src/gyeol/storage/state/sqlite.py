"""What is SQLite's own: how connections are opened, how an existing row is left alone, what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, dialect, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from gyeol.kernel.errors import BackendError, BackendTimeoutError, BackendUnavailableError, InternalError

BUSY_TIMEOUT_MS = 5_000
"""How long a statement waits for another process's lock."""


def open_engine(path: Path, *, write: bool) -> Engine:
    """An engine on a database file: WAL and FULL (a commit is on disk before it returns).

    Args:
        path: The file; made when it is missing and ``write`` is true.
        write: True: one connection, transactions take the write lock at once. False: the file is opened read-only.
    """
    uri = f"file:{quote(str(path.absolute()))}" + ("" if write else "?mode=ro")

    def connect() -> sqlite3.Connection:
        # Transactions are begun by the "begin" listener below, not by the driver.
        return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1 if write else 4, max_overflow=0 if write else 16)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        if write:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        else:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@cache
def insert_new(table: Table) -> Insert:
    """An INSERT that leaves rows alone whose key is there already. Made once a table: to make one costs as much as to run it."""
    return insert(table).on_conflict_do_nothing()


@cache
def insert_or_replace(table: Table) -> Insert:
    """An INSERT that gives rows whose key is there already the new values."""
    new = insert(table)
    keys = list(table.primary_key.columns)
    return new.on_conflict_do_update(index_elements=keys, set_={c.name: new.excluded[c.name] for c in table.columns if c not in keys})


def positional(statement: Insert, columns: Sequence[str]) -> str:
    """The text of an INSERT that takes tuples of these columns, which must be all of its parameters in their order."""
    compiled = statement.compile(dialect=dialect(paramstyle="qmark"))
    if tuple(compiled.positiontup or ()) != tuple(columns):
        raise InternalError("bad_statement", f"the parameters of {compiled} are {compiled.positiontup}, not {columns}")
    return str(compiled)


@contextmanager
def backend_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors into ours: what happened, to which file, how to mend it."""
    try:
        yield
    except DBAPIError as error:
        raise backend_error(path, error.orig if error.orig is not None else error) from error
    except sqlite3.Error as error:
        raise backend_error(path, error) from error


def backend_error(path: Path, error: BaseException) -> BackendError:
    """The error that stands for one of the driver's."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    where = {"path": str(path)}
    match primary:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            message = (
                f"{path} stayed locked by another process for {BUSY_TIMEOUT_MS / 1000:.0f} s. Stop what else writes to it, then try again."
            )
            return BackendTimeoutError("state_locked", message, **where)
        case sqlite3.SQLITE_FULL:
            return BackendError(
                "disk_full", f"{path}: the disk is full. Nothing of this step was kept; free some space and go on.", **where
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return BackendError("state_read_only", f"{path} cannot be written. Check the rights of the file and its folder.", **where)
        case sqlite3.SQLITE_CANTOPEN:
            return BackendUnavailableError(
                "state_cannot_open", f"{path} cannot be opened. Check that its folder exists and its rights.", **where
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            message = f"{path} is damaged ({error}). Put back the newest backup beside it; the log brings it up to date."
            return BackendError("state_damaged", message, **where)
        case _:
            return BackendError("state_failed", f"{path}: {error}. See `gyeol doctor`.", **where)
