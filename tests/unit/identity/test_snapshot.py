"""Snapshots: exact, deterministic, refused when they do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gyeol.identity.evidence import Change
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentityRules
from gyeol.kernel.errors import StateError, VersionConflictError

KEY = b"an identity key of a test folder"


def fill(collector: Any) -> None:
    """Some of everything: shared, quarantined, cut, merged, waiting."""
    for i in range(200):
        collector.take(
            {"userId": f"u{i % 60}", "anonymousId": f"a{i % 83}"},
            {"userId": f"u{i % 7}", "traits.email": f"e{i % 9}@x.invalid", "source": "till"},
        )
    collector.merge("u1", "u2")
    collector.cut("u3", "a3")
    collector.take({"type": "alias", "previousId": "not yet", "userId": "u5"})


def test_an_empty_graph(rules: IdentityRules) -> None:
    graph = IdentityGraph(rules, KEY)
    copy = IdentityGraph(rules, KEY)
    assert copy.load(graph.dump()) == Change() and copy.dump() == graph.dump()
    assert copy.nodes("user_id", ["u"], [1]).tolist() == [0] and copy.observe([]).created == [0]


def test_everything_comes_back_and_goes_on(collector: Any, collector_of: Callable[[IdentityRules], Any], rules: IdentityRules) -> None:
    fill(collector)
    copy = collector_of(rules)
    assert copy.graph.load(collector.graph.dump()) == Change()
    copy.offset = collector.offset
    assert copy.graph.person.tolist() == collector.graph.person.tolist()
    assert copy.graph.people.count == collector.graph.people.count
    for each in (collector, copy):
        each.take({"userId": "not yet", "anonymousId": "a1"}, {"userId": "u9", "anonymousId": "a9"})
        each.cut("u1", "u2")
    assert copy.change == collector.change and copy.graph.dump() == collector.graph.dump()
    described = [[c.graph.describe(person, reveal=True) for person in sorted(set(c.graph.person.tolist()))] for c in (collector, copy)]
    assert described[0] == described[1]


def test_the_same_history_gives_the_same_bytes(collector_of: Callable[[IdentityRules], Any], rules: IdentityRules) -> None:
    dumps = []
    for _ in range(2):
        collector = collector_of(rules)
        fill(collector)
        dumps.append(collector.graph.dump())
    assert dumps[0] == dumps[1]


def test_what_an_interned_account_has_woken_is_not_lost(collector: Any, rules: IdentityRules) -> None:
    collector.take({"type": "alias", "previousId": "old", "userId": "new"})
    collector.graph.nodes("user_id", ["old"], [1])
    copy = IdentityGraph(rules, KEY)
    copy.load(collector.graph.dump())
    assert len(copy.observe([]).quarantined) == 1


def test_rules_that_have_changed_since_are_applied(collector: Any, rules: IdentityRules) -> None:
    collector.take({"userId": "u", "anonymousId": "d"}, {"userId": "v", "anonymousId": "d"})
    looser = IdentityRules(types=[msgspec.structs.replace(kind, limit=2) if kind.name == "user_id" else kind for kind in rules.types])
    copy = IdentityGraph(looser, KEY)
    change = copy.load(collector.graph.dump())
    assert [nodes for _, nodes in change.formed] == [[0, 1, 2]] and copy.rules == looser


def test_another_key_and_a_newer_format_are_refused(collector: Any, rules: IdentityRules) -> None:
    fill(collector)
    data = collector.graph.dump()
    with pytest.raises(StateError, match="another identity key"):
        IdentityGraph(rules, b"another").load(data)
    newer = msgspec.msgpack.encode({**msgspec.msgpack.decode(data), "format": 2})
    with pytest.raises(VersionConflictError, match="format 2"):
        IdentityGraph(rules, KEY).load(newer)
