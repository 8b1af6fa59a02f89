"""People from many statements at once: what ``IdentityGraph`` would say of the same set, without the steps in between.

Rule 1 is counting, and rule 2 is a plain union wherever the union breaks no limit (``settling`` says why that is exact). So arrays do
nearly all of it; only components that break a limit, or hold two known people, are joined statement by statement. A test compares with the
graph.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.identity.joining import Edge, Law, Value, join
from gyeol.identity.limits import crowded
from gyeol.identity.policy import CARRIED, COMMAND, LENT, OWN, Policy
from gyeol.identity.statements import HELD

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


class Stated(msgspec.Struct, frozen=True):
    """Statements as columns, in any order; the same one may stand more than once.

    Args:
        a, b: (n,) nodes; ``a`` and ``b`` differ.
        trust: (n,) trust ranks. Commands are no part of bulk evidence: they need the log's order.
        at_ms: (n,) event times.
    """

    a: Ints
    b: Ints
    trust: Bytes
    at_ms: Ints


class Resolved(msgspec.Struct, frozen=True):
    """Who is who.

    Args:
        person: (nodes,) the least node of the person, by node.
        stated: Each (pair, trust) once, ``a < b``, at its earliest time.
        held: (n,) whether a statement of ``stated`` is quarantined: a limit or a known person is in the way.
        level: (nodes,) statements of trust up to it merge nothing: the node is shared.
    """

    person: Ints
    stated: Stated
    held: npt.NDArray[np.bool_]
    level: Bytes


def resolve(types: Bytes, stated: Stated, policy: Policy, digest: Callable[[int], int]) -> Resolved:
    """Resolve a set of statements.

    Args:
        types: (nodes,) type code by node.
        stated: Of trust ``client`` and ``server``.
        policy: The rules.
        digest: The keyed hash of a node's identifier, which orders statements that nothing else does. Asked of few nodes.
    """
    if stated.trust.size and int(stated.trust.max()) >= COMMAND:
        raise ValueError("commands cannot be resolved in bulk: apply them to a graph, in the order of the log")
    stated = _distinct(stated, len(types))
    level = _levels(types, stated, policy)
    a, b, trust = stated.a, stated.b, stated.trust
    admitted = np.array(policy.admitted, bool)[trust, types[a], types[b]]
    used = np.flatnonzero(admitted & (trust > level[a]) & (trust > level[b]))
    held = np.zeros(len(a), bool)
    bond = np.array(policy.bond, np.uint8)[types]
    if policy.lends:
        named, torn = _torn(bond, a[used], b[used])
        held[used[torn]] = True
        used = used[~torn]
    component = _components(len(types), a[used], b[used])
    person = _least(component)
    broken = _broken(types, component, policy)
    if policy.lends:
        broken |= _several(types, bond, (component, named), a[used], b[used], policy)
    again = used[broken[component[a[used]]]]
    nodes = np.flatnonzero(broken[component])
    first = _first_stated(len(types), stated, np.flatnonzero(admitted)) if policy.limits.timed else None
    for members, records in _by_component(component, nodes, again, a):
        _join(members, records, types, stated, first, policy, digest, person, held)
    return Resolved(person, stated, held, level)


def _torn(bond: Bytes, a: Ints, b: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The components without devices, and which statements are about a device of several people: they are held back in any case.

    People are taken as large as they could be here, so whoever is told apart now is told apart in the end.
    """
    device_a, device_b = bond[a] == CARRIED, bond[b] == CARRIED
    named = _components(len(bond), a[~device_a & ~device_b], b[~device_a & ~device_b])
    claims = np.flatnonzero(device_a != device_b)
    device = np.where(device_a[claims], a[claims], b[claims])
    person = named[np.where(device_a[claims], b[claims], a[claims])]
    least, most = np.full(len(bond), len(bond), np.int64), np.full(len(bond), -1, np.int64)
    np.minimum.at(least, device, person)
    np.maximum.at(most, device, person)
    several = most > least
    # What a torn device says of another device is held back as well.
    return named, np.asarray((device_a & several[a]) | (device_b & several[b]))


