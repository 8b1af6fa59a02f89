"""Groups: whatever is joined, cut, stated and ended, in whatever order, a group's traits are those of its people's events, as SQL says."""

from __future__ import annotations

import random
from typing import Any

import duckdb
import ibis
import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from gyeol.app.verifying import state_digest
from gyeol.audiences.model import AudienceDefinition
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_command, fold_frame
from gyeol.engine.state import EngineState
from gyeol.events.log import FrameHeader
from gyeol.events.model import EVENT_TYPES, SourceDefinition
from gyeol.events.sections import NO_TIME, Command, EventRows, Frame
from gyeol.identity.model import GroupType, IdentifierType
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import DAY_MS, parse_instant
from gyeol.profiles.batch.events import Past, Seen
from gyeol.profiles.batch.traits import Batch, trait_table
from gyeol.profiles.model import TraitDefinition
from gyeol.storage.lake.rows import FrameShaper, group_rows
from gyeol.storage.lake.schema import arrow_schema

START = parse_instant("2026-03-01T12:00:00Z") or 0
Event = dict[str, Any]
DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="w", clock="data"),
    sources=[SourceDefinition(name="s", trust="server", write_key="k")],
    identifiers=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True, belongs_to="device"),
    ],
    groups=[
        GroupType(name="household", paths=["properties.home"], at_most=3),
        GroupType(name="account", paths=["groupId"], normalise="lower", ends_where="traits.left = true"),
    ],
    traits=[
        TraitDefinition(name="orders", kind="count", event="Bought"),
        TraitDefinition(name="orders_2d", kind="count", event="Bought", window="2d"),
        TraitDefinition(name="items", kind="distinct", event="Bought", property="properties.item"),
        TraitDefinition(name="latest", kind="last", event="Bought", property="properties.item"),
        TraitDefinition(name="no_visit", kind="sequence", event="Bought", then_no="$page", within="2h"),
    ],
    audiences=[
        AudienceDefinition(name="busy_homes", condition="orders >= 3", of="household"),
        AudienceDefinition(name="of_busy_homes", condition="household.orders >= 3 AND orders >= 1"),
        AudienceDefinition(name="in_accounts", condition="account.orders_2d >= 2"),
        AudienceDefinition(name="waiting_homes", condition="household.no_visit"),
    ],
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An order or a visit that may say where somebody lives, or a call that says to which account they belong, or that they left."""
    kind = draw(st.sampled_from(["track", "track", "page", "group"]))
    made: Event = {
        "type": kind,
        "messageId": str(draw(st.integers(0, 10**6))),
        "timestamp": START + draw(st.integers(0, 4 * 24)) * 3_600_000,
    }
    if kind == "track":
        home = draw(st.sampled_from([None, None, "h1", "h2"]))
        made |= {"event": "Bought", "properties": {"item": draw(st.sampled_from("abc"))} | ({"home": home} if home else {})}
    elif kind == "group":
        made |= {"groupId": draw(st.sampled_from(["ACME", "acme", "zeta"])), "traits": {"left": True} if draw(st.booleans()) else {}}
    user, browser = draw(st.sampled_from([None, "u1", "u2", "u3", "u4"])), draw(st.sampled_from(["b1", "b2", "b3", "b4"]))
    return made | ({"userId": user} if user else {}) | ({"anonymousId": browser} if user is None or draw(st.booleans()) else {})


class House:
    """A state, and the rows that go to the lake."""

    def __init__(self) -> None:
        self.state = EngineState(DEFINITIONS, b"k" * 32)
        self._shaper = FrameShaper(DEFINITIONS)
        self._events: list[pa.RecordBatch] = []
        self._groups: list[pa.RecordBatch] = []

    def fold(self, events: list[Event], now_ms: int) -> None:
        """One frame."""
        times = np.array([e["timestamp"] for e in events], "<i8").tobytes()
        ids = np.array([event_hash(e["messageId"]) for e in events], "<u8").tobytes()
        section = EventRows(
            source=bytes(2 * len(events)), time=times, received=times, original=times, sent=np.full(len(events), NO_TIME, "<i8").tobytes(),
            flags=bytes(2 * len(events)), raw=[msgspec.json.encode({k: v for k, v in e.items() if k != "timestamp"}) for e in events],
            type_code=bytes(EVENT_TYPES.index(e["type"]) for e in events), id_hash=ids, payload_hash=ids, sources=["s"],
        )  # fmt: skip
        header = FrameHeader(first_offset=self.state.offset, count=len(events), engine_now_ms=now_ms, definitions="0" * 32)
        effects = fold_frame(self.state, Frame(header, [section]))
        self._events += self._shaper.rows(Frame(header, [section]), effects.event_nodes).batches.get("events", [])
        self._keep(effects)

    def tell(self, kind: str, a: str, b: str) -> None:
        """A command on two identifiers, if both are known."""
        nodes = [self.state.graph.find_node(text) for text in (a, b)]
        if None in nodes or nodes[0] == nodes[1]:
            return
        offset, now_ms = self.state.offset, self.state.now_ms
        effects = Effects(first_offset=offset, end_offset=offset + 1, at_ms=now_ms)
        fold_command(self.state, Command(kind, "ops", now_ms, "", {"a": nodes[0], "b": nodes[1]}), offset, effects)
        self.state.offset += 1
        self._keep(effects)

    def _keep(self, effects: Effects) -> None:
        moved = [(node, kind, group, effects.first_offset, effects.at_ms) for node, kind, group in effects.grouped]
        self._groups.append(group_rows(moved))

    def sql(self, kind: str) -> dict[str, dict[str, Any]]:
        """The traits of the groups of a kind, asked of the lake."""
        state = self.state
        batch = Batch(past=Past.of_groups(kind), seen=Seen(), now_ms=state.now_ms, zone=state.zone, reading=state.reading)
        expression = trait_table(state.traits.traits, batch)
        with duckdb.connect() as connection:
            connection.register("events_", pa.Table.from_batches(self._events, arrow_schema("events")))
            connection.execute(
                "CREATE VIEW events AS SELECT * REPLACE (properties::JSON AS properties, traits::JSON AS traits, "
                "context::JSON AS context, fields::JSON AS fields) FROM events_"
            )
            connection.register("node_group", pa.Table.from_batches(self._groups, arrow_schema("node_group")))
            connection.execute("SET TimeZone = 'UTC'")
            found = connection.execute(str(ibis.to_sql(expression, dialect="duckdb"))).to_arrow_table()
        return {row.pop("person"): row for row in found.to_pylist()}

    def stream(self, kind: str) -> dict[str, dict[str, Any]]:
        """The same, from memory; groups of nobody with events are left out, as SQL leaves them out."""
        state, groups = self.state, self.state.groups
        found = {}
        for group in groups.table.groups_of(groups.table.names.index(kind)):
            row = int(groups.row_of_group[group])
            if row >= 0 and (state.traits.rows_of_nodes(np.array(groups.table.nodes_of(group)), create=False) >= 0).any():
                names = [trait.name for trait in state.traits.traits]
                found[groups.table.group_id(group)] = {
                    name: state.traits.column(name, np.array([row]), state.now_ms).item(0) for name in names
                }
        return found


def check(house: House) -> None:
    """Stream = SQL, and every audience is what its condition says of the traits."""
    state, groups = house.state, house.state.groups
    for kind in ("household", "account"):
        sql, stream = house.sql(kind), house.stream(kind)
        crowded = {
            groups.table.group_id(group)
            for group in groups.table.groups_of(groups.table.names.index(kind))
            if len(groups.persons_of(group)) > 3
        }
        assert stream == {id_: row for id_, row in sql.items() if kind == "account" or id_ not in crowded}
    homes, accounts = house.stream("household"), house.stream("account")
    members = groups.memberships["household"]
    for group in groups.table.groups_of(0):
        row = int(groups.row_of_group[group])
        busy = homes.get(groups.table.group_id(group), {}).get("orders", 0) >= 3
        assert (row >= 0 and bool(members.members("busy_homes", np.array([row]))[0])) == busy
    for row in state.people.all_rows().tolist():
        node = state.graph.members(int(state.people.person_of_row[row]))[0]
        expected = []
        home, account = (groups.table.of_nodes(kind, np.array([node]))[0] for kind in (0, 1))
        at_home = homes.get(groups.table.group_id(home), {}) if home >= 0 else {}
        at_work = accounts.get(groups.table.group_id(account), {}) if account >= 0 else {}
        own = state.traits.column("orders", np.array([row]), state.now_ms).item(0)
        expected += ["of_busy_homes"] * (at_home.get("orders", 0) >= 3 and bool(own))
        expected += ["in_accounts"] * (at_work.get("orders_2d", 0) >= 2)
        expected += ["waiting_homes"] * bool(at_home.get("no_visit", False))
        assert state.memberships.of_row(row) == expected


def split(said: list[Event], chance: random.Random) -> list[list[Event]]:
    """The events in a random order, in random parts."""
    said = chance.sample(said, len(said))
    cuts = sorted(chance.sample(range(1, len(said)), min(len(said) - 1, chance.randint(0, 5))))
    return [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]


NAMES = st.sampled_from(["u1", "u2", "u3", "b1", "b2"])
COMMANDS = st.lists(st.tuples(st.sampled_from(["merge", "cut"]), NAMES, NAMES), max_size=4)


@settings(max_examples=max(settings().max_examples // 3, 10))
@given(st.lists(events(), min_size=2, max_size=25), COMMANDS, st.integers(0, 2**32), st.integers(0, 4 * 24))
def test_a_groups_traits_are_what_sql_says(said: list[Event], commands: list[tuple[str, str, str]], seed: int, later: int) -> None:
    chance, house = random.Random(seed), House()
    for part in split(said, chance):
        house.fold(part, max(e["timestamp"] for e in said))
        if commands and chance.random() < 0.7:
            house.tell(*commands[chance.randrange(len(commands))])
    house.fold([{"type": "page", "messageId": "end", "timestamp": START, "anonymousId": "b4"}], START + 4 * DAY_MS + later * 3_600_000)
    check(house)


@given(st.lists(events(), min_size=2, max_size=25, unique_by=lambda e: e["messageId"]), st.integers(0, 2**32))
def test_order_leaves_no_trace_and_a_snapshot_goes_on(said: list[Event], seed: int) -> None:
    chance, now_ms = random.Random(seed), max(e["timestamp"] for e in said)
    houses = [House(), House()]
    for house in houses:
        for part in split(said, chance):
            house.fold(part, now_ms)
        house.fold([{"type": "page", "messageId": "end", "timestamp": START, "anonymousId": "b4"}], START + 5 * DAY_MS)
    assert houses[0].stream("household") == houses[1].stream("household")
    assert houses[0].stream("account") == houses[1].stream("account")
    copy = House()
    copy.state.load(dict(houses[0].state.parts()))
    assert copy.stream("household") == houses[0].stream("household") and state_digest(copy.state) == state_digest(houses[0].state)
    more = [{"type": "track", "event": "Bought", "messageId": "m", "timestamp": START + 5 * DAY_MS, "userId": "u1",
             "properties": {"home": "h2", "item": "z"}}]  # fmt: skip
    for house in (houses[0], copy):
        house.fold(more, START + 5 * DAY_MS)
    assert copy.stream("household") == houses[0].stream("household")
