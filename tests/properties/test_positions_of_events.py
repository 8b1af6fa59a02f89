"""What is known of the stores as of an event: the fold, SQL and a backfill say the same, however events are batched."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.stream_and_lake import StreamAndLake
from tests.properties.test_facts_of_events import DEFINITIONS as OTHERS
from tests.properties.test_facts_of_events import START, in_parts, rows_of

from gyeol.app.as_of_events import facts_of_events
from gyeol.app.consistency import consistency
from gyeol.app.past_blocks import PastBlocks
from gyeol.context.near_stores import ALONG, NAMES
from gyeol.context.place.stores import StoreDefinition, StoreZone
from gyeol.engine.backfill import Block, carried, folds_anew, join_block, told_anew
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.state import EngineState
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import Frame
from gyeol.identity.model import GroupType
from gyeol.profiles.growth import Owed, unpacked
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable
from gyeol.storage.lake.shaping import Shaping

SECOND, MINUTE, DAY = 1_000, 60_000, 24 * 3_600_000
LATEST = START + 3 * DAY
NORTH = 0.001
"""Degrees of latitude: 111 m."""
GATE, PARK = (37.5, 127.0), (37.52, 127.0)
STORES = [
    StoreDefinition(
        name="gate", lat=GATE[0], lon=GATE[1], dwell="2m",
        hours={"sat": "09:00-11:00", "sun": "22:00-02:00", "mon": "09:00-22:30"}, days={"2026-03-09": "closed"},
        zones=[StoreZone(name="bar", beacon="b-1"), StoreZone(name="yard", lat=GATE[0], lon=GATE[1], radius_m=30)],
    ),
    StoreDefinition(name="park", lat=PARK[0], lon=PARK[1], radius_m=120),
]  # fmt: skip
WHERES = {
    "near_gate": "moment.nearest_store = 'gate'",
    "close": "moment.store_distance_m <= 100",
    "nowhere": "moment.nearest_store IS NULL",
    "open": "moment.store_open",
    "shut": "NOT moment.store_open",
    "in_gate": "moment.at_store = 'gate'",
    "in_park": "moment.at_store = 'park'",
    "outside": "moment.at_store IS NULL",
    "came": "moment.store_visit = 'entered'",
    "stays": "moment.store_visit = 'dwelling'",
    "to_gate": "moment.towards_store = 'gate'",
    "to_park": "moment.towards_store = 'park'",
    "bar": "moment.store_zone = 'gate/bar'",
    "yard": "moment.store_zone = 'gate/yard'",
}
TRAITS = [TraitDefinition(name=name, kind="count", event="Order Completed", where=where) for name, where in WHERES.items()]
TRAITS += [
    TraitDefinition(name="all_here", kind="count", event="$any", where="moment.at_store = 'gate' AND moment.store_distance_m < 80"),
    TraitDefinition(
        name="walked_in",
        kind="sequence",
        event="Product Viewed",
        then="Order Completed",
        within="2h",
        then_where="moment.at_store = 'gate'",
    ),
]
SETTINGS = WorkspaceSettings(name="walk", clock="data", moment={"cell": "context.location", "beacon": "properties.beacon"})
DEFINITIONS = msgspec.structs.replace(OTHERS, workspace=SETTINGS, files={}, stores=STORES, traits=TRAITS, offers=[])
Event = dict[str, Any]


@st.composite
def walks(draw: st.DrawFn) -> list[Event]:
    """Events of two identifiers about the stores; some late, some at the same instant."""
    found = []
    for place in range(draw(st.integers(6, 40))):
        context: dict[str, Any] = {}
        if draw(st.integers(0, 3)):
            north = draw(st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.6, 0.9, 3.0, 10.0, 19.0, 20.0, 400.0]))
            latitude = GATE[0] + north * NORTH
            context["location"] = {
                "latitude": str(latitude) if north == 0.9 else latitude,
                "longitude": draw(st.sampled_from([127.0, 127.0, 127.0, 127.0002, 999])),
            }
            if not draw(st.integers(0, 4)):
                context["location"]["accuracy"] = draw(st.sampled_from([10, 200, 201, "5", "far"]))
        properties = {} if draw(st.integers(0, 4)) else {"beacon": draw(st.sampled_from(["b-1", "b-2", 7]))}
        seconds = draw(st.one_of(st.integers(place * 20, place * 20 + 60), st.integers(0, 60).map(lambda minute: minute * 60)))
        late = draw(st.sampled_from([0, 0, 0, 0, -DAY, DAY // 2]))
        found.append({
            "type": "track", "event": draw(st.sampled_from(["Order Completed", "Order Completed", "Product Viewed"])),
            "timestamp": START + late + seconds * SECOND, "context": context, "properties": properties,
            **draw(st.sampled_from([{"userId": "u1"}, {"userId": "u1"}, {"userId": "u1", "anonymousId": "b1"}, {"anonymousId": "b1"}])),
        })  # fmt: skip
    return found


class House(StreamAndLake):
    """A stream, its lake and its log."""

    def __init__(self, definitions: Definitions = DEFINITIONS) -> None:
        super().__init__(definitions)
        self.frames: list[bytes] = []

    def fold(self, given_: list[Event]) -> None:
        offset = self.state.offset
        header = FrameHeader(first_offset=offset, count=len(given_), engine_now_ms=LATEST, definitions=self.definitions.hash)
        section = rows_of(given_, offset)
        self.take(Frame(header=header, sections=[section]))
        self.frames.append(encode_frame(header, [section]))

    def read(self, from_offset: int) -> Iterator[bytes]:
        return iter(self.frames)

    def differences(self) -> list[Any]:
        report = consistency(self.state, self.run, Shaping(self.definitions).hides)
        assert not report.left_out
        return [(d.person, d.name, d.stream, d.sql) for d in report.examples]

    def values(self, table: TraitTable | None = None) -> list[list[object]]:
        """Of each node what it holds of each trait."""
        held = self.state.traits if table is None else table
        rows = held.rows_of_nodes(np.arange(self.state.graph.size), create=False)
        columns = [held.column(trait.name, rows, LATEST) for trait in self.definitions.traits]
        return [[column.item(i) for column in columns] for i in range(len(rows))]

    def blocks(self, definitions: Definitions, owed: Owed) -> list[Block]:
        log: Any = self
        return list(PastBlocks(self, log, definitions).blocks(owed))

    def past(self) -> TraitTable:
        """What a backfill finds."""
        state = self.state
        names = [trait.name for trait in self.definitions.traits]
        owed = Owed(until=state.offset, traits=names, nodes=state.graph.size, now_ms=LATEST)
        (block,) = self.blocks(self.definitions, owed)
        found = TraitTable(self.definitions.traits, state.reading.vocabularies, state.zone, self.definitions.plan)
        found.load(unpacked(block.table))
        return found


@settings(max_examples=6, deadline=None)
@given(walks(), st.integers(0, 2**32))
def test_sql_and_a_backfill_find_what_the_stream_found(things: list[Event], seed: int) -> None:
    house = House()
    for part in in_parts(things, random.Random(seed)):
        house.fold(part)
    assert house.differences() == []
    assert house.values(house.past()) == house.values()


@settings(max_examples=20, deadline=None)
@given(walks(), st.integers(0, 2**32))
def test_how_events_were_batched_leaves_no_trace(things: list[Event], seed: int) -> None:
    sent = [{**event, "messageId": f"e{i}"} for i, event in enumerate(things)]
    found = []
    for parts in (in_parts(sent, random.Random(seed)), [[event] for event in sent], [sent]):
        house = House()
        for part in parts:
            house.fold(part)
        found.append(sorted(map(str, house.values())))  # which node is the first depends on the batch
    assert found[0] == found[1] == found[2]


@settings(max_examples=20, deadline=None)
@given(walks())
def test_an_event_is_joined_with_what_is_true_of_its_person_just_after_it(things: list[Event]) -> None:
    """Of one identifier whose events come in order. The nearest store is that of the event's own position, and of no earlier one."""
    house = House()
    state = house.state
    for place, thing in enumerate(things):
        event = {**thing, "userId": "u1", "timestamp": START + place * 25 * SECOND}
        event.pop("anonymousId", None)
        batch = RowsBatch(rows_of([event], state.offset), state.offset, state.reading, [])
        moments = state.moments
        joined = state.joins.enriched(batch, np.zeros(1, np.int64), moments.facts, moments.clock, LATEST, traits=state.traits)
        assert joined is not None
        mine = {name: joined.column(f"moment.{name}").item(0) for name in NAMES}
        house.fold([event])
        facts = moments.one(event["timestamp"], [0], 0).facts
        theirs = {name: facts[name].value if name in facts and facts[name].fresh(event["timestamp"]) else None for name in NAMES}
        compared = NAMES if mine["nearest_store"] is not None else ALONG
        assert [mine[name] for name in compared] == [theirs[name] for name in compared], event


