"""Facts in the log: whatever is told, in whatever order, stream = SQL, a replay gives the same, and order leaves no trace."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.stream_and_lake import StreamAndLake

from gyeol.app.consistency import consistency
from gyeol.app.verifying import state_digest
from gyeol.audiences.model import AudienceDefinition
from gyeol.context.record import FactRecord, encode_record
from gyeol.context.subject import EVERYBODY, SubjectKind
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.fold import evaluate
from gyeol.engine.state import EngineState
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule, SourceDefinition
from gyeol.events.sections import NO_TIME, EventRows, Facts, Frame, Section
from gyeol.identity.model import IdentifierType
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import parse_instant
from gyeol.profiles.model import TraitDefinition
from gyeol.storage.lake.shaping import Shaping

START = parse_instant("2026-03-07T20:00:00Z") or 0
"""Hours before New York's clocks go forward."""
MINUTE, HOUR = 60_000, 3_600_000
PATHS = {
    "store": "properties.store", "cell": "context.location", "region": "context.location.region", "zone": "context.timezone",
    "birthday": "traits.birthday",
}  # fmt: skip
WHERES = (
    "moment.weather = 'rain'",
    "moment.weather IS NULL",
    "moment.weather IN ('snow', 'rain') AND moment.daypart = 'morning'",
    "moment.hour >= 12 OR moment.store = 's1'",
    "moment.commute = 'to_work' AND NOT moment.weekend",
    "moment.zone = 'America/New_York' AND moment.days_to_seollal > 5",
    "moment.page IS NOT NULL AND properties.price > 2",
)
TRAITS = [TraitDefinition(name=f"n{i}", kind="count", event="Bought", where=where) for i, where in enumerate(WHERES)]
TRAITS += [
    TraitDefinition(name="wet", kind="sum", event="Bought", property="properties.price", where=WHERES[0]),
    TraitDefinition(name="again", kind="sequence", event="Bought", within="2h", at_least=2, where=WHERES[0]),
    TraitDefinition(name="where_any", kind="count", event="$any", where="moment.weather = 'rain' OR moment.page = 'p1'"),
]
AUDIENCES = [
    AudienceDefinition(name="rained_on", condition="moment.weather = 'rain'"),
    AudienceDefinition(name="wet_evening", condition="moment.weather = 'rain' AND moment.daypart IN ('evening', 'night')"),
    AudienceDefinition(name="buys_when_wet", condition="n0 >= 1 AND NOT is_stale(moment.weather)"),
    AudienceDefinition(name="in_shop", condition="moment.store = 's1' OR moment.page = 'p1'"),
]
DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="facts", clock="data", moment=PATHS, facts_days=2),
    sources=[SourceDefinition(name="web", trust="server", write_key="k" * 8)],
    events=[EventRule(name="Bought", properties={"properties.price": PropertyRule(type="number")})],
    identifiers=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True),
    ],
    traits=TRAITS,
    audiences=AUDIENCES,
)
times = st.integers(-3 * 24 * 60, 40 * 60).map(lambda minutes: START + minutes * MINUTE)
Event = dict[str, Any]


