"""Facts that events say themselves, and those that earlier actions tell: the fold, SQL and a backfill join the same."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, cast

import msgspec
import numpy as np
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
from gyeol.engine.backfill import Block, carried, folds_anew
from gyeol.engine.countries import offer_file
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.fold import fold_frame
from gyeol.engine.state import EngineState
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule, SourceDefinition
from gyeol.events.sections import NO_TIME, EventRows, Facts, Frame, Section
from gyeol.identity.model import IdentifierType
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import parse_instant
from gyeol.profiles.growth import Owed, unpacked
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable
from gyeol.storage.lake.rows import FrameShaper
from gyeol.storage.lake.shaping import Shaping

START = parse_instant("2026-03-07T01:00:00Z") or 0
MINUTE, HOUR = 60_000, 3_600_000
DIGEST = "regions-of-events"


def square(code: str, sido: str, sigungu: str, west: float) -> Region:
    return Region(code, sido, sigungu, shapely.to_wkb(shapely.box(west, 37, west + 1, 38)))


class Countries:
    """A file of addresses."""

    def __init__(self, countries: dict[str, str]) -> None:
        self._countries = countries

    def country(self, address: str) -> str | None:
        return self._countries.get(address)


AUSTRALIA, KOREA, ADDRESSES = "1.1.1.1", "168.126.63.1", "addresses-of-events"
offer(ADDRESSES, lambda: Countries({AUSTRALIA: "AU", KOREA: "KR"}))
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
    "moment.country = 'AU'",
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
    workspace=WorkspaceSettings(name="facts", clock="data", moment=PATHS, regions="korea", geoip="ips"),
    files={"korea": DIGEST, "ips": ADDRESSES},
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
    if draw(st.booleans()):
        context["ip"] = draw(st.sampled_from([AUSTRALIA, KOREA, "10.0.0.1", 7]))
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

    def change(self, definitions: Definitions) -> None:
        """Others come into force; what is there stays as it is, and no past is owed."""
        self.state = carried(self.state, definitions)
        self.definitions, self.shaper = definitions, FrameShaper(definitions)
        self.state.traits.owed.clear()

    def differences(self, asked: Iterable[str] = tuple(MINE)) -> list[Any]:
        report = consistency(self.state, self.run, Shaping(self.definitions).hides)
        assert not report.left_out and {*asked} <= {*report.traits}
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


ABROAD = [
    TraitDefinition(name="abroad", kind="count", event="Order Completed", where="moment.country = 'AU'"),
    TraitDefinition(name="home", kind="count", event="Order Completed", where="moment.country = 'KR'"),
]
OTHER_ADDRESSES = "other-addresses-of-events"
offer(OTHER_ADDRESSES, lambda: Countries({"1.1.1.1": "NZ", "168.126.63.1": "AU"}))
COUNTED = ["abroad", "home", "moment_country"]


def of_addresses(file: str, traits: list[TraitDefinition] = ABROAD) -> Definitions:
    return msgspec.structs.replace(DEFINITIONS, files={**DEFINITIONS.files, "ips": file}, traits=traits)


def orders(*minutes: int) -> list[Event]:
    """From two countries, from nowhere, and from Korea by position with a foreign address."""
    made: list[Event] = []
    for minute in minutes:
        made += [{**visit("Order Completed", minute + i), "context": {"ip": ip}} for i, ip in enumerate((AUSTRALIA, KOREA, "10.0.0.1"))]
        made.append(
            {**visit("Order Completed", minute + 3), "context": {"ip": AUSTRALIA, "location": {"latitude": 37.5, "longitude": 127.5}}}
        )
    return made


def counted(table: TraitTable) -> list[object]:
    rows = table.rows_of_nodes(np.arange(1), create=False)
    return [table.column(name, rows, LATEST).item(0) for name in COUNTED]


def filled(house: House) -> TraitTable:
    """The past of the counted traits from the lake alone: the log is gone."""
    state, definitions, log = house.state, house.definitions, cast(Any, NoLog())
    owed = Owed(until=state.offset, traits=COUNTED, nodes=state.graph.size, now_ms=LATEST)
    (block,) = PastBlocks(house, log, definitions).blocks(owed)
    wanted = [trait for trait in definitions.all_traits if trait.name in COUNTED]
    past = TraitTable(wanted, state.reading.vocabularies, state.zone, definitions.plan)
    past.load(unpacked(block.table))
    return past


def test_the_country_of_an_address_outlives_the_log_and_a_position_comes_before_it() -> None:
    house = House(of_addresses(ADDRESSES))
    house.fold(orders(0), LATEST)
    assert counted(house.state.traits) == counted(filled(house)) == [1, 2, "AU"]
    assert house.differences(COUNTED) == []
    kept = [(row["ip_country"], row["context"]) for row in house.query("SELECT ip_country, context FROM events").to_pylist()]
    assert [country for country, _ in kept] == ["AU", "KR", None, "AU"] and not any("ip" in text for _, text in kept if text is not None)


def test_another_file_of_addresses_changes_no_past() -> None:
    old, new = of_addresses(ADDRESSES), of_addresses(OTHER_ADDRESSES)
    assert folds_anew(old, new) == []
    offer_file(old.hash, lambda: ADDRESSES)
    house = House(old)
    frames = [house.fold(orders(0), LATEST)]
    house.change(new)
    frames.append(house.fold(orders(10), LATEST))
    then = counted(house.state.traits)
    assert then == [2, 3, "NZ"] == counted(filled(house)) and house.differences(COUNTED) == []
    # Whoever folds the log anew, as a replay does, reads in each frame what was in force when it was written.
    again = EngineState(new, b"k" * 16)
    for frame in frames:
        fold_frame(again, frame)
    assert counted(again.traits) == then


def test_a_file_that_comes_later_and_one_that_goes_tell_nothing_of_other_events() -> None:
    none = msgspec.structs.replace(of_addresses(ADDRESSES), workspace=msgspec.structs.replace(DEFINITIONS.workspace, geoip=""))
    assert folds_anew(none, of_addresses(ADDRESSES)) == []
    house = House(none)
    for definitions in (none, of_addresses(ADDRESSES), none):
        house.change(definitions)
        house.fold(orders(0), LATEST)
    rows = house.state.people.all_rows()
    assert [house.state.traits.column(name, rows, LATEST).item(0) for name in ("abroad", "home")] == [1, 4]
    assert house.differences(COUNTED[:2]) == []


def test_goals_of_offers_read_facts() -> None:
    offers = [
        OfferDefinition(
            name="o", placements=["p"], goal=Goal(event="Order Completed", where="moment.weather = 'rain' AND moment.cart_items > 0")
        )
    ]
    joins = EngineState(msgspec.structs.replace(DEFINITIONS, traits=[], offers=offers), b"k" * 16).joins
    assert {"moment.weather", "moment.cart_items"} <= {*joins.names} and joins.asking == {"Order Completed"}
