"""What every ``Log`` does, and what only the one on disk can be asked."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gyeol.events.frames import decode_frame, encode_frame
from gyeol.events.log import FrameHeader, Log
from gyeol.events.sections import Decisions
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendError, BackendUnavailableError, InternalError, StateError
from gyeol.kernel.instants import DAY_MS
from gyeol.privacy.sealing import PLAIN, Vault
from gyeol.storage.log.memory import MemoryLog
from gyeol.storage.log.sqlite import SqliteLog


def frame(first_offset: int, count: int = 1, body: bytes = b"x") -> tuple[FrameHeader, bytes]:
    header = FrameHeader(first_offset=first_offset, count=count, engine_now_ms=first_offset * 10, definitions="00" * 16)
    return header, encode_frame(header, [Decisions([body] * count)])


def offsets(log: Log, start: int) -> list[int]:
    return [decode_frame(data).header.first_offset for data in log.read(start)]


@pytest.fixture(params=["memory", "sqlite", "sealed"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    seal = Vault([b"k" * 32]) if request.param == "sealed" else PLAIN
    made: Log = MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log", seal=seal)
    yield made
    made.close()


def test_an_empty_log(log: Log) -> None:
    assert (log.end_offset(), log.last_engine_now_ms(), list(log.read(0))) == (0, 0, [])


def test_frames_come_back_in_order_from_the_one_that_holds_the_offset(log: Log) -> None:
    written = [frame(0, 3), frame(3), frame(4, 10)]
    log.append(*written[0])
    log.append_many(written[1:])
    assert (log.end_offset(), log.last_engine_now_ms()) == (14, 40)
    assert list(log.read(0)) == [data for _, data in written]
    assert [offsets(log, start) for start in (0, 2, 3, 4, 13, 14, 99)] == [[0, 3, 4], [0, 3, 4], [3, 4], [4], [4], [], []]
    assert log.size_bytes() >= sum(len(data) for _, data in written)


def test_reading_ends_where_the_log_ended_at_the_call(log: Log) -> None:
    log.append_many([frame(0), frame(1)])
    reading = log.read(0)
    log.append(*frame(2))
    assert len(list(reading)) == 2
    assert offsets(log, 0) == [0, 1, 2]


@pytest.mark.parametrize("wrong", [frame(5), frame(1)])
def test_offsets_have_no_gap_and_nothing_is_kept_of_a_refused_call(log: Log, wrong: tuple[FrameHeader, bytes]) -> None:
    log.append(*frame(0, 2))
    with pytest.raises(InternalError):
        log.append_many([frame(2), wrong])
    assert offsets(log, 0) == [0] and log.end_offset() == 2
    log.append(*frame(2))
    assert offsets(log, 0) == [0, 2]


def test_nothing_to_append_is_nothing_appended(log: Log) -> None:
    log.append_many([])
    assert log.end_offset() == 0


def test_a_frame_needs_a_record(log: Log) -> None:
    with pytest.raises(InternalError):
        log.append(FrameHeader(first_offset=0, count=0, engine_now_ms=0, definitions="00" * 16), b"")


# ---------------------------------------------------------------- on disk


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(20_000 * DAY_MS)


def test_it_is_there_after_closing(tmp_path: Path) -> None:
    first = SqliteLog(tmp_path)
    first.append_many([frame(0, 2), frame(2)])
    first.close()
    with pytest.raises(BackendError, match="closed"):
        first.append(*frame(3))
    again = SqliteLog(tmp_path)
    assert (again.end_offset(), again.last_engine_now_ms(), offsets(again, 0)) == (3, 20, [0, 2])
    again.append(*frame(3))
    assert offsets(again, 2) == [2, 3]
    again.close()


def test_a_file_a_day_and_frames_across_them(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    for day in range(3):
        log.append_many([frame(2 * day), frame(2 * day + 1)])
        clock.advance(DAY_MS)
    assert [p.name for p in sorted(tmp_path.glob("*.frames"))] == ["2024-10-04.frames", "2024-10-05.frames", "2024-10-06.frames"]
    assert [offsets(log, start) for start in (0, 1, 2, 3, 5)] == [[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [2, 3, 4, 5], [3, 4, 5], [5]]
    log.close()


def test_a_clock_that_jumps_back_does_not_mix_the_files(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    log.append(*frame(0))
    clock.advance(-5 * DAY_MS)
    log.append(*frame(1))
    log.close()
    log = SqliteLog(tmp_path, clock=clock)
    log.append(*frame(2))
    assert len(list(tmp_path.glob("*.frames"))) == 1 and offsets(log, 0) == [0, 1, 2]
    log.close()


def test_a_reader_beside_the_writer_sees_what_is_committed(tmp_path: Path, clock: ManualClock) -> None:
    reader = SqliteLog(tmp_path / "log", read_only=True)
    assert (reader.end_offset(), reader.size_bytes(), offsets(reader, 0)) == (0, 0, [])
    log = SqliteLog(tmp_path / "log", clock=clock)
    log.append(*frame(0))
    assert (reader.end_offset(), offsets(reader, 0)) == (1, [0])
    clock.advance(DAY_MS)
    log.append(*frame(1))
    assert (reader.end_offset(), reader.last_engine_now_ms(), offsets(reader, 0)) == (2, 10, [0, 1])
    log.close()
    assert offsets(reader, 0) == [0, 1]
    with pytest.raises(BackendError, match="reading only"):
        reader.append(*frame(2))


def test_another_process_reads_while_this_one_writes(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    log.append(*frame(0))
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from gyeol.storage.log.sqlite import SqliteLog
        log = SqliteLog(Path(sys.argv[1]), read_only=True)
        for line in sys.stdin:
            print(log.end_offset(), len(list(log.read(0))), flush=True)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    ) as other:
        assert other.stdin is not None and other.stdout is not None
        for n in range(1, 4):
            other.stdin.write("look\n")
            other.stdin.flush()
            assert other.stdout.readline() == f"{n} {n}\n"
            log.append(*frame(n))
        other.stdin.close()
    log.close()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def test_what_a_killed_writer_committed_is_there(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from gyeol.events.frames import encode_frame
        from gyeol.events.log import FrameHeader
        from gyeol.events.sections import Decisions
        from gyeol.storage.log.sqlite import SqliteLog
        log = SqliteLog(Path(sys.argv[1]))
        for i in range(5):
            header = FrameHeader(first_offset=i, count=1, engine_now_ms=i, definitions="00" * 16)
            log.append(header, encode_frame(header, [Decisions([b"x"])]))
        log._writer.execute("BEGIN IMMEDIATE")
        log._writer.execute("INSERT INTO frames VALUES (5, 1, 5, x'00')")
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=_environment(), check=False)
    assert killed.returncode == -9
    reader = SqliteLog(tmp_path, read_only=True)
    assert (reader.end_offset(), offsets(reader, 0)) == (5, [0, 1, 2, 3, 4])
    log = SqliteLog(tmp_path)
    log.append(*frame(5))
    assert offsets(log, 4) == [4, 5]
    log.close()


def damage(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    connection = sqlite3.connect(path)
    change(connection)
    connection.commit()
    connection.close()


def written(tmp_path: Path) -> Path:
    log = SqliteLog(tmp_path)
    log.append_many([frame(i) for i in range(4)])
    log.close()
    [path] = tmp_path.glob("*.frames")
    return path


def test_a_damaged_frame_stops_the_reader_at_its_offset(tmp_path: Path) -> None:
    path = written(tmp_path)
    broken = frame(2)[1][:-1] + b"\xff"
    damage(path, lambda c: c.execute("UPDATE frames SET frame = ? WHERE first_offset = 2", (broken,)))
    log = SqliteLog(tmp_path)
    with pytest.raises(StateError) as error:
        offsets(log, 0)
    assert error.value.code == "frame_corrupt" and error.value.facts == {"offset": 2, "file": str(path)}
    assert str(path) in error.value.message and "offset 2" in error.value.message and "backup" in error.value.message
    reading = log.read(0)
    assert [decode_frame(next(reading)).header.first_offset for _ in range(2)] == [0, 1]
    assert offsets(log, 3) == [3]
    log.close()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_torn_end_is_named_at_the_start(tmp_path: Path, read_only: bool) -> None:
    path = written(tmp_path)
    damage(path, lambda c: c.execute("UPDATE frames SET frame = substr(frame, 1, 30) WHERE first_offset = 3"))
    with pytest.raises(StateError) as error:
        SqliteLog(tmp_path, read_only=read_only).end_offset()
    assert error.value.code == "frame_corrupt" and error.value.facts == {"offset": 3, "file": str(path)}


def test_a_missing_frame_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    damage(path, lambda c: c.execute("DELETE FROM frames WHERE first_offset = 1"))
    with pytest.raises(StateError) as error:
        list(SqliteLog(tmp_path).read(0))
    assert error.value.code == "log_gap" and error.value.facts["offset"] == 1


def test_a_missing_file_is_named(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    for i in range(3):
        log.append(*frame(i))
        clock.advance(DAY_MS)
    log.close()
    sorted(tmp_path.glob("*.frames"))[1].unlink()
    with pytest.raises(StateError, match="offset 1 is missing"):
        list(SqliteLog(tmp_path).read(0))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(BackendError) as error:
        SqliteLog(tmp_path)
    assert error.value.code == "log_file_damaged" and str(path) in error.value.message


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.frames").write_text("mine")
    (tmp_path / "2024-01-01.frames.bak").write_text("mine")
    log = SqliteLog(tmp_path)
    log.append(*frame(0))
    assert offsets(log, 0) == [0]
    log.close()


def test_old_days_are_retired_but_none_that_is_needed(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    for i in range(6):
        log.append(*frame(i))
        clock.advance(DAY_MS)
    assert log.retire(keep_days=2, needed_from=2) == ["2024-10-04.frames", "2024-10-05.frames"]
    assert offsets(log, 0) == [2, 3, 4, 5]
    assert log.retire(keep_days=2, needed_from=99) == ["2024-10-06.frames", "2024-10-07.frames"]
    assert log.retire(keep_days=0, needed_from=99) == ["2024-10-08.frames"]
    assert offsets(log, 0) == [5] and log.end_offset() == 6
    log.close()
    assert SqliteLog(tmp_path, clock=clock).end_offset() == 6


# A limit on file sizes makes write() fail in SQLite's VFS, as a full disk or a quota does.
_LIMITED = """
import resource, sys
from pathlib import Path
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader
from gyeol.events.sections import Decisions
from gyeol.kernel.errors import BackendError
from gyeol.storage.log.sqlite import SqliteLog

