"""What runs beside the API: the lake's keeper and the sender."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gyeol.app.core_api import ClaimReply, ClaimRequest, StatusReply, StatusRequest
from gyeol.channels.channel import Outcome
from gyeol.channels.model import Message
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendError, BackendUnavailableError
from gyeol.server.side import sending
from gyeol.server.side.lake_keeper import LakeKeeper


def until(good: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not good():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_keeper_follows_the_log_and_ends_with_everything_in_the_lake(world: Any, open_lake: Any, book: Any) -> None:
    lake = open_lake(world, commit_s=3_600.0)
    told: list[int] = []
    keeper = LakeKeeper(lake, book, told.append, pause_s=0.01)
    keeper.start()
    world.collect([{"event": "A", "userId": "ann"}])
    until(lambda: len(lake.tail()) == 1)
    keeper.stop()
    assert (lake.offset, told[-1], keeper.problem) == (1, 1, "")


def test_the_keeper_says_what_is_wrong_and_goes_on_when_it_is_mended(
    world: Any, open_lake: Any, book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = open_lake(world, commit_s=0.0)
    world.collect([{"event": "A", "userId": "ann"}])
    step, broken = lake.writer.step, [BackendError("full", "the disk is full"), ZeroDivisionError("a bug")]

    def failing() -> int:
        if broken:
            raise broken[0]
        return int(step())

    monkeypatch.setattr(lake.writer, "step", failing)

    def gone(offset: int) -> None:
        raise BackendUnavailableError("core_gone", "restarting")

    keeper = LakeKeeper(lake, book, gone, pause_s=0.01, longest_pause_s=0.01)
    keeper.start()
    until(lambda: keeper.problem == "the disk is full")
    broken.pop(0)
    until(lambda: "a bug" in keeper.problem)
    broken.pop(0)
    until(lambda: lake.offset == 1 and keeper.problem == "")
    keeper.stop()


class Post:
    """A channel that accepts everything."""

    def __init__(self, name: str, opened: list[str]) -> None:
        self.name, self.sent = name, list[str]()
        opened.append(f"open {name}")
        self._opened = opened

    async def send(self, message: Message) -> Outcome:
        self.sent.append(message.send_key)
        return Outcome(kind="accepted")

    async def can_tell(self, send_key: str) -> Outcome | None:
        return None

    async def close(self) -> None:
        self._opened.append(f"close {self.name}")


async def test_the_sender_sends_and_takes_new_channels_when_definitions_change(
    world: Any, new_core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.collect([{"event": "A", "userId": "ann"}])
    _, message = world.decide("ann")
    opened: list[str] = []
    hashes = {"one": ["first"], "two": ["second"]}

    class Core(new_core):  # type: ignore[misc]  # a fixture gives the class
        in_force, waiting = "one", [message]

        def status(self, request: StatusRequest) -> StatusReply:
            reply: StatusReply = super().status(request)
            return msgspec.structs.replace(reply, definitions=self.in_force)

        def claim(self, request: ClaimRequest) -> ClaimReply:
            return ClaimReply(messages=[] if request.interrupted or not self.waiting else [self.waiting.pop()])

    core = Core(world)
    posts: dict[str, Post] = {}

    def open_channels(definitions: list[str], environment: object, clock: object) -> dict[str, Post]:
        posts["hook"] = Post(definitions[0], opened)
        return dict(posts)

    monkeypatch.setattr(sending, "open_channels", open_channels)
    monkeypatch.setattr(sending, "LOOK_S", 0.02)
    stop = asyncio.Event()

    def definitions(hash_: str) -> Any:
        return type("Definitions", (), {"channels": hashes[hash_]})()

    running = asyncio.create_task(sending.keep_sending(core, definitions, {}, ManualClock(5), stop))
    async with asyncio.timeout(20):
        while not any(getattr(told, "deliveries", None) for told in core.told):
            await asyncio.sleep(0.01)
        core.in_force = "two"
        while "open second" not in opened:
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert opened == ["open first", "close first", "open second", "close second"]
    (delivery,) = [delivery for told in core.told for delivery in getattr(told, "deliveries", [])]
    assert (delivery.send_key, delivery.state) == (message.send_key, "accepted")
