"""What the last frames changed beside their records: the same for who asks at once, later, or after a restart; bounded."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.unit.engine.conftest import DEFINITIONS, START_MS, Shop, order

from gyeol.app.moves import recent_reply
from gyeol.audiences.model import StageDefinition
from gyeol.engine import recent as module
from gyeol.engine.jobs import Apply, Tell
from gyeol.events.frames import decode_frame
from gyeol.events.ingest import Flag
from gyeol.events.sections import Command, EventRows
from gyeol.kernel.instants import DAY_MS

LADDER = msgspec.structs.replace(
    DEFINITIONS,
    stages=[StageDefinition(name="customer", condition="orders >= 1"), StageDefinition(name="visitor", condition="pages >= 1")],
)


def page(anonymous: str, **more: object) -> dict[str, object]:
    return order(None, anonymous) | {"type": "page", "event": None} | more


def told(shop: Any, after: int = 0) -> list[tuple[Any, ...]]:
    reply = recent_reply(shop.state, shop.engine.recent, after)
    found: list[tuple[Any, ...]] = []
    for each in reply.moved:
        whose = reply.people[each.node if each.node >= 0 else each.nodes[0]][1]
        match each.kind:
            case "audience":
                found.append((whose, each.audience, each.entered))
            case "stage":
                found.append((whose, each.before, each.after))
            case _:
                found.append((whose, each.what, len(each.people)))
    return found


def test_moves_of_a_visitor_who_becomes_known_and_buys() -> None:
    shop = Shop(LADDER)
    shop.collect(page("b1"), source=1)
    assert told(shop) == [("b1", None, "visitor")]
    after = shop.state.offset
    shop.collect(order("kim", "b1"), source=1)
    assert told(shop, after) == [("kim", "joined", 1), ("kim", "visitor", "customer"), ("kim", "fresh", True)]
    assert told(shop)[0] == ("kim", None, "visitor"), "what the browser did is the known person's now"
    reply = recent_reply(shop.state, shop.engine.recent, 0)
    assert reply.start_offset == 0 and reply.end_offset == shop.state.offset and reply.left_out == 0
    assert set(reply.event_nodes) == {0, after}
    before = told(shop)
    recovered = shop.recovered()
    shop.engine.state, shop.engine.recent = recovered.state, recovered.recent
    assert told(shop) == before, "a restart that folds the same frames remembers the same"


def test_a_first_identify_is_no_join_and_a_cut_is_a_split(shop: Any, make: Any) -> None:
    shop.collect(make.identify("u1"))
    assert told(shop) == []
    shop.collect(order("u2", "b2"), order("u3", "b3"))
    graph = shop.state.graph
    shop.run(command("merge", "b2", "b3"))
    assert [each[1:] for each in told(shop)[-2:]] == [("joined", 1), ("split", 1)], "of two who are known one is left alone"
    shop.collect(order("u4", "b4"))
    shop.run(command("cut", "u4", "b4"))
    assert told(shop)[-1] == ("u4", "split", 2) and graph.find("u4") != graph.find("b4")


def command(kind: str, a: str, b: str) -> Tell:
    return Tell([Command(kind, "me", START_MS, "", {"a": a, "b": b})])


def test_memory_is_bounded_and_says_where_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RECORDS", 10)
    shop = Shop()
    for i in range(8):
        shop.collect(*(order(f"u{i}-{j}") for j in range(3)))
    memory = shop.engine.recent
    frames = memory.since(0)
    assert 0 < len(frames) < 8 and memory.start_offset == frames[0].effects.first_offset
    assert memory.since(shop.state.offset) == []


def test_of_one_frame_only_the_last_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_A_FRAME", 2)
    monkeypatch.setattr("gyeol.app.moves.MOST_A_FRAME", 2)
    shop = Shop()
    shop.collect(*(order(f"u{j}") for j in range(5)))
    reply = recent_reply(shop.state, shop.engine.recent, 0)
    assert len(reply.moved) == 2 and reply.left_out == 3


def test_other_definitions_begin_anew(shop: Any) -> None:
    shop.collect(order("u1"))
    shop.run(Apply(msgspec.structs.replace(DEFINITIONS, kpis=[]), "me", ""))
    assert shop.engine.recent.since(0) == [] and shop.engine.recent.start_offset == shop.state.offset


def test_how_long_things_took(shop: Any) -> None:
    memory = shop.engine.recent
    assert memory.lag_ms() is None and memory.decide_ms() is None
    shop.collect(order("u1"))
    assert memory.lag_ms() == (0.0, 0.0, 0.0)
    for took in range(1, 101):
        memory.decided([f"d{took}"], float(took))
    assert memory.decide_ms() == (50.0, 95.0, 99.0)
    assert memory.took_ms("d7") == 7.0 and memory.took_ms("none") is None


def test_a_visitor_lives_at_the_datas_present() -> None:
    data = msgspec.structs.replace(DEFINITIONS, workspace=msgspec.structs.replace(DEFINITIONS.workspace, clock="data"))
    shop = Shop(data)
    last_year = START_MS - 300 * DAY_MS
    shop.collect(order("u1", timestamp="2025-03-07T03:00:00Z"))
    assert shop.state.now_ms == last_year
    shop.clock.advance(5_000)
    shop.collect(page("b1", timestamp="2026-01-01T03:00:00Z"), source=1)
    assert last_year <= shop.state.now_ms <= last_year + 5_000, "their own clock would have ended every window"
    (row,) = [s for frame in shop.log.read(1) for s in _sections(frame)]
    assert int.from_bytes(row.flags, "little") & Flag.DATA_CLOCK_USED.value
    shop.collect(order("u1", timestamp="2026-01-01T03:00:00Z"))
    assert shop.state.now_ms == START_MS, "a server gives its own times"


def _sections(frame: bytes) -> list[EventRows]:
    return [section for section in decode_frame(frame).sections if isinstance(section, EventRows)]
