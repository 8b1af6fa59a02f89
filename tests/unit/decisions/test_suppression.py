"""An address that nobody has refuses messages, and only messages."""

from __future__ import annotations

import pytest

from gyeol.decisions.gates.gate import Candidate
from gyeol.decisions.gates.suppression import SuppressionGate
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.expressions.durations import parse_duration
from gyeol.expressions.formula import parse_formula
from gyeol.privacy.consent import ANY, REACHABLE, ConsentLedger, Statement

OFFER = OfferDefinition(name="a", placements=["mail"])
PLACEMENT = PlacementDefinition(name="mail", channel="email")


def stated(ledger: ConsentLedger, purpose: str, granted: bool, at_ms: int, channel: str = "email") -> None:
    assert ledger.state(Statement(node=1, channel=channel, purpose=purpose, granted=granted, at_ms=at_ms, id=at_ms)) is None


@pytest.mark.parametrize("message", [True, False])
def test_it_concerns_messages_of_any_class(message: bool) -> None:
    candidate = Candidate(offer=OFFER, eligibility=None, score=parse_formula("0", {}), cap_window=parse_duration("7d"))
    assert SuppressionGate().concerns(PLACEMENT, candidate, message) is message


def test_a_refusal_of_everything_says_nothing_of_the_address() -> None:
    ledger = ConsentLedger()
    stated(ledger, ANY, False, 5, channel=ANY)
    assert ledger.stated(1, "email", REACHABLE) is None
    assert ledger.of([1], "email", "offers", 9).status == "withdrawn"


def test_the_latest_word_about_an_address_holds() -> None:
    ledger = ConsentLedger()
    stated(ledger, REACHABLE, False, 5)
    said = ledger.stated(1, "email", REACHABLE)
    assert said is not None and (said.status, said.at_ms) == ("withdrawn", 5)
    assert ledger.stated(2, "email", REACHABLE) is None
    stated(ledger, REACHABLE, True, 6)
    again = ConsentLedger.load(ledger.dump()).stated(1, "email", REACHABLE)
    assert again is not None and again.granted
