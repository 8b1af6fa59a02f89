"""A damaged end of the log: found, named, put aside, so that a start begins at the last good frame (ADR 0017).

A write that was torn by a crash never shows: SQLite takes it back. What is found here was changed on the disk after it was written.
Only the end is cut: damage with good frames after it is for people to decide about, see ``frame_corrupt``.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from gyeol.events.frames import frame_problem
from gyeol.storage.log.files import log_files, open_for_reading, open_for_writing, still_empty, unreadable

DAMAGED = "damaged"
"""The folder, in the log's, of what was cut."""


class CutOff(msgspec.Struct, frozen=True, kw_only=True):
    """What was cut from one file.

    Args:
        file: It stood in this one; ``aside``: it is there now.
        from_offset, until_offset: Its records.
        problem: What is wrong with its first frame.
    """

    file: str
    aside: str
    from_offset: int
    until_offset: int
    problem: str

    def __str__(self) -> str:
        return (
            f"the records from offset {self.from_offset} to {self.until_offset} in {self.file} were damaged ({self.problem}) "
            f"and were put aside into {self.aside}"
        )


def cut_damaged_end(folder: Path) -> list[CutOff]:
    """Put the damaged frames at the log's end aside; call it before the log is opened for writing.

    Returns:
        What was cut, newest file first; empty for a log that ends with a good frame.

    Raises:
        BackendError: A file cannot be read or written.
    """
    cut: list[CutOff] = []
    for path in reversed(log_files(folder)):
        try:
            bad, good = _bad_end(path)
            if bad:
                cut.append(_put_aside(path, bad))
        except sqlite3.Error as error:
            raise unreadable(path, error) from error
        if good:
            break
    return cut


def cut_aside(folder: Path) -> list[Path]:
    """Files of frames that were cut."""
    return sorted((folder / DAMAGED).glob("*.frames"))


def _bad_end(path: Path) -> tuple[list[tuple[int, int, str]], bool]:
    """(first offset, count, problem) of the damaged frames at a file's end, in order; and whether a good frame stands before them."""
    bad: list[tuple[int, int, str]] = []
    with closing(open_for_reading(path)) as connection:
        try:
            rows = connection.execute("SELECT first_offset, count, frame FROM frames ORDER BY first_offset DESC")
        except sqlite3.OperationalError as error:
            if still_empty(error):
                return [], False
            raise
        for first_offset, count, frame in rows:
            problem = frame_problem(frame)
            if problem is None:
                return bad[::-1], True
            bad.append((first_offset, count, problem))
    return bad[::-1], False


def _put_aside(path: Path, bad: list[tuple[int, int, str]]) -> CutOff:
    """Copy the frames, durably, then delete them: a crash between the two only does it again."""
    first = bad[0][0]
    aside = path.parent / DAMAGED / f"{path.stem}-{first}.frames"
    aside.parent.mkdir(exist_ok=True)
    with closing(open_for_writing(path)) as log, closing(open_for_writing(aside)) as target:
        rows = log.execute("SELECT * FROM frames WHERE first_offset >= ? ORDER BY first_offset", (first,)).fetchall()
        target.execute("BEGIN IMMEDIATE")
        target.executemany("INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?)", rows)
        target.execute("COMMIT")
        log.execute("BEGIN IMMEDIATE")
        log.execute("DELETE FROM frames WHERE first_offset >= ?", (first,))
        log.execute("COMMIT")
    last, count, _ = bad[-1]
    return CutOff(file=str(path), aside=str(aside), from_offset=first, until_offset=last + count, problem=bad[0][2])
