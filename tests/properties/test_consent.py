"""No message leaves without a granted consent for its channel and purpose at that moment, whatever was said, decided, merged and cut.

The oracle knows nothing of the ledger, the gates or the outbox: it keeps every statement in a list and reads it naively.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from gyeol.channels.model import ChannelDefinition, Delivery, Message
from gyeol.decisions.engine import Placements
from gyeol.decisions.ledger import DecisionLedger
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.person import LivePerson
from gyeol.expressions.column import Column, Vocabulary
from gyeol.journeys.enrolment import EnrolmentLedger
from gyeol.journeys.model import JourneyDefinition, MessageStep, TriggerDefinition
from gyeol.journeys.regate import regate_claimed
from gyeol.journeys.step import take_step
from gyeol.journeys.trigger import Journeys
from gyeol.kernel.instants import HOUR_MS, Zone
from gyeol.privacy.consent import ConsentLedger, Statement
from gyeol.privacy.law import LawTable
from gyeol.storage.state.memory import MemoryStateStore
from gyeol.workspace.defaults import shipped_laws

START = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
SEOUL = Zone("Asia/Seoul")
MEDIA = ("email", "sms")
PURPOSES = ("marketing", "night", "news")
NODES = 4

CHANNELS = [ChannelDefinition(name=m, kind="webhook", medium=m, url="https://example.invalid", secret="whsec_eA==") for m in MEDIA]
JOURNEYS = [
    JourneyDefinition(
        name=f"{medium}_{purpose}",
        trigger=TriggerDefinition(audience=f"{medium}_{purpose}"),
        message=MessageStep(channel=medium, placement="note", purpose=purpose, expires_after="48h"),
        re_entry="1h",
    )
    for medium in MEDIA
    for purpose in ("marketing", "news")
]
OFFERS = [
    OfferDefinition(name="hello", placements=["note"], content={"ko": {"title": "안녕"}}),
    OfferDefinition(name="extra", placements=["note"], purpose="marketing", score="1", cap=3, content={"ko": {"title": "더"}}),
]

nodes = st.integers(0, NODES - 1)
purposes = st.sampled_from(["marketing", "marketing", "news", "night", "*"])
say = st.tuples(st.just("say"), nodes, st.sampled_from([*MEDIA, *MEDIA, "*"]), purposes, st.booleans(), st.integers(-3, 2))
enter = st.tuples(st.just("enter"), nodes, st.sampled_from([j.name for j in JOURNEYS]))
group = st.tuples(st.just("group"), st.lists(st.integers(0, 2), min_size=NODES, max_size=NODES))
wait = st.tuples(st.just("wait"), st.integers(1, 9))
send = st.tuples(st.just("send"))
first_words = st.lists(st.sampled_from([None, True, True, False]), min_size=NODES, max_size=NODES)
"""What each node said at first of everything: most agreed, so that messages can leave at all."""
histories = st.lists(st.one_of(say, enter, enter, group, wait, send), min_size=20, max_size=60)


def blank(name: str) -> Column:
    """Nothing is known of anybody."""
    return Column("text", np.zeros(1, np.int32), np.zeros(1, np.bool_), Vocabulary())


class Shop:
    """The loop in small: ledgers, outbox, people as groups of nodes."""

    def __init__(self) -> None:
        self.now_ms = START
        self.consents, self.decisions, self.enrolments = ConsentLedger(), DecisionLedger(SEOUL), EnrolmentLedger()
        self.journeys = Journeys(JOURNEYS, CHANNELS)
        note_placement = PlacementDefinition(name="note", channel="web")
        self.placements = Placements([note_placement], OFFERS, {}, laws=LawTable(shipped_laws(), "KR"), zone=SEOUL)
        self.store = MemoryStateStore()
        self.groups = list(range(NODES))
        self.said: list[Statement] = []
        self.left: list[Message] = []

    def members(self, node: int) -> list[int]:
        return [n for n in range(NODES) if self.groups[n] == self.groups[node]]

    def person(self, node: int) -> LivePerson:
        return LivePerson(
            node=node,
            person_id=f"g{self.groups[node]}",
            nodes=self.members(node),
            zone=SEOUL,
            columns=blank,
            consents=self.consents,
            decisions=self.decisions,
            addresses=lambda medium: f"{medium}@example.invalid",
        )

    def say(self, node: int, channel: str, purpose: str, granted: bool, shift_h: int) -> None:
        at_ms = self.now_ms + shift_h * HOUR_MS
        statement = Statement(node=node, channel=channel, purpose=purpose, granted=granted, at_ms=at_ms, id=len(self.said))
        if self.consents.state(statement) is None:
            self.said.append(statement)

    def enter(self, node: int, audience: str) -> None:
        for match in self.journeys.matching_entry(audience, node, self.now_ms, len(self.left)):
            enrolment = self.journeys.enrol(match, self.person(node), self.enrolments, self.now_ms)
            journey = self.journeys.get(match.journey)
            if enrolment is None or journey is None:
                continue
            stepped = take_step(journey, enrolment, self.person(node), self.placements, self.now_ms, {})
            self.enrolments.add(stepped.enrolment)
            self.decisions.add(stepped.decision)
            with self.store.unit() as unit:
                unit.enrol([stepped.enrolment])
                unit.decided([stepped.decision])
                unit.queue([] if stepped.message is None else [stepped.message])

    def send(self) -> None:
        claimed = self.store.outbox.claim(self.now_ms, 100)
        ready, held = regate_claimed(claimed, self.person, self.journeys, self.placements, self.enrolments, self.now_ms, lambda node: {})
        for message in ready:
            assert allowed(self, message)
        self.left += ready
        done = [Delivery(send_key=m.send_key, state="accepted", at_ms=self.now_ms) for m in ready]
        with self.store.unit() as unit:
            unit.deliver([*held, *done])


def granted(said: Sequence[Statement], members: Sequence[int], channel: str, purpose: str, now_ms: int) -> bool:
    """Consent read naively: at each node the last word that covers channel and purpose; any no is no, and somebody must have said yes."""
    yes = False
    for node in members:
        words = [s for s in said if s.node == node and s.channel in (channel, "*") and s.purpose in (purpose, "*")]
        if not words:
            continue
        last = max(words, key=lambda s: (s.at_ms, s.id))
        if not last.granted:
            return False
        yes = yes or last.at_ms <= now_ms
    return yes


def allowed(shop: Shop, message: Message) -> bool:
    members, medium = shop.members(message.node), message.channel
    asked = {message.purpose} | ({"marketing"} if message.offer == "extra" else set())
    hour = SEOUL.local(shop.now_ms).hour
    quiet = medium == "sms" and (hour >= 21 or hour < 8)
    if quiet:
        asked.add("night")
    return all(granted(shop.said, members, medium, purpose, shop.now_ms) for purpose in asked)


def play(history: Sequence[tuple[object, ...]], words: Sequence[bool | None] = ()) -> Shop:
    shop = Shop()
    for node, word in enumerate(words):
        for medium in MEDIA:
            for purpose in PURPOSES:
                if word is not None:
                    shop.say(node, medium, purpose, word, -9)
    for act, *arguments in history:
        match act:
            case "say":
                shop.say(*arguments)  # type: ignore[arg-type]  # the strategy gives these types
            case "enter":
                shop.enter(*arguments)  # type: ignore[arg-type]
            case "group":
                shop.groups = list(arguments[0])  # type: ignore[call-overload]
            case "wait":
                shop.now_ms += int(str(arguments[0])) * HOUR_MS
            case _:
                shop.send()
    shop.send()
    return shop


@given(histories, first_words)
def test_no_message_leaves_without_consent(history: list[tuple[object, ...]], words: list[bool | None]) -> None:
    shop = play(history, words)
    event(f"messages left: {min(len(shop.left), 5)}")
    keys = [m.send_key for m in shop.left]
    assert len(keys) == len(set(keys)), "and none leaves twice"
    for message in shop.left:
        assert message.licence is not None
        assert message.licence.consent["status"] == "granted"
        assert str(message.content["title"]).startswith("(광고)")


@given(st.sampled_from(JOURNEYS), nodes)
def test_with_consent_messages_do_leave(journey: JourneyDefinition, node: int) -> None:
    medium, purpose = journey.message.channel, journey.message.purpose
    shop = play([("say", node, medium, purpose, True, 0), ("enter", node, journey.name)])
    assert [(m.channel, m.purpose, m.node) for m in shop.left] == [(medium, purpose, node)]
    assert play([("enter", node, journey.name)]).left == []
