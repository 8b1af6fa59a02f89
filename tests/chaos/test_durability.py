"""Durable means fsynced: a trace of the system calls, files cut back to what was fsynced, and SIGKILL against the client's own ledger."""

from __future__ import annotations

import base64
import os
import random
import re
import shutil
import time
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.app.opening import OpenCore
from gyeol.app.settings import Settings
from gyeol.app.verifying import replay_check, state_digest
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.engine import Engine
from gyeol.engine.jobs import Collect
from gyeol.engine.recovery import recover
from gyeol.engine.state import EngineState
from gyeol.events.frames import encode_frame
from gyeol.events.ingest import Incoming, Limits
from gyeol.events.log import FrameHeader
from gyeol.events.sections import Tick
from gyeol.kernel.clock import ManualClock
from gyeol.storage.dedupe import MemoryDedupe
from gyeol.storage.log.mending import cut_damaged_end
from gyeol.storage.log.sqlite import SqliteLog
from gyeol.workspace.load import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]
ROUNDS = int(os.environ.get("GYEOL_CHAOS_ROUNDS", "4"))
POINTS = int(os.environ.get("GYEOL_CHAOS_POINTS", "200"))
KEY = b"k" * 32


# ---------------------------------------------------------------- (a) the order of system calls

_CALL = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
_WRITES = {"write", "pwrite64", "writev", "pwritev", "pwritev2"}


def replies_before_fsync(trace: str) -> tuple[int, int]:
    """(replies, of those how many went out while bytes of the log were written but not yet fsynced)."""
    unsynced, replies, early = False, 0, 0
    begun: dict[str, tuple[str, str]] = {}
    for line in trace.splitlines():
        resumed = _RESUMED.match(line)
        if resumed:
            name, args = begun.pop(resumed["pid"], (resumed["name"], ""))
            done, starts = True, False
        else:
            call = _CALL.match(line)
            if call is None:
                continue
            name, args, starts = call["name"], call["rest"], True
            done = "<unfinished" not in args
            if not done:
                begun[call["pid"]] = (name, args)
        of_log = ".frames" in args
        if starts and name in _WRITES and of_log:
            unsynced = True
        elif done and name in ("fsync", "fdatasync") and of_log:
            unsynced = False
        elif starts and "HTTP/1.1 200" in args and not of_log:
            replies += 1
            early += unsynced
    return replies, early