def step(minute: float, north: float | None, event: str = "Order Completed", **more: Any) -> Event:
    """An event so many metres north of the gate."""
    where = {} if north is None else {"location": {"latitude": GATE[0] + north * NORTH / 111.195, "longitude": GATE[1]}}
    return {
        "type": "track", "event": event, "timestamp": START + round(minute * MINUTE), "userId": "u1", "context": where,
        "properties": {}, **more,
    }  # fmt: skip


def counts(house: House, *names: str) -> list[object]:
    rows = house.state.people.all_rows()
    return [house.state.traits.column(name, rows, LATEST).item(0) for name in names]


def test_somebody_walks_to_a_store_stays_and_leaves() -> None:
    """The gate is open until 11:00 in Seoul, which is an hour after the start."""
    house = House()
    way = [step(0, 600), step(2, 400), step(4, 200)]  # towards the gate from the second on
    inside = [step(5, 20), step(6, 10), step(7, 10), step(8, None)]  # in from the second on, dwelling from the third
    after = [step(20, 1500), step(21, 1900), step(70, 2200), step(120, None)]  # left; on the way to the park; it is shut; and unknown
    house.fold([*way, *inside, *after])
    assert counts(house, "to_gate", "in_gate", "came", "stays", "outside") == [2, 4, 1, 3, 7]  # one position elsewhere is no exit yet
    assert counts(house, "near_gate", "close", "nowhere", "open", "shut") == [6, 4, 2, 6, 0]
    assert counts(house, "to_park", "yard") == [1, 4]
    assert house.differences() == []
    assert house.values(house.past()) == house.values()


