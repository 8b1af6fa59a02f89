"""The log as a folder of SQLite files: one row a frame, a file a day of receipt (UTC).

WAL and ``synchronous=FULL``: a commit returns after the fsync of its bytes. Retention deletes whole files. A file that is copied must be
copied with its ``-wal``: after a crash the last frames of a day may still stand there. Frames are sealed as they are written and opened
as they are read; those of earlier releases, which are plain, are read as they are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from gyeol.events.frames import opened_frame, sealed_frame
from gyeol.events.log import FrameHeader
from gyeol.kernel.clock import Clock, WallClock
from gyeol.kernel.errors import BackendError, BackendUnavailableError
from gyeol.privacy.sealing import PLAIN, Seal
from gyeol.storage.log.files import gap, log_files, open_for_reading, open_for_writing, remove, still_empty, unreadable, verify
from gyeol.storage.log.order import checked_end

_CHUNK = 64
_PROBE_BYTES = 4_000_000


class SqliteLog:
    """A ``gyeol.events.log.Log`` in a folder.

    Args:
        folder: Made if missing (by a writer).
        read_only: For another process than the writer's: sees what is committed, also in files made later.
        clock: Says which day it is.
        seal: Seals what is written, opens what is read.

    Raises:
        StateError: The newest file ends in a damaged frame (code ``frame_corrupt``).
        BackendError: The folder cannot be read or written.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, clock: Clock | None = None, seal: Seal = PLAIN) -> None:
        self._folder, self._seal = folder, seal
        self._read_only = read_only
        self._clock = clock or WallClock()
        self._writer: sqlite3.Connection | None = None
        self._day = ""
        self._poison = ""
        if not read_only:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BackendError("log_unwritable", f"{folder}: the log's folder cannot be made ({error})", path=str(folder)) from error
            self._end, self._engine_now_ms = self._tail()

    def _files(self) -> list[Path]:
        """The files, oldest first; their names sort as their offsets do."""
        return log_files(self._folder)

    def _tail(self) -> tuple[int, int]:
        """The offset after the last frame, and that frame's ``engine_now_ms``."""
        for path in reversed(self._files()):
            row = self._one(path, "SELECT first_offset, count, engine_now_ms, frame FROM frames ORDER BY first_offset DESC LIMIT 1")
            if row is not None:
                first_offset, count, engine_now_ms, frame = row
                verify(frame, first_offset, path)
                return first_offset + count, engine_now_ms
        return 0, 0

    def _one(self, path: Path, query: str, *values: int) -> tuple[int, int, int, bytes] | None:
        try:
            with closing(open_for_reading(path)) as connection:
                row: tuple[int, int, int, bytes] | None = connection.execute(query, values).fetchone()
                return row
        except sqlite3.Error as error:
            if still_empty(error):
                return None
            raise unreadable(path, error) from error

    def append(self, header: FrameHeader, frame: bytes) -> None:
        """See ``Log``."""
        self.append_many([(header, frame)])

    def append_many(self, frames: list[tuple[FrameHeader, bytes]]) -> None:
        """See ``Log``. One transaction, in one file."""
        if self._read_only or self._poison:
            raise BackendError("log_closed", self._poison or f"{self._folder}: this log was opened for reading only")
        if not frames:
            return
        end = checked_end(frames, self._end)
        keep = self._kept
        rows = [(h.first_offset, h.count, h.engine_now_ms, keep(frame)) for h, frame in frames]
        writer: sqlite3.Connection | None = None
        try:
            writer = self._connection()
            writer.execute("BEGIN IMMEDIATE")
            writer.executemany("INSERT INTO frames VALUES (?, ?, ?, ?)", rows)
            writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(writer, error, frames[0][0].first_offset) from error
        self._end = end
        self._engine_now_ms = frames[-1][0].engine_now_ms

    def _kept(self, frame: bytes) -> bytes:
        return sealed_frame(frame, self._seal.close) if self._seal.writes else frame

    def _connection(self) -> sqlite3.Connection:
        """The connection to today's file; opens the next file on a new day."""
        day = (
            max(self._today(), self._day, *(p.stem for p in self._files()[-1:])) if self._writer is None else max(self._today(), self._day)
        )
        if self._writer is None or day != self._day:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self._writer = open_for_writing(self._folder / f"{day}.frames")
            self._day = day
        return self._writer

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).date().isoformat()

    def _failed(self, writer: sqlite3.Connection | None, error: sqlite3.Error, offset: int) -> BackendError:
        """Undo, and say what happened. After a failed fsync nobody knows what the disk holds, so this object writes no more."""
        path = self._folder / f"{self._day or self._today()}.frames"
        code = getattr(error, "sqlite_errorname", "")
        try:
            if writer is not None and writer.in_transaction:
                writer.execute("ROLLBACK")
        except sqlite3.Error:
            self._poison = f"{path}: the log could not undo a failed append ({error}); start again to read what is there"
        if "FSYNC" in code:
            self._poison = f"{path}: an fsync failed ({error}), so what is on the disk is not known; check the disk and start again"
        kind: type[BackendError]
        if code == "SQLITE_FULL":
            what, kind = "the disk is full: free space, then the same call works again", BackendUnavailableError
        elif code in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            what, kind = "another process writes to it: stop the other one", BackendUnavailableError
        elif code in ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"):
            what, kind = f"it cannot be written ({error}): check the permissions of the folder", BackendError
        else:
            what, kind = f"writing failed ({error}): check the disk and its quota", BackendError
        return kind(
            "log_append_failed", f"{path}: nothing was kept of the frames from offset {offset} on, {what}", path=str(path), sqlite=code
        )

    def read(self, from_offset: int) -> Iterator[bytes]:
        """See ``Log``.

        Raises:
            StateError: A frame is damaged or missing: which, in which file, and how to mend it.
        """
        return self._frames(from_offset, self.end_offset())

    def _frames(self, from_offset: int, end: int) -> Iterator[bytes]:
        if from_offset >= end:
            return
        files = self._files()
        expected: int | None = None
        for index, path in enumerate(files):
            if expected is None:
                if index + 1 < len(files) and self._first_offset(files[index + 1]) <= from_offset:
                    continue
                at = self._holding(path, from_offset)
            else:
                at = expected
            for first_offset, count, frame in self._rows(path, at):
                if first_offset >= end:
                    return
                if expected is not None and first_offset != expected:
                    raise gap(path, expected, first_offset)
                verify(frame, first_offset, path)
                yield opened_frame(frame, self._seal.open)
                expected = first_offset + count
        if expected is not None and expected < end:
            raise gap(files[-1], expected, end)

    def _first_offset(self, path: Path) -> int:
        row = self._one(path, "SELECT first_offset, 0, 0, x'' FROM frames ORDER BY first_offset LIMIT 1")
        return row[0] if row is not None else 2**62

    def _holding(self, path: Path, offset: int) -> int:
        """The first offset of the frame that holds an offset, or of the first frame after it (older ones were retired)."""
        row = self._one(
            path, "SELECT first_offset, 0, 0, x'' FROM frames WHERE first_offset <= ? ORDER BY first_offset DESC LIMIT 1", offset
        )
        return row[0] if row is not None else offset

    def _rows(self, path: Path, at: int) -> Iterator[tuple[int, int, bytes]]:
        """The rows of one file from an offset on, in chunks: a long transaction would keep the writer's WAL from shrinking."""
        try:
            with closing(open_for_reading(path)) as connection:
                query = "SELECT first_offset, count, frame FROM frames WHERE first_offset >= ? ORDER BY first_offset LIMIT ?"
                while rows := connection.execute(query, (at, _CHUNK)).fetchall():
                    yield from rows
                    at = rows[-1][0] + 1
        except sqlite3.Error as error:
            if not still_empty(error):
                raise unreadable(path, error) from error

    def end_offset(self) -> int:
        """See ``Log``."""
        return self._tail()[0] if self._read_only else self._end

    def last_engine_now_ms(self) -> int:
        """See ``Log``."""
        return self._tail()[1] if self._read_only else self._engine_now_ms

    def size_bytes(self) -> int:
        """See ``Log``."""
        return sum(p.stat().st_size for p in self._folder.glob("*.frames*")) if self._folder.is_dir() else 0

    def retire(self, keep_days: int, needed_from: int) -> list[str]:
        """Delete the files of days older than ``keep_days``, but none with a frame at or after ``needed_from``; say which.

        Args:
            keep_days: Days before today that stay.
            needed_from: The offset from which a restart would read (the oldest snapshot's, or the lake's if less).
        """
        oldest = (date.fromisoformat(self._today()) - timedelta(days=keep_days)).isoformat()
        files = self._files()
        retired = []
        for path, after in pairwise(files):
            if path.stem >= oldest or self._first_offset(after) > needed_from or path.stem == self._day:
                break
            remove(path)
            retired.append(path.name)
        return retired

    def probe(self) -> None:
        """See whether the log would take records, without giving it any.

        Raises:
            BackendError: It would not: the disk is full or read-only, another process writes, or an fsync failed before.
        """
        if self._poison:
            raise BackendError("log_closed", self._poison)
        writer: sqlite3.Connection | None = None
        trial = self._folder / "probe.tmp"
        try:
            writer = self._connection()
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("ROLLBACK")
            with trial.open("wb") as file:
                file.write(bytes(_PROBE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except sqlite3.Error as error:
            raise self._failed(writer, error, self._end) from error
        except OSError as error:
            told = f"{self._folder}: the disk does not take records ({error.strerror}): free space, then it goes on by itself"
            raise BackendUnavailableError("log_append_failed", told, path=str(self._folder), errno=error.errno) from error
        finally:
            with suppress(OSError):
                trial.unlink(missing_ok=True)

    def reopen(self) -> None:
        """Read again where the log ends; call it after an append that failed, when nothing is being appended."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._end, self._engine_now_ms = self._tail()

    def close(self) -> None:
        """See ``Log``."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._poison = self._poison or f"{self._folder}: the log is closed"
