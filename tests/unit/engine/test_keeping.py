"""Snapshots, packing, and what happens when a disk says no."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine.committer import Committer
from gyeol.engine.jobs import Ask, Collect, Job
from gyeol.engine.loop import EngineLoop
from gyeol.engine.packing import pack, unpack
from gyeol.engine.recovery import recover
from gyeol.engine.snapshot import Loaded, load_snapshot, set_aside, write_snapshot
from gyeol.engine.state import EngineState
from gyeol.events.ingest import Incoming
from gyeol.events.log import FrameHeader
from gyeol.kernel.errors import BackendError, BackendUnavailableError


def test_packing_gives_back_what_it_took() -> None:
    tree = {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "b": [b"x", 1, None, "결", True], "c": {"empty": np.empty(0, np.bool_)}}
    back = unpack(pack(tree))
    assert isinstance(back, dict)
    assert back["a"].dtype == np.int32 and back["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert back["b"] == tree["b"] and back["c"]["empty"].dtype == np.bool_
    back["a"][0, 0] = 9  # writable


def test_a_snapshot_gives_the_state_back(shop: Any, make: Any, tmp_path: Path) -> None:
    for i in range(30):
        shop.collect(make.order(f"u{i % 4}"), make.consent(f"u{i % 4}"), make.order(None, f"a{i}"))
    write_snapshot(tmp_path, shop.state)
    loaded = loading(make, tmp_path, shop.log.end_offset())
    fresh = loaded.state
    assert (loaded.offset, loaded.problems) == (shop.state.offset, ())
    assert state_digest(fresh) == state_digest(shop.state)
    assert (fresh.people.people, fresh.totals, fresh.now_ms) == (shop.state.people.people, shop.state.totals, shop.state.now_ms)
    shop.open(fresh)
    shop.collect(make.order("u1"))
    assert state_digest(shop.recovered().state) == state_digest(shop.state), "folding goes on as if nothing had happened"


def loading(make: Any, folder: Path, not_after: int = 10**9) -> Loaded:
    return load_snapshot(folder, lambda: EngineState(make.definitions, b"k" * 32), not_after)


def test_a_damaged_or_foreign_snapshot_is_passed_over_and_named(shop: Any, make: Any, tmp_path: Path) -> None:
    shop.collect(make.order("u1"))
    older = write_snapshot(tmp_path, shop.state)
    shop.collect(make.order("u2"))
    newest = write_snapshot(tmp_path, shop.state)
    assert (older.parent.name, newest.parent.name) == ("a", "b"), "what is damaged in one chain is whole in the other"
    assert loading(make, tmp_path).offset == int(newest.stem)
    assert loading(make, tmp_path, 1).offset == 1
    data = bytearray(newest.read_bytes())
    data[-3] ^= 0xFF
    newest.write_bytes(bytes(data))
    found = loading(make, tmp_path)
    assert found.offset == int(older.stem)
    assert len(found.problems) == 1 and newest.name in found.problems[0] and not newest.exists()
    older.write_bytes(b"\xff" * 50)
    assert loading(make, tmp_path).offset == 0
    assert len(set_aside(tmp_path)) == 2


def test_a_disk_that_takes_no_snapshot_says_so(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackendError) as told:
        write_snapshot(tmp_path / "file", shop.state)
    assert "file" in told.value.message


class _FullLog:
    """A log whose disk becomes full."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.full = inner, False

    def append_many(self, frames: Any) -> None:
        if self.full:
            raise BackendError("disk_full", "no space left")
        self.inner.append_many(frames)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_a_full_disk_is_told_and_nothing_is_acknowledged(shop: Any, make: Any) -> None:
    log = _FullLog(shop.log)
    answered: list[Job] = []
    told = threading.Condition()

    def notify(jobs: Any) -> None:
        with told:
            answered.extend(jobs)
            told.notify_all()

    def ask(job: Job) -> Job:
        loop.submit(job)
        with told:
            assert told.wait_for(lambda: job in answered, 10)
        return job

    def collect(*events: dict[str, object]) -> Job:
        source = make.definitions.sources[0]
        raws = [msgspec.json.encode(e) for e in events]
        return ask(Collect(Incoming(source=source, source_index=0, events=raws, received_ms=shop.clock.now_ms())))

    loop = EngineLoop(shop.engine, log, shop.store, notify, lambda definitions: shop.recovered(definitions).state, lambda: None)
    loop.start()
    try:
        assert collect(make.order("u1")).error is None
        log.full = True
        refused = collect(make.order("u2"))
        assert isinstance(refused.error, BackendUnavailableError) and "no space left" in refused.error.message
        assert isinstance(collect(make.order("u3")).error, BackendUnavailableError), "memory is ahead of the log: nothing more is taken"
        assert isinstance(ask(Ask(lambda state: state.offset)).error, BackendUnavailableError)
        assert loop.failure is not None
    finally:
        loop.stop()
    assert shop.recovered().state.totals.accepted == 1, "a restart finds what was acknowledged, and only that"


def test_commits_are_grouped(shop: Any, make: Any) -> None:
    batches: list[int] = []
    gate = threading.Event()

    class Slow:
        def end_offset(self) -> int:
            return 0

        def append_many(self, frames: Any) -> None:
            gate.wait(5)
            batches.append(len(frames))

    told: list[Job] = []
    committer = Committer(Slow(), told.extend)  # type: ignore[arg-type]  # only what the committer uses
    committer.start()
    for i in range(10):
        committer.submit(FrameHeader(first_offset=i, count=1, engine_now_ms=0, definitions="0" * 32), b"", [Job()])
    gate.set()
    committer.stop()
    assert sum(batches) == 10 and len(batches) <= 3, "while one fsync ran the other frames waited for one more"
    assert len(told) == 10 and committer.durable_offset == 10


def test_a_snapshot_that_state_db_has_not_caught_up_with_is_not_used(shop: Any, make: Any, tmp_path: Path) -> None:
    shop.collect({"type": "nonsense"})
    write_snapshot(tmp_path, shop.state)
    shop.embedded.flush = lambda: None  # state.db hears of nothing more
    shop.collect({"type": "nonsense"})
    write_snapshot(tmp_path, shop.state)
    found = recover(shop.log, make.definitions, b"k" * 32, snapshots=tmp_path, acted_offset=shop.store.acted_offset())
    assert [len(effects.rejected) for effects in found.effects] == [1], "the second dead letter is still to be written"
    assert found.state.totals == shop.state.totals


def test_snapshots_are_taken_while_running(shop: Any, make: Any) -> None:
    taken = threading.Event()
    told = threading.Event()
    loop = EngineLoop(shop.engine, shop.log, shop.store, lambda jobs: told.set(), shop.recovered, taken.set, snapshot_every_records=3)
    loop.start()
    try:
        for number in range(4):
            told.clear()
            raw = msgspec.json.encode(make.order(f"u{number}"))
            source = make.definitions.sources[0]
            loop.submit(Collect(Incoming(source=source, source_index=0, events=[raw], received_ms=shop.clock.now_ms())))
            assert told.wait(10)
            assert taken.is_set() == (number >= 2) or taken.wait(5)
    finally:
        loop.stop()
