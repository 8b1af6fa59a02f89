"""Stores, positions and what follows from them: conditions read it, journeys begin by it, and a replay finds the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gyeol.app.checking import check_consistency
from gyeol.app.core_api import VerifyRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.settings import Settings, data_folder
from gyeol.audiences.model import AudienceDefinition
from gyeol.context.place.stores import StoreDefinition
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Apply, Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.instants import instant_text, parse_instant

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-20:00")
GANGNAM = StoreDefinition(name="S03", lat=37.4979, lon=127.0276, hours={**WEEK, "holiday": "10:00-16:00"}, dwell="5m")
YEOKSAM = StoreDefinition(name="S04", lat=37.5006, lon=127.0364)
AT_GANGNAM = AudienceDefinition(name="at_gangnam", condition="moment.at_store = 'S03'")
COMING = AudienceDefinition(name="coming", condition="moment.towards_store IS NOT NULL AND moment.store_distance_m < 1500")
METRE = 1 / 111_195
MINUTE = 60_000


def at(text: str) -> int:
    found = parse_instant(text)
    assert found is not None
    return found


NOON = at("2026-06-25T12:00:00+09:00")
"""A Thursday."""


class House:
    """A workspace in this process with two stores; people walk by hand."""

    def __init__(self, session: EmbeddedSession, clock: ManualClock) -> None:
        self.session, self.clock, self.number = session, clock, 0
        now: Definitions = session.parts.engine.definitions
        workspace = msgspec.structs.replace(now.workspace, moment={"cell": "context.location"})
        more = msgspec.structs.replace(now, workspace=workspace, stores=[GANGNAM, YEOKSAM], audiences=[*now.audiences, AT_GANGNAM, COMING])
        definitions = Definitions.from_json(more.as_json())
        session.parts.applied.keep(definitions)
        session.run(Apply(definitions, "test", "stores"))

    def walk(self, who: str, at_ms: int, north_m: float, accuracy_m: float | None = None) -> None:
        """Somebody is so many metres north of the store at Gangnam."""
        self.number += 1
        location: dict[str, float] = {"latitude": GANGNAM.lat + north_m * METRE, "longitude": GANGNAM.lon}
        if accuracy_m is not None:
            location["accuracy"] = accuracy_m
        event = {"type": "track", "event": "Moved", "userId": who, "timestamp": instant_text(at_ms), "messageId": f"m{self.number}"}
        self.clock.advance(max(at_ms - self.clock.now_ms(), 0))
        sources = self.session.parts.engine.definitions.sources
        index = next(i for i, source in enumerate(sources) if source.trust == "server")
        raw = json.dumps({**event, "context": {"location": location}}).encode()
        self.session.run(Collect(Incoming(source=sources[index], source_index=index, events=[raw], received_ms=self.clock.now_ms())))

    def members(self, audience: str) -> list[str]:
        state: Any = self.session.parts.engine.state
        rows = state.people.all_rows()
        found = rows[state.memberships.members(audience, rows)].tolist()
        return sorted(state.graph.identifier(state.graph.members(int(state.people.person_of_row[row]))[0])[1] for row in found)

    def moment(self, who: str, at_ms: int | None = None) -> dict[str, object]:
        told = self.session.desk.moment(f"user_id:{who}", None if at_ms is None else instant_text(at_ms)).facts
        return {fact.name.removeprefix("moment."): fact.value for fact in told}

    def exact(self) -> None:
        self.session.settle()
        found = check_consistency(self.session, data_folder(self.session.parts.workspace))
        assert (found.differences, found.examples) == ({}, [])
        check = next(c for c in self.session.core.verify(VerifyRequest(replay=True)).checks if c.name == "replay")
        assert check.good, check.detail


@pytest.fixture
def house(workspace: Path) -> Any:
    clock = ManualClock(NOON)
    opened = EmbeddedSession(workspace, Settings(), clock=clock)
    yield House(opened, clock)
    opened.close()


def test_somebody_comes_dwells_and_goes(house: House) -> None:
    for step, north_m in enumerate((900, 700, 500, 300)):
        house.walk("kim", NOON + step * 2 * MINUTE, north_m)
    moment = house.moment("kim")
    assert (moment["nearest_store"], moment["store_distance_m"], moment["towards_store"]) == ("S03", 300, "S03")
    assert moment["store_open"] is True and moment.get("at_store") is None
    assert house.members("coming") == ["kim"] and house.members("at_gangnam") == []
    came = NOON + 8 * MINUTE
    house.walk("kim", came, 40)
    assert house.members("at_gangnam") == []  # one position is no visit yet
    house.walk("kim", came + 20_000, 300, accuracy_m=900.0)  # too inaccurate to say anything
    house.walk("kim", came + MINUTE, 95)  # jitter about the border
    house.walk("kim", came + 2 * MINUTE, 10)
    moment = house.moment("kim")
    assert (moment["at_store"], moment["store_visit"]) == ("S03", "entered")
    assert house.members("at_gangnam") == ["kim"]
    house.walk("kim", came + 6 * MINUTE, 15)
    assert house.moment("kim")["store_visit"] == "dwelling"
    house.exact()
    house.walk("kim", came + 8 * MINUTE, 400)
    house.walk("kim", came + 9 * MINUTE, 500)
    assert house.members("at_gangnam") == [] and house.moment("kim").get("at_store") is None
    later = house.moment("kim", came + 9 * MINUTE + 30 * MINUTE)
    assert later.get("nearest_store") is None and later.get("store_open") is None
    house.exact()


def test_the_order_of_arrival_leaves_no_trace(house: House) -> None:
    steps = [(0, 60.0), (1, 20.0), (2, 30.0), (3, 10.0)]
    for minute, north_m in steps:
        house.walk("early", NOON + minute * MINUTE, north_m)
    for minute, north_m in (steps[2], steps[0], steps[3], steps[1]):
        house.walk("late", NOON + minute * MINUTE, north_m)
    names = ("at_store", "store_visit", "nearest_store", "store_distance_m", "towards_store")
    early, late = house.moment("early"), house.moment("late")
    assert [early.get(name) for name in names] == [late.get(name) for name in names]
    assert early["at_store"] == "S03" and house.members("at_gangnam") == ["early", "late"]
    house.exact()


def test_hours_holidays_and_stores_that_do_not_tell_theirs(house: House) -> None:
    house.walk("kim", NOON, 0)
    assert house.moment("kim")["store_open"] is True
    evening = at("2026-06-25T20:00:00+09:00")
    house.walk("kim", evening, 0)
    assert house.moment("kim")["store_open"] is False
    house.walk("kim", at("2026-07-17T15:00:00+09:00"), 0)  # 제헌절: a public holiday again from 2026 on
    assert house.moment("kim")["store_open"] is True
    house.walk("kim", at("2026-08-17T16:00:00+09:00"), 0)  # the substitute of 광복절, a Monday
    moment = house.moment("kim")
    assert moment["holiday"] is True and moment["store_open"] is False
    house.walk("lee", at("2026-08-17T16:00:00+09:00"), 500)
    assert house.moment("lee")["nearest_store"] == "S03"
    state: Any = house.session.parts.engine.state
    assert [kind.name for kind in state.definitions.all_traits if kind.name.startswith("moment_path")] == [
        "moment_path_latitude", "moment_path_longitude", "moment_path_at",
    ]  # fmt: skip
