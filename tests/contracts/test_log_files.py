"""The log's files in place: rewritten without a trace, cut at the last good frame, probed, opened again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from gyeol.engine.blanking import Marked, blank_frame
from gyeol.events.frames import decode_frame, decode_header, encode_frame, frame_problem, opened_frame, payload_of, sealed_frame
from gyeol.events.log import FrameHeader
from gyeol.events.sections import Decisions, EventRows, Frame, RejectedEvent, Rejections, Section
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendError, InternalError, StateError
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import DAY_MS
from gyeol.privacy.sealing import Vault
from gyeol.storage.log.files import log_files
from gyeol.storage.log.mending import cut_aside, cut_damaged_end
from gyeol.storage.log.rewriting import reseal, rewrite
from gyeol.storage.log.sqlite import SqliteLog

SECRET = b"hong.gildong@example.com"


def rows(first_offset: int, texts: list[bytes]) -> tuple[FrameHeader, bytes]:
    n = len(texts)
    ids = np.array([event_hash(f"m{first_offset + i}") for i in range(n)], "<u8").tobytes()
    times = np.arange(n, dtype="<i8").tobytes()
    section = EventRows(
        source=bytes(2 * n), time=times, received=times, original=times, sent=times, flags=bytes(2 * n), raw=texts,
        type_code=bytes(n), id_hash=ids, payload_hash=ids, ip=["10.0.0.1"] * n, sources=["web"],
    )  # fmt: skip
    letter = RejectedEvent(id="dl", source=0, code="no_type", detail="", raw=texts[0], received_ms=1, message_id=f"m{first_offset}")
    header = FrameHeader(first_offset=first_offset, count=n + 1, engine_now_ms=first_offset, definitions="00" * 16)
    return header, encode_frame(header, [section, Rejections([letter])])


def fill(log: SqliteLog, clock: ManualClock, noise: int = 40) -> None:
    """Frames of every size over three days, the secret in some of them; the newest day is still being written."""
    at = 0
    for day in range(3):
        for number in range(noise):
            size = (10, 3_000, 60_000)[number % 3]
            texts = [b'{"x":"' + os.urandom(size).hex().encode() + b'"}' for _ in range(2)]
            if number % 4 == 0:
                texts[1] = b'{"email":"' + SECRET + b'","x":"' + texts[0][:200] + b'"}'
                texts[0] = b'{"traits":{"email":"' + SECRET + b'"}}'
            header, data = rows(at, texts)
            log.append(header, data)
            at += header.count
        if day < 2:
            clock.advance(DAY_MS)


def holding(folder: Path, value: bytes) -> list[str]:
    """Files of a folder in which some bytes stand; frames too large for raw text are opened, too."""
    found = [path.name for path in sorted(folder.rglob("*")) if path.is_file() and value in path.read_bytes()]
    for path in log_files(folder):
        connection = sqlite3.connect(path)
        for (data,) in connection.execute("SELECT frame FROM frames"):
            if any(value in raw for section in decode_frame(data).sections if isinstance(section, EventRows) for raw in section.raw):
                found.append(f"{path.name} (packed)")
        connection.close()
    return found


def secret_ids(log: SqliteLog) -> Marked:
    ids = set()
    for data in log.read(0):
        for section in decode_frame(data).sections:
            if isinstance(section, EventRows):
                hashes = np.frombuffer(section.id_hash, "<u8").tolist()
                ids |= {hash_ for hash_, raw in zip(hashes, section.raw, strict=True) if SECRET in raw}
    return Marked(ids=frozenset(ids))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(20_000 * DAY_MS)


def stored(folder: Path) -> dict[int, bytes]:
    """The bytes of every frame as they stand in the files, by first offset."""
    found: dict[int, bytes] = {}
    for path in log_files(folder):
        with closing(sqlite3.connect(path)) as connection:
            found |= dict(connection.execute("SELECT first_offset, frame FROM frames ORDER BY first_offset"))
    return found


def test_sealed_frames_say_nothing_and_each_writing_has_a_nonce_of_its_own(tmp_path: Path, clock: ManualClock) -> None:
    plain, vault = SqliteLog(tmp_path / "plain", clock=clock), Vault([b"k" * 32])
    fill(plain, clock, noise=8)
    log = SqliteLog(tmp_path / "log", clock=clock, seal=vault)
    log.append_many([(decode_header(data), data) for data in plain.read(0)])
    assert [*log.read(0)] == [*plain.read(0)], "opened, they are what was given"
    assert all(SECRET not in path.read_bytes() for path in (tmp_path / "log").iterdir())
    first = stored(tmp_path / "log")
    assert all(frame_problem(data) is None and decode_header(data) == decode_header(first[at]) for at, data in first.items())
    marked = secret_ids(log)
    changed = rewrite(tmp_path / "log", lambda frame: blank_frame(frame, marked), seal=vault)
    second = stored(tmp_path / "log")
    assert changed and [at for at in first if first[at] != second[at]] == changed
    assert {first[at][78:90] for at in first}.isdisjoint(second[at][78:90] for at in changed)
    assert all(SECRET not in raw for data in log.read(0) for raw in raws_of(data))
    [path] = log_files(tmp_path / "log")
    assert reseal(path, vault) == 0, "everything is under the first key"
    rotated = Vault([b"n" * 32, b"k" * 32])
    before = [*log.read(0)]
    assert reseal(path, rotated) == len(first)
    again = SqliteLog(tmp_path / "log", clock=clock, read_only=True, seal=Vault([b"n" * 32]))
    assert [*again.read(0)] == before


def test_a_sealed_frame_moved_to_another_place_is_not_read(tmp_path: Path, clock: ManualClock) -> None:
    vault = Vault([b"k" * 32])
    log = SqliteLog(tmp_path, clock=clock, seal=vault)
    log.append(*rows(0, [b"{}"]))
    log.append(*rows(2, [b'{"a":1}']))
    [path] = log_files(tmp_path)
    frames = stored(tmp_path)
    other = sealed_frame(encode_frame(*header_of(frames[2], vault)), lambda data, about: payload_of(frames[0]).tobytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE frames SET frame = ? WHERE first_offset = 2", (other,))
        connection.commit()
    with pytest.raises(StateError) as raised:
        list(log.read(0))
    assert raised.value.code == "seal_broken"


def header_of(data: bytes, vault: Vault) -> tuple[FrameHeader, list[Section]]:
    frame = decode_frame(opened_frame(data, vault.open))
    return frame.header, frame.sections


def raws_of(data: bytes) -> list[bytes]:
    return [raw for section in decode_frame(data).sections if isinstance(section, EventRows) for raw in section.raw]


def test_what_is_rewritten_is_in_no_byte_of_the_files(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    fill(log, clock)
    assert holding(tmp_path, SECRET)
    before = {decode_frame(data).header.first_offset: data for data in log.read(0)}
    marked = secret_ids(log)
    changed = rewrite(tmp_path, lambda frame: blank_frame(frame, marked))
    assert len(changed) == 30
    assert holding(tmp_path, SECRET) == [], "neither in pages, nor among free ones, nor in the write-ahead log"
    after = {decode_frame(data).header.first_offset: data for data in log.read(0)}
    assert list(after) == list(before)
    for offset, data in after.items():
        assert frame_problem(data) is None
        assert (data == before[offset]) == (offset not in changed)
        assert decode_frame(data).header == decode_frame(before[offset]).header
    assert rewrite(tmp_path, lambda frame: blank_frame(frame, marked)) != [], "an id stays known, so it is found again"
    log.append(*rows(log.end_offset(), [b"{}"]))
    log.close()
    assert holding(tmp_path, SECRET) == []
    assert SqliteLog(tmp_path, clock=clock).end_offset() == 3 * 40 * 3 + 2


def test_it_is_rewritten_while_it_is_appended_to(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    fill(log, clock, noise=12)
    marked, stop = secret_ids(log), threading.Event()

    def append() -> None:
        while not stop.is_set():
            log.append(*rows(log.end_offset(), [b'{"x":1}']))

    thread = threading.Thread(target=append)
    thread.start()
    try:
        rewrite(tmp_path, lambda frame: blank_frame(frame, marked))
    finally:
        stop.set()
        thread.join()
    assert holding(tmp_path, SECRET) == []
    offsets = [decode_frame(data).header for data in log.read(0)]
    assert offsets[-1].first_offset + offsets[-1].count == log.end_offset()
    log.close()


def test_killed_while_rewriting_leaves_each_frame_old_or_new(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    fill(log, clock, noise=12)
    log.close()
    program = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from gyeol.engine.blanking import Marked, blank_frame
        from gyeol.storage.log import rewriting
        real, done = rewriting._empty_wal, []
        def dying(connection, path):
            done.append(path)
            if len(done) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            real(connection, path)
        rewriting._empty_wal = dying
        marked = Marked(offsets=frozenset(range(10_000)))
        rewriting.rewrite(Path(sys.argv[1]), lambda frame: blank_frame(frame, marked))
        """
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=False).returncode == -9
    log = SqliteLog(tmp_path, clock=clock)
    assert len(list(log.read(0))) == 36
    marked = Marked(offsets=frozenset(range(10_000)))
    rewrite(tmp_path, lambda frame: blank_frame(frame, marked))
    assert holding(tmp_path, SECRET) == [] and len(list(log.read(0))) == 36
    log.close()