@st.composite
def events(draw: st.DrawFn) -> Event:
    who = draw(st.sampled_from([{"userId": "u1"}, {"userId": "u2"}, {"anonymousId": "b1"}, {"userId": "u1", "anonymousId": "b1"}]))
    where: dict[str, Any] = {}
    if draw(st.booleans()):
        where["location"] = {"latitude": draw(st.sampled_from([37.5, 37.52, -33.9, 91])), "longitude": draw(st.sampled_from([127.0, 0]))}
    if draw(st.booleans()):
        where.setdefault("location", {})["region"] = draw(st.sampled_from(["11", "26", 11]))
    if draw(st.booleans()):
        where["timezone"] = draw(st.sampled_from(["America/New_York", "Asia/Seoul", "Mars/Base", ""]))
    properties: dict[str, Any] = {"price": draw(st.integers(1, 5))}
    if draw(st.booleans()):
        properties["store"] = draw(st.sampled_from(["s1", "s2", 7]))
    return {
        "type": "track", "event": draw(st.sampled_from(["Bought", "Seen"])), "timestamp": draw(times), **who, "context": where,
        "properties": properties,
    }  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> FactRecord:
    name, value = draw(st.sampled_from([("weather", "rain"), ("weather", "snow"), ("store", "s1"), ("page", "p1"), ("page", "p2")]))
    others: list[tuple[SubjectKind, str, str]] = [("store", "s1", ""), ("store", "7", ""), ("cell", "750:2540", ""), ("region", "11", "")]
    subjects: list[tuple[SubjectKind, str, str]] = [("person", "u1", "user_id"), ("person", "u9", "user_id"), ("workspace", EVERYBODY, "")]
    kind, id, type_ = draw(st.sampled_from([*subjects, *(others if name == "weather" else [])]))
    observed = draw(times)
    ttl = draw(st.sampled_from([10 * MINUTE, HOUR, 26 * HOUR, 60 * HOUR]))
    confidence, source = draw(st.sampled_from([(1.0, "a"), (0.5, "b"), (1.0, "ab")]))
    return FactRecord(kind, id, name, value, source, observed, observed + draw(st.integers(0, 2)) * MINUTE, ttl, confidence, "live", type_)


def rows_of(given_: list[Event], offset: int) -> EventRows:
    raws = [msgspec.json.encode({**event, "messageId": f"m{offset + i}"}) for i, event in enumerate(given_)]
    at = np.array([event["timestamp"] for event in given_], "<i8").tobytes()
    n, ids = len(given_), np.array([event_hash(str(event)) for event in given_], "<u8").tobytes()
    none = np.full(n, NO_TIME, "<i8").tobytes()
    return EventRows(
        source=bytes(2 * n), time=at, received=at, original=none, sent=none, flags=bytes(2 * n), raw=raws, type_code=bytes(n),
        id_hash=ids, payload_hash=ids,
    )  # fmt: skip


class House(StreamAndLake):
    """A stream and its lake, and the frames that came."""

    def __init__(self, definitions: Definitions = DEFINITIONS) -> None:
        super().__init__(definitions)
        self.frames: list[Frame] = []

    def fold(self, things: list[Event | FactRecord], now_ms: int) -> None:
        told = [thing for thing in things if isinstance(thing, FactRecord)]
        happened = [thing for thing in things if not isinstance(thing, FactRecord)]
        offset, sections = self.state.offset, list[Section]()
        if told:
            placed = []
            for record in told:
                node = int(self.state.graph.nodes(record.type, [record.id], [now_ms])[0]) if record.kind == "person" else -1
                placed.append(encode_record(msgspec.structs.replace(record, node=node)))
            sections.append(Facts(placed))
        if happened:
            sections.append(rows_of(happened, offset + len(told)))
        header = FrameHeader(first_offset=offset, count=len(things), engine_now_ms=now_ms, definitions=self.definitions.hash)
        self.take(Frame(header=header, sections=sections))

    def take(self, frame: Frame) -> None:
        """See ``StreamAndLake``."""
        self.frames.append(frame)
        super().take(frame)

    def differences(self) -> list[Any]:
        report = consistency(self.state, self.run, Shaping(self.definitions).hides)
        assert not report.left_out
        assert {"moment_store", "moment_latitude", "moment_zone", "n0"} <= {*report.traits}
        return [(d.person, d.name, d.stream, d.sql) for d in report.examples]

    def digest(self) -> str:
        evaluate(self.state, self.state.people.all_rows())
        return state_digest(self.state)


def in_parts(things: list[Any], chance: random.Random) -> list[list[Any]]:
    parts: list[list[Any]] = []
    while things:
        size = chance.randint(1, 12)
        parts.append(things[:size])
        things = things[size:]
    return parts


mixed = st.lists(st.one_of(events(), facts()), min_size=4, max_size=40)


@settings(max_examples=10)  # each compiles some fifty expressions
@given(mixed, st.integers(0, 2**32))
def test_the_stream_joins_what_sql_joins(things: list[Any], seed: int) -> None:
    house, now_ms = House(), 0
    for part in in_parts(things, random.Random(seed)):
        now_ms = max(now_ms, *(t["timestamp"] for t in part if not isinstance(t, FactRecord)), START - 80 * HOUR)
        house.fold(part, now_ms)
    assert house.differences() == []


