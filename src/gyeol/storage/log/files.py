"""The files of the log: how they are found, opened, checked and removed, and what their errors say."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from gyeol.events.frames import corrupt, frame_problem
from gyeol.kernel.errors import BackendError, BackendUnavailableError, StateError

_NAME = re.compile(r"\d{4}-\d\d-\d\d\.frames")
_TABLE = """
CREATE TABLE IF NOT EXISTS frames (
    first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL, engine_now_ms INTEGER NOT NULL, frame BLOB NOT NULL
)
"""
_PAGE_BYTES = 8_192
_CHECKPOINT_PAGES = 4_000
_BUSY_S = 10.0


def log_files(folder: Path) -> list[Path]:
    """The files of a log's folder, oldest first; their names sort as their offsets do."""
    return sorted(p for p in folder.glob("*.frames") if _NAME.fullmatch(p.name)) if folder.is_dir() else []


def remove(path: Path) -> None:
    """Delete a file of the log; first the file itself: what SQLite keeps beside it means nothing without."""
    path.unlink()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection whose commits return after the fsync of their bytes; the file and its table are made if missing."""
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that can change nothing; each call on it sees what is committed then."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)


def verify(frame: bytes, first_offset: int, path: Path) -> None:
    """Raises StateError for a frame that is damaged."""
    problem = frame_problem(frame)
    if problem is not None:
        raise corrupt(frame, problem, where=str(path), expected_offset=first_offset)


def gap(path: Path, expected: int, found: int) -> StateError:
    """The error for frames that are missing."""
    return StateError(
        "log_gap",
        f"{path}: the frame at offset {expected} is missing, the next one is at {found}. Put back this file of the log from a backup.",
        offset=expected,
        file=str(path),
    )


def still_empty(error: sqlite3.Error) -> bool:
    """Whether a file has no table yet: it was made a moment ago, or a moment before a crash, and nothing is committed in it."""
    return "no such table" in str(error)


def unreadable(path: Path, error: sqlite3.Error) -> BackendError:
    """The error for a file that SQLite cannot read."""
    code = getattr(error, "sqlite_errorname", "")
    if code in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
        return BackendError(
            "log_file_damaged",
            f"{path}: this file of the log is no whole SQLite database ({error}). Put it back from a backup; or try "
            f"`sqlite3 {path.name} .recover` and keep the frames before the damage.",
            path=str(path),
        )
    return BackendUnavailableError("log_unreadable", f"{path}: this file of the log cannot be read ({error})", path=str(path))