def test_a_beacon_tells_the_part_and_a_later_position_another() -> None:
    house = House()
    heard = {"beacon": "b-1"}
    house.fold([step(0, None, properties=heard), step(9, None), step(10, None), step(11, 5), step(12, 5, properties=heard), step(13, 5)])
    # Ten minutes after it was heard it says nothing more; the yard needs two positions.
    assert counts(house, "bar", "yard") == [3, 1]
    assert house.differences() == []


def test_another_identifier_was_elsewhere_and_late_positions_change_nothing_of_the_past() -> None:
    house = House()
    house.fold([step(0, 10), step(1, 10, userId="u2"), step(2, None), step(2, None, userId="u2")])
    house.fold([step(0.5, 10), step(1, 10)])
    assert counts(house, "in_gate") == [2]  # the late ones; the order without a position had been told before
    house.fold([step(3, None)])
    assert counts(house, "in_gate") == [3]
    assert house.differences() == []


def test_hours_of_the_night_days_of_rest_and_stores_without_hours() -> None:
    house = House()
    sunday = DAY / MINUTE
    late = [step(sunday + 60 * hour, 0) for hour in (11, 12, 15.9, 16, 36)]  # 21:00, 22:00, 01:54, 02:00 and Monday 22:00
    house.fold([*late, step(0, 2200)])  # nobody knows when the park is open
    assert counts(house, "open", "shut") == [2, 3]
    assert house.differences() == []


def test_without_stores_or_positions_nothing_is_known() -> None:
    for definitions in (
        msgspec.structs.replace(DEFINITIONS, stores=[]),
        msgspec.structs.replace(DEFINITIONS, workspace=WorkspaceSettings(name="walk", clock="data")),
    ):
        house = House(definitions)
        house.fold([step(0, 10), step(1, 10), step(2, 10)])
        assert counts(house, "near_gate", "in_gate", "nowhere", "outside") == [0, 0, 3, 3]
        assert house.differences() == [] and house.values(house.past()) == house.values()


