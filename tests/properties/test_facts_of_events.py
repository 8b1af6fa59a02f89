"""Facts that events say themselves, and those that earlier actions tell: the fold, SQL and a backfill join the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.stream_and_lake import StreamAndLake

from gyeol.app.consistency import consistency
from gyeol.app.past_blocks import PastBlocks
from gyeol.context.data_files import offer
from gyeol.context.place.dongs import Dong
from gyeol.context.place.gazetteer import Gazetteer
from gyeol.context.place.regions import Region
from gyeol.context.record import FactRecord, encode_record
from gyeol.decisions.model import OfferDefinition
from gyeol.decisions.ranking.model import Goal
from gyeol.engine.backfill import Block
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.state import EngineState
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule, SourceDefinition
from gyeol.events.sections import NO_TIME, EventRows, Facts, Frame, Section
from gyeol.identity.model import IdentifierType
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import parse_instant
from gyeol.profiles.growth import Owed, unpacked
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable
from gyeol.storage.lake.shaping import Shaping

pytestmark = pytest.mark.timeout(300)
START = parse_instant("2026-03-07T01:00:00Z") or 0
MINUTE, HOUR = 60_000, 3_600_000
DIGEST = "regions-of-events"


def square(code: str, sido: str, sigungu: str, west: float) -> Region:
    return Region(code, sido, sigungu, shapely.to_wkb(shapely.box(west, 37, west + 1, 38)))


REGIONS = [square("1", "서울특별시", "강남구", 127), square("2", "경기도", "수원시", 128)]
offer(DIGEST, lambda: Gazetteer(REGIONS, [Dong("서울특별시 강남구 역삼동", 37.5, 127.5)]))
PATHS = {
    "cell": "context.location", "address": "properties.address", "device": "context", "referrer": "context", "path": "context.page.path",
    "product": "properties.product", "category": "properties.category", "query": "properties.query", "price": "properties.price",
}  # fmt: skip
WHERES = (
    "moment.sido = '서울특별시'",
    "moment.sigungu IN ('수원시', '강남구') OR moment.dong = '역삼동'",
    "moment.country IS NULL",
    "moment.device = 'mobile'",
    "moment.referrer IN ('naver', 'kiosk')",
    "moment.cart_items >= 2",
    "moment.cart_product = 'p1' AND moment.cart_value > 2",
    "moment.cart_age_minutes <= 30 OR moment.days_since_visit >= 1 OR moment.days_away >= 1",
    "moment.session_steps >= 3 AND moment.last_action = 'view'",
    "moment.last_search = '쿠폰' OR moment.search_drift > 0.5",
    "moment.interest_category = 'c1' OR moment.engagement = 'medium' OR moment.price_sensitivity > 0.2",
    "moment.intent = 'buy' OR moment.intent_confidence > 0.9",
    "moment.looking_at = 'p1' AND moment.product_dwell_s > 60",
)
TRAITS = [TraitDefinition(name=f"n{i}", kind="count", event="Order Completed", where=where) for i, where in enumerate(WHERES)]
TRAITS += [
    TraitDefinition(name="all_full", kind="count", event="$any", where="moment.cart_items >= 1"),
    TraitDefinition(
        name="left", kind="sequence", event="Product Viewed", then="Order Completed", within="2h", then_where="moment.cart_items >= 1"
    ),
]
MINE = [trait.name for trait in TRAITS]
DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="facts", clock="data", moment=PATHS, regions="korea"),
    files={"korea": DIGEST},
    sources=[SourceDefinition(name="web", trust="server", write_key="k" * 8)],
    events=[EventRule(name="Order Completed", properties={"properties.price": PropertyRule(type="number")})],
    identifiers=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True),
    ],
    traits=TRAITS,
)
Event = dict[str, Any]
ACTIONS = ("Product Added", "Product Removed", "Product Viewed", "Products Searched", "Order Completed", "Cart Viewed")


@st.composite
def events(draw: st.DrawFn) -> Event:
    who = draw(st.sampled_from([{"userId": "u1"}, {"userId": "u1"}, {"anonymousId": "b1"}, {"userId": "u1", "anonymousId": "b1"}]))
    context: dict[str, Any] = {}
    if draw(st.booleans()):
        latitude = draw(st.sampled_from([37.5, 37.25, "37.5", 91, -37.5]))
        context["location"] = {"latitude": latitude, "longitude": draw(st.sampled_from([127.5, 128.5, 10, 999]))}
    if draw(st.booleans()):
        context["device"] = {"type": draw(st.sampled_from(["ios", "Kiosk", "", 7]))}
    if draw(st.booleans()):
        context["campaign"] = {"source": draw(st.sampled_from(["naver", "Google"]))}
    properties: dict[str, Any] = {}
    for key, values in (
        ("product", ["p1", "p2", 3]), ("price", [1, 2.5, "4"]), ("category", ["c1", "c2"]), ("query", ["쿠폰", "아메리카노", "쿠폰함"]),
        ("address", ["서울시 강남구 테헤란로 1 (역삼동)", "경기도 수원시 1", "어딘가"]),
    ):  # fmt: skip
        if draw(st.booleans()):
            properties[key] = draw(st.sampled_from(values))
    minutes = draw(st.one_of(st.integers(0, 90), st.integers(-3 * 24 * 60, 3 * 24 * 60)))
    return {
        "type": "track", "event": draw(st.sampled_from(ACTIONS)), "timestamp": START + minutes * MINUTE, **who, "context": context,
        "properties": properties,
    }  # fmt: skip


def told(name: str, value: str, at_ms: int) -> FactRecord:
    return FactRecord("workspace", "*", name, value, "test", at_ms, at_ms, 4 * HOUR, 1.0, "live", "")


class House(StreamAndLake):
    """A stream and its lake, fed with events and facts."""

    def __init__(self, definitions: Definitions = DEFINITIONS) -> None:
        super().__init__(definitions)

    def fold(self, given_: list[Event], now_ms: int, facts: list[FactRecord] | None = None) -> Frame:
        sections: list[Section] = [Facts([encode_record(fact) for fact in facts])] if facts else []
        if given_:
            sections.append(rows_of(given_, self.state.offset + len(facts or ())))
        count = len(given_) + len(facts or ())
        header = FrameHeader(first_offset=self.state.offset, count=count, engine_now_ms=now_ms, definitions=self.definitions.hash)
        frame = Frame(header=header, sections=sections)
        self.take(frame)
        return frame

    def differences(self) -> list[Any]:
        report = consistency(self.state, self.run, Shaping(self.definitions).hides)
        assert not report.left_out and {*MINE} <= {*report.traits}
        return [(d.person, d.name, d.stream, d.sql) for d in report.examples]


def rows_of(given_: list[Event], offset: int) -> EventRows:
    raws = [msgspec.json.encode({**event, "messageId": event.get("messageId", f"m{offset + i}")}) for i, event in enumerate(given_)]
    at = np.array([event["timestamp"] for event in given_], "<i8").tobytes()
    ids = np.array([event_hash(msgspec.json.decode(raw)["messageId"]) for raw in raws], "<u8").tobytes()
    none = np.full(len(raws), NO_TIME, "<i8").tobytes()
    return EventRows(
        source=bytes(2 * len(raws)), time=at, received=at, original=none, sent=none, flags=bytes(2 * len(raws)), raw=raws,
        type_code=bytes(len(raws)), id_hash=ids, payload_hash=ids,
    )  # fmt: skip


def in_parts(things: list[Any], chance: random.Random, most: int = 12) -> list[list[Any]]:
    parts: list[list[Any]] = []
    while things:
        size = chance.randint(1, most)
        parts.append(things[:size])
        things = things[size:]
    return parts


FACTS = [told("device", "desktop", START), told("referrer", "kiosk", START - HOUR)]
LATEST = START + 4 * 24 * HOUR


@settings(max_examples=8, deadline=None)
@given(st.lists(events(), min_size=6, max_size=40), st.integers(0, 2**32))
def test_the_stream_joins_what_sql_joins(things: list[Event], seed: int) -> None:
    house = House()
    house.fold([], START, FACTS)
    for part in in_parts(things, random.Random(seed)):
        house.fold(part, LATEST)
    assert house.differences() == []


@settings(max_examples=30, deadline=None)
@given(st.lists(events(), min_size=6, max_size=40), st.integers(0, 2**32))
def test_how_events_were_batched_leaves_no_trace(things: list[Event], seed: int) -> None:
    named = [{**event, "messageId": f"e{i}"} for i, event in enumerate(things)]
    digests = set()
    for parts in (in_parts(named, random.Random(seed)), [[event] for event in named], [named]):
        house = House()
        house.fold([], START, FACTS)
        for part in parts:
            house.fold(part, LATEST)
        digests.add(values_of(house.state))
    assert len(digests) == 1


def values_of(state: EngineState) -> str:
    rows = state.people.all_rows()
    people = [state.graph.person_id(person) for person in state.people.person_of_row[rows].tolist()]
    columns = {name: state.traits.column(name, rows, LATEST) for name in MINE}
    return str(sorted((who, [columns[name].item(i) for name in MINE]) for i, who in enumerate(people)))


class NoLog:
    """The lake holds everything that is asked for."""


@settings(max_examples=8, deadline=None)
@given(st.lists(events(), min_size=6, max_size=30), st.integers(0, 2**32))
def test_a_backfill_finds_what_the_fold_found(things: list[Event], seed: int) -> None:
    house = House()
    house.fold([], START, FACTS)
    for part in in_parts(things, random.Random(seed)):
        house.fold(part, LATEST)
    state = house.state
    owed = Owed(until=state.offset, traits=MINE, nodes=state.graph.size, now_ms=LATEST)
    log: Any = NoLog()
    blocks: list[Block] = list(PastBlocks(house, log, DEFINITIONS).blocks(owed))
    assert len(blocks) == 1
    past = TraitTable(TRAITS, state.reading.vocabularies, state.zone, DEFINITIONS.plan)
    past.load(unpacked(blocks[0].table))
    nodes = np.arange(state.graph.size)
    mine, theirs = state.traits.rows_of_nodes(nodes, create=False), past.rows_of_nodes(nodes, create=False)
    for name in MINE:
        one, other = state.traits.column(name, mine, LATEST), past.column(name, theirs, LATEST)
        assert [one.item(i) for i in range(len(nodes))] == [other.item(i) for i in range(len(nodes))], name


def visit(event: str, minute: int, **properties: Any) -> Event:
    return {
        "type": "track", "event": event, "timestamp": START + minute * MINUTE, "userId": "u1", "properties": properties,
        "context": {"location": {"latitude": 37.5, "longitude": 127.5}, "device": {"type": "ios"}},
    }  # fmt: skip


def test_an_order_is_joined_with_the_cart_that_it_empties_and_with_where_it_happened() -> None:
    house = House()
    cart = [visit("Product Added", 0, product="p2", price=3), visit("Product Added", 5, product="p1", price=2), visit("Order Completed", 9)]
    # In one batch: what came before each order counts, and the second one finds the cart empty.
    house.fold([*cart, visit("Order Completed", 10)], LATEST)
    found = {name: house.state.traits.column(name, house.state.people.all_rows(), LATEST).item(0) for name in MINE}
    assert [found[f"n{i}"] for i in (0, 1, 2, 3, 4)] == [2, 2, 0, 2, 0]
    assert [found[f"n{i}"] for i in (5, 6)] == [1, 1]
    assert found["all_full"] == 2  # the second addition, and the first order
    assert house.differences() == []


def test_what_a_late_event_tells_is_not_looked_at_by_events_before_it() -> None:
    house = House()
    house.fold([visit("Order Completed", 10, product="p1")], LATEST)
    house.fold([visit("Product Added", 1, product="p1", price=9), visit("Product Added", 2, product="p2", price=9)], LATEST)
    house.fold([visit("Order Completed", 20)], LATEST)
    # The first order had been joined before the cart was known of; by the second one that order has emptied it.
    assert house.state.traits.column("n5", house.state.people.all_rows(), LATEST).item(0) == 0
    assert house.differences() == []


def test_what_the_workspace_does_not_say_where_to_find_is_unknown() -> None:
    settings_ = WorkspaceSettings(name="bare", clock="data")
    bare = msgspec.structs.replace(DEFINITIONS, workspace=settings_, files={})
    house = House(bare)
    house.fold([visit("Product Added", 0, product="p1"), visit("Order Completed", 1)], LATEST)
    counts = [house.state.traits.column(f"n{i}", house.state.people.all_rows(), LATEST).item(0) for i in range(len(WHERES))]
    assert counts == [0, 0, 1, *[0] * (len(WHERES) - 3)]  # the third asks for no country
    assert house.differences() == []


class Countries:
    def country(self, address: str) -> str | None:
        return {"1.1.1.1": "AU", "168.126.63.1": "KR"}.get(address)


class Kept:
    """A log of a few frames."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def read(self, from_offset: int) -> Iterator[bytes]:
        return iter(self.frames)


