"""Stream = SQL: whatever is defined and whatever happens, the lake's answer is what the stream holds; and order leaves no trace."""

from __future__ import annotations

import random
from typing import Any, cast

import duckdb
import ibis
import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.app.consistency import consistency
from gyeol.app.core_api import ReportReply, SubmitReply, SubmitRequest
from gyeol.app.past_work import PastWork
from gyeol.app.verifying import state_digest
from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.effects import Effects
from gyeol.engine.fold import evaluate, fold_command, fold_frame
from gyeol.engine.refold import count_doubtful, doubtful
from gyeol.engine.state import EngineState
from gyeol.events.log import FrameHeader
from gyeol.events.model import EVENT_TYPES, EventRule, PropertyRule, SourceDefinition
from gyeol.events.sections import NO_TIME, Command, EventRows, Frame
from gyeol.identity.model import IdentifierType
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import DAY_MS, parse_instant
from gyeol.profiles.batch.events import Past, Seen, as_of, before, known_at
from gyeol.profiles.batch.traits import Batch, trait_table
from gyeol.profiles.kinds import timed
from gyeol.profiles.model import TraitDefinition
from gyeol.storage.lake.rows import FrameShaper, move_rows
from gyeol.storage.lake.schema import arrow_schema
from gyeol.storage.lake.shaping import Shaping
from gyeol.storage.log.memory import MemoryLog

START = parse_instant("2026-03-01T12:00:00Z") or 0
MINUTE = 60_000
PLAN = [
    EventRule(
        name="Bought",
        properties={
            "properties.paid": PropertyRule(type="money"),
            "properties.tip": PropertyRule(type="money", currency="USD"),
            "properties.weight": PropertyRule(type="number"),
            "properties.gift": PropertyRule(type="flag"),
            "properties.due": PropertyRule(type="time"),
            "properties.secret": PropertyRule(pii=True),
        },
    )
]
IDENTIFIERS = [
    IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
    IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True),
]
PATHS = ["paid", "tip", "weight", "gift", "due", "item", "size", "mixed"]
NUMERIC = ["paid", "tip", "weight", "size", "mixed"]
WHERES = [
    None,
    None,
    "properties.weight > 1.5",
    "properties.paid IS NOT NULL AND NOT properties.gift",
    "properties.item = '배' OR properties.size <= 2",
    "properties.item LIKE 'a%'",
    "CONTAINS(properties.tags, 'sale')",
    "CONTAINS(properties.tags, 2)",
    "properties.due < '2026-03-01'",
    "context.campaign.source IS NULL",
    "properties.mixed = 'true' OR properties.mixed > 1",
    "properties.paid BETWEEN 100 AND 50000",
    "type = 'track'",
]
EVENTS = ["Bought", "Bought", "Seen", "$page", "$any"]


@st.composite
def sequence(draw: st.DrawFn) -> dict[str, Any]:
    """One of the three forms."""
    form = draw(st.sampled_from(["at_least", "then", "then_no"]))
    within = {"within": draw(st.sampled_from(["3m", "1h", "2d"]))}
    if form == "at_least":
        return within | {"at_least": draw(st.integers(1, 4)), "event": draw(st.sampled_from(EVENTS))}
    names = {"event": draw(st.sampled_from(EVENTS[:-1])), form: draw(st.sampled_from(EVENTS[:-1]))}
    return within | names | {"then_where": draw(st.sampled_from(WHERES))}


@st.composite
def trait(draw: st.DrawFn, name: str) -> TraitDefinition:
    """Any definition that is allowed."""
    kind: Any = draw(
        st.sampled_from(["count", "sum", "mean", "min", "max", "first", "last", "recent", "decay", "distinct", "top", "sequence"])
    )
    more: dict[str, Any] = {"event": draw(st.sampled_from(EVENTS)), "where": draw(st.sampled_from(WHERES))}
    if kind in ("sum", "mean", "min", "max") or (kind == "decay" and draw(st.booleans())):
        more |= {"property": f"properties.{draw(st.sampled_from(NUMERIC))}", "scale": draw(st.integers(0, 3))}
    elif kind == "sequence":
        more |= draw(sequence())
    elif kind not in ("count", "decay"):
        path = draw(st.sampled_from([*(f"properties.{p}" for p in PATHS), "context.campaign.source", "name"]))
        more |= {"property": path, "size": draw(st.integers(1, 4)), "scale": draw(st.integers(0, 2))}
    if kind == "decay":
        more["half_life"] = draw(st.sampled_from(["5m", "12h", "3d"]))
    if kind in ("count", "sum") and draw(st.booleans()):
        more["window"] = draw(st.sampled_from(["1d", "2d", "1w", "1h", "24h", "168h"]))
    return TraitDefinition(name=name, kind=kind, **more)