def test_a_rewriting_that_moves_records_is_refused(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    log.append(*rows(0, [b"{}"]))

    def moved(frame: Frame) -> Frame:
        return Frame(header=FrameHeader(first_offset=5, count=1, engine_now_ms=0, definitions="00" * 16), sections=[Decisions([b"x"])])

    with pytest.raises(InternalError, match="offset 0"):
        rewrite(tmp_path, moved)
    assert len(list(log.read(0))) == 1
    log.close()


def test_retired_files_leave_nothing_beside_them(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    fill(log, clock, noise=3)
    [first, *_] = log_files(tmp_path)
    first.with_name(first.name + "-wal").write_bytes(b"")
    assert log.retire(keep_days=0, needed_from=log.end_offset()) == [path.name for path in [first, first.with_name("2024-10-05.frames")]]
    assert {path.name for path in tmp_path.iterdir()} <= {"2024-10-06.frames", "2024-10-06.frames-wal", "2024-10-06.frames-shm"}
    log.close()


# ---------------------------------------------------------------- a damaged end


def harm(path: Path, *offsets: int) -> None:
    connection = sqlite3.connect(path)
    for offset in offsets:
        (data,) = connection.execute("SELECT frame FROM frames WHERE first_offset = ?", (offset,)).fetchone()
        connection.execute("UPDATE frames SET frame = ? WHERE first_offset = ?", (data[:-3] + b"\0\0\0", offset))
    connection.commit()
    connection.close()


@pytest.mark.parametrize(("harmed", "left"), [((9,), 9), ((6, 9), 6), ((), 12)])
def test_a_damaged_end_is_cut_at_the_last_good_frame_and_kept_aside(tmp_path: Path, harmed: tuple[int, ...], left: int) -> None:
    log = SqliteLog(tmp_path)
    for offset in range(0, 12, 3):
        log.append(*rows(offset, [b'{"a":1}', b'{"b":2}']))
    log.close()
    [path] = log_files(tmp_path)
    harm(path, *harmed)
    cut = cut_damaged_end(tmp_path)
    assert [(each.from_offset, each.until_offset, each.file) for each in cut] == ([(left, 12, str(path))] if harmed else [])
    again = SqliteLog(tmp_path)
    assert again.end_offset() == left and len(list(again.read(0))) == left // 3
    if harmed:
        [aside] = cut_aside(tmp_path)
        assert cut[0].aside == str(aside) and str(aside) in str(cut[0]) and f"offset {left}" in str(cut[0])
        kept = sqlite3.connect(aside).execute("SELECT first_offset FROM frames").fetchall()
        assert [offset for (offset,) in kept] == list(range(left, 12, 3))
    assert cut_damaged_end(tmp_path) == []
    again.append(*rows(left, [b"{}"]))
    again.close()


def test_damage_with_good_frames_after_it_is_not_cut(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    for offset in range(0, 12, 3):
        log.append(*rows(offset, [b"{}", b"{}"]))
    harm(log_files(tmp_path)[0], 3)
    assert cut_damaged_end(tmp_path) == []
    with pytest.raises(StateError, match="offset 3"):
        list(log.read(0))
    log.close()


def test_a_file_with_only_damage_and_an_empty_one_are_passed(tmp_path: Path, clock: ManualClock) -> None:
    log = SqliteLog(tmp_path, clock=clock)
    log.append(*rows(0, [b"{}"]))
    clock.advance(DAY_MS)
    log.append(*rows(2, [b"{}"]))
    log.close()
    harm(log_files(tmp_path)[1], 2)
    (tmp_path / "2024-10-06.frames").write_bytes(b"")
    [cut] = cut_damaged_end(tmp_path)
    assert (cut.from_offset, cut.until_offset) == (2, 4)
    assert SqliteLog(tmp_path, clock=clock).end_offset() == 2


# ---------------------------------------------------------------- after a failure

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
    return header, encode_frame(header, [Decisions([__import__("os").urandom(size)])])

def told(call):
    try:
        call()
        return "well"
    except BackendError as error:
        return error.code

log = SqliteLog(Path(sys.argv[1]))
log.append(*frame(0, 1000))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
print(told(lambda: log.append(*frame(1, 900_000))), told(log.probe), log.end_offset())
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.reopen()
print(told(log.probe), log.end_offset(), told(lambda: log.append(*frame(1, 900_000))), log.end_offset())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_the_log_tells_whether_it_would_take_records_and_goes_on(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(tmp_path)], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["log_append_failed log_append_failed 1", "well 1 well 2"]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_a_closed_log_and_another_writer_are_told_by_the_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gyeol.storage.log.files._BUSY_S", 0.05)
    log = SqliteLog(tmp_path)
    log.append(*rows(0, [b"{}"]))
    log.probe()
    other = sqlite3.connect(log_files(tmp_path)[0], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BackendError, match="another process"):
        log.probe()
    other.execute("ROLLBACK")
    other.close()
    log.probe()
    log.close()
    with pytest.raises(BackendError, match="closed"):
        log.probe()


def test_a_file_that_a_crash_left_without_a_table_holds_nothing_and_hinders_nothing(tmp_path: Path) -> None:
    clock = ManualClock(20_000 * DAY_MS)
    with closing(SqliteLog(tmp_path, clock=clock)) as log:
        log.append(*rows(0, [b"{}"]))
        end = log.end_offset()
    clock.advance(DAY_MS)
    for day in ("2024-10-05", "2024-10-06"):
        with closing(sqlite3.connect(tmp_path / f"{day}.frames")) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    assert cut_damaged_end(tmp_path) == []
    clock.advance(2 * DAY_MS)
    with closing(SqliteLog(tmp_path, clock=clock)) as log:
        assert [decode_header(data).first_offset for data in log.read(0)] == [0]
        log.append(*rows(end, [b"{}"]))
        assert [decode_header(data).first_offset for data in log.read(0)] == [0, end]
    assert [path.name for path in log_files(tmp_path)] == [f"2024-10-0{day}.frames" for day in (4, 5, 6, 7)]
