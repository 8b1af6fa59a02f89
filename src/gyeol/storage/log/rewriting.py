"""Frames of the log written anew in their places: nothing is stored in a form that cannot be rewritten (ADR 0017).

Each file is changed in transactions, so a crash leaves every frame either as it was or as it is to be. SQLite overwrites what is freed
(``secure_delete``), and the write-ahead log is emptied at the end: no byte of what was there stays in the files.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from gyeol.events.frames import decode_frame, encode_frame, frame_problem, opened_frame, payload_of, sealed_frame
from gyeol.events.sections import Frame
from gyeol.kernel.errors import BackendTimeoutError, InternalError
from gyeol.privacy.sealing import PLAIN, Seal, Vault, key_of
from gyeol.storage.log.files import log_files, open_for_writing, unreadable

Change = Callable[[Frame], Frame | None]
Again = Callable[[bytes], bytes | None]
_CHUNK = 64
_PATIENCE_S = 10.0


def rewrite(folder: Path, change: Change, *, from_offset: int = 0, until: int | None = None, seal: Seal = PLAIN) -> list[int]:
    """Change frames; also while the log is being appended to, by the process that appends.

    Args:
        folder: Of the log.
        change: Gives the frame to write in the place of one, with as many records, or None to leave it.
        from_offset: Only frames that begin there or later are looked at …
        until: … and before this offset; None: to the end.
        seal: Opens what is there, and seals what takes its place: each time with a nonce of its own.

    Returns:
        First offsets of the frames that were changed.

    Raises:
        InternalError: ``change`` gave other offsets or another count (code ``rewrite_moved``).
        BackendError: A file cannot be written, or a reader held the old pages for too long; calling again is safe.
    """
    last = 2**62 if until is None else until
    return [at for path in log_files(folder) for at in _rewritten(path, lambda data: _again(data, change, seal), from_offset, last)]


def reseal(path: Path, seal: Vault) -> int:
    """Seal the frames of one file that are plain, or sealed under another key than the first of these; returns how many those were.

    Raises:
        BackendError: As ``rewrite``.
        ConfigError: A frame is sealed under a key that is not here.
    """

    def again(data: bytes) -> bytes | None:
        if frame_problem(data) is not None or key_of(payload_of(data)) == seal.writes:
            return None  # what is damaged was put aside and is for people to look at
        return sealed_frame(opened_frame(data, seal.open), seal.close)

    return len(_rewritten(path, again, 0, 2**62))


def _rewritten(path: Path, again: Again, at: int, until: int) -> list[int]:
    """Change the frames of one file, and empty its write-ahead log when any was changed."""
    try:
        with closing(open_for_writing(path)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            found = _rewrite_file(connection, again, at, until)
            if found:
                _empty_wal(connection, path)
            return found
    except sqlite3.Error as error:
        raise unreadable(path, error) from error


def _rewrite_file(connection: sqlite3.Connection, again: Again, at: int, until: int) -> list[int]:
    changed: list[int] = []
    query = "SELECT first_offset, frame FROM frames WHERE first_offset >= ? AND first_offset < ? ORDER BY first_offset LIMIT ?"
    while rows := connection.execute(query, (at, until, _CHUNK)).fetchall():
        fresh = [(written, first_offset) for first_offset, data in rows if (written := again(data)) is not None]
        if fresh:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany("UPDATE frames SET frame = ? WHERE first_offset = ?", fresh)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        changed += [first_offset for _, first_offset in fresh]
        at = rows[-1][0] + 1
    return changed


def _again(data: bytes, change: Change, seal: Seal) -> bytes | None:
    frame = decode_frame(opened_frame(data, seal.open))
    given = change(frame)
    if given is None:
        return None
    if given.header != frame.header:
        told = f"the frame at offset {frame.header.first_offset} would get another header"
        raise InternalError("rewrite_moved", told)
    written = encode_frame(given.header, given.sections)
    return sealed_frame(written, seal.close) if seal.writes else written


def _empty_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Write everything into the file and empty the write-ahead log: its old pages hold what was rewritten."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        if time.monotonic() > deadline:
            told = f"{path}: somebody reads an old state of this file, so its write-ahead log could not be emptied; call again"
            raise BackendTimeoutError("log_busy", told, path=str(path))
        time.sleep(0.02)