def test_the_country_of_an_address_is_looked_up_again_in_the_log_and_a_position_comes_before_it() -> None:
    offer("countries-of-events", Countries)
    workspace = msgspec.structs.replace(DEFINITIONS.workspace, geoip="ips")
    abroad = [TraitDefinition(name="abroad", kind="count", event="Order Completed", where="moment.country = 'AU'")]
    home = [TraitDefinition(name="home", kind="count", event="Order Completed", where="moment.country = 'KR'")]
    files = {"korea": DIGEST, "ips": "countries-of-events"}
    definitions = msgspec.structs.replace(DEFINITIONS, workspace=workspace, files=files, traits=[*abroad, *home])
    house, log = House(definitions), Kept()
    orders = [{**visit("Order Completed", i), "context": {"ip": ip}} for i, ip in enumerate(("1.1.1.1", "168.126.63.1", "10.0.0.1"))]
    orders.append({**visit("Order Completed", 4), "context": {"ip": "1.1.1.1", "location": {"latitude": 37.5, "longitude": 127.5}}})
    log.frames.append(encode_frame(house.fold(orders, LATEST).header, [rows_of(orders, 0)]))
    state, rows = house.state, house.state.people.all_rows()
    assert [state.traits.column(name, rows, LATEST).item(0) for name in ("abroad", "home")] == [1, 2]
    owed = Owed(until=state.offset, traits=["abroad", "home", "moment_country"], nodes=state.graph.size, now_ms=LATEST)
    kept: Any = log
    (block,) = PastBlocks(house, kept, definitions).blocks(owed)
    wanted = [trait for trait in definitions.all_traits if trait.name in owed.traits]
    past = TraitTable(wanted, state.reading.vocabularies, state.zone, definitions.plan)
    past.load(unpacked(block.table))
    theirs = past.rows_of_nodes(np.arange(1), create=False)
    assert [past.column(name, theirs, LATEST).item(0) for name in ("abroad", "home", "moment_country")] == [1, 2, "AU"]
    # SQL knows no addresses, so what reads them is left out and not compared wrongly.
    assert {"abroad", "home"} <= {*consistency(state, house.run, Shaping(definitions).hides).left_out}


def test_goals_of_offers_read_facts() -> None:
    offers = [
        OfferDefinition(
            name="o", placements=["p"], goal=Goal(event="Order Completed", where="moment.weather = 'rain' AND moment.cart_items > 0")
        )
    ]
    joins = EngineState(msgspec.structs.replace(DEFINITIONS, traits=[], offers=offers), b"k" * 16).joins
    assert {"moment.weather", "moment.cart_items"} <= {*joins.names} and joins.asking == {"Order Completed"}
