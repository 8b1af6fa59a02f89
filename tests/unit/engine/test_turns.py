"""Flow control: turns in an asyncio loop, decisions that overtake, imports that give way, bounds and what is said about them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.engine import parts as parts_module
from gyeol.engine import queue as queue_module
from gyeol.engine.jobs import Ask, Collect, Decide, Import, Imported, Job
from gyeol.engine.loop import EngineLoop
from gyeol.engine.parts import IMPORT_ROWS, import_parts
from gyeol.events.columns import pack
from gyeol.events.ingest import Incoming
from gyeol.events.rows import batch_of
from gyeol.events.sections import EventColumns, ImportOrigin
from gyeol.kernel.errors import BackendUnavailableError


class Running:
    """An engine that takes its turns in this asyncio loop; ``slow_s`` is added to every frame's fold."""

    def __init__(self, shop: Any, make: Any, slow_s: float = 0.0) -> None:
        self.shop, self.make = shop, make
        self.answered: list[Job] = []
        self.asyncio = asyncio.get_running_loop()
        self.loop = EngineLoop(shop.engine, shop.log, shop.store, self._notify, lambda d: shop.recovered(d).state, lambda: None)
        fold = shop.engine.finish

        def slowly(built: Any) -> Any:
            time.sleep(slow_s)
            return fold(built)

        shop.engine.finish = slowly

    def _notify(self, jobs: Sequence[Job]) -> None:
        self.asyncio.call_soon_threadsafe(self._told, list(jobs))

    def _told(self, jobs: list[Job]) -> None:
        self.answered += jobs

    def collect(self, *users: str) -> Collect:
        raws = [msgspec.json.encode(self.make.order(user)) for user in users]
        job = Collect(Incoming(source=self.make.definitions.sources[0], source_index=0, events=raws, received_ms=self.shop.clock.now_ms()))
        self.loop.submit(job)
        return job

    def decide(self, user: str) -> Decide:
        job = Decide(lambda state: ("user_id", user), ["mail"], {}, f"k{user}")
        self.loop.submit(job)
        return job

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.001)


def live(shop: Any, make: Any, how: Callable[[Running], Awaitable[None]], slow_s: float = 0.0) -> None:
    async def run() -> None:
        running = Running(shop, make, slow_s)
        running.loop.start()
        running.loop.attach(asyncio.get_running_loop())
        try:
            await how(running)
        finally:
            await asyncio.to_thread(running.loop.stop)

    asyncio.run(run())


def test_what_is_read_together_shares_a_frame_and_every_answer_is_durable(shop: Any, make: Any) -> None:
    async def how(running: Running) -> None:
        jobs = [running.collect(f"u{i}") for i in range(100)]
        await running.until(lambda: len(running.answered) == 100)
        assert all(job.error is None and job.verdicts[0].status == "accepted" for job in jobs)
        assert len(shop.log._frames) == 1 and shop.log.end_offset() == 100

    live(shop, make, how)
    assert shop.recovered().state.totals.accepted == 100


def test_a_decision_overtakes_events_that_wait(shop: Any, make: Any) -> None:
    async def how(running: Running) -> None:
        jobs = [running.collect(*[f"u{i}-{k}" for k in range(1_000)]) for i in range(8)]
        await running.until(lambda: jobs[0] in running.answered)
        decision = running.decide("u0-0")
        await running.until(lambda: decision in running.answered)
        assert decision.error is None
        assert jobs[-1] not in running.answered and running.loop.queued_events >= 3_000
        assert running.loop.waiting_ms() > 0, "how long the oldest has waited is told"
        await running.until(lambda: jobs[-1] in running.answered)
        assert running.loop.waiting_ms() == 0

    live(shop, make, how, slow_s=0.03)
    assert shop.recovered().state.totals.accepted == 8_000