@settings(max_examples=40)
@given(mixed, st.integers(0, 2**32))
def test_a_replay_and_a_snapshot_give_the_same(things: list[Any], seed: int) -> None:
    chance = random.Random(seed)
    house, again = House(), House()
    parts = in_parts(things, chance)
    now_ms = START
    for part in parts:
        now_ms += chance.randint(0, 300) * MINUTE
        house.fold(part, now_ms)
    middle = chance.randint(0, len(parts))
    for i, frame in enumerate(house.frames):
        if i == middle:
            kept = {name: msgspec.msgpack.decode(_packed(part)) if isinstance(part, str) else part for name, part in again.state.parts()}
            again.state = EngineState(DEFINITIONS, b"k" * 16)
            again.state.load(kept)
        again.take(frame)
    assert again.digest() == house.digest()
    oldest = house.state.now_ms - house.state.moments.memory_ms
    assert again.state.moments.facts.dump(oldest) == house.state.moments.facts.dump(oldest)
    assert again.lake["events"] == house.lake["events"]


def _packed(part: object) -> bytes:
    return msgspec.msgpack.encode(part)


@settings(max_examples=40)
@given(st.lists(facts(), min_size=2, max_size=30), st.lists(events(), min_size=2, max_size=20), st.integers(0, 2**32))
def test_the_order_of_facts_and_of_events_leaves_no_trace(told: list[FactRecord], happened: list[Event], seed: int) -> None:
    # Facts before events: an event is joined with what was known when it came, so that order is meant to be seen.
    digests = set()
    now_ms = max(max(e["timestamp"] for e in happened), max(f.observed_ms for f in told))
    for chance in (random.Random(seed), random.Random(seed + 1)):
        house = House()
        for part in in_parts(chance.sample(told, len(told)), chance) + in_parts(chance.sample(happened, len(happened)), chance):
            house.fold(part, now_ms)
        digests.add(house.digest())
    assert len(digests) == 1


def test_many_people_see_what_each_of_them_sees() -> None:
    chance = random.Random(3)
    house = House()
    names = ("weather", "store", "page", "daypart", "zone", "commute", "days_to_birthday", "payday")
    for i in range(60):
        event: Event = {
            "type": "track", "event": "Seen", "userId": f"u{i}", "timestamp": START + i * MINUTE,
            "context": {"timezone": chance.choice(["America/New_York", "Asia/Seoul", "Mars/Base"]), "location": {
                "region": chance.choice(["11", "26"]), "latitude": 37.5 + chance.randint(0, 3) / 20, "longitude": 127.0}},
            "properties": {"store": chance.choice(["s1", "s2"])} if i % 2 else {}, "traits": {"birthday": "1990-03-09"},
        }  # fmt: skip
        house.fold([event], START + i * MINUTE)
    now = START + 60 * MINUTE
    for kind, id, name, value, ttl in [
        ("region", "11", "weather", "snow", HOUR), ("store", "s1", "weather", "rain", HOUR), ("cell", "751:2540", "weather", "fog", MINUTE),
        ("workspace", "*", "weather", "clear", 5 * HOUR), ("person", "u3", "store", "s9", HOUR), ("workspace", "*", "page", "p", HOUR),
    ]:  # fmt: skip
        record = FactRecord(kind, id, name, value, "x", now - 2 * MINUTE, now, ttl, 1.0, "live", "user_id" if kind == "person" else "")  # type: ignore[arg-type]  # spelt by the test
        house.fold([record], now)
    state = house.state
    rows = state.people.all_rows()
    columns = state.columns(rows)
    for name in names:
        column = columns(f"moment.{name}")
        for at, row in enumerate(rows.tolist()):
            moment = state.moment_of(state.graph.members(int(state.people.person_of_row[row]))[0])
            assert column.item(at) == moment.value(name), (name, at)
            assert bool(column.stale is not None and column.stale[at]) == moment.stale(name), (name, at)
