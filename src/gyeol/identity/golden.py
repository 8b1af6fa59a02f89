"""Golden values: which e-mail address, telephone number, name or postal address of a person wins, and why.

A function of the evidence, like the people themselves: no order of arrival shows in it, and a merge or a cut decides it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from gyeol.identity.description import IdentifierView
from gyeol.identity.explain import Show
from gyeol.identity.identifiers import LATEST
from gyeol.identity.model import GoldenRule, IdentifierType
from gyeol.identity.policy import TRUST_NAMES

if TYPE_CHECKING:
    from gyeol.identity.graph import IdentityGraph

MOST_OTHERS = 10
"""Values listed beside the one that wins."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an attribute.

    Args:
        identifier: The value, masked where it is personal.
        at: When it was first seen; None when no event did.
        source, trust: Of the most believed statement about it; empty when it was never stated together with anything.
        count: How often it was stated together with another identifier of the person.
    """

    identifier: IdentifierView
    at: int | None
    source: str
    trust: str
    count: int


class Golden(msgspec.Struct, frozen=True, kw_only=True):
    """The value of an attribute that wins.

    Args:
        attribute: The identifier type.
        rule: ``most_recent`` | ``most_frequent`` | ``source_order``: by what it won; ties go to the most recent, then by value.
        won: The winner.
        others: The other values, in the order in which they would win.
        reason: What set the winner apart from the second: ``only`` | ``recent`` | ``frequent`` | ``source`` | ``value`` (all else equal).
    """

    attribute: str
    rule: GoldenRule
    won: Candidate
    others: list[Candidate]
    reason: str = "only"


def rule_of(kind: IdentifierType) -> GoldenRule | None:
    """The rule of a type; without one of its own only addresses and names have a golden value."""
    if kind.golden is not None:
        return kind.golden
    return "most_recent" if kind.normalise in ("email", "phone", "name", "address") else None


def golden_values(graph: IdentityGraph, nodes: Iterable[int], show: Show) -> list[Golden]:
    """The golden values of a person, strongest type first.

    Args:
        graph: Not changed.
        nodes: The person's.
        show: Masks.
    """
    by_type: dict[int, list[int]] = {}
    types, policy = graph.table.type.view, graph.policy
    for node in nodes:
        by_type.setdefault(types[node], []).append(node)
    found = []
    for code in policy.strongest_first:
        kind = policy.kinds[code]
        rule = None if kind is None else rule_of(kind)
        if kind is None or rule is None or code not in by_type:
            continue
        ordered = ranked(graph, by_type[code], rule)
        candidates = [_candidate(graph, node, show) for node in ordered[: MOST_OTHERS + 1]]
        reason = _reason(graph, ordered, rule)
        found.append(Golden(attribute=kind.name, rule=rule, won=candidates[0], others=candidates[1:], reason=reason))
    return found


def ranked(graph: IdentityGraph, nodes: Iterable[int], rule: GoldenRule) -> list[int]:
    """Nodes of one type, the winner first."""
    return sorted(nodes, key=lambda node: _order(graph, node, rule), reverse=True)


def _order(graph: IdentityGraph, node: int, rule: GoldenRule) -> tuple[int, int, bytes]:
    """By what a value is compared with others of its type: the greater wins."""
    first_ms = graph.table.first_ms.view[node]
    at_ms = first_ms if first_ms != LATEST else -1
    if rule == "most_recent":
        return 0, at_ms, graph.table.raw(node)
    count, trust, _ = _stated(graph, node)
    return count if rule == "most_frequent" else trust, at_ms, graph.table.raw(node)


def _reason(graph: IdentityGraph, ordered: list[int], rule: GoldenRule) -> str:
    if len(ordered) == 1:
        return "only"
    won, second = (_order(graph, node, rule) for node in ordered[:2])
    if won[0] != second[0]:
        return "frequent" if rule == "most_frequent" else "source"
    return "recent" if won[1] != second[1] else "value"


def _stated(graph: IdentityGraph, node: int) -> tuple[int, int, str]:
    """(how often, greatest trust, its source) of the accepted statements about a node."""
    store, labels = graph.statements, graph.people.person.view
    count, best = 0, (0, 0, "")
    for record, other in graph.statements.around(node):
        if labels[other] == labels[node] and graph.sharing.live(record, node, other):
            count += store.count.view[record]
            best = max(best, (store.trust.view[record], -store.at_ms.view[record], store.sources[store.source.view[record]]))
    return count, best[0], best[2]


def _candidate(graph: IdentityGraph, node: int, show: Show) -> Candidate:
    count, trust, source = _stated(graph, node)
    view = show.identifier(node)
    return Candidate(identifier=view, at=view.first_ms, source=source, trust=TRUST_NAMES.get(trust, ""), count=count)
