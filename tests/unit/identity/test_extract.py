"""From events to nodes and evidence."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from gyeol.identity.extract import identity_paths
from gyeol.identity.model import IdentityRules

SERVER: dict[str, Any] = {"source": "till"}


def test_the_node_is_the_strongest_identifier_of_the_event(collector: Any) -> None:
    extracted = collector.take(
        {"anonymousId": "a", "userId": "u"},
        {"anonymousId": "a"},
        {"traits.email": "E@x.invalid", "anonymousId": "a", **SERVER},
        {"traits.phone": "010-1234-5678", "traits.email": "e@x.invalid", **SERVER},
        {"userId": "null", "anonymousId": "b"},
        {"userId": "00000000-0000-0000-0000-000000000000"},
        {},
    )
    nodes = [collector.graph.identifier(n)[1] if n >= 0 else None for n in extracted.event_node.tolist()]
    assert nodes == ["u", "a", "e@x.invalid", "e@x.invalid", "b", None, None]


def test_evidence_joins_the_events_node_with_each_of_its_identifiers(collector: Any) -> None:
    event = {"userId": "u", "traits.email": "e@x.invalid", "traits.phone": "010-1234-5678", "anonymousId": "a", "at": 7, **SERVER}
    extracted = collector.take(event, event, {**event, "at": 3})
    user = collector.node("u")
    assert {(e.a, e.b) for e in extracted.evidence} == {(user, collector.node(t)) for t in ("e@x.invalid", "+821012345678", "a")}
    assert {(e.at_ms, e.count, e.trust, e.source, e.kind) for e in extracted.evidence} == {(3, 3, 2, "till", "event")}
    assert collector.graph.identifier(user) == ("user_id", "u", 3)


def test_known_pairs_are_counted_and_not_stated_again(collector: Any) -> None:
    collector.take({"userId": "u", "anonymousId": "a", "at": 10})
    for at in (10, 11, 12):
        assert collector.take({"userId": "u", "anonymousId": "a", "at": at}).evidence == []
    assert len(collector.take({"userId": "u", "anonymousId": "a", "at": 9}).evidence) == 1
    assert len(collector.take({"userId": "u", "anonymousId": "a", "at": 12, **SERVER}).evidence) == 1
    (by_client, by_server) = sorted(collector.graph.describe(collector.person("u")).evidence, key=lambda view: view.trust)
    assert (by_client.count, by_client.first_ms, by_server.count, by_server.first_ms) == (5, 9, 1, 12)


def test_counts_and_times_do_not_depend_on_order_and_batches(collector_of: Callable[[IdentityRules], Any], rules: IdentityRules) -> None:
    chance = random.Random(3)
    events: list[dict[str, Any]] = [
        {
            "userId": f"u{chance.randrange(4)}",
            "anonymousId": f"a{chance.randrange(5)}",
            "at": chance.randrange(50),
            "source": chance.choice(["shop", "till"]),
        }
        for _ in range(300)
    ]
    seen = []
    for _ in range(6):
        collector = collector_of(rules)
        chance.shuffle(events)
        rest = list(events)
        while rest:
            size = chance.choice([1, 2, 40, 300])
            collector.take(*rest[:size])
            rest = rest[size:]
        store, name = collector.graph.statements, [collector.graph.identifier(n) for n in range(collector.graph.size)]
        columns = [getattr(store, c).view[: store.size].tolist() for c in ("a", "b", "trust", "at_ms", "count")]
        seen.append((sorted(name), sorted((*sorted((name[a], name[b])), *rest) for a, b, *rest in zip(*columns, strict=True))))
    assert all(each == seen[0] for each in seen) and sum(row[-1] for row in seen[0][1]) == 300


def test_the_first_path_with_an_identifier_wins(collector: Any) -> None:
    collector.take({"userId": "u", "traits.email": "n/a", "context.traits.email": "b@x.invalid", **SERVER})
    collector.take({"userId": "v", "traits.email": "a@x.invalid", "context.traits.email": "c@x.invalid", **SERVER})
    assert collector.together("u", "b@x.invalid") and collector.together("v", "a@x.invalid")
    assert collector.graph.find("c@x.invalid") is None


def test_the_paths_that_a_batch_should_have_at_hand(rules: IdentityRules) -> None:
    assert identity_paths(rules) == ["userId", "traits.email", "context.traits.email", "traits.phone", "anonymousId"]


def test_one_value_spelled_in_two_ways_is_one_node(collector: Any) -> None:
    extracted = collector.take({"traits.email": "A@x.invalid", **SERVER}, {"traits.email": " a@X.invalid", **SERVER})
    assert extracted.event_node.tolist() == [0, 0]


def test_many_values_pass_through_the_memory_of_recent_ones(collector: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gyeol.identity.recent.GENERATION", 10)
    for _ in range(3):
        for start in range(0, 100, 7):
            extracted = collector.take(*[{"userId": f"u{i}", "anonymousId": f"a{i}"} for i in range(start, start + 7)])
            assert [collector.graph.identifier(n)[1] for n in extracted.event_node.tolist()] == [f"u{i}" for i in range(start, start + 7)]
    assert collector.graph.size == 2 * 105 and collector.graph.people.count == 105


@pytest.mark.parametrize("late", [False, True])
def test_an_alias_links_an_anonymous_id_and_an_account_if_it_is_one(collector: Any, late: bool) -> None:
    alias = {"type": "alias", "previousId": "old", "userId": "new", "at": 3, **SERVER}
    account = {"userId": "old", "at": 1}
    for event in (alias, account) if late else (account, alias):
        extracted = collector.take(event)
    assert collector.graph.identifier(collector.node("new"))[1] == "new"
    assert collector.who("new") == [{"new", "old"}] and collector.who("user_id:old") == [{"old"}]
    assert collector.together("anonymous_id:old", "new") and not collector.together("user_id:old", "new")
    (held,) = collector.graph.describe(collector.person("new")).quarantined
    assert (held.reason, held.first_ms, held.count, held.trust) == ("limit", 3, 1, "server")
    assert extracted.event_node.tolist() == [collector.node("user_id:old" if late else "new")]
    collector.merge("user_id:old", "new")
    assert collector.together("user_id:old", "new"), "an operator accepts it"


def test_an_alias_of_an_anonymous_visitor_makes_no_account(collector: Any) -> None:
    collector.take({"anonymousId": "a"})
    collector.take({"type": "alias", "previousId": "a", "userId": "u"}, {"type": "alias", "previousId": "a", "userId": "u"})
    assert collector.together("a", "u") and collector.graph.size == 2
    collector.take({"type": "alias", "previousId": None, "userId": "u"}, {"type": "alias", "previousId": "null", "userId": "u"})
    collector.take({"type": "alias", "previousId": "u", "userId": "u"})
    assert collector.graph.find("user_id:u") == collector.graph.find("a")


def test_identifiers_as_codes_are_identifiers_as_texts(coded: Any) -> None:
    chance = random.Random(4)
    batches = []
    for _ in range(20):
        events = []
        for _ in range(chance.randrange(1, 12)):
            event: dict[str, Any] = {"source": chance.choice(["shop", "till"])}
            for path, kind in (("userId", "u"), ("anonymousId", "a"), ("traits.email", "E"), ("context.traits.email", "E")):
                if chance.random() < 0.5:
                    event[path] = chance.choice([f"{kind}{chance.randrange(8)}@x.kr", "null", ""])
            events.append(event)
        batches.append(events)
    found = []
    for collector in coded:
        nodes = [collector.take(*events).event_node.tolist() for events in batches]
        graph = collector.graph
        found.append((nodes, [graph.identifier(node) for node in range(graph.size)], graph.person.tolist()))
    assert found[0] == found[1]


def test_many_statements_at_once_are_what_each_by_itself_would_be(
    collector_of: Callable[[IdentityRules], Any], rules: IdentityRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(8)
    events: list[dict[str, Any]] = [
        {
            "userId": f"u{chance.randrange(6)}",
            "anonymousId": f"a{chance.randrange(6)}",
            "traits.email": chance.choice([None, f"e{chance.randrange(5)}@x.invalid"]),
            "at": chance.randrange(8),
            "source": chance.choice(["shop", "till"]),
        }
        for _ in range(600)
    ]
    found = []
    for many in (0, 10_000):
        monkeypatch.setattr("gyeol.identity.extract._MANY", many)
        monkeypatch.setattr("gyeol.identity.known_pairs._MANY", many)
        taken = collector_of(rules)
        found.append([taken.take(*part).evidence for part in (events[:400], events[400:])])
    assert found[0] == found[1]
    assert sum(len(part) for part in found[0]) > 48
