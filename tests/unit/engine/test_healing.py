"""What fails and what goes on: a disk that is full for a while, a clock that jumps, an event that cannot be folded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine import fold, healing, recovery
from gyeol.engine.jobs import Ask, Collect, Job
from gyeol.engine.loop import EngineLoop
from gyeol.engine.poison import CODE, poisoned, quarantine
from gyeol.engine.recovery import FoldFailedError, Recovered, refill_dedupe
from gyeol.engine.state import EngineState
from gyeol.events.frames import decode_frame, encode_frame
from gyeol.events.ingest import Incoming
from gyeol.events.sections import EventRows, Frame
from gyeol.kernel.errors import BackendError, BackendUnavailableError
from gyeol.storage.state.memory import MemoryStateStore

KEY = b"k" * 32


class Disk:
    """A log on a disk that can be full."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.full = inner, False

    def probe(self) -> None:
        if self.full:
            raise BackendError("disk_full", "no space left")

    def append_many(self, frames: Any) -> None:
        self.probe()
        self.inner.append_many(frames)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Running:
    """An engine with its threads over a shop's log."""

    def __init__(self, shop: Any, make: Any) -> None:
        self.shop, self.make, self.disk = shop, make, Disk(shop.log)
        self._told = threading.Condition()
        self._answered: list[Job] = []
        self.loop = EngineLoop(
            shop.engine,
            self.disk,
            shop.store,
            self._notify,
            lambda definitions: shop.recovered(definitions).state,
            lambda: None,
            restore=self.restore,
            probe=self.disk.probe,
        )

    def restore(self) -> Recovered:
        shop = self.shop
        while True:
            try:
                recovered: Recovered = shop.recovered()
                break
            except FoldFailedError as failed:
                fresh = lambda: EngineState(self.make.definitions, KEY)  # noqa: E731  # shorter than a function for one line
                if not quarantine(shop.log, self.rewrite, failed.frame, failed.__cause__ or failed, fresh, fresh):
                    raise
        refill_dedupe(shop.log, shop.engine.arrivals)
        return recovered

    def rewrite(self, change: Any) -> None:
        frames = self.shop.log._frames
        for index, data in enumerate(frames):
            again = change(decode_frame(data))
            if again is not None:
                frames[index] = encode_frame(again.header, again.sections)

    def _notify(self, jobs: Any) -> None:
        with self._told:
            self._answered.extend(jobs)
            self._told.notify_all()

    def ask(self, job: Job) -> Any:
        self.loop.submit(job)
        with self._told:
            assert self._told.wait_for(lambda: job in self._answered, 10)
        return job

    def collect(self, *events: dict[str, object]) -> Any:
        source = self.make.definitions.sources[0]
        raws = [msgspec.json.encode(e) for e in events]
        return self.ask(Collect(Incoming(source=source, source_index=0, events=raws, received_ms=self.shop.clock.now_ms())))

    def failing(self) -> bool:
        """Whether the engine refuses records now."""
        return self.loop.failure is not None

    def digest(self) -> object:
        """Of the state, once all that was asked before is folded."""
        return self.ask(Ask(state_digest)).answer

    def until_taken(self, *events: dict[str, object]) -> Any:
        deadline = time.monotonic() + 10
        while (job := self.collect(*events)).error is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert job.error is None
        return job


