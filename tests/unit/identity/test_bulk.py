"""Many statements at once give what the graph gives of the same set."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from gyeol.identity.bulk import Stated, resolve
from gyeol.identity.evidence import Evidence
from gyeol.identity.model import IdentityRules
from gyeol.identity.policy import CLIENT, COMMAND, SERVER
from gyeol.identity.statements import HELD


def _stated(evidence: list[Evidence]) -> Stated:
    return Stated(
        np.array([e.a for e in evidence], np.int64),
        np.array([e.b for e in evidence], np.int64),
        np.array([e.trust for e in evidence], np.uint8),
        np.array([e.at_ms for e in evidence], np.int64),
    )


def _crowd(graph: Any, chance: random.Random, dense: int) -> list[Evidence]:
    """Evidence among few identifiers, so that limits break and devices are shared often."""
    nodes = [
        int(node)
        for kind, count in (("user_id", 30), ("email", 40), ("phone", 40), ("anonymous_id", 80))
        for node in graph.nodes(kind, [_value(kind, i) for i in range(count)], [0] * count)
    ]
    pairs = [chance.sample(nodes, 2) for _ in range(dense)]
    return [Evidence(a=a, b=b, trust=chance.choice((CLIENT, SERVER)), at_ms=1_000 * chance.randrange(5)) for a, b in pairs]


def _value(kind: str, i: int) -> str:
    return {"email": f"p{i}@example.org", "phone": f"0101234{i:04d}"}.get(kind, f"{kind}-{i}")


def _rules(usual: IdentityRules, which: str) -> IdentityRules:
    """The usual rules; with what belongs to households and devices; and with limits of a length of time besides."""
    options: dict[str, dict[str, Any]] = {"usual": {}, "lending": {"phone": {"belongs_to": "household"}}}
    options["lending"]["anonymous_id"] = {"belongs_to": "device"}
    options["timed"] = {**options["lending"], "email": {"limit": 1, "per": "2s"}, "phone": {"belongs_to": "household", "per": "1s"}}
    chosen = options[which]
    return replace(usual, types=[replace(kind, **chosen.get(kind.name, {})) for kind in usual.types])


@pytest.mark.parametrize("which", ["usual", "lending", "timed"])
@pytest.mark.parametrize("dense", [40, 120, 250])
@pytest.mark.parametrize("seed", range(8))
def test_bulk_gives_the_people_of_the_graph(collector_of: Any, rules: IdentityRules, which: str, seed: int, dense: int) -> None:
    chance, graph = random.Random(seed), collector_of(_rules(rules, which)).graph
    evidence = _crowd(graph, chance, dense)
    for start in range(0, len(evidence), 7):
        graph.observe(evidence[start : start + 7])
    table, policy = graph.table, graph.policy

    def digest(node: int) -> int:
        return int.from_bytes(table.digest(policy.names[table.type.view[node]], table.raw(node)), "big")

    resolved = resolve(graph.types(), _stated(evidence), policy, digest)
    people = {tuple(graph.members(person)) for person in set(graph.person.tolist())}
    found: dict[int, list[int]] = {}
    for node, person in enumerate(resolved.person.tolist()):
        found.setdefault(person, []).append(node)
    assert {tuple(members) for members in found.values()} == people
    assert resolved.level.tolist() == graph.sharing.level.data[: graph.size].tolist()
    store = graph.statements
    expected = {(store.a.view[r], store.b.view[r], store.trust.view[r]) for r in range(store.size) if store.verdict.view[r] == HELD}
    one = resolved.stated
    held = zip(one.a[resolved.held].tolist(), one.b[resolved.held].tolist(), one.trust[resolved.held].tolist(), strict=True)
    assert set(held) == expected


def test_nothing_and_commands(collector: Any) -> None:
    graph = collector.graph
    graph.nodes("user_id", ["kim", "lee"], [0, 0])
    assert resolve(graph.types(), _stated([]), graph.policy, lambda node: node).person.tolist() == [0, 1]
    with pytest.raises(ValueError, match="commands"):
        resolve(graph.types(), _stated([Evidence(a=0, b=1, trust=COMMAND, at_ms=0)]), graph.policy, lambda node: node)