def test_the_reader_of_traces_sees_a_reply_that_comes_too_early() -> None:
    good = '7 pwrite64(12</x/log/2026.frames-wal>, "a", 1, 0) = 1\n7 fdatasync(12</x/log/2026.frames-wal> <unfinished ...>\n'
    reply = '8 sendto(9<TCP:[1]>, "HTTP/1.1 200 OK", 15, 0) = 15\n'
    assert replies_before_fsync(good + reply) == (1, 1)
    assert replies_before_fsync(good + "7 <... fdatasync resumed>) = 0\n" + reply) == (1, 0)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_reply_leaves_before_the_fsync_that_covers_its_bytes(core: Any, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,write,pwrite64,writev,pwritev,sendto,sendmsg"
    core.start("strace", "-f", "-y", "-s", "24", "-e", calls, "-o", str(trace))
    head = base64.b64encode(b"server-key-for-tests:").decode()
    for number in range(60):
        body = msgspec.json.encode({"type": "track", "event": "Order", "userId": "u", "messageId": f"t{number}"})
        request = urllib.request.Request(
            f"{core.url}/v1/track", body, {"Authorization": f"Basic {head}", "Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            assert reply.status == 200
    core.stop()
    replies, early = replies_before_fsync(trace.read_text(errors="replace"))
    assert replies >= 60
    assert early == 0


# ---------------------------------------------------------------- (b) what was not fsynced is gone


class Loss:
    """The files of a log as they may stand after the machine lost its power.

    SQLite writes a commit to the write-ahead log and fsyncs it; at a checkpoint it copies pages into the file and fsyncs that before
    the write-ahead log is used again from its start. What lies between two fsyncs may be on the disk in part, in any order.
    """

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder, self.rng = folder, rng
        self.images: list[dict[str, bytes]] = []

    def fsynced(self) -> None:
        """Everything that was written until now is on the disk."""
        self.images.append({path.name: path.read_bytes() for path in self.folder.glob("*.frames*") if not path.name.endswith("-shm")})

    def at(self, index: int, target: Path) -> None:
        """What is left of image ``index`` and of the writes between it and the next one."""
        durable, then = self.images[index], self.images[min(index + 1, len(self.images) - 1)]
        target.mkdir()
        committed = self.rng.random() < 0.3  # the next commit was fsynced, and its checkpoint was under way
        for name in then:
            old, new, log = durable.get(name, b""), then[name], f"{name}-wal"
            if name.endswith("-wal"):
                (target / name).write_bytes(new if committed else self._torn(old, new, 512))
            elif log in durable and log not in then:  # the file of the day before was closed: a checkpoint, an fsync, then its log went
                (target / name).write_bytes(new if committed else self._torn(old, new, 4_096))
                if not committed:
                    (target / log).write_bytes(durable[log])
            else:
                (target / name).write_bytes(self._torn(old, new, 4_096) if committed else old)

    def _torn(self, old: bytes, new: bytes, sector: int) -> bytes:
        """Some sectors are as they were, some as they were to be, some that were being written hold garbage; the end may be missing."""
        out = bytearray(old.ljust(len(new), b"\0")) if len(new) > len(old) else bytearray(old)
        for start in range(0, len(new), sector):
            if new[start : start + sector] != old[start : start + sector] and self.rng.random() < 0.5:
                out[start : start + sector] = new[start : start + sector]
        return bytes(out[: self.rng.randint(len(old), len(out))]) if len(out) > len(old) else bytes(out)


def test_files_cut_back_to_what_was_fsynced_hold_all_that_was_acknowledged(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gyeol.storage.log.files._CHECKPOINT_PAGES", 24)
    definitions, rng = load(workspace).definitions, random.Random(7)
    clock = ManualClock(20_000 * 86_400_000)
    log = SqliteLog(tmp_path / "log", clock=clock)
    engine = Engine(EngineState(definitions, KEY), Arrivals(MemoryDedupe(), Limits()), clock)
    source = next(s for s in definitions.sources if s.trust == "server")
    loss = Loss(tmp_path / "log", rng)
    digests, ends, number = {0: state_digest(engine.state)}, [], 0
    for step in range(140):
        clock.advance(60_000)
        frames = []
        for _ in range(rng.choice((1, 1, 3))):
            raws = []
            for _ in range(rng.choice((1, 2, 40))):
                number += 1
                body = {"type": "track", "event": "Product Viewed", "userId": f"u{number % 17}", "messageId": f"m{number}"}
                raws.append(msgspec.json.encode({**body, "properties": {"note": os.urandom(rng.choice((5, 300))).hex()}}))
            incoming = Incoming(source=source, source_index=definitions.sources.index(source), events=raws, received_ms=clock.now_ms())
            built = engine.begin([Collect(incoming)])
            assert built is not None
            engine.finish(built)
            frames.append((built.header, built.frame))
            digests[engine.state.offset] = state_digest(engine.state)
        log.append_many(frames)
        loss.fsynced()
        ends.append(log.end_offset())
        if step == 70:
            clock.advance(86_400_000)
    log.close()
    survived = []
    for point in range(POINTS):
        index = rng.randrange(len(ends))
        image = tmp_path / f"point{point}"
        loss.at(index, image)
        assert cut_damaged_end(image) == [], "SQLite takes back what was torn; no damaged frame is ever seen"
        found = SqliteLog(image, clock=clock)
        end = found.end_offset()
        assert end >= ends[index], f"point {point}: acknowledged to {ends[index]}, found {end}"
        assert end in digests, "whole frames only"
        if point % 8 == 0:
            state = recover(found, definitions, KEY, snapshots=None, acted_offset=end).state
            assert state_digest(state) == digests[end], "the state is the fold of what survived"
        found.append(*_next(end))
        found.close()
        survived.append(end - ends[index])
        shutil.rmtree(image)
    assert 0 < np.count_nonzero(survived) < POINTS, "some points keep more than was acknowledged, most do not"


def _next(end: int) -> Any:
    header = FrameHeader(first_offset=end, count=1, engine_now_ms=0, definitions="00" * 16)
    return header, encode_frame(header, [Tick()])


# ---------------------------------------------------------------- (c) SIGKILL against the client's ledger


def test_killed_again_and_again_every_answered_event_is_there_once(core: Any, client: Any, rounds: Any) -> None:
    begun = time.monotonic()
    rounds.run(ROUNDS)
    lost = rounds.lost()
    assert len(client.acknowledged) > 100 * ROUNDS
    assert lost == []
    parts = OpenCore(core.workspace, Settings())
    try:
        state = parts.engine.state
        again = replay_check(parts, (state.offset, state_digest(state), state.people.people))
        assert again.good, again.detail
        accepted = state.totals.accepted
    finally:
        parts.close()
    print(f"{ROUNDS} kills, {len(client.acknowledged):,} acknowledged, {accepted:,} in the log, {time.monotonic() - begun:.0f} s")