def _several(types: Bytes, bond: Bytes, components: tuple[Ints, Ints], a: Ints, b: Ints, policy: Policy) -> npt.NDArray[np.bool_]:
    """By component: whether something lent may stand between people in it, so that rule 2 must tell.

    ``components``: with devices and without.
    """
    component, named = components
    count = int(component.max(initial=-1)) + 1
    own = (bond[a] == OWN) & (bond[b] == OWN)
    known = np.bincount(component[np.isin(types, sorted(policy.known))], minlength=count) > 0
    several = np.bincount(component[bond == LENT], minlength=count) > 1
    apart = _parts(component, _components(len(types), a[own], b[own]), bond == OWN, count)
    return np.asarray((apart & (known | several)) | (known & several) | _parts(component, named, bond != CARRIED, count))


def _parts(component: Ints, part: Ints, of: npt.NDArray[np.bool_], count: int) -> npt.NDArray[np.bool_]:
    """By component: whether some of its nodes (``of``) are in several parts."""
    least, most = np.full(count, len(part), np.int64), np.full(count, -1, np.int64)
    np.minimum.at(least, component[of], part[of])
    np.maximum.at(most, component[of], part[of])
    return np.asarray(most > least)


def _distinct(stated: Stated, nodes: int) -> Stated:
    """Each (pair, trust) once, at its earliest time."""
    a, b = np.minimum(stated.a, stated.b), np.maximum(stated.a, stated.b)
    key = (a.astype(np.int64) * nodes + b) * (COMMAND + 1) + stated.trust
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    first = order[starts]
    earliest = np.minimum.reduceat(stated.at_ms[order], starts) if len(starts) else stated.at_ms[:0]
    return Stated(a[first], b[first], stated.trust[first], earliest)


def _levels(types: Bytes, stated: Stated, policy: Policy) -> Bytes:
    """Rule 1: up to which trust the statements of each node merge nothing. Most nodes are told by counting alone."""
    weights = np.array(policy.weights, np.uint8)
    kinds = len(policy.names)
    level = np.zeros(len(types), np.uint8)
    limits = np.array([np.iinfo(np.int64).max if limit is None else limit for limit in policy.limit])
    admitted = np.array(policy.admitted, bool)[stated.trust, types[stated.a], types[stated.b]]
    keys, values, weighs, times = [], [], [], []
    for node, other in ((stated.a, stated.b), (stated.b, stated.a)):
        kind = types[other]
        weight = weights[types[node], kind, stated.trust]
        chosen = np.flatnonzero((weight > 0) & admitted)
        keys.append(node[chosen] * kinds + kind[chosen])
        values.append(other[chosen])
        weighs.append(weight[chosen])
        times.append(stated.at_ms[chosen])
    key, value, weight, at_ms = np.concatenate(keys), np.concatenate(values), np.concatenate(weighs), np.concatenate(times)
    often = np.bincount(key, minlength=0)[key] > limits[key % kinds]
    key, value, weight, at_ms = key[often], value[often], weight[often], at_ms[often]
    # Of each value the greatest weight counts; the limit's next one, from the greatest down, says up to which trust a node is shared.
    if policy.limits.timed:
        timed = np.isin(key % kinds, sorted(policy.limits.timed))
        _timed_levels(level, key[timed], value[timed], weight[timed], at_ms[timed], policy)
        key, value, weight = key[~timed], value[~timed], weight[~timed]
    order = np.lexsort((-weight.astype(np.int64), value, key))
    key, value, weight = key[order], value[order], weight[order]
    once = (np.diff(key, prepend=-1) != 0) | (np.diff(value, prepend=-1) != 0)
    key, weight = key[once], weight[once]
    order = np.lexsort((-weight.astype(np.int64), key))
    key, weight = key[order], weight[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.append(starts, len(key))))
    over = rank == limits[key % kinds] if len(key) else np.zeros(0, bool)
    np.maximum.at(level, key[over] // kinds, weight[over])
    return level


def _timed_levels(level: Bytes, key: Ints, value: Ints, weight: Bytes, at_ms: Ints, policy: Policy) -> None:
    """As ``_levels`` for types with a limit of a length of time; the nodes that may be concerned are few."""
    kinds = len(policy.names)
    for each in np.unique(key).tolist():
        mine = key == each
        kind, node = each % kinds, each // kinds
        most, per_ms = policy.limit[kind] or 0, policy.limits.per_ms[kind]
        for least in range(COMMAND, 0, -1):
            first: dict[int, int] = {}
            counted = mine & (weight >= least)
            for one, at in zip(value[counted].tolist(), at_ms[counted].tolist(), strict=True):
                first[one] = min(at, first.get(one, at))
            if crowded(first.values(), most, per_ms):
                level[node] = max(int(level[node]), least)
                break


def _first_stated(nodes: int, stated: Stated, counted: Ints) -> Ints:
    """When each node was first stated with another, as far as the statements count."""
    first = np.full(nodes, np.iinfo(np.int64).max, np.int64)
    for side in (stated.a, stated.b):
        np.minimum.at(first, side[counted], stated.at_ms[counted])
    return first


def _components(nodes: int, a: Ints, b: Ints) -> Ints:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(len(a), np.int8), (a.astype(np.int32), b.astype(np.int32))), shape=(nodes, nodes))
    return np.asarray(connected_components(edges, directed=False)[1], np.int64)