@pytest.fixture
def running(shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(healing, "FIRST_PAUSE_S", 0.05)
    made = Running(shop, make)
    made.loop.start()
    yield made
    made.loop.stop()


def test_a_disk_that_was_full_needs_no_restart(running: Running, shop: Any, make: Any) -> None:
    assert running.collect(make.order("u1", messageId="first")).error is None
    running.disk.full = True
    lost = make.order("u2", messageId="lost")
    refused = running.collect(lost)
    assert isinstance(refused.error, BackendUnavailableError) and "no space left" in refused.error.message
    deadline = time.monotonic() + 10
    while (asked := running.ask(Ask(lambda state: state.totals.accepted))).error is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert asked.answer == 1, "questions are answered meanwhile, from what was acknowledged"
    assert isinstance(running.collect(lost).error, BackendUnavailableError)
    assert running.failing()
    running.disk.full = False
    again = running.until_taken(lost)
    assert [verdict.status for verdict in again.answer] == ["accepted"], "what was refused is not remembered as seen"
    assert [verdict.status for verdict in running.collect(lost).answer] == ["duplicate"]
    assert not running.failing()
    assert state_digest(shop.recovered().state) == running.digest()


def test_the_engine_s_clock_never_goes_back(shop: Any, make: Any) -> None:
    seen = []
    for jump in (1_000, -86_400_000 * 30, 5_000, 86_400_000 * 400, -1):
        shop.clock.advance(jump)
        shop.collect(make.order("u1"))
        seen.append(shop.state.now_ms)
    assert seen == sorted(seen)
    stamps = [decode_frame(data).header.engine_now_ms for data in shop.log.read(0)]
    assert stamps == sorted(stamps)
    assert state_digest(shop.recovered().state) == state_digest(shop.state)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fold fails on events that hold a certain text: a bug that nobody knew of."""
    real = fold.fold_events

    def failing(state: EngineState, batch: Any, effects: Any) -> None:
        if any(b"poison" in batch.raw(i) for i in range(batch.n)):
            raise ZeroDivisionError("a bug")
        real(state, batch, effects)

    monkeypatch.setattr(fold, "fold_events", failing)


def test_an_event_that_cannot_be_folded_becomes_a_dead_letter(running: Running, shop: Any, make: Any, poison: None) -> None:
    events = [make.order(f"u{i}", messageId=f"good{i}") for i in range(9)]
    for i in (2, 7):
        events.insert(i, make.order("u1", messageId=f"bad{i}", properties={"note": "poison"}))
    before = running.collect(make.order("u0"))
    assert before.error is None
    taken = running.collect(*events)
    assert taken.error is None, "they were durable before anybody could know"
    running.until_taken(make.order("u0"))
    running.digest()
    assert running.loop.projector.flush(5)
    letters, _ = shop.store.dead_letters.list(None, 10, None)
    assert sorted((letter.code, letter.message_id) for letter in letters) == [(CODE, "bad2"), (CODE, "bad7")]
    assert all("ZeroDivisionError" in letter.detail and b"poison" in letter.raw for letter in letters)
    assert running.ask(Ask(lambda state: state.people.people)).answer == 9, "everybody else's events count"
    assert [v.status for v in running.collect(events[2]).answer] == ["duplicate"], "sent again it is known"
    assert state_digest(shop.recovered().state) == running.digest()


def test_a_replay_leaves_them_out_also_when_the_bug_is_mended(
    running: Running, shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        real = fold.fold_events

        def failing(state: EngineState, batch: Any, effects: Any) -> None:
            if any(b"poison" in batch.raw(i) for i in range(batch.n)):
                raise ZeroDivisionError("a bug")
            real(state, batch, effects)

        patched.setattr(fold, "fold_events", failing)
        running.collect(make.order("u1"), make.order("u1", properties={"note": "poison"}))
        running.until_taken(make.order("u2"))
        digest = running.digest()
    assert state_digest(shop.recovered().state) == digest


def test_bisecting_finds_them_all_and_blames_no_others(shop: Any, make: Any) -> None:
    shop.collect(*(make.order(f"u{i}", messageId=f"m{i}") for i in range(50)))
    frame = decode_frame(next(iter(shop.log.read(0))))
    section = frame.sections[0]
    assert isinstance(section, EventRows)
    for guilty in ({0}, {49}, {3, 4, 31}, set(range(50)), set()):
        names = {f'"m{i}"'.encode() for i in guilty}
        tries: list[int] = []

        def folds(trial: Frame, names: set[bytes] = names, tries: list[int] = tries) -> bool:
            tries.append(1)
            held = trial.sections[0]
            assert isinstance(held, EventRows)
            return not any(name in raw for raw in held.raw for name in names)

        assert poisoned(frame, folds) == guilty
        assert len(tries) <= 3 + 8 * len(guilty)
    assert poisoned(frame, lambda trial: False) == set(), "not the events' fault"


def test_what_is_not_an_event_s_fault_is_told_not_hidden(shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect(make.order("u1"))

    def broken(state: EngineState, frame: Frame) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(recovery, "fold_frame", broken)
    with pytest.raises(FoldFailedError, match="offset 0"):
        shop.recovered()


def test_a_state_db_that_is_stuck_holds_nothing_up_and_is_caught_up_with(
    running: Running, shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:

        def locked() -> Any:
            raise BackendUnavailableError("state_locked", "another process holds it")

        patched.setattr(shop.store, "unit", locked)
        assert running.collect(make.order("u1"), {"type": "nonsense"}).error is None
        running.digest()
        deadline = time.monotonic() + 5
        while running.loop.projector.problem is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert "another process" in str(running.loop.projector.problem)
        assert running.collect(make.order("u1")).error is None, "events are taken all the same"
        assert shop.store.acted_offset() == 0
    # An answer may leave before its frame reaches the projector: what the flush did not know of follows by itself.
    assert running.loop.projector.flush(10)
    deadline = time.monotonic() + 5
    while shop.store.acted_offset() < shop.log.end_offset() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shop.store.acted_offset() == shop.log.end_offset() and shop.store.dead_letters.counts()


def test_what_a_crash_left_undone_is_queued_before_time_passes(shop: Any, make: Any) -> None:
    shop.collect(make.order("u1"))
    store = MemoryStateStore()
    pending = recovery.recover(shop.log, shop.definitions, KEY, snapshots=None, acted_offset=0).effects
    loop = EngineLoop(shop.engine, shop.log, store, lambda jobs: None, lambda definitions: shop.state, lambda: None)
    loop.resume(pending, [])
    assert loop.projector.backlog() == len(pending) > 0, "before the engine's own thread could make a frame of its own"
    loop.start()
    assert loop.projector.flush(5.0)
    loop.stop()
    assert store.acted_offset() == pending[-1].end_offset