Event = dict[str, Any]
amount = st.one_of(st.none(), st.integers(-5, 90_000), st.sampled_from([0.5, 1.005, 2.675, "12", "1e2", "x", 9007199254740993, 1e15]))


@st.composite
def event(draw: st.DrawFn) -> Event:
    """One event. Times and messageIds come from small pools, so that some are equal; identifiers too, so that people are joined."""
    kind = draw(st.sampled_from(["track", "track", "track", "page"]))
    minute = draw(st.one_of(st.integers(0, 20), st.integers(0, 25 * 24 * 60)))
    properties = {
        "paid": draw(amount),
        "tip": draw(amount),
        "currency": draw(st.sampled_from([None, None, "krw", "USD", "JPY"])),
        "weight": draw(st.sampled_from([None, 0.25, 1.5, 2.125, 1.005, 12.0, -0.5, "7"])),
        "gift": draw(st.sampled_from([None, True, False, "true", "no"])),
        "due": draw(st.sampled_from([None, "2026-01-01T00:00:00Z", "2026-05-05 05:05:05.005+09:00", "2026-02-03", "soon", 1767225600000])),
        "item": draw(st.sampled_from([None, "apple", "아", "배", "배추", "", 'a"b\\c', "e\u0301"])),
        "size": draw(st.sampled_from([None, 1, 2, 2.0, 3.5, 0.1])),
        "mixed": draw(st.sampled_from([None, True, "true", 1, 2.5, "2.5", -0.0])),
        "tags": draw(st.sampled_from([None, [], ["sale", 2], ["2", True], "sale", [2.0]])),
        "secret": "never",
    }
    made: Event = {
        "type": kind,
        "messageId": draw(st.one_of(st.sampled_from(["a", "b"]), st.integers(0, 10**6).map(str))),
        "timestamp": START + minute * MINUTE,
        "properties": {key: value for key, value in properties.items() if value is not None},
        "context": draw(st.sampled_from([{}, {"campaign": {"source": "mail"}}, {"campaign": 5}])),
    }
    made |= (
        {"event": draw(st.sampled_from(["Bought", "Bought", "Seen"]))} if kind == "track" else {"name": draw(st.sampled_from(["Home", 7]))}
    )
    user, browser = draw(st.sampled_from([None, "u1", "u2"])), draw(st.sampled_from([None, "b1", "b2", "b3"]))
    return made | ({"userId": user} if user else {}) | ({"anonymousId": browser} if browser else {})


def frame_of(events: list[Event], offset: int, now_ms: int) -> Frame:
    """The frame that ingest would have made."""
    times = np.array([e["timestamp"] for e in events], "<i8").tobytes()
    ids = np.array([event_hash(e["messageId"]) for e in events], "<u8").tobytes()
    section = EventRows(
        source=bytes(2 * len(events)), time=times, received=times, original=times, sent=np.full(len(events), NO_TIME, "<i8").tobytes(),
        flags=bytes(2 * len(events)), raw=[msgspec.json.encode({k: v for k, v in e.items() if k != "timestamp"}) for e in events],
        type_code=bytes(EVENT_TYPES.index(e["type"]) for e in events), id_hash=ids, payload_hash=ids, sources=["s"],
    )  # fmt: skip
    return Frame(FrameHeader(first_offset=offset, count=len(events), engine_now_ms=now_ms, definitions="0" * 32), [section])


