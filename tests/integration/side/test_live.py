"""Live: from frames of a log to the stream that a viewer reads, and what Overview, sources and violations say of the same log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.app.book import Book, record_at
from gyeol.app.core_api import StatusReply, StatusRequest
from gyeol.app.core_recent import Moved, Recent
from gyeol.app.live_items import WINDOW, Fetched, LiveItems, Seen, item_id
from gyeol.engine.definitions import Definitions
from gyeol.events.ingest import Flag
from gyeol.events.model import EventRule, PropertyRule
from gyeol.events.sections import EventRows, RejectedEvent, Rejections
from gyeol.server.side.broadcast import MOST_WAITING, Broadcaster, Filter


class Watched:
    """A core that knows what changed: the test says it."""

    def __init__(self, core: Any) -> None:
        self.core, self.moved, self.asked = core, list[Moved](), list[int]()

    def status(self, request: StatusRequest) -> StatusReply:
        told: StatusReply = self.core.status(request)
        assert request.after is not None
        self.asked.append(request.after)
        world = self.core.world
        people = {node: (f"person-{user}", user.title()) for user, node in world.nodes.items()}
        nodes = {first: known.tobytes() for first, known in world.known.items() if first >= request.after}
        recent = Recent(
            start_offset=0,
            end_offset=world.log.end_offset(),
            moved=[each for each in self.moved if each.offset >= request.after],
            left_out=0,
            event_nodes=nodes,
            people=people,
            took_ms={"dec-k1": 3.5},
        )
        return msgspec.structs.replace(told, recent=recent)


@pytest.fixture
def watched(world: Any, new_core: Any, monkeypatch: pytest.MonkeyPatch) -> Watched:
    world.known = {}
    append = world.append

    def noted(sections: Any, nodes: Any = None, moves: Any = None, **more: Any) -> int:
        first: int = append(sections, nodes, moves, **more)
        if nodes is not None:
            world.known[first] = np.asarray(nodes, "<i8")
        return first

    monkeypatch.setattr(world, "append", noted)
    return Watched(new_core(world))


def items_of(fetched: Fetched) -> list[Any]:
    return [msgspec.json.decode(seen.data) for seen in fetched.seen]


def items(world: Any, watched: Watched) -> LiveItems:
    return LiveItems(watched, world.log, world.store.outbox, world.definitions_of)  # type: ignore[arg-type]  # only status is asked


def test_everything_that_happens_in_the_logs_order(world: Any, watched: Watched) -> None:
    made = items(world, watched)
    world.collect([{"event": "Order Completed", "userId": "ann", "time": 5, "properties": {"revenue": 12.5, "card": "4111"}}])
    watched.moved += [
        Moved(offset=0, at_ms=6, kind="stage", node=0, before=None, after="loyal"),
        Moved(offset=0, at_ms=6, kind="audience", node=0, audience="buyers", entered=True),
        Moved(offset=0, at_ms=6, kind="identity", what="joined", nodes=[0], people=["person-ann"]),
    ]
    world.decide("ann")
    world.reject()
    fetched = made.fetch(0)
    told = items_of(fetched)
    assert [each["kind"] for each in told] == ["event", "stage", "audience", "identity", "decision", "message", "delivery", "rejected"]
    assert [each["id"] for each in told] == sorted(each["id"] for each in told) and len({each["id"] for each in told}) == len(told)
    event = told[0]
    assert event["person"] == {"id": "person-ann", "name": "Ann"} and event["at"] == 5
    assert event["event"]["summary"] == {"revenue": {"minor": 1250, "currency": "USD"}} and event["event"]["label"]["ko"] == "구매"
    assert told[4]["decision"]["ms"] == 3.5 and told[4]["decision"]["reason"]["text"]["ko"] and told[4]["decision"]["refused"] == 1
    assert told[6]["delivery"] == {"send_key": "k1", "channel": "hook", "state": "accepted", "reason": None}
    assert told[7]["rejected"]["code"] == "unknown_type" and told[7]["person"] is None
    assert (fetched.end, fetched.missed) == (world.log.end_offset(), 0)
    asked = len(watched.asked)
    assert made.fetch(fetched.end).seen == [] and len(watched.asked) == asked, "nothing new: the core is not asked"


def test_of_much_only_the_newest(world: Any, watched: Watched) -> None:
    for _ in range(6):
        world.collect([{"event": "Viewed", "userId": "ann"} for _ in range(600)])
    fetched = items(world, watched).fetch(0)
    assert fetched.start == 1_200 and fetched.end == 3_600 and fetched.missed == 1_200
    assert fetched.end - fetched.start <= WINDOW + 600
    assert fetched.seen[-1].id == item_id(3_599)


def seen(offset: int, kind: str = "event", nodes: tuple[int, ...] = (0,), source: str = "web") -> Seen:
    return Seen(item_id(offset), kind, source, nodes, b"{}")


class Given:
    """Items that the test hands out."""

    def __init__(self) -> None:
        self.log: list[Seen] = []
        self.fetches = 0

    def end(self) -> int:
        return len(self.log)

    def fetch(self, after: int) -> Fetched:
        self.fetches += 1
        return Fetched(self.log[after:], after, len(self.log), 0)


async def read(stream: AsyncGenerator[bytes, None], until: bytes) -> bytes:
    """What a stream says up to a text."""
    told = b""
    async with asyncio.timeout(10):
        async for part in stream:
            told += part
            if until in told:
                return told
    return told


async def test_a_viewer_sees_the_newest_first_and_then_what_comes() -> None:
    given = Given()
    given.log = [seen(i) for i in range(300)]
    broadcaster = Broadcaster(given, pause_s=0.01)
    stream = broadcaster.stream(Filter(), None)
    told = await read(stream, b"caught_up")
    assert told.count(b"event: live") == 200 and told.startswith(b"retry: 2000\n\n")
    given.log.append(seen(300))
    assert b"id: " + item_id(300).encode() in await read(stream, item_id(300).encode())
    await stream.aclose()
    await asyncio.sleep(0.05)
    before = given.fetches
    await asyncio.sleep(0.05)
    assert broadcaster.viewers == 0 and given.fetches == before, "nobody watches: nothing is read"


async def test_a_viewer_goes_on_after_the_last_item_or_hears_of_a_gap() -> None:
    given = Given()
    given.log = [seen(i) for i in range(2_500)]
    broadcaster = Broadcaster(given, pause_s=0.01)
    told = await read(broadcaster.stream(Filter(), item_id(2_490)), b"caught_up")
    assert told.count(b"event: live") == 9 and b"gap" not in told
    told = await read(broadcaster.stream(Filter(), item_id(10)), b"caught_up")
    assert b'event: gap\ndata: {"missed": null}' in told


async def test_filters_and_a_person_whose_identifiers_are_joined() -> None:
    given = Given()
    given.log = [seen(0), seen(1, nodes=(1,)), seen(2, "identity", (0, 1)), seen(3, nodes=(1,)), seen(4, "rejected", (), "till")]
    broadcaster = Broadcaster(given, pause_s=0.01)

    async def ids(wanted: Filter) -> list[int]:
        told = await read(broadcaster.stream(wanted, None), b"caught_up")
        return [int(line[4:19]) for line in told.splitlines() if line.startswith(b"id: ")]

    assert await ids(Filter(nodes=frozenset({0}))) == [0, 2, 3]
    assert await ids(Filter(kinds=frozenset({"rejected", "identity"}))) == [2, 4]
    assert await ids(Filter(source="till")) == [4]


async def test_a_slow_viewer_is_cut_and_told_how_much_it_missed() -> None:
    given = Given()
    broadcaster = Broadcaster(given, pause_s=0.005)
    stream = broadcaster.stream(Filter(), None)
    await read(stream, b"caught_up")
    given.log += [seen(i) for i in range(MOST_WAITING + 1)]
    await asyncio.sleep(0.1)
    assert f'"missed": {MOST_WAITING + 1}'.encode() in await read(stream, b"gap\n")
    broadcaster.close()
    assert await read(stream, b"never") == b""


PLAN = [
    EventRule(
        name="Viewed", properties={"properties.page": PropertyRule(type="text"), "properties.ssn": PropertyRule(type="text", pii=True)}
    )
]


def flagged(world: Any, properties: object) -> None:
    world.collect([{"event": "Viewed", "userId": "ann", "properties": properties}])


def test_the_book_counts_once_and_survives_a_restart(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions: Definitions = msgspec.structs.replace(world.definitions, events=PLAN)
    monkeypatch.setattr(world, "definitions", definitions)
    collected = np.array([Flag.PLAN_VIOLATED.value], "<u2").tobytes()
    append = world.append

    def with_flags(sections: Any, *rest: Any, **more: Any) -> Any:
        return append([msgspec.structs.replace(s, flags=collected) if isinstance(s, EventRows) else s for s in sections], *rest, **more)

    monkeypatch.setattr(world, "append", with_flags)
    flagged(world, {"page": 3})
    flagged(world, {"page": 4, "ssn": 5})
    letter = RejectedEvent(id="dl_2", source=0, code="plan_violation", detail="", raw=b'{"type":"track","event":"Viewed"}', received_ms=9)
    append([Rejections([letter])])
    path = tmp_path / "sums.json"
    book = Book(path, world.log, world.definitions_of)
    assert book.follow(world.log.end_offset())
    book.save()
    again = Book(path, world.log, world.definitions_of)
    assert again.offset == 3 and again.sums() == book.sums()
    assert again.follow(3) and again.sums() == book.sums(), "a frame counts once"
    sums = again.sums()
    assert sums.sources["till"].accepted.count == 2 and sums.sources["till"].rejected["plan_violation"].count == 1
    counts = {(each.path, each.fault): each.seen.count for each in sums.violations}
    assert counts == {("properties.page", "type"): 2, ("properties.ssn", "type"): 1}
    assert record_at(world.log, 1) is not None and b"4" in (record_at(world.log, 1) or b"")
    path.write_text("broken")
    rebuilt = Book(path, world.log, world.definitions_of)
    rebuilt.follow(3)
    assert rebuilt.sums() == sums, "without the file it is made of the log"
