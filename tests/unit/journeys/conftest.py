"""A workspace with one journey by event and one by audience, and people to enrol."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gyeol.channels.model import ChannelDefinition
from gyeol.decisions.engine import Placements
from gyeol.decisions.ledger import DecisionLedger
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.person import LivePerson
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo, Schema
from gyeol.journeys.enrolment import EnrolmentLedger
from gyeol.journeys.model import JourneyDefinition, MessageStep, TriggerDefinition
from gyeol.journeys.trigger import Journeys
from gyeol.kernel.instants import Zone
from gyeol.privacy.consent import ConsentLedger, Statement
from gyeol.privacy.law import LawTable
from gyeol.workspace.defaults import shipped_laws

SEOUL = Zone("Asia/Seoul")
SCHEMA: Schema = {"orders": NameInfo(type="number"), "language": NameInfo(type="text")}
SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="


def channel(name: str, medium: str) -> ChannelDefinition:
    return ChannelDefinition(name=name, kind="webhook", medium=medium, url="https://example.invalid/hook", secret=SECRET)


def journey(name: str, trigger: TriggerDefinition, channel_name: str = "mailer", re_entry: str | None = None) -> JourneyDefinition:
    step = MessageStep(channel=channel_name, placement="note", purpose="marketing")
    return JourneyDefinition(name=name, trigger=trigger, message=step, re_entry=re_entry)


OFFERS = (
    OfferDefinition(
        name="spring",
        placements=["note"],
        eligibility="orders >= 1",
        score="2",
        cap=2,
        content={"ko": {"title": "봄 할인", "body": "10 % 할인", "link": "https://example.invalid"}, "en": {"title": "Spring sale"}},
    ),
    OfferDefinition(name="plain", placements=["note"], content={"ko": {"title": "안녕하세요"}}),
)
JOURNEYS = (
    journey("on_order", TriggerDefinition(event="Order Completed", where="properties.revenue > 100"), re_entry="7d"),
    journey("on_lapse", TriggerDefinition(audience="lapsing")),
    journey("by_phone", TriggerDefinition(audience="lapsing"), "texter", "24h"),
)


class World:
    """Definitions, ledgers and people."""

    def __init__(self) -> None:
        self.consents = ConsentLedger()
        self.decisions = DecisionLedger(SEOUL)
        self.enrolments = EnrolmentLedger()
        self.channels = (channel("mailer", "email"), channel("texter", "sms"))
        self.journeys = Journeys(JOURNEYS, self.channels)
        self.placements = self.compile()
        self.addresses: dict[str, str] = {"email": "a@example.invalid", "sms": "+821000000000"}

    def compile(self, offers: Sequence[OfferDefinition] = OFFERS, **placement: object) -> Placements:
        note = PlacementDefinition(name="note", channel="email", fallback="plain", **placement)  # type: ignore[arg-type]  # a test's shorthand
        return Placements([note], offers, SCHEMA, laws=LawTable(shipped_laws(), "KR"), zone=SEOUL)

    def consent(self, node: int, channel: str, granted: bool = True, at_ms: int = 1_772_000_000_000, purpose: str = "marketing") -> None:
        """State a consent."""
        said = Statement(node=node, channel=channel, purpose=purpose, granted=granted, at_ms=at_ms, id=at_ms, source="crm", simulated=True)
        assert self.consents.state(said) is None

    def person(self, *nodes: int, orders: int = 1, language: str | None = None, person_id: str = "p1") -> LivePerson:
        """A person of these nodes (the first is the one acted for)."""

        def columns(name: str) -> Column:
            if name == "orders":
                return Column("number", np.array([orders]), np.array([True]))
            words = Vocabulary()
            return Column("text", np.array([words.code(language or "")], np.int32), np.array([language is not None]), words)

        own = nodes or (1,)
        return LivePerson(
            node=own[0],
            person_id=person_id,
            nodes=own,
            zone=SEOUL,
            columns=columns,
            consents=self.consents,
            decisions=self.decisions,
            addresses=self.addresses.get,
        )


@pytest.fixture
def world() -> World:
    return World()
