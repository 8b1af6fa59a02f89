"""Facts that follow from earlier answers, from the cart and its articles, and the tone: the fold, SQL and a backfill join the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.stream_and_lake import StreamAndLake
from tests.properties.test_facts_of_events import DEFINITIONS as OTHERS
from tests.properties.test_facts_of_events import HOUR, MINUTE, START, in_parts, rows_of

from gyeol.app.consistency import consistency
from gyeol.app.past_blocks import PastBlocks
from gyeol.context.moment import as_of_events
from gyeol.context.record import FactRecord, encode_record
from gyeol.engine.backfill import folds_anew
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.state import EngineState
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader
from gyeol.events.model import EventRule, PropertyRule
from gyeol.events.sections import Facts, Frame, Section
from gyeol.profiles.growth import Owed, unpacked
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable
from gyeol.storage.lake.shaping import Shaping

DAY = 24 * HOUR
LATEST = START + 400 * DAY
PATHS = {
    "nps": "properties.score", "case": "properties.ticket", "birthday": "traits.birthday", "channel": "properties.channel",
    "zone": "context.timezone", "product": "properties.product", "price": "properties.price", "query": "properties.query",
}  # fmt: skip
WHERES = {
    "score": "moment.nps >= 7",
    "group": "moment.nps_group IN ('promoter', 'detractor')",
    "unasked": "moment.nps IS NULL",
    "service": "moment.days_since_service <= 3",
    "no_service": "moment.days_since_service IS NULL",
    "birthday": "moment.days_to_birthday <= 5",
    "no_birthday": "moment.days_to_birthday IS NULL",
    "channel": "moment.channel_preference = 'app'",
    "cheaper": "moment.cart_price_drop >= 0.1",
    "same_price": "moment.cart_price_drop = 0",
    "scarce": "moment.cart_low_stock",
    "plenty": "NOT moment.cart_low_stock",
    "warm": "moment.tone = 'warm'",
    "sorry": "moment.tone_reason IN ('complaint_open', 'angry')",
    "hurried": "moment.tone_reason = 'short_of_time' OR moment.tone_reason = 'commuting'",
    "rest": "moment.tone_reason IN ('otherwise', 'seeking_help', 'low', 'glad', 'about_to_leave')",
    "together": "moment.nps < 7 AND moment.cart_items >= 1 AND moment.daypart = 'morning'",
}
TRAITS = [TraitDefinition(name=name, kind="count", event="Order Completed", where=where) for name, where in WHERES.items()]
TRAITS += [
    TraitDefinition(name="all_scored", kind="count", event="$any", where="moment.nps IS NOT NULL AND moment.tone <> 'brief'"),
    TraitDefinition(name="left", kind="sequence", event="Seen", then="Order Completed", within="2h", then_where="moment.nps >= 9"),
]
MINE = [trait.name for trait in TRAITS]
DEFINITIONS = msgspec.structs.replace(
    OTHERS, workspace=WorkspaceSettings(name="answers", clock="data", moment=PATHS, facts_days=500), files={}, traits=TRAITS, events=[]
)
_RULES = {"properties.score": PropertyRule(type="number"), "properties.price": PropertyRule(type="money")}
NUMBERS = [EventRule(name="$any", properties=_RULES)]
TELLS: list[tuple[str, list[Any], str]] = [
    ("price", [1, 2, 2.5], "sku"), ("price_drop", [0.0, 0.25], "sku"), ("stock", [0, 5, 6], "sku"),
    ("emotion_trend", [-0.9, -0.5, -0.2, 0.0, 0.25, 0.8], "workspace"), ("open_complaint", [True, False], "workspace"),
]  # fmt: skip
Event = dict[str, Any]
Thing = Event | FactRecord


@st.composite
def things(draw: st.DrawFn) -> Thing:
    minutes = draw(st.one_of(st.integers(0, 90), st.integers(-3 * 24 * 60, 3 * 24 * 60), st.integers(0, 300 * 24 * 60)))
    at_ms = START + minutes * MINUTE
    if draw(st.integers(0, 3)) == 0:
        name, values, about = draw(st.sampled_from(TELLS))
        id_ = draw(st.sampled_from(["p1", "p2"])) if about == "sku" else "*"
        return told(about, id_, name, draw(st.sampled_from(values)), at_ms, draw(st.sampled_from([HOUR, 2 * DAY, 90 * DAY])))
    who = draw(st.sampled_from([{"userId": "u1"}, {"userId": "u1"}, {"anonymousId": "b1"}, {"userId": "u1", "anonymousId": "b1"}]))
    properties: dict[str, Any] = {}
    for key, values in (
        ("score", [0, 6, 7, 9, 10, 11, "8", "bad"]), ("ticket", ["t1", 2]), ("channel", ["app", "web", "app", "shop"]),
        ("product", ["p1", "p2", 3]), ("price", [1, 2, 2.5, "4"]), ("query", ["환불 방법", "쿠폰"]),
    ):  # fmt: skip
        if draw(st.booleans()):
            properties[key] = draw(st.sampled_from(values))
    traits = {"birthday": draw(st.sampled_from(["1990-03-09", "03-07", "nothing", 5]))} if draw(st.booleans()) else {}
    context = {"timezone": draw(st.sampled_from(["Asia/Seoul", "America/New_York", "Nowhere"]))} if draw(st.booleans()) else {}
    name = draw(st.sampled_from(["Product Added", "Product Removed", "Order Completed", "Order Completed", "Seen"]))
    return {"type": "track", "event": name, "timestamp": at_ms, **who, "properties": properties, "traits": traits, "context": context}


def told(about: Any, id_: str, name: str, value: Any, at_ms: int, ttl_ms: int = DAY) -> FactRecord:
    return FactRecord(about, id_, name, value, "test", at_ms, at_ms, ttl_ms, 1.0, "live", "")


class House(StreamAndLake):
    """A stream and its lake, fed with events and facts in one order."""

    def __init__(self, definitions: Definitions = DEFINITIONS) -> None:
        super().__init__(definitions)
        self.log: list[bytes] = []
        self.mine = [trait.name for trait in definitions.traits]

    def fold(self, given_: Sequence[Thing], now_ms: int = LATEST) -> None:
        """A frame for each run of events or of facts."""
        for told_, members in groupby(given_, lambda thing: isinstance(thing, FactRecord)):
            run: list[Any] = list(members)
            offset = self.state.offset
            sections: list[Section] = [Facts([encode_record(fact) for fact in run]) if told_ else rows_of(run, offset)]
            header = FrameHeader(first_offset=offset, count=len(run), engine_now_ms=now_ms, definitions=self.definitions.hash)
            self.log.append(encode_frame(header, sections))
            self.take(Frame(header=header, sections=sections))

    def read(self, from_offset: int) -> Iterator[bytes]:
        """As a log does."""
        return iter(self.log)

    def differences(self) -> list[Any]:
        report = consistency(self.state, self.run, Shaping(self.definitions).hides)
        assert not report.left_out and {*self.mine} <= {*report.traits}
        return [(d.person, d.name, d.stream, d.sql) for d in report.examples]

    def found(self, now_ms: int = LATEST) -> dict[str, object]:
        """Of the first person."""
        row = self.state.people.all_rows()[:1]
        return {name: self.state.traits.column(name, row, now_ms).item(0) for name in self.mine}

    def backfilled(self) -> list[tuple[str, list[object], list[object]]]:
        """Each trait as the stream holds it and as a backfill finds it, by node."""
        state, definitions = self.state, self.definitions
        owed = Owed(until=state.offset, traits=self.mine, nodes=state.graph.size, now_ms=LATEST)
        log: Any = self
        (block,) = PastBlocks(self, log, definitions).blocks(owed)
        past = TraitTable(definitions.traits, state.reading.vocabularies, state.zone, definitions.plan)
        past.load(unpacked(block.table))
        nodes = np.arange(state.graph.size)
        mine, theirs = state.traits.rows_of_nodes(nodes, create=False), past.rows_of_nodes(nodes, create=False)
        pairs = ((name, state.traits.column(name, mine, LATEST), past.column(name, theirs, LATEST)) for name in self.mine)
        return [(name, [one.item(i) for i in nodes.tolist()], [two.item(i) for i in nodes.tolist()]) for name, one, two in pairs]


@settings(max_examples=4, deadline=None)
@given(st.lists(things(), min_size=10, max_size=40), st.integers(0, 2**32), st.booleans())
def test_the_stream_joins_what_sql_joins(given_: list[Thing], seed: int, planned: bool) -> None:
    house = House(msgspec.structs.replace(DEFINITIONS, events=NUMBERS) if planned else DEFINITIONS)
    for part in in_parts(given_, random.Random(seed)):
        house.fold(part)
    assert house.differences() == []


@settings(max_examples=12, deadline=None)
@given(st.lists(things(), min_size=10, max_size=40), st.integers(0, 2**32))
def test_how_events_were_batched_leaves_no_trace(given_: list[Thing], seed: int) -> None:
    named: list[Thing] = [thing if isinstance(thing, FactRecord) else {**thing, "messageId": f"e{i}"} for i, thing in enumerate(given_)]
    found = set()
    for parts in (in_parts(named, random.Random(seed)), [[thing] for thing in named], [named]):
        house = House()
        for part in parts:
            house.fold(part)
        found.add(values_of(house.state))
    assert len(found) == 1


def values_of(state: EngineState) -> str:
    rows = state.people.all_rows()
    people = [state.graph.person_id(person) for person in state.people.person_of_row[rows].tolist()]
    columns = [state.traits.column(name, rows, LATEST) for name in MINE]
    return str(sorted((who, [column.item(i) for column in columns]) for i, who in enumerate(people)))


@settings(max_examples=3, deadline=None)
@given(st.lists(things(), min_size=10, max_size=30), st.integers(0, 2**32), st.booleans())
def test_a_backfill_finds_what_the_fold_found(given_: list[Thing], seed: int, hidden: bool) -> None:
    # What is personal data is not in the lake: then the past comes from the log.
    marked = [EventRule(name="$any", properties={"traits.birthday": PropertyRule(type="text", pii=True)})]
    house = House(msgspec.structs.replace(DEFINITIONS, events=marked) if hidden else DEFINITIONS)
    for part in in_parts([*given_, event("Seen", 0)], random.Random(seed)):
        house.fold(part)
    for name, mine, theirs in house.backfilled():
        assert mine == theirs, name


def event(name: str, minute: float, birthday: str | None = None, **properties: Any) -> Event:
    traits = {} if birthday is None else {"birthday": birthday}
    at_ms = START + int(minute * MINUTE)
    return {"type": "track", "event": name, "timestamp": at_ms, "userId": "u1", "properties": properties, "traits": traits}


ORDER = "Order Completed"


def counted(name: str, *parts: Sequence[Thing], past: bool = False) -> object:
    """What a trait counts, and that SQL counts the same; ``past``: a backfill, too."""
    house = House(msgspec.structs.replace(DEFINITIONS, traits=[trait for trait in TRAITS if trait.name == name]))
    for part in parts:
        house.fold(part)
    assert house.differences() == []
    assert not past or all(mine == theirs for _, mine, theirs in house.backfilled())
    return house.found()[name]


def test_the_score_is_that_of_the_last_answer_before_the_event_while_it_is_fresh() -> None:
    answers = [event(ORDER, 0), event("Answered", 1, score=9), event(ORDER, 2), event(ORDER, 3, score=2), event(ORDER, 4)]
    # The order that is an answer itself is joined with the one before.
    assert counted("score", answers, past=True) == 2
    assert counted("group", answers) == 3
    assert counted("unasked", answers) == 1
    half_a_year = 180 * 24 * 60
    assert counted("score", [event("Answered", 0, score=9), event(ORDER, half_a_year - 1), event(ORDER, half_a_year)]) == 1
    # An order that comes late, of before the answer, finds none.
    assert counted("score", [event("Answered", 5, score=9)], [event(ORDER, 4)]) == 0


def test_days_since_service_count_from_the_last_contact_before_the_event() -> None:
    told_ = [event(ORDER, 0), event("Called", 1, ticket="t"), event(ORDER, 2), event(ORDER, 2 + 5 * 24 * 60)]
    assert counted("service", told_, past=True) == 1
    assert counted("no_service", told_) == 1


def test_the_birthday_is_what_was_said_before_the_event_and_the_date_is_that_of_the_zone_it_says() -> None:
    said = [event(ORDER, 0), event("Signed Up", 1, birthday="1990-03-12"), event(ORDER, 2)]
    assert counted("birthday", said) == 1  # START is 7 March 10:00 in Seoul
    assert counted("no_birthday", said) == 1
    # In New York it is still the 6th: six days are left.
    abroad = {**event(ORDER, 3), "context": {"timezone": "America/New_York"}}
    assert counted("birthday", [*said, abroad], past=True) == 1


def test_the_channel_is_that_of_most_events_before() -> None:
    many = [event("Opened", i, channel=channel) for i, channel in enumerate(["web", "app", "app"])]
    assert counted("channel", [*many, event(ORDER, 4, channel="web"), event(ORDER, 5, channel="web"), event(ORDER, 6)], past=True) == 2
    # Above 64 different ones the one that counts is among the 64 of smallest hash, in the stream and in SQL.
    crowd = [event("Opened", i, channel=f"c{i % 90}") for i in range(180)]
    assert counted("channel", crowd, [event("Opened", 200 + i, channel="app") for i in range(5)], [event(ORDER, 300)]) in (0, 1)


def test_what_is_in_the_cart_is_compared_with_what_the_log_held_of_the_articles() -> None:
    cart = [event("Product Added", 0, product="p1", price=10)]
    at_ms = START + 10 * MINUTE
    cheaper, scarce = told("sku", "p1", "price", 8, at_ms), told("sku", "p1", "stock", 3, at_ms)
    assert counted("cheaper", [*cart, cheaper, event(ORDER, 20)], past=True) == 1
    assert counted("scarce", [*cart, scarce, event(ORDER, 20), event(ORDER, 21)]) == 1  # the second one finds the cart empty
    assert counted("plenty", [*cart, told("sku", "p1", "stock", 9, at_ms), event(ORDER, 20)]) == 1
    # A fact that comes after the order changes nothing, though it had been so before.
    assert counted("cheaper", [*cart, event(ORDER, 20)], [cheaper]) == 0
    assert counted("same_price", [*cart, told("sku", "p1", "price", 12, at_ms), event(ORDER, 20), cheaper]) == 1
    assert counted("cheaper", [*cart, cheaper, told("sku", "p1", "price", 10, at_ms + 1), event(ORDER, 20)]) == 0


def test_the_tone_follows_from_what_was_known_of_the_event() -> None:
    complaint = told("workspace", "*", "open_complaint", True, START)
    assert counted("sorry", [event(ORDER, 0)], [complaint, event(ORDER, 1)]) == 1
    # START is a Saturday morning: who is asked for help wants it before leisure counts.
    assert counted("warm", [event(ORDER, 0)]) == 1
    help_ = [event("Products Searched", 1, query="환불 방법"), event(ORDER, 2)]
    assert counted("rest", help_, past=True) == 1
    assert counted("warm", help_) == 0


def test_a_workspace_that_says_of_nothing_where_it_is_knows_nothing_and_still_has_a_tone() -> None:
    bare = msgspec.structs.replace(DEFINITIONS, workspace=WorkspaceSettings(name="bare", clock="data"))
    house = House(bare)
    house.fold([event("Answered", 0, score=9, ticket="t", channel="app", birthday="03-08"), event(ORDER, 1)])
    assert house.differences() == []
    found = house.found()
    assert [found[name] for name in ("score", "unasked", "no_service", "no_birthday", "channel", "scarce", "warm")] == [0, 1, 1, 1, 0, 0, 1]


def test_events_may_read_all_nine() -> None:
    nine = ("cart_price_drop", "cart_low_stock", "tone", "tone_reason", "nps", "nps_group", "days_since_service", "days_to_birthday")
    assert {f"moment.{name}" for name in (*nine, "channel_preference")} <= as_of_events()


def test_what_is_first_asked_for_where_nothing_was_kept_folds_anew() -> None:
    def with_(trait: str, **paths: str) -> Definitions:
        workspace = WorkspaceSettings(name="answers", clock="data", moment=paths)
        return msgspec.structs.replace(DEFINITIONS, workspace=workspace, traits=[each for each in TRAITS if each.name == trait])

    why = ["what facts are joined by"]
    assert folds_anew(with_("none"), with_("score", nps="properties.score")) == why
    assert folds_anew(with_("none"), with_("warm", query="properties.query")) == why
    assert folds_anew(with_("none", nps="properties.score"), with_("score", nps="properties.score")) == []
