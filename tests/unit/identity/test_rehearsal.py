"""Other rules tried on a copy: it is a copy of one moment though the graph goes on, and it tells who would be joined and split."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gyeol.identity import rehearsal
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentityRules
from gyeol.identity.rehearsal import copied, effect, rehearse, standing

KEY = b"an identity key of a test folder"


def _limited(rules: IdentityRules, name: str, limit: int | None) -> IdentityRules:
    return IdentityRules(types=[msgspec.structs.replace(kind, limit=limit) if kind.name == name else kind for kind in rules.types])


def _family(collector: Any) -> None:
    """Two accounts with two addresses each; two others share an address."""
    for user in ("kim", "lee"):
        for n in (1, 2):
            collector.take({"source": "till", "type": "identify", "userId": user, "traits.email": f"{user}{n}@example.invalid"})
    for user in ("choi", "park"):
        collector.take({"source": "till", "type": "identify", "userId": user, "traits.email": "home@example.invalid"})


def test_a_copy_is_of_one_moment_though_the_graph_goes_on(collector: Any, rules: IdentityRules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "SLICE_BYTES", 16)
    _family(collector)
    graph, then = collector.graph, IdentityGraph(rules, KEY)
    then.load(graph.dump())
    asked = 0

    def ask(question: Callable[[], object]) -> object:
        nonlocal asked
        asked += 1
        answer = question()
        collector.take({"source": "till", "userId": f"new{asked}", "traits.email": "kim1@example.invalid", "type": "identify"})
        return answer

    copy = copied(ask, graph, KEY)
    assert asked > 10 and graph.size > copy.size == then.size
    assert copy.person.tolist() == then.person.tolist()
    assert [copy.identifier(node)[:2] for node in range(copy.size)] == [then.identifier(node)[:2] for node in range(then.size)]
    stricter = _limited(rules, "email", 1)
    then.set_rules(stricter)
    rehearse(copy, stricter)
    assert [copy.members(p) for p in copy.person.tolist()] == [then.members(p) for p in then.person.tolist()]


def test_who_would_be_split_and_joined(collector: Any, rules: IdentityRules) -> None:
    _family(collector)
    graph = collector.graph
    before = standing(graph)
    told = rehearse(copied(lambda take: take(), graph, KEY), _limited(rules, "email", 1))
    # An account stated with two addresses of which one is allowed is shared, so that it and both addresses stand alone.
    assert (told.split, told.splits, told.merged, told.people_after - told.people_before) == (2, 6, 0, 4)
    assert "kim1@example.invalid" not in str(told) and "k***@example.invalid" in str(told.examples_of_splits), "addresses are masked"
    told = rehearse(copied(lambda take: take(), graph, KEY), _limited(rules, "user_id", 2))
    assert (told.merged, told.merges, told.split, told.shared_before, told.shared_after) == (3, 1, 0, 1, 0)
    (example,) = told.examples_of_merges
    assert len(example.before) == 3 and len(example.after) == 1
    assert effect(before, graph).merged == 0 and standing(graph).people.tolist() == before.people.tolist(), "the graph is as it was"
