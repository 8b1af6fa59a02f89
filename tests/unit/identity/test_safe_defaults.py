"""What a family's number and a shared browser say, limits of a length of time, how wrong the default rules are in a simulated stream."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from gyeol.bench.identity import default_rules
from gyeol.bench.identity_stream import Life, simulate
from gyeol.identity.evidence import Change, Evidence
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentifierType, IdentityRules
from gyeol.identity.policy import CLIENT, SERVER

TILL: dict[str, Any] = {"source": "till"}
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> IdentityRules:
    return default_rules(tmp_path_factory.mktemp("workspace"))


@pytest.fixture
def safe(collector_of: Callable[[IdentityRules], Any], defaults: IdentityRules) -> Any:
    """A collector under the default rules."""
    return collector_of(defaults)


def test_a_guest_on_an_account_holders_tablet_is_somebody_else(safe: Any) -> None:
    safe.take({"anonymousId": "tablet", "userId": "kim"}, {"anonymousId": "phone", "userId": "kim"})
    assert safe.together("tablet", "kim")
    safe.take({"anonymousId": "tablet", "traits.email": "lee@x.invalid", **TILL})
    assert safe.who("kim", "lee@x.invalid", "tablet") == [{"kim", "phone"}, {"lee@x.invalid"}, {"tablet"}]
    described = safe.graph.describe(safe.person("tablet"))
    assert {held.reason for held in described.quarantined} == {"device_of_several"} and len(described.quarantined) == 2


def test_who_is_known_to_have_the_address_gets_the_browser_back(safe: Any) -> None:
    safe.take({"anonymousId": "b", "userId": "kim"}, {"anonymousId": "b", "traits.email": "kim@x.invalid", **TILL})
    assert not safe.together("kim", "kim@x.invalid")
    safe.take({"userId": "kim", "traits.email": "kim@x.invalid", **TILL})
    assert safe.who("kim") == [{"kim", "kim@x.invalid", "b"}]
    assert not np.any(safe.graph.statements.verdict.data[: safe.graph.statements.size])


def test_a_familys_number_is_the_account_holders(safe: Any) -> None:
    guest = {"traits.email": "lee@x.invalid", "traits.phone": "02-765-4321", **TILL}
    safe.take(guest, {"traits.email": "park@x.invalid", "traits.phone": "02-765-4321", **TILL})
    assert safe.together("lee@x.invalid", "park@x.invalid"), "guests are joined by a number"
    safe.take({"userId": "kim", "traits.phone": "02-765-4321", **TILL})
    assert safe.who("kim", "lee@x.invalid", "park@x.invalid") == [{"kim", "+8227654321"}, {"lee@x.invalid"}, {"park@x.invalid"}]
    assert {held.reason for held in safe.change.quarantined} == {"number_of_another"}


def test_an_address_mistyped_by_somebody_signed_in_takes_nobody_along(safe: Any) -> None:
    safe.take({"traits.email": "lee@x.invalid", "traits.phone": "010-2222-3333", **TILL})
    safe.take({"userId": "kim", "traits.email": "kim@x.invalid", "traits.phone": "010-4444-5555", **TILL})
    safe.take({"userId": "kim", "traits.email": "lee@x.invalid", **TILL})
    assert not safe.together("kim", "lee@x.invalid") and safe.together("lee@x.invalid", "+821022223333")
    assert [held.reason for held in safe.change.quarantined] == ["another_number"]
    safe.graph.release(safe.node("kim"), safe.node("lee@x.invalid"), 99, 99)
    assert safe.together("kim", "lee@x.invalid"), "a person's word is stronger"


def test_a_kiosk_takes_the_device_it_was_merged_with_along(safe: Any) -> None:
    """A command made them one: what belongs to nobody takes nobody in by its other name."""
    guests = [{"anonymousId": "kiosk", "traits.email": f"{guest}@x.invalid", **TILL} for guest in ("kim", "lee")]
    safe.take({"anonymousId": "till"}, *guests)
    safe.merge("kiosk", "till")
    safe.take({"anonymousId": "till", "traits.email": "park@x.invalid", **TILL})
    assert safe.who("park@x.invalid", "till") == [{"park@x.invalid"}, {"kiosk", "till"}]
    assert safe.graph.set_rules(safe.graph.rules) == Change(), "step by step is from scratch"


def test_to_leave_one_claim_on_a_tablet_out_gives_it_to_nobody(safe: Any) -> None:
    safe.take({"anonymousId": "tablet", "userId": "kim"}, {"anonymousId": "tablet", "traits.email": "lee@x.invalid", **TILL})
    before = safe.who("kim", "lee@x.invalid", "tablet")
    safe.graph.confirm([(safe.node("tablet"), safe.node("lee@x.invalid"))], 99, 99)
    assert safe.who("kim", "lee@x.invalid", "tablet") == before
    safe.graph.cut(safe.node("tablet"), safe.node("lee@x.invalid"), 100, 100)
    assert safe.together("kim", "tablet"), "a cut says that it was never hers"


@pytest.mark.parametrize("days", [(0, 10, 30), (0, 10, 40, 69), (0, 31, 62, 93)])
def test_values_far_enough_apart_are_allowed(collector_of: Callable[[IdentityRules], Any], days: tuple[int, ...]) -> None:
    collector = collector_of(_device_rules(2))
    for number, day in enumerate(days):
        collector.take({"userId": "kim", "properties.device": f"d{number}", "at": day * DAY_MS})
    assert len(collector.who("kim")[0]) == 1 + len(days)


def test_one_too_many_within_the_time_is_shared_and_a_late_event_tells_otherwise(collector_of: Callable[[IdentityRules], Any]) -> None:
    collector = collector_of(_device_rules(2))
    for number, day in enumerate((0, 10, 29)):
        collector.take({"userId": "kim", "properties.device": f"d{number}", "at": day * DAY_MS})
    (over,) = collector.graph.describe(collector.person("kim")).identifiers[0].shared
    assert (over.type, over.fan_out, over.limit, over.per) == ("device", 3, 2, "30d") and not collector.together("kim", "d2")
    collector.take({"userId": "kim", "properties.device": "d0", "at": -2 * DAY_MS})
    assert len(collector.who("kim")[0]) == 4, "the first one is older than was known"


def _device_rules(limit: int) -> IdentityRules:
    return IdentityRules(
        types=[
            IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
            IdentifierType(name="device", paths=["properties.device"], priority=4, limit=limit, per="30d", from_client=True),
        ]
    )


@pytest.mark.parametrize("per", [None, "400s"])
@pytest.mark.parametrize("seed", range(6))
def test_step_by_step_is_from_scratch_in_a_crowd(defaults: IdentityRules, per: str | None, seed: int) -> None:
    """Many people who share numbers, browsers and addresses: larger knots than the laws draw."""
    chance = random.Random(seed)
    rules = replace(defaults, types=[replace(kind, per=per if kind.name in ("email", "phone") else None) for kind in defaults.types])
    graph = IdentityGraph(rules, b"a key of a test")
    counts = {"user_id": 25, "email": 60, "phone": 50, "anonymous_id": 60}
    nodes = {name: _nodes(graph, name, count) for name, count in counts.items()}
    for _ in range(60):
        graph.observe([_near(chance, nodes) for _ in range(chance.randint(1, 6))])
        if chance.random() < 0.1:
            verdicts = graph.statements.verdict.data[: graph.statements.size].copy()
            assert graph.set_rules(rules) == Change()
            assert (graph.statements.verdict.data[: graph.statements.size] == verdicts).all()
    assert graph.set_rules(rules) == Change() and np.any(graph.statements.verdict.data)


def _nodes(graph: IdentityGraph, name: str, count: int) -> list[int]:
    value = {"email": "p{}@x.invalid", "phone": "010{:08d}"}.get(name, name + "-{}")
    found: list[int] = graph.nodes(name, [value.format(23_456_789 + i) for i in range(count)], [0] * count).tolist()
    return found


def _near(chance: random.Random, nodes: dict[str, list[int]]) -> Evidence:
    """A statement between neighbours, so that what belongs together is stated again and again; now and then with a stranger."""
    a, b = chance.sample(list(nodes), 2)
    place = chance.random()
    other = place if chance.random() < 0.85 else chance.random()
    pair = (nodes[a][int(place * len(nodes[a]))], nodes[b][int(other * len(nodes[b]))])
    trust = CLIENT if {a, b} == {"user_id", "anonymous_id"} else SERVER
    return Evidence(a=pair[0], b=pair[1], trust=trust, at_ms=chance.randrange(1_000) * 1_000)


def test_the_default_rules_merge_fewer_than_one_of_a_thousand(defaults: IdentityRules) -> None:
    """All troubles on, 15 % of people without an account."""
    said = [simulate(defaults, 4_000, seed, Life()) for seed in (3, 4)]
    assert sum(each.merged_per_1000 for each in said) / len(said) < 1
    assert max(each.split_per_1000 for each in said) < 25


def test_the_shipped_types_say_whose_they_are(defaults: IdentityRules) -> None:
    owners = {kind.name: kind.belongs_to for kind in defaults.types}
    assert owners == {"user_id": "person", "email": "person", "phone": "household", "anonymous_id": "device"}