def frame(i, size):
    header = FrameHeader(first_offset=i, count=1, engine_now_ms=i, definitions="00" * 16)
    return header, encode_frame(header, [Decisions([bytes(range(256)) * (size // 256) + __import__("os").urandom(size)])])

log = SqliteLog(Path(sys.argv[1]))
log.append(*frame(0, 1000))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    log.append_many([frame(1, 1000), frame(2, 900_000)])
except BackendError as error:
    print(type(error).__name__, error.code, "nothing was kept" in error.message, sys.argv[1] in error.message, flush=True)
print(log.end_offset(), len(list(log.read(0))), flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append_many([frame(1, 1000), frame(2, 900_000)])
print(log.end_offset(), len(list(log.read(0))), flush=True)
log.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_disk_that_takes_no_more_keeps_nothing_half_written(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(tmp_path)], env=_environment(), capture_output=True, text=True, check=False)
    assert done.stderr == ""
    first, failed, again = done.stdout.splitlines()
    assert first in ("BackendError log_append_failed True True", "BackendUnavailableError log_append_failed True True")
    assert (failed, again) == ("1 1", "3 3")
    assert SqliteLog(tmp_path).end_offset() == 3


def test_a_full_database_is_retryable_and_keeps_nothing(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    log.append(*frame(0))
    assert log._writer is not None
    log._writer.execute("PRAGMA max_page_count=6")
    with pytest.raises(BackendUnavailableError, match="free space") as error:
        log.append_many([frame(1), frame(2, 1, os.urandom(200_000))])
    assert error.value.facts["sqlite"] == "SQLITE_FULL"
    assert log.end_offset() == 1 and offsets(log, 0) == [0]
    log._writer.execute("PRAGMA max_page_count=1000000")
    log.append(*frame(1))
    assert offsets(log, 0) == [0, 1]
    log.close()


def test_a_folder_that_cannot_be_made_or_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackendError, match="cannot be made"):
        SqliteLog(tmp_path / "file" / "log")
    folder = tmp_path / "log"
    log = SqliteLog(folder, clock=ManualClock(20_000 * DAY_MS))
    (folder / "2024-10-04.frames").mkdir()
    with pytest.raises(BackendError) as error:
        log.append(*frame(0))
    assert "permissions" in error.value.message or "cannot be" in error.value.message


def test_a_second_writer_is_told_so(tmp_path: Path) -> None:
    first, second = SqliteLog(tmp_path), SqliteLog(tmp_path)
    first.append(*frame(0))
    with pytest.raises(BackendError) as error:
        second.append(*frame(0))
    assert error.value.code == "log_append_failed"
    assert offsets(first, 0) == [0]
    first.close()
    second.close()
