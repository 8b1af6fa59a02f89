"""Rule 2: the statements of one component, strongest first, joined as long as no limit is broken. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from gyeol.identity.policy import CLIENT
from gyeol.identity.statements import ACCEPTED, HELD

Value = tuple[int, int]
"""(type code, what stands for the value) of an identifier of a limited type."""
Values = dict[int, set[int]]


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A statement that takes part, with its place in the order: any two are ordered in the same way on every machine."""

    order: tuple[int, ...]
    record: int
    a: int
    b: int
    trust: int


def within(values: Values, limits: Sequence[int | None]) -> bool:
    """Whether no limited type has more values than its limit."""
    for kind, held in values.items():
        limit = limits[kind]
        if limit is not None and len(held) > limit:
            return False
    return True


def exceeds(mine: Values, theirs: Values, limits: Sequence[int | None]) -> bool:
    """Whether two groups together would break a limit."""
    for kind, held in theirs.items():
        limit, own = limits[kind], mine.get(kind)
        if own is not None and limit is not None and len(own) + len(held) > limit and len(own | held) > limit:
            return True
    return False


def absorb(mine: Values, theirs: Values) -> None:
    """Add the values of another group, which is not used any more, to this one's."""
    for kind, held in theirs.items():
        own = mine.get(kind)
        if own is None:
            mine[kind] = held
        else:
            own |= held


def join(
    nodes: Iterable[int],
    edges: Iterable[Edge],
    value_of: Callable[[int], Value | None],
    limits: Sequence[int | None],
    known: frozenset[int],
) -> tuple[list[list[int]], dict[int, int]]:
    """Join a component greedily.

    Args:
        nodes: The component.
        edges: Its statements, in any order.
        value_of: The limited value of a node; None when its type has no limit.
        limits: Limit by type code.
        known: Type codes whose value makes a person known.

    Returns:
        The people (nodes ascending, people by first node), and the verdict by record.
    """
    parent = {node: node for node in nodes}
    values: dict[int, Values] = {}
    for node in parent:
        value = value_of(node)
        values[node] = {} if value is None else {value[0]: {value[1]}}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    verdicts: dict[int, int] = {}
    for edge in sorted(edges, key=lambda e: e.order):
        a, b = root(edge.a), root(edge.b)
        verdict = ACCEPTED
        if a != b:
            both_known = not known.isdisjoint(values[a]) and not known.isdisjoint(values[b])
            if (edge.trust == CLIENT and both_known) or exceeds(values[a], values[b], limits):
                verdict = HELD
            else:
                parent[b] = a
                absorb(values[a], values.pop(b))
        verdicts[edge.record] = verdict
    groups: dict[int, list[int]] = {}
    for node in sorted(parent):
        groups.setdefault(root(node), []).append(node)
    return list(groups.values()), verdicts