def test_more_than_may_wait_is_told_until_it_is_gone(shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def how(running: Running) -> None:
        jobs = [running.collect(*[f"u{i}-{k}" for k in range(900)]) for i in range(6)]
        assert running.loop.full(5_000) and not running.loop.full(6_000)
        monkeypatch.setattr(queue_module, "MOST_BYTES", 100_000)
        assert running.loop.full(6_000), "bodies are bounded in bytes, too"
        assert not running.loop.decisions_full()
        await running.until(lambda: set(jobs) <= set(running.answered))
        assert not running.loop.full(0) and running.loop._queue.size_bytes == 0

    live(shop, make, how, slow_s=0.02)


def section_of(rows: int, name: str = "file") -> EventColumns:
    """An import's group of orders by many people."""
    events = [
        {
            "event": "Order",
            "userId": f"i{i}",
            "messageId": f"{name}-{i}",
            "timestamp": 5_000 + i,
            "properties": {"tags": [i] if i % 3 else None},
        }
        for i in range(rows)
    ]
    paths = ["userId", "event", "messageId", "properties.tags"]
    batch = batch_of(events, paths=paths)
    held = batch._section
    return EventColumns(
        rows, held.source, held.time, held.received, held.original, held.sent, held.flags,
        {path: pack(batch.column(path)) for path in paths}, held.type_code, held.id_hash,
        ImportOrigin(name, 0, True), ["server", "web"],
    )  # fmt: skip


def test_an_import_gives_way_to_decisions_and_questions(shop: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 12 * 200
    monkeypatch.setattr(parts_module, "IMPORT_ROWS", 200)

    async def how(running: Running) -> None:
        job = Import(section_of(rows))
        running.loop.submit(job)
        await running.until(lambda: shop.log.end_offset() > 0)
        for user in ("i1", "i2", "i3"):
            decision = running.decide(user)
            await running.until(lambda decision=decision: decision in running.answered)  # type: ignore[misc]  # bound now, not later
            assert decision.error is None
            question = Ask(lambda state: state.totals.accepted)
            running.loop.submit(question)
            await running.until(lambda question=question: question in running.answered)  # type: ignore[misc]  # bound now, not later
            assert job not in running.answered, "the import was not waited for"
        await running.until(lambda: job in running.answered)
        assert job.error is None and job.answer == Imported(accepted=rows)
        again = Import(section_of(rows))
        running.loop.submit(again)
        await running.until(lambda: again in running.answered)
        assert again.answer == Imported(again=True), "it is known as imported, once it was imported to its end"

    live(shop, make, how, slow_s=0.05)


def test_parts_of_an_import_make_the_same_people(shop: Any, make: Any) -> None:
    whole = make.shop()
    whole.run(Import(section_of(2 * IMPORT_ROWS + 100)))
    job = Import(section_of(2 * IMPORT_ROWS + 100))
    parts = import_parts(job, shop.state)
    assert [part.section.count for part in parts] == [IMPORT_ROWS, IMPORT_ROWS, 100]
    assert [part.section.origin is not None for part in parts] == [False, False, True]
    for part in parts:
        shop.run(part)
    rows = np.arange(2 * IMPORT_ROWS + 100)
    assert shop.state.people.people == whole.state.people.people == len(rows)
    for person in ("i0", f"i{IMPORT_ROWS}", f"i{2 * IMPORT_ROWS + 99}"):
        assert shop.trait(person, "orders") == whole.trait(person, "orders") == 1


def test_questions_are_answered_beside_the_loop_and_stopping_answers_all(shop: Any, make: Any) -> None:
    async def how(running: Running) -> None:
        running.collect("u1")
        question = Ask(lambda state: state.totals.accepted)
        await running.until(lambda: len(running.answered) == 1)
        running.loop.submit(question)
        await running.until(lambda: question in running.answered)
        assert question.answer == 1
        left = [running.collect("u2"), running.decide("u2")]
        await asyncio.to_thread(running.loop.stop)
        await running.until(lambda: set(left) <= set(running.answered))
        assert all(job.error is None for job in left)
        with pytest.raises(BackendUnavailableError):
            running.collect("u3")

    live(shop, make, how)
