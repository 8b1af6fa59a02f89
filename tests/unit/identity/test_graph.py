"""Joining, sharing, commands, and what a change says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gyeol.identity.evidence import Change, Evidence
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentifierType, IdentityRules
from gyeol.kernel.errors import ConfigError, InputError, NotFoundError

SERVER: dict[str, Any] = {"source": "till"}


def test_an_anonymous_visitor_signs_in(collector: Any) -> None:
    collector.take({"anonymousId": "a"})
    before = collector.person("a")
    assert collector.change.created == [0] and collector.change.formed == []
    collector.take({"anonymousId": "a", "userId": "u"})
    assert collector.change == Change(dissolved=[before], formed=[(collector.person("u"), [0, 1])])
    assert collector.who("a", "u") == [{"a", "u"}] * 2


def test_a_new_pair_dissolves_nobody_who_was_told_of(collector: Any) -> None:
    collector.take({"anonymousId": "a", "userId": "u"})
    assert collector.change.dissolved == [] and [nodes for _, nodes in collector.change.formed] == [[0, 1]]
    assert collector.change.created == []


def test_a_person_index_lives_as_long_as_its_nodes_stay(collector: Any) -> None:
    collector.take({"anonymousId": "a", "userId": "u"}, {"anonymousId": "b", "userId": "v"})
    kept = collector.person("v")
    collector.take({"anonymousId": "c", "userId": "u"})
    assert collector.person("v") == kept and collector.person("u") not in (kept, 0, 1)
    for _ in range(3):
        collector.take({"anonymousId": "a", "userId": "u"})
        assert collector.change == Change()


def test_a_device_of_two_accounts_is_shared_and_splits_its_person(collector: Any) -> None:
    collector.take({"anonymousId": "tablet", "userId": "u"}, {"anonymousId": "phone", "userId": "u"})
    assert collector.who("u") == [{"u", "tablet", "phone"}]
    old = collector.person("u")
    collector.take({"anonymousId": "tablet", "userId": "v"})
    with pytest.raises(NotFoundError, match="dissolved"):
        collector.graph.person_id(old)
    assert collector.who("u", "v", "tablet") == [{"u", "phone"}, {"v"}, {"tablet"}]
    assert collector.change.dissolved == [old]
    assert sorted(nodes for _, nodes in collector.change.formed) == [[0, 2], [1]]


def test_limits_hold_back_what_would_break_them(collector: Any) -> None:
    """u – a@ and v – b@ by the till, then one phone with both addresses."""
    collector.take({"userId": "u", "traits.email": "a@x.invalid", **SERVER}, {"userId": "v", "traits.email": "b@x.invalid", **SERVER})
    collector.take({"traits.email": "a@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.take({"traits.email": "b@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    assert collector.who("u", "v") == [{"u", "a@x.invalid", "+821011112222"}, {"v", "b@x.invalid"}]
    (held,) = collector.change.quarantined
    assert (held.reason, held.type, held.limit, held.values, held.trust) == ("limit", "user_id", 1, ["u", "v"], 2)
    assert {held.a, held.b} == {collector.node("b@x.invalid"), collector.node("+821011112222")}
    assert collector.change.formed == []


def test_an_older_statement_that_comes_late_takes_the_place(collector: Any) -> None:
    collector.take({"userId": "u", "traits.email": "a@x.invalid", **SERVER}, {"userId": "v", "traits.email": "b@x.invalid", **SERVER})
    collector.take({"traits.email": "a@x.invalid", "traits.phone": "010-1111-2222", "at": 50, **SERVER})
    collector.take({"traits.email": "b@x.invalid", "traits.phone": "010-1111-2222", "at": 60, **SERVER})
    assert collector.together("u", "+821011112222")
    collector.take({"traits.email": "b@x.invalid", "traits.phone": "010-1111-2222", "at": 40, **SERVER})
    assert collector.together("v", "+821011112222") and not collector.together("u", "+821011112222")
    (held,) = collector.change.quarantined
    assert {held.a, held.b} == {collector.node("a@x.invalid"), collector.node("+821011112222")}


def test_release_prefers_the_released_statement(collector: Any) -> None:
    collector.take({"userId": "u", "traits.email": "a@x.invalid", **SERVER}, {"userId": "v", "traits.email": "b@x.invalid", **SERVER})
    collector.take({"traits.email": "a@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.take({"traits.email": "b@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.graph.release(collector.node("b@x.invalid"), collector.node("+821011112222"), 99, 99, "ops")
    assert collector.together("v", "+821011112222") and not collector.together("u", "+821011112222")


def test_a_shared_device_is_given_to_one_account_by_command(collector: Any) -> None:
    collector.take({"anonymousId": "tablet", "userId": "u"}, {"anonymousId": "tablet", "userId": "v"})
    collector.merge("tablet", "v")
    assert collector.who("u", "v") == [{"u"}, {"v", "tablet"}]
    collector.cut("tablet", "v")
    assert collector.who("u", "v") == [{"u", "tablet"}, {"v"}], "what is cut does not count, so the tablet is shared no more"


def test_an_operator_may_say_that_two_accounts_are_one_person(collector: Any) -> None:
    collector.take({"anonymousId": "tablet", "userId": "u"}, {"anonymousId": "tablet", "userId": "v"}, {"anonymousId": "pc", "userId": "v"})
    change = collector.merge("u", "v")
    assert collector.who("u") == [{"u", "v", "tablet", "pc"}] and change.quarantined == []
    collector.take({"anonymousId": "tablet", "userId": "w"})
    assert collector.who("u", "w", "tablet") == [{"u", "v", "pc"}, {"w"}, {"tablet"}], "a third account shares the tablet again"
    collector.cut("u", "v")
    assert collector.who("u", "v") == [{"u"}, {"v", "pc"}]


def test_a_merge_that_breaks_another_limit_is_held_back_with_its_reason(collector: Any) -> None:
    for user in "uv":
        for i in range(2):
            collector.take({"userId": user, "traits.email": f"{user}{i}@x.invalid", **SERVER})
    change = collector.merge("u", "v")
    (held,) = change.quarantined
    assert (held.reason, held.type, held.limit, len(held.values)) == ("limit", "email", 3, 4)
    assert not collector.together("u", "v") or len(collector.who("u")[0]) <= 5


def test_a_cut_holds_against_later_evidence_until_a_later_merge(collector: Any) -> None:
    collector.take({"anonymousId": "a", "userId": "u"})
    collector.cut("a", "u")
    collector.take({"anonymousId": "a", "userId": "u"}, {"anonymousId": "a", "userId": "u", **SERVER})
    assert not collector.together("a", "u")
    collector.merge("a", "u")
    assert collector.together("a", "u")
    graph = collector.graph
    graph.cut(collector.node("a"), collector.node("u"), at_ms=999, offset=0)
    assert collector.together("a", "u"), "a command that stands earlier in the log is overruled, whenever it comes"


def test_a_cut_before_any_evidence_counts_too(collector: Any) -> None:
    collector.take({"anonymousId": "a"}, {"userId": "u"})
    assert collector.cut("a", "u") == Change()
    collector.take({"anonymousId": "a", "userId": "u"})
    assert not collector.together("a", "u")


def test_two_nodes_may_stay_together_by_other_evidence(collector: Any) -> None:
    collector.take({"userId": "u", "traits.email": "a@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.take({"traits.email": "a@x.invalid", "traits.phone": "010-1111-2222", **SERVER})
    collector.cut("u", "+821011112222")
    assert collector.together("u", "+821011112222")


def test_the_person_id_is_that_of_the_strongest_identifier_and_old_ids_resolve(collector: Any) -> None:
    graph: IdentityGraph = collector.graph
    collector.take({"anonymousId": "b", "at": 5}, {"anonymousId": "a", "at": 9})
    ids = [graph.person_id(collector.person(text)) for text in "ab"]
    collector.take({"anonymousId": "b", "userId": "u", "at": 10}, {"anonymousId": "a", "userId": "u", "at": 11})
    signed_in = graph.person_id(collector.person("u"))
    assert signed_in == graph.node_id(collector.node("u")) and signed_in not in ids
    assert {graph.find(each) for each in [*ids, signed_in]} == {collector.person("u")}
    collector.merge("a", "b")
    for text in "ab":
        collector.cut("u", text)
    assert graph.person_id(collector.person("a")) == ids[1], "of two anonymous ids the one seen first"


def test_a_chain_through_a_shared_account_joins_nobody_by_a_clients_word(
    collector_of: Callable[[IdentityRules], Any], rules: IdentityRules
) -> None:
    """u = x = v by command, but x is shared by commands: u and v count as one value and are two people; a client must not join them."""
    card = IdentifierType(name="card", paths=["properties.card"], priority=2, limit=1)
    for first, second in (("shop", "till"), ("till", "shop")):
        collector = collector_of(IdentityRules(types=[*rules.types, card]))
        collector.take({"userId": "u"}, {"userId": "x"}, {"userId": "v"})
        collector.graph.nodes("card", ["c1", "c2"], [1, 1])
        for a, b in (("u", "x"), ("x", "v"), ("x", "c1"), ("x", "c2")):
            collector.merge(a, b)
        assert not collector.together("u", "v")
        collector.take({"anonymousId": "a", "userId": "u", "source": first})
        collector.take({"anonymousId": "a", "userId": "v", "source": second})
        assert collector.together("a", "u" if first == "till" else "v") and not collector.together("u", "v")


def test_rules_that_make_no_sense_are_refused() -> None:
    def graph_of(*types: IdentifierType) -> IdentityGraph:
        return IdentityGraph(IdentityRules(types=list(types)), b"k")

    with pytest.raises(ConfigError, match="limit is 1 or more"):
        graph_of(IdentifierType(name="x", paths=[], priority=1, limit=0))
    with pytest.raises(ConfigError, match="same name"):
        graph_of(IdentifierType(name="x", paths=[], priority=1), IdentifierType(name="x", paths=[], priority=2))
    with pytest.raises(ConfigError, match="no identifier type 'y'"):
        graph_of(IdentifierType(name="x", paths=[], priority=1)).nodes("y", ["v"], [1])


def test_evidence_names_nodes_and_trusts_that_exist(collector: Any) -> None:
    collector.take({"anonymousId": "a"}, {"anonymousId": "b"})
    for bad in (Evidence(a=0, b=2, trust=2, at_ms=1), Evidence(a=-1, b=0, trust=2, at_ms=1), Evidence(a=0, b=1, trust=7, at_ms=1)):
        with pytest.raises(InputError):
            collector.graph.observe([Evidence(a=0, b=1, trust=2, at_ms=1), bad])
    with pytest.raises(InputError):
        collector.graph.cut(0, 5, 1, 1)
    assert collector.graph.statements.size == 0
    assert collector.graph.types().tolist() == [collector.graph.type_code("anonymous_id")] * 2
    assert collector.graph.members(99) == [] and collector.graph.find("nobody") is None


def test_dropping_a_type_takes_its_evidence_out_of_force(collector: Any, rules: IdentityRules) -> None:
    collector.take({"userId": "u", "traits.email": "a@x.invalid", **SERVER}, {"userId": "u", "anonymousId": "a"})
    change = collector.graph.set_rules(IdentityRules(types=[kind for kind in rules.types if kind.name != "email"]))
    assert len(change.formed) == 2 and collector.who("u") == [{"u", "a"}]
    assert collector.graph.find("a@x.invalid") is None
    change = collector.graph.set_rules(rules)
    assert len(change.formed) == 1 and collector.who("u") == [{"u", "a", "a@x.invalid"}]