class House:
    """An engine state and the lake that its frames make, in a DuckDB."""

    def __init__(self, traits: list[TraitDefinition], audiences: list[AudienceDefinition]) -> None:
        self.definitions = Definitions(
            workspace=WorkspaceSettings(name="w", clock="data"),
            sources=[SourceDefinition(name="s", trust="server", write_key="k")],
            events=PLAN,
            identifiers=IDENTIFIERS,
            traits=traits,
            audiences=audiences,
            stages=[StageDefinition(name="one", condition=audiences[0].condition)] if audiences else [],
        )
        self.state = EngineState(self.definitions, b"k" * 32)
        self._shaper = FrameShaper(self.definitions)
        self._events: list[pa.RecordBatch] = []
        self._moves: list[pa.RecordBatch] = []

    def fold(self, events: list[Event], now_ms: int) -> None:
        frame = frame_of(events, self.state.offset, now_ms)
        effects = fold_frame(self.state, frame)
        self._events += self._shaper.rows(frame, effects.event_nodes).batches.get("events", [])
        self._moves.append(move_rows([(node, person, effects.first_offset, effects.at_ms) for node, person in effects.moved]))

    def run(self, expression: Any, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        connection = duckdb.connect()
        connection.register("events_", pa.Table.from_batches(self._events, arrow_schema("events")))
        connection.execute(
            "CREATE VIEW events AS SELECT * REPLACE (properties::JSON AS properties, traits::JSON AS traits, context::JSON AS context, "
            "fields::JSON AS fields) FROM events_"
        )
        connection.register("node_person", pa.Table.from_batches(self._moves, arrow_schema("node_person")))
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in (tables or {}).items():
            connection.register(name, table)
        found = connection.execute(str(ibis.to_sql(expression, dialect="duckdb"))).to_arrow_table()
        connection.close()
        return found.cast(expression.schema().to_pyarrow())


def split(events: list[Event], chance: random.Random) -> list[list[Event]]:
    cuts = sorted(chance.sample(range(1, len(events)), min(len(events) - 1, chance.randint(0, 4))))
    return [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]


def house_of(
    traits: list[TraitDefinition], audiences: list[AudienceDefinition], events: list[Event], chance: random.Random, now_ms: int
) -> House:
    """All events in a random order and split; the clock stands at the last of them, then moves on to ``now_ms``."""
    house = House(traits, audiences)
    for part in split(chance.sample(events, len(events)), chance):
        house.fold(part, max(e["timestamp"] for e in events))
    house.fold([{"type": "page", "messageId": "end", "timestamp": START, "anonymousId": "b1"}], now_ms)
    return house


@st.composite
def definitions(draw: st.DrawFn) -> list[TraitDefinition]:
    return [draw(trait(f"t{i}")) for i in range(draw(st.integers(4, 9)))]


AUDIENCES = {
    "number": "{0} >= 2 OR {0} IS NULL",
    "text": "{0} IN ('apple', '배') OR NOT {0} LIKE 'a%'",
    "flag": "{0} OR {0} IS NULL",
    "list": "CONTAINS({0}, '배') OR {0} IS NULL",
    "time": "{0} > '2026-01-15' OR NOT {0} < '2026-03-01'",
}


def audiences_of(traits: list[TraitDefinition]) -> list[AudienceDefinition]:
    schema = House(traits, []).state.traits.schema()
    made = [AudienceDefinition(name=f"a{i}", condition=AUDIENCES[schema[t.name].type].format(t.name)) for i, t in enumerate(traits)]
    both = " AND ".join(f"({a.condition})" for a in made[:2])
    return [*made, AudienceDefinition(name="both", condition=f"NOT ({both}) AND moment.daypart IS NOT NULL")]


def differences(house: House) -> list[Any]:
    shaping = Shaping(house.definitions)
    report = consistency(house.state, house.run, shaping.hides)
    assert not report.left_out
    return [(d.person, d.name, d.stream, d.sql) for d in report.examples]


@given(definitions(), st.lists(event(), min_size=2, max_size=30), st.integers(0, 2**32), st.integers(0, 9 * 24 * 60))
def test_the_stream_is_what_sql_says_whatever_is_defined(traits: list[TraitDefinition], events: list[Event], seed: int, later: int) -> None:
    now_ms = max(e["timestamp"] for e in events) + later * MINUTE
    house = house_of(traits, audiences_of(traits), events, random.Random(seed), now_ms)
    assert differences(house) == []


def digest(house: House) -> str:
    evaluate(house.state, house.state.people.all_rows())
    return state_digest(house.state)


@given(definitions(), st.lists(event(), min_size=2, max_size=30), st.integers(0, 2**32))
def test_the_order_of_events_leaves_no_trace(traits: list[TraitDefinition], events: list[Event], seed: int) -> None:
    # The same event twice would be a duplicate; here the door does not stand before the fold.
    now_ms = max(e["timestamp"] for e in events)
    audiences = audiences_of(traits)
    one, other = (house_of(traits, audiences, events, random.Random(s), now_ms) for s in (seed, seed + 1))
    assert digest(one) == digest(other)


# ---------------------------------------------------------------- late events


class Given:
    """The core and the lake as ``PastWork`` sees them."""

    def __init__(self, house: House) -> None:
        self.house, self.commands = house, 0

    @property
    def offset(self) -> int:
        return self.house.state.offset

    def run(self, expression: Any, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        return self.house.run(expression, tables)

    def query(self, text: str, values: list[object] | None = None) -> pa.Table:
        raise NotImplementedError  # only the past of new traits is read so

    def submit(self, request: SubmitRequest) -> SubmitReply:
        for command in request.commands:
            self.commands += 1
            # As the log has it.
            body = msgspec.msgpack.decode(msgspec.msgpack.encode(command.body))
            effects = Effects(first_offset=self.offset, end_offset=self.offset, at_ms=self.house.state.now_ms)
            fold_command(self.house.state, Command(command.kind, command.by, 0, "", body), self.offset, effects)
        return SubmitReply(results=[])

    def refold(self) -> None:
        work = PastWork(cast(Any, self), self, MemoryLog(), lambda hash_: self.house.definitions)
        while work.step(ReportReply(recorded=0, doubtful=doubtful(self.house.state)), self.house.definitions.hash):
            pass
        assert count_doubtful(self.house.state) == 0


@st.composite
def sequences(draw: st.DrawFn) -> list[TraitDefinition]:
    return [TraitDefinition(name=f"t{i}", kind="sequence", **draw(sequence())) for i in range(3)]


@given(sequences(), st.lists(event(), min_size=5, max_size=40), st.integers(0, 2**32))
def test_what_late_events_made_doubtful_is_exact_once_it_was_folded_anew(
    traits: list[TraitDefinition], events: list[Event], seed: int
) -> None:
    chance = random.Random(seed)
    # Hardly anything is kept, so that most events come too late.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timed, "_NEWEST", 1)
        patch.setattr(timed, "LATENESS_MS", 0)
        house = House(traits, audiences_of(traits))
        given_ = Given(house)
        for part in split(chance.sample(events, len(events)), chance):
            house.fold(part, max(e["timestamp"] for e in events))
            if chance.random() < 0.3:
                given_.refold()
        given_.refold()
        assert differences(house) == []


def test_a_late_event_marks_its_person_until_the_history_came() -> None:
    traits = [TraitDefinition(name="t0", kind="sequence", event="Seen", at_least=2, within="1h")]
    house = House(traits, audiences_of(traits))

    def seen(at_ms: int, message: str) -> Event:
        return {"type": "track", "event": "Seen", "messageId": message, "timestamp": at_ms, "userId": "u1"}

    days = [START + day * DAY_MS for day in range(80)]
    house.fold([seen(at, str(i)) for i, at in enumerate(days)], days[-1])
    assert count_doubtful(house.state) == 0
    house.fold([seen(START + MINUTE, "late")], days[-1])
    assert [(each.trait, len(each.nodes)) for each in doubtful(house.state)] == [("t0", 1)]
    assert [name for _, name, _, _ in differences(house)] != []
    given_ = Given(house)
    given_.refold()
    assert given_.commands == 1
    assert differences(house) == []


# ---------------------------------------------------------------- the past as it was, and as it was known


def asked(house: House, seen: Seen, now_ms: int) -> dict[str, int]:
    """Each person's value of the only trait."""
    state = house.state
    batch = Batch(past=Past.of_lake(), seen=seen, now_ms=now_ms, zone=state.zone, reading=state.reading)
    found = house.run(trait_table(state.traits.traits, batch))
    return dict(zip(found.column("person").to_pylist(), found.column("t0").to_pylist(), strict=True))


def test_as_of_sees_what_came_later_and_known_at_does_not() -> None:
    house = House([TraitDefinition(name="t0", kind="count", event="Seen")], [])

    def seen(day: int, message: str, **who: str) -> Event:
        return {"type": "track", "event": "Seen", "messageId": message, "timestamp": START + day * DAY_MS, **who}

    house.fold([seen(0, "1", userId="u1"), seen(0, "2", anonymousId="b1")], START)
    # Two days later: an event from the first day arrives, and the browser turns out to be u1's.
    house.fold([seen(0, "3", userId="u1"), seen(2, "4", userId="u1", anonymousId="b1")], START + 2 * DAY_MS)
    day_1, day_3 = START + DAY_MS, START + 3 * DAY_MS
    assert list(asked(house, as_of(day_1), day_1).values()) == [3]
    assert sorted(asked(house, known_at(day_1), day_1).values()) == [1, 1]
    assert list(asked(house, as_of(day_3), day_3).values()) == [4]
    assert asked(house, known_at(day_3), day_3) == asked(house, as_of(day_3), day_3) == asked(house, before(house.state.offset), day_3)
