"""Which value of a person wins, by each rule; whatever the order in which it was said."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import msgspec
import pytest

from gyeol.identity.explain import Show
from gyeol.identity.golden import Golden, golden_values, rule_of
from gyeol.identity.model import GoldenRule, IdentifierType, IdentityRules

EVENTS: list[dict[str, Any]] = [
    {"source": "till", "userId": "kim", "traits.email": "old@example.invalid", "at": 1},
    {"source": "till", "userId": "kim", "traits.email": "old@example.invalid", "at": 9},
    {"source": "till", "userId": "kim", "traits.email": "new@example.invalid", "at": 5},
    {"source": "till", "anonymousId": "a", "traits.email": "old@example.invalid", "at": 7},
]


def _golden(collector: Any) -> dict[str, Golden]:
    graph = collector.graph
    found = golden_values(graph, graph.members(collector.person("kim")), Show(graph, reveal=True))
    return {each.attribute: each for each in found}


@pytest.mark.parametrize(("rule", "wins"), [("most_recent", "new"), ("most_frequent", "old"), ("source_order", "new")])
def test_each_rule_in_any_order(collector_of: Callable[[IdentityRules], Any], rules: IdentityRules, rule: GoldenRule, wins: str) -> None:
    chosen = IdentityRules(types=[msgspec.structs.replace(k, golden=rule) if k.name == "email" else k for k in rules.types])
    told = set()
    for events in permutations(EVENTS):
        collector = collector_of(chosen)
        for event in events:
            collector.take(event)
        found = _golden(collector)
        won = found["email"].won
        told.add((won.identifier.value, won.at, won.source, won.count))
        assert list(found) == ["email"] and won.identifier.value == f"{wins}@example.invalid"
        assert len(found["email"].others) == 1
    assert len(told) == 1


def test_a_commands_word_is_believed_most(collector_of: Callable[[IdentityRules], Any], rules: IdentityRules) -> None:
    chosen = IdentityRules(types=[msgspec.structs.replace(k, golden="source_order") if k.name == "email" else k for k in rules.types])
    collector = collector_of(chosen)
    collector.take(*EVENTS)
    collector.merge("kim", "old@example.invalid")
    won = _golden(collector)["email"].won
    assert (won.identifier.value, won.source, won.trust, won.at) == ("old@example.invalid", "ops", "command", 1)
    collector.cut("kim", "old@example.invalid")
    assert _golden(collector)["email"].won.identifier.value == "new@example.invalid"


def test_types_without_a_rule() -> None:
    def kind(**options: Any) -> IdentifierType:
        return IdentifierType(name="it", paths=[], priority=1, **options)

    assert rule_of(kind()) is None and rule_of(kind(normalise="lower")) is None
    assert rule_of(kind(normalise="address")) == "most_recent" and rule_of(kind(golden="most_frequent")) == "most_frequent"
