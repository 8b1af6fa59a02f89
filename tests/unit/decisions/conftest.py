"""A workspace's placements and a person to decide for, from plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pytest

from gyeol.decisions.bought import bought_trait
from gyeol.decisions.engine import Placements
from gyeol.decisions.ledger import DecisionLedger
from gyeol.decisions.limits import Bought
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.person import LivePerson
from gyeol.decisions.terms import Limits
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo, Schema
from gyeol.kernel.instants import Zone
from gyeol.privacy.consent import ConsentLedger, Statement
from gyeol.privacy.law import LawTable
from gyeol.workspace.defaults import shipped_laws

BOUGHT = bought_trait(Bought(event="Order Completed", within="30d")).name
SCHEMA: Schema = {
    "orders": NameInfo(type="number", default_zero=True, label={"ko": "주문 수", "en": "Orders"}),
    "spent": NameInfo(type="number", unit="KRW", label={"ko": "구매 금액", "en": "Amount spent"}),
    "city": NameInfo(type="text", label={"ko": "도시", "en": "City"}),
    "vip": NameInfo(type="flag", label={"ko": "VIP", "en": "VIP"}),
    "language": NameInfo(type="text"),
    BOUGHT: NameInfo(type="number", default_zero=True),
    "moment.intent": NameInfo(type="text"),
    "moment.intent_confidence": NameInfo(type="number"),
    "moment.open_complaint": NameInfo(type="flag"),
    "moment.weather": NameInfo(type="text", label={"ko": "날씨", "en": "Weather"}),
}
SEOUL = Zone("Asia/Seoul")


def column_of(value: object) -> Column:
    """One row."""
    known = np.array([value is not None])
    if isinstance(value, bool):
        return Column("flag", np.array([value]), known)
    if isinstance(value, str):
        words = Vocabulary()
        return Column("text", np.array([words.code(value)], np.int32), known, words)
    return Column("number", np.array([value if isinstance(value, int | float) else 0.0]), known)


class World:
    """Ledgers, and people made of values."""

    def __init__(self) -> None:
        self.consents = ConsentLedger()
        self.decisions = DecisionLedger(SEOUL)
        self.stocks: dict[str, float] = {}

    def consent(self, node: int, channel: str, purpose: str, granted: bool = True, at_ms: int = 1_772_000_000_000) -> None:
        """State a consent."""
        said = Statement(node=node, channel=channel, purpose=purpose, granted=granted, at_ms=at_ms, id=at_ms, source="crm", proof="form")
        assert self.consents.state(said) is None

    def person(self, nodes: Sequence[int] = (1,), person_id: str = "p1", zone: Zone = SEOUL, **values: object) -> LivePerson:
        """A person with these values; names of the schema that are not given are unknown.

        ``moment_x`` stands for ``moment.x``, ``bought`` for the trait of its gate.
        """
        known = {BOUGHT if name == "bought" else name.replace("moment_", "moment."): value for name, value in values.items()}
        assert set(known) <= set(SCHEMA)

        def columns(name: str) -> Column:
            if name not in SCHEMA:
                raise KeyError(name)
            return column_of(known.get(name))

        return LivePerson(
            node=nodes[0],
            person_id=person_id,
            nodes=nodes,
            zone=zone,
            columns=columns,
            consents=self.consents,
            decisions=self.decisions,
            addresses={"email": "a@example.invalid"}.get,
            stock=self.stocks.get,
        )


class MakePlacements(Protocol):
    """Placements with the test's schema, law and zone."""

    def __call__(self, offers: Sequence[OfferDefinition], *placements: PlacementDefinition, limits: Limits | None = None) -> Placements: ...


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def compiled() -> MakePlacements:
    def make(offers: Sequence[OfferDefinition], *placements: PlacementDefinition, limits: Limits | None = None) -> Placements:
        laws = LawTable(shipped_laws(), "KR")
        return Placements(placements, offers, SCHEMA, laws=laws, zone=SEOUL, definitions="d" * 32, limits=limits)

    return make


@pytest.fixture
def schema() -> Schema:
    return SCHEMA
