"""A small company in memory: definitions, an engine without threads, and events as short as they can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.audiences.model import AudienceDefinition
from gyeol.channels.model import ChannelDefinition
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.engine.embedded import EmbeddedEngine
from gyeol.engine.engine import Engine
from gyeol.engine.jobs import Ask, Collect, Job
from gyeol.engine.recovery import Recovered, recover
from gyeol.engine.state import EngineState
from gyeol.events.ingest import Incoming, Limits
from gyeol.events.model import SourceDefinition, Verdict
from gyeol.identity.model import IdentifierType
from gyeol.journeys.model import JourneyDefinition, MessageStep, TriggerDefinition
from gyeol.kernel.clock import ManualClock
from gyeol.privacy.model import ConsentEventDefinition
from gyeol.profiles.model import TraitDefinition
from gyeol.storage.dedupe import MemoryDedupe
from gyeol.storage.log.memory import MemoryLog
from gyeol.storage.state.memory import MemoryStateStore
from gyeol.workspace.defaults import shipped_laws

START_MS = 1_767_225_600_000 + 3 * 3_600_000  # 2026-01-01 12:00 in Seoul
KEY = b"k" * 32

DEFINITIONS = Definitions(
    workspace=WorkspaceSettings(name="shop", sender="결 상점"),
    sources=[
        SourceDefinition(name="server", trust="server", write_key="s"),
        SourceDefinition(name="web", trust="client", write_key="w"),
    ],
    identifiers=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="email", paths=["traits.email"], priority=2, limit=3, normalise="email", pii=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True),
    ],
    traits=[
        TraitDefinition(name="orders", kind="count", event="Order"),
        TraitDefinition(name="orders_7d", kind="count", event="Order", window="7d"),
        TraitDefinition(name="pages", kind="count", event="$page"),
        TraitDefinition(name="city", kind="last", event="$identify", property="traits.city"),
    ],
    audiences=[
        AudienceDefinition(name="buyers", condition="orders >= 2"),
        AudienceDefinition(name="fresh", condition="orders_7d >= 1"),
        AudienceDefinition(name="lapsed", condition="orders >= 1 AND orders_7d = 0"),
    ],
    placements=[PlacementDefinition(name="mail", channel="email", fallback="hello")],
    offers=[
        OfferDefinition(name="thanks", placements=["mail"], eligibility="orders >= 2", score="orders", purpose="offers",
                        cap=1, cap_window="7d", content={"ko": {"title": "고마워요"}, "en": {"title": "Thanks"}}),
        OfferDefinition(name="hello", placements=["mail"], content={"ko": {"title": "안녕하세요"}, "en": {"title": "Hello"}}),
    ],
    channels=[ChannelDefinition(name="hook", kind="webhook", medium="email", url="http://127.0.0.1:9/", secret="whsec_AAAA")],
    journeys=[
        JourneyDefinition(
            name="thank",
            trigger=TriggerDefinition(audience="buyers"),
            message=MessageStep(channel="hook", placement="mail", purpose="offers"),
        )
    ],
    consent_events=[ConsentEventDefinition(event="Consent Changed")],
    laws=shipped_laws(),
)  # fmt: skip


class Shop:
    """An engine over a log, an index and a state store in memory."""

    def __init__(self, definitions: Definitions = DEFINITIONS) -> None:
        self.clock = ManualClock(START_MS)
        self.log, self.store, self.dedupe = MemoryLog(), MemoryStateStore(), MemoryDedupe()
        self.definitions = definitions
        self.open(EngineState(definitions, KEY))

    def open(self, state: EngineState) -> None:
        self.engine = Engine(state, Arrivals(self.dedupe, Limits()), self.clock)
        self.embedded = EmbeddedEngine(self.engine, self.log, self.store, lambda d: self.recovered(d).state)

    def recovered(self, definitions: Definitions | None = None) -> Recovered:
        """What a new process would find."""
        return recover(self.log, definitions or self.definitions, KEY, snapshots=None, acted_offset=self.store.acted_offset())

    @property
    def state(self) -> EngineState:
        return self.engine.state

    def run(self, job: Job) -> Any:
        self.embedded.run([job])
        self.embedded.flush()
        if job.error is not None:
            raise job.error
        return job.answer

    def collect(self, *events: dict[str, object], source: int = 0) -> list[Verdict]:
        raws = [msgspec.json.encode(event) for event in events]
        incoming = Incoming(source=self.definitions.sources[source], source_index=source, events=raws, received_ms=self.clock.now_ms())
        answer: list[Verdict] = self.run(Collect(incoming))
        return answer

    def ask(self, question: Callable[[EngineState], Any]) -> Any:
        return self.run(Ask(question))

    def trait(self, person: str, name: str) -> object:
        index = self.state.graph.find(person)
        assert index is not None
        return self.state.traits.column(name, np.array([self.state.people.row(index)], np.int64), self.state.now_ms).item(0)

    def member(self, person: str, audience: str) -> bool:
        index = self.state.graph.find(person)
        assert index is not None
        return self.state.memberships.since_ms(audience, self.state.people.row(index)) is not None


_numbers = iter(range(10**9))


def order(user: str | None = None, anonymous: str | None = None, **more: object) -> dict[str, object]:
    """An order of somebody."""
    return {"type": "track", "event": "Order", "userId": user, "anonymousId": anonymous, "messageId": f"m{next(_numbers)}", **more}


def identify(user: str) -> dict[str, object]:
    """Somebody with an address."""
    return {"type": "identify", "userId": user, "messageId": f"i-{user}", "traits": {"email": "one@example.com"}}


def consent(user: str, status: str = "granted") -> dict[str, object]:
    """Consent to offers by e-mail."""
    properties = {"channel": "email", "purpose": "offers", "status": status}
    return {"type": "track", "event": "Consent Changed", "userId": user, "messageId": f"m{next(_numbers)}", "properties": properties}


@pytest.fixture
def shop() -> Shop:
    """An empty shop at noon in Seoul."""
    return Shop()


@pytest.fixture
def make() -> Any:
    """Makers of events, and of shops."""

    class Make:
        order = staticmethod(order)
        consent = staticmethod(consent)
        identify = staticmethod(identify)
        shop = Shop
        definitions = DEFINITIONS
        start_ms = START_MS

    return Make