def _least(component: Ints) -> Ints:
    """The least node of each node's component."""
    least = np.full(int(component.max(initial=-1)) + 1, len(component), np.int64)
    np.minimum.at(least, component, np.arange(len(component)))
    return np.asarray(least[component])


def _broken(types: Bytes, component: Ints, policy: Policy) -> npt.NDArray[np.bool_]:
    """By component: whether it holds more values of a type than the limit, or two known people."""
    count = int(component.max(initial=-1)) + 1
    broken = np.zeros(count, bool)
    for kind, limit in enumerate(policy.limit):
        if limit is not None:
            broken |= np.bincount(component[types == kind], minlength=count) > limit
    known = np.isin(types, sorted(policy.known))
    return np.asarray(broken | (np.bincount(component[known], minlength=count) > 1))


def _by_component(component: Ints, nodes: Ints, records: Ints, a: Ints) -> list[tuple[list[int], list[int]]]:
    """(nodes, records) of each component among these nodes."""
    nodes = nodes[np.argsort(component[nodes], kind="stable")]
    records = records[np.argsort(component[a[records]], kind="stable")]
    labels, starts = np.unique(component[nodes], return_index=True)
    bounds = np.searchsorted(component[a[records]], labels)
    parts = zip(np.split(nodes, starts[1:]), np.split(records, bounds[1:]), strict=True) if len(labels) else ()
    return [(members.tolist(), chosen.tolist()) for members, chosen in parts]


def _join(
    nodes: list[int],
    records: list[int],
    types: Bytes,
    stated: Stated,
    first: Ints | None,
    policy: Policy,
    digest: Callable[[int], int],
    person: Ints,
    held: npt.NDArray[np.bool_],
) -> None:
    """Rule 2 in one component."""
    kinds = {node: int(types[node]) for node in nodes}
    digests = {node: digest(node) for node in nodes}

    def value_of(node: int) -> Value | None:
        kind = kinds[node]
        return None if policy.limit[kind] is None else (kind, node)

    edges = []
    for record in records:
        a, b, trust = int(stated.a[record]), int(stated.b[record]), int(stated.trust[record])
        priorities = sorted((policy.priority[kinds[a]], policy.priority[kinds[b]]))
        order = (-trust, *priorities, int(stated.at_ms[record]), *sorted((digests[a], digests[b])))
        edges.append(Edge(order=order, record=record, a=a, b=b, trust=trust))
    times = {} if first is None else {node: int(first[node]) for node, kind in kinds.items() if kind in policy.limits.timed}
    law = Law(kinds.__getitem__, value_of, policy.limits, policy.known, policy.bond, times)
    people, verdicts = join(nodes, edges, law)
    for members in people:
        person[members] = members[0]
    for record, verdict in verdicts.items():
        held[record] = verdict == HELD