def test_positions_that_stay_out_of_the_lake_are_read_in_the_log() -> None:
    rule = EventRule(name="$any", properties={"context.location": PropertyRule(type="object", pii=True)})
    house = House(msgspec.structs.replace(DEFINITIONS, events=[rule]))
    for event in [step(0, 600), step(2, 400), step(5, 20), step(6, 10), step(7, 10), step(8, None)]:
        house.fold([event])
    assert counts(house, "in_gate", "to_gate", "open") == [3, 1, 5]
    assert house.values(house.past()) == house.values()
    assert {*WHERES} <= {*consistency(house.state, house.run, Shaping(house.definitions).hides).left_out}


def test_other_stores_tell_the_past_of_the_traits_that_rest_on_them_anew() -> None:
    house = House()
    house.fold([step(0, 10), step(1, 10), step(2, 10), step(3, 2200)])
    assert counts(house, "in_gate", "near_gate", "open") == [2, 3, 3]
    moved = msgspec.structs.replace(DEFINITIONS, stores=[msgspec.structs.replace(STORES[0], hours={"sun": "09:00-11:00"}), STORES[1]])
    assert folds_anew(DEFINITIONS, moved) == [] and told_anew(DEFINITIONS, moved) == {"open", "shut"}
    state = carried(house.state, moved)
    assert sorted(state.traits.unready) == ["open", "shut"]
    owed = state.traits.owed[state.offset]
    for block in house.blocks(moved, owed):
        assert join_block(state, block)
    house.state, house.definitions = state, moved
    assert counts(house, "in_gate", "near_gate", "open", "shut") == [2, 3, 0, 3]
    assert house.differences() == []
    renamed = msgspec.structs.replace(moved, stores=[msgspec.structs.replace(each, label={"ko": "문"}) for each in moved.stores])
    assert carried(state, renamed).traits.unready == {}
    closed = carried(house.state, msgspec.structs.replace(renamed, stores=renamed.stores[1:]))
    assert {*closed.traits.unready} == {trait.name for trait in TRAITS}


def test_a_figure_asks_the_lake_alone() -> None:
    house = House()
    house.fold([step(0, 10), step(1, 10), step(2, 10, event="Product Viewed"), step(3, 2200)])
    where = "moment.at_store = 'gate' AND moment.nearest_store = 'gate'"
    table, tables = facts_of_events(where, "Order Completed", DEFINITIONS, house.run)
    assert table is not None
    found = house.run(table.order_by("log_offset"), tables).to_pylist()
    assert [(row["log_offset"], row["moment.at_store"], row["moment.nearest_store"]) for row in found] == [
        (0, None, "gate"), (1, "gate", "gate"), (3, None, "park"),
    ]  # fmt: skip


def test_groups_may_ask() -> None:
    kind = GroupType(name="club", paths=["properties.club"], where="moment.at_store = 'gate'")
    house = House(msgspec.structs.replace(DEFINITIONS, groups=[kind], traits=[]))
    assert house.state.joins.stores.events == {"$any"}
    here, there = {"club": "here"}, {"club": "there"}
    house.fold([step(0, 10), step(1, 10, userId="u2", properties=there), step(1, 10, properties=here)])
    assert [(node, kind_) for node, kind_, _ in house.state.groups.all_moves()] == [(0, "club")]  # one position says no visit yet


def test_only_who_asks_pays() -> None:
    """Nothing is read for a workspace whose conditions ask for none of these facts."""
    joins = EngineState(msgspec.structs.replace(DEFINITIONS, traits=[]), b"k" * 16).joins
    assert not joins.stores.stores and joins.names == [] and joins.paths() == set()
    joins = EngineState(msgspec.structs.replace(DEFINITIONS, traits=TRAITS[:5]), b"k" * 16).joins
    assert joins.stores.stores.along == () and joins.stores.events == {"Order Completed"}
