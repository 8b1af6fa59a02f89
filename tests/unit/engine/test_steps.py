"""Who answers a job when its fold fails: the committer those it was given, in whichever order the two happen; nobody else touches them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from gyeol.app.verifying import state_digest
from gyeol.engine import steps
from gyeol.engine.jobs import Ask, Collect, Decide, Job, Tell
from gyeol.engine.loop import EngineLoop
from gyeol.events.frames import decode_frame
from gyeol.events.ingest import Incoming
from gyeol.events.sections import Command
from gyeol.kernel.errors import BackendUnavailableError

PATIENCE_S = 10.0


class GatedLog:
    """A log that appends once it may."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.may = inner, threading.Event()
        self.may.set()

    def append_many(self, frames: Any) -> None:
        assert self.may.wait(PATIENCE_S)
        self.inner.append_many(frames)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Running:
    """An engine over a log with a gate; it is not healed, so that what a failure leaves behind can be looked at."""

    def __init__(self, shop: Any, make: Any) -> None:
        self.shop, self.make, self.log = shop, make, GatedLog(shop.log)
        self.told = threading.Condition()
        self.answers: list[tuple[Job, Exception | None]] = []
        self.loop = EngineLoop(shop.engine, self.log, shop.store, self._notify, lambda d: shop.recovered(d).state, lambda: None)

    def _notify(self, jobs: Sequence[Job]) -> None:
        with self.told:
            self.answers += [(job, job.error) for job in jobs]
            self.told.notify_all()

    def job(self, *users: str) -> Collect:
        raws = [msgspec.json.encode(self.make.order(user)) for user in users]
        return Collect(Incoming(source=self.make.definitions.sources[0], source_index=0, events=raws, received_ms=self.shop.clock.now_ms()))

    def answered(self, job: Job) -> Exception | None:
        """What a job was told; it must be told once."""
        with self.told:
            assert self.told.wait_for(lambda: any(each is job for each, _ in self.answers), PATIENCE_S)
            (error,) = (error for each, error in self.answers if each is job)
        return error

    def until_failed(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.loop.failure is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)


@pytest.fixture
def running(shop: Any, make: Any) -> Running:
    return Running(shop, make)


def fail_folding(running: Running, monkeypatch: pytest.MonkeyPatch, after: threading.Event | None = None) -> None:
    """Every fold fails, once ``after`` is set."""

    def failing(built: Any) -> Any:
        assert after is None or after.wait(PATIENCE_S)
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(running.shop.engine, "finish", failing)


def test_a_fold_that_fails_before_the_disk_answers_refuses_nobody(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_folding(running, monkeypatch)
    running.log.may.clear()
    running.loop.start()
    job = running.job("u1")
    running.loop.submit(job)
    running.until_failed()
    assert job.error is None and not running.answers, "the committer has it: the disk may have kept it already"
    running.log.may.set()
    assert running.answered(job) is None
    assert [verdict.status for verdict in job.verdicts] == ["accepted"]
    assert running.shop.log.end_offset() == 1, "it is durable, as it was told"
    refused = running.job("u2")
    running.loop.submit(refused)
    assert isinstance(running.answered(refused), BackendUnavailableError)
    running.loop.stop()


def test_a_fold_that_fails_after_the_disk_answered_changes_no_answer(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    fail_folding(running, monkeypatch, answered)
    running.loop.start()
    job = running.job("u1")
    running.loop.submit(job)
    assert running.answered(job) is None
    answered.set()
    running.until_failed()
    assert job.error is None and len(running.answers) == 1
    running.loop.stop()


def test_who_waits_for_the_fold_is_refused_when_it_fails(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_folding(running, monkeypatch)
    running.log.may.clear()
    told = Tell([Command("consent", "kim", 0, "", {"node": 0, "channel": "email", "purpose": "offers", "granted": True})])
    event, question = running.job("u1"), Ask(lambda state: state.totals.accepted)
    running.loop._steps.take([question, told, event])
    running.log.may.set()
    assert isinstance(told.error, BackendUnavailableError) and told.error.code == "engine_failed"
    assert (question.answer, question.error, event.error) == (0, None, None)
    running.loop.committer.start()
    assert running.answered(event) is None
    assert running.answered(question) is None, "it had its answer before, once"
    assert running.answered(told) is told.error
    running.loop.committer.stop()


def test_a_group_that_cannot_be_folded_refuses_only_who_came_after(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = running.shop.engine
    held = [running.job("u1"), running.job("u2")]
    for job in held:
        running.loop._steps.take([job], hold=True)
    assert len(engine.held) == 2 and running.loop._steps.fold_at_s > 0
    fail_folding(running, monkeypatch)
    decision = Decide(lambda state: ("user_id", "u1"), ["mail"], {}, "k")
    running.loop._steps.take([decision])
    assert isinstance(running.answered(decision), BackendUnavailableError)
    assert running.loop._steps.fold_at_s == 0 and [job.error for job in held] == [None, None]
    running.loop.committer.start()
    assert [running.answered(job) for job in held] == [None, None]
    running.loop.committer.stop()


def test_frames_are_held_until_enough_have_gathered_or_long_enough(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MOST_HELD", 5)
    take, engine = running.loop._steps.take, running.shop.engine
    take([running.job("u1", "u2")], hold=True)
    assert len(engine.held) == 1
    take([running.job("u3")], hold=True)
    assert len(engine.held) == 2
    take([running.job("u4", "u5")], hold=True)
    assert not engine.held and running.shop.state.totals.accepted == 5, "no other one would fit"
    take([running.job("u6")], hold=True)
    monkeypatch.setattr(steps, "HOLD_S", 0.0)
    take([running.job("u7")], hold=True)
    assert not engine.held and running.shop.state.totals.accepted == 7
    take([running.job("u8")])
    assert running.shop.state.totals.accepted == 8, "in the engine's own thread nothing is held"


def test_in_a_loop_what_is_held_is_folded_soon_though_nothing_follows(shop: Any, make: Any) -> None:
    async def how() -> None:
        running = Running(shop, make)
        running.loop.start()
        running.loop.attach(asyncio.get_running_loop())
        jobs = [running.job(f"u{i}") for i in range(3)]
        for job in jobs:
            running.loop.submit(job)
            while not any(each is job for each, _ in running.answers):
                await asyncio.sleep(0.001)
        deadline = time.monotonic() + PATIENCE_S
        while shop.state.totals.accepted < 3:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)
        question = Ask(state_digest)
        running.loop.submit(running.job("u1"))
        running.loop.submit(question)
        while question.answer is None:
            await asyncio.sleep(0.001)
        await asyncio.to_thread(running.loop.stop)

    asyncio.run(how())
    assert shop.recovered().state.totals.accepted == 4
    assert state_digest(shop.recovered().state) == state_digest(shop.state)
    assert not next(decode_frame(data).header.joined for data in shop.log.read(0))
