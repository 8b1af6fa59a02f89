"""A log, a state store and definitions in which somebody has collected events, decided and sent: what the side process reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.app.book import Book
from gyeol.app.core_api import (
    AudienceEffect,
    AudienceReply,
    AudienceRequest,
    AudienceSize,
    Check,
    ClaimReply,
    ClaimRequest,
    DecideReply,
    DecideRequest,
    Membership,
    PeopleReply,
    PeopleRequest,
    PersonLine,
    PersonReply,
    PersonRequest,
    PlanReply,
    PlanRequest,
    ReportReply,
    ReportRequest,
    ShownIdentifier,
    ShownTrait,
    Stage,
    StatusReply,
    StatusRequest,
    SubmitReply,
    SubmitRequest,
    Submitted,
    VerifyReply,
    VerifyRequest,
)
from gyeol.channels.model import Delivery, Message
from gyeol.decisions.model import Decision, Refusal
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.effects import Act
from gyeol.events.dead_letter import letter_of
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader
from gyeol.events.model import EVENT_TYPES, EventRule, PropertyRule, SourceDefinition
from gyeol.events.sections import NO_TIME, Decisions, Deliveries, EventRows, RejectedEvent, Rejections, Section, Tick, section_count
from gyeol.identity.model import IdentifierType
from gyeol.kernel import errors
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.reason import Reason
from gyeol.measures.model import FunnelDefinition, FunnelStep, KpiDefinition
from gyeol.storage.lake.lake import Lake
from gyeol.storage.log.memory import MemoryLog
from gyeol.storage.state.memory import MemoryStateStore

DAY_MS = 86_400_000
SENTENCE = {"ko": "주문한 고객", "en": "people who ordered"}
T0_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z

DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="shop", currency="USD", zone="Asia/Seoul"),
    sources=[
        SourceDefinition(name="till", trust="server", write_key="k1", channel="store"),
        SourceDefinition(name="web", trust="client", write_key="k2", channel="web"),
    ],
    events=[
        EventRule(
            name="Order Completed",
            properties={
                "properties.revenue": PropertyRule(type="money"),
                "properties.products.price": PropertyRule(type="money"),
                "properties.gift.price": PropertyRule(type="money", currency="KRW"),
                "properties.card": PropertyRule(type="text", pii=True),
                "properties.receivers.name": PropertyRule(type="text", pii=True),
            },
        ),
        EventRule(name="$identify", properties={"traits.phone": PropertyRule(type="text", pii=True)}),
        EventRule(name="Rehearsed", simulated=True),
    ],
    identifiers=[
        IdentifierType(name="user_id", paths=["userId"], priority=1),
        IdentifierType(name="email", paths=["traits.email"], priority=2, pii=True),
    ],
    kpis=[
        KpiDefinition(name="orders", event="Order Completed", measure="count", unit="orders", label={"ko": "주문", "en": "Orders"}),
        KpiDefinition(name="revenue", event="Order Completed", measure="sum", property="properties.revenue", unit="USD"),
        KpiDefinition(name="people", event="$any", measure="people"),
    ],
    funnels=[
        FunnelDefinition(name="buying", steps=[FunnelStep(event="Viewed"), FunnelStep(event="Order Completed")], by="properties.page")
    ],
)


class World:
    """Collects, decides and sends, as the core would: frames into the log, what became of them into the state store.

    Args:
        log, store: Any implementations.
        definitions: In force.
    """

    def __init__(self, log: Any, store: Any, definitions: Definitions = DEFINITIONS) -> None:
        self.log, self.store, self.definitions = log, store, definitions
        self.nodes: dict[str, int] = {}

    def collect(self, events: list[dict[str, Any]], *, act: bool = True, source: int = 0, received_ms: int = T0_MS) -> int:
        """One frame of events ``{"type", "event", "userId", "time", …}``; returns its first offset."""
        n = len(events)
        times = np.array([event.get("time", received_ms) for event in events], "<i8")
        raws = []
        for i, event in enumerate(events):
            message_id = event.setdefault("messageId", f"m{self.log.end_offset() + i}")
            raws.append(msgspec.json.encode({k: v for k, v in event.items() if k != "time"} | {"messageId": message_id}))
        hashes = np.array([event_hash(event["messageId"]) for event in events], "<u8").tobytes()
        section = EventRows(
            source=np.full(n, source, "<i2").tobytes(), time=times.tobytes(), received=np.full(n, received_ms, "<i8").tobytes(),
            original=times.tobytes(), sent=np.full(n, NO_TIME, "<i8").tobytes(), flags=bytes(2 * n), raw=raws,
            type_code=np.array([EVENT_TYPES.index(event.get("type", "track")) for event in events], np.uint8).tobytes(),
            id_hash=hashes, payload_hash=hashes,
        )  # fmt: skip
        known = len(self.nodes)
        nodes = [self.nodes.setdefault(event["userId"], len(self.nodes)) for event in events]
        moves = [(node, f"person-{user}") for user, node in self.nodes.items() if node >= known]
        return self.append([section], np.array(nodes, "<i8"), moves, act=act)

    def append(
        self,
        sections: list[Section],
        nodes: Any = None,
        moves: list[tuple[int, str]] | None = None,
        *,
        act: bool = True,
        work: Callable[[Any], object] | None = None,
    ) -> int:
        """One frame; ``act``: also the unit of work in state.db."""
        first = int(self.log.end_offset())
        count = sum(section_count(section) for section in sections)
        header = FrameHeader(first_offset=first, count=count, engine_now_ms=T0_MS, definitions=self.definitions.hash)
        self.log.append(header, encode_frame(header, sections))
        if act:
            with self.store.unit() as unit:
                unit.moved(
                    [(node, person, first, T0_MS) for node, person in moves or []],
                    [(first, nodes.tobytes())] if nodes is not None else (),
                )
                if work is not None:
                    work(unit)
                unit.acted(first + count)
        return first

    def decide(self, user: str, key: str = "k1") -> tuple[Decision, Message]:
        """A decision that led to a message, and its delivery."""
        node = self.nodes[user]
        decision = Decision(
            id=f"dec-{key}", placement="home", node=node, person=f"person-{user}", at_ms=T0_MS, chosen="gift", fallback=False,
            reasons=[Reason(code="only_candidate", params={"offer": "gift"})],
            refusals=[Refusal(offer="sale", gate="holdout", reason=Reason(code="holdout", params={"share": 0.1}), score=2.0)],
            moment={"daypart": "morning"}, propensity=1.0, catalogue="1", definitions=self.definitions.hash,
        )  # fmt: skip
        message = Message(
            send_key=key, channel="hook", node=node, person=f"person-{user}", address="ann@secret.example", journey="welcome",
            journey_version="v1", decision=decision.id, content={"title": "hello"}, message_class="advertising", purpose="offers",
            queued_at_ms=T0_MS, expires_at_ms=T0_MS + DAY_MS, cause_offset=0, offer="gift", placement="home",
        )  # fmt: skip
        act = msgspec.msgpack.encode(Act(decision=decision, message=message))
        self.append([Decisions([act])], work=lambda unit: (unit.decided([decision]), unit.queue([message])))
        delivery = Delivery(send_key=key, state="accepted", at_ms=T0_MS + 5, provider_id="p1")
        self.append([Deliveries([msgspec.msgpack.encode(delivery)])], work=lambda unit: unit.deliver([delivery]))
        return decision, message

    def reject(self, raw: bytes = b'{"type": "trakc"}') -> str:
        """A dead letter; returns its id."""
        letter = RejectedEvent(id=f"dl_{self.log.end_offset()}", source=0, code="unknown_type", detail="trakc", raw=raw, received_ms=T0_MS)
        self.append([Rejections([letter])], work=lambda unit: unit.reject([letter_of(letter, "till")]))
        return letter.id

    def tick(self) -> None:
        """Time passes."""
        self.append([Tick()])

    def definitions_of(self, hash_: str) -> Definitions:
        """The definitions of a hash."""
        assert hash_ == self.definitions.hash
        return self.definitions


class FakeCore:
    """Answers from the world of the test; remembers what it was told."""

    def __init__(self, world: Any) -> None:
        self.world, self.told = world, list[Any]()
        self.failure: Exception | None = None

    def status(self, request: StatusRequest) -> StatusReply:
        if self.failure is not None:
            raise self.failure
        end = self.world.log.end_offset()
        return StatusReply(
            workspace="shop", label={"en": "Shop"}, zone="UTC", currency="USD", simulated={"en": "made up"}, version="0", clock="wall",
            engine_now_ms=5, end_offset=end, acted_offset=end, events=3, rejected=1, duplicates=0, people=2, identified=2,
            decisions=1, commands=0, backlog=0, definitions=self.world.definitions.hash,
        )  # fmt: skip

    def submit(self, request: SubmitRequest) -> SubmitReply:
        self.told += request.commands
        if request.commands[0].kind == "cut":
            return SubmitReply(results=[Submitted(status="refused", reason="not_together", detail="they were never together")])
        return SubmitReply(results=[Submitted(status="applied", offset=7)])

    def decide(self, request: DecideRequest) -> DecideReply:
        decision, _ = self.world.decide(request.person, key="asked")
        return DecideReply(decisions=[decision], content={"gift": {"en": {"title": "A gift"}}})

    def people(self, request: PeopleRequest) -> PeopleReply:
        self.told.append(request)
        line = PersonLine(
            id="person-ann", name="Ann", identifiers=[ShownIdentifier(type="user_id", value="ann")], stage="loyal", last_seen_ms=4,
            audiences=["buyers"], traits=[ShownTrait(name="orders", label={}, kind="count", type="number", value=2)],
        )  # fmt: skip
        return PeopleReply(people=[line], next="4:0", total=1)

    def person(self, request: PersonRequest) -> PersonReply:
        if request.id not in ("person-ann", "ann"):
            raise errors.NotFoundError("unknown_person", f"nobody is known as {request.id!r}", person=request.id)
        membership = Membership(
            name="buyers", label={}, member=True, since_ms=3, sentence=SENTENCE, explained={"op": ">=", "verdict": "true"}
        )
        return PersonReply(
            id="person-ann", nodes=[self.world.nodes["ann"]], name="Ann", simulated=False, stage=Stage(name="loyal", label={}),
            first_seen_ms=1, last_seen_ms=4, events=2, identifiers=[], evidence=[], quarantined=[], shared=[],
            traits=[ShownTrait(name="name", label={}, kind="last", type="text", value="Ann", source=["$any"])],
            audiences=[membership], moment={},
        )  # fmt: skip

    def audience(self, request: AudienceRequest) -> AudienceReply:
        size = AudienceSize(name="buyers", label={}, size=1, sentence=SENTENCE, condition="orders > 0")
        stages = [AudienceSize(name=name, label={}, size=1, sentence=SENTENCE, condition="orders > 5") for name in ("loyal", "new")]
        why = self.person(PersonRequest(id=request.person)).audiences[0] if request.person else None
        members = {"loyal": ["person-ann"], "new": [], "": ["person-bob"]} if request.stage_members else {}
        return AudienceReply(audiences=[size], stages=stages, why=why, stage_members=members)

    def plan(self, request: PlanRequest) -> PlanReply:
        return PlanReply(
            before="a", after="b", changes=[{"kind": "traits"}], audiences=[AudienceEffect(audience="buyers", before=1, after=2)]
        )

    def claim(self, request: ClaimRequest) -> ClaimReply:
        return ClaimReply(messages=[])

    def report(self, request: ReportRequest) -> ReportReply:
        self.told.append(request)
        return ReportReply(recorded=0)

    def verify(self, request: VerifyRequest) -> VerifyReply:
        return VerifyReply(checks=[Check(name="all", good=True)])


def fill(world: World, frames: int, events_a_frame: int) -> None:
    """The same events each time; in many small frames."""
    for number in range(frames):
        world.collect([{"event": "A", "userId": f"u{number % 11}", "properties": {"i": i}} for i in range(events_a_frame)])


@pytest.fixture
def world() -> World:
    return World(MemoryLog(), MemoryStateStore())


@pytest.fixture
def book(world: World, tmp_path: Path) -> Book:
    """The world's log in sum."""
    return Book(tmp_path / "sums.json", world.log, world.definitions_of)


@pytest.fixture
def new_core() -> type[FakeCore]:
    return FakeCore


@pytest.fixture
def new_world() -> type[World]:
    return World


@pytest.fixture
def open_lake(tmp_path: Path) -> Iterator[Callable[..., Lake]]:
    """Opens lakes over a world; all are closed at the end."""
    opened: list[Lake] = []

    def open_one(world: World, folder: Path = tmp_path / "lake", **options: Any) -> Lake:
        lake = Lake(folder, world.log, world.store, world.definitions_of, **options)
        opened.append(lake)
        return lake

    yield open_one
    for lake in opened:
        lake.close()
