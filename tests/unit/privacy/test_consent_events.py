"""Consent as events state it: only server sources are believed, the address is the contact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gyeol.events.batch import EventBatch
from gyeol.events.rows import batch_of
from gyeol.identity.model import IdentifierType, IdentityRules
from gyeol.kernel.errors import InputError
from gyeol.privacy.consent import ConsentLedger
from gyeol.privacy.consent_events import ConsentReader, Ignored, Int64
from gyeol.privacy.model import ConsentEventDefinition

RULES = IdentityRules(types=[IdentifierType(name="email", paths=["traits.email", "properties.address"], priority=2, normalise="email")])
SERVER, CLIENT = 0, 1
NODES = {"a@example.invalid": 11, "b@example.invalid": 12}


def reader(*definitions: ConsentEventDefinition) -> ConsentReader:
    return ConsentReader(definitions, RULES, [True, False], ["crm", "site"])


def intern(type_name: str, values: list[str | None], first_ms: list[int]) -> Int64:
    assert type_name == "email"
    assert len(values) == len(first_ms)
    return np.array([NODES.get(v or "", -1) for v in values], np.int64)


def consent(status: object = "granted", source: int = SERVER, **properties: Any) -> dict[str, Any]:
    given = {"channel": "email", "purpose": "marketing", "status": status, "proof": "p1"} | properties
    return {"event": "Consent Changed", "userId": "u", "source": source, "timestamp": 5_000, "properties": given}


def read(batch: EventBatch, nodes: list[int], using: ConsentReader) -> tuple[ConsentLedger, list[Ignored]]:
    ledger = ConsentLedger()
    return ledger, using.read(batch, np.array(nodes, np.int64), intern, ledger)


PLAIN = ConsentEventDefinition(event="Consent Changed")


def test_the_event_speaks_for_its_own_node() -> None:
    other = {"event": "Order Completed", "timestamp": 1, "properties": {"status": "withdrawn"}}
    ledger, ignored = read(batch_of([other, consent()]), [3, 4], reader(PLAIN))
    assert ignored == []
    found = ledger.of([4], "email", "marketing", 10_000)
    assert (found.status, found.at_ms, found.proof, found.source, found.simulated) == ("granted", 5_000, "p1", "crm", False)
    assert ledger.of([3], "email", "marketing", 10_000).status == "unknown"


def test_a_source_that_anybody_can_write_to_is_not_believed() -> None:
    ledger, ignored = read(batch_of([consent(source=CLIENT), consent("withdrawn", source=CLIENT)]), [1, 1], reader(PLAIN))
    assert ignored == [Ignored(0, "consent_untrusted"), Ignored(1, "consent_untrusted")]
    assert len(ledger) == 0


def test_the_address_is_the_contact() -> None:
    definition = ConsentEventDefinition(event="Consent Changed", address="properties.address", simulated=True)
    events = [consent(address="a@example.invalid"), consent("withdrawn", address="b@example.invalid"), consent(), consent(address="null")]
    ledger, ignored = read(batch_of(events), [1, 1, 1, 1], reader(definition))
    assert ignored == [Ignored(2, "consent_no_contact"), Ignored(3, "consent_no_contact")]
    assert ledger.of([11], "email", "marketing", 10_000).granted
    assert ledger.of([11], "email", "marketing", 10_000).simulated
    assert ledger.of([12], "email", "marketing", 10_000).status == "withdrawn"
    assert ledger.of([1], "email", "marketing", 10_000).status == "unknown"


def test_an_address_that_no_identifier_type_reads_is_a_problem_of_the_definitions() -> None:
    with pytest.raises(InputError) as raised:
        reader(ConsentEventDefinition(event="Consent Changed", address="properties.mail"))
    assert raised.value.problems[0].path == "consent_events.Consent Changed.address"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (consent("yes"), "consent_bad_status"),
        (consent(None), "consent_bad_status"),
        (consent(True), "consent_bad_status"),
        (consent(channel=None), "consent_incomplete"),
        (consent(purpose="*"), "consent_too_wide"),
    ],
)
def test_malformed_consent_is_told_not_guessed(event: dict[str, Any], code: str) -> None:
    ledger, ignored = read(batch_of([event]), [1], reader(PLAIN))
    assert ignored == [Ignored(0, code)]
    assert len(ledger) == 0


def test_batches_without_consent_read_nothing() -> None:
    batch = batch_of([{"event": "Order Completed", "timestamp": 1}])
    ledger, ignored = read(batch, [1], reader(PLAIN))
    assert (len(ledger), ignored) == (0, [])


def test_paths_name_what_is_read() -> None:
    definition = ConsentEventDefinition(event="X", address="properties.address", proof=None)
    assert reader(definition).paths() == {"properties.channel", "properties.purpose", "properties.status", "properties.address"}
