"""From weighted pairs to groups: pairs are joined from the strongest on, as long as two groups belong together on average.

A chain of weak likenesses (A like B, B like C, C nothing like A) therefore does not melt people together, as transitive closure would.
Source: average linkage, Sokal & Michener (1958); pairs that were no candidates count with a fixed weight against.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

UNSEEN = -4.0
"""Weight in bits of a pair that was not even a candidate. From -2 to -6 F1 changes by less than 0.02 (``gyeol bench identity``)."""
STRONGEST = 15.0
"""No pair counts for more: one shared rare value must not outweigh every contradiction in a group."""


def groups(
    records: int, left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], at_least: float = 0.0
) -> NDArray[np.int64]:
    """The group of every record: the least index in it.

    Args:
        records: How many there are.
        left: Indices of the one record of each pair, each pair once.
        right: Indices of the other.
        weight: log2 odds that a pair is one.
        at_least: Groups are joined while their average weight is above this.
    """
    group = np.arange(records, dtype=np.int64)
    counted = np.minimum(weight, STRONGEST)
    for members, chosen in _components(records, left, right, counted > at_least):
        if len(members) == 2:
            group[members[1]] = members[0]
            continue
        place = {int(record): i for i, record in enumerate(members)}
        pairs = [(place[int(left[i])], place[int(right[i])], float(counted[i])) for i in chosen]
        for i, root in enumerate(_average(len(members), pairs, at_least)):
            group[members[i]] = members[root]
    return group


def _components(
    records: int, left: NDArray[np.int64], right: NDArray[np.int64], joined: NDArray[np.bool_]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Records that strong pairs connect, ascending, with all pairs within (weak ones too); records alone are left out."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(int(joined.sum()), np.int8), (left[joined], right[joined])), shape=(records, records))
    _, component = connected_components(edges, directed=False)
    inside = np.flatnonzero(component[left] == component[right])
    by_component = inside[np.argsort(component[left[inside]], kind="stable")]
    starts = np.flatnonzero(np.diff(component[left[by_component]], prepend=-1))
    order = np.argsort(component, kind="stable")
    bounds = np.searchsorted(component[order], np.arange(int(component.max(initial=-1)) + 2))
    found = []
    for chosen in np.split(by_component, starts[1:]) if len(by_component) else []:
        number = int(component[left[chosen[0]]])
        found.append((order[bounds[number] : bounds[number + 1]], chosen))
    return found


def _average(records: int, pairs: Sequence[tuple[int, int, float]], at_least: float) -> list[int]:
    """The root of every record of one component; the strongest join comes first, ties go to the lower indices."""
    near: list[dict[int, tuple[float, int]]] = [{} for _ in range(records)]
    size, version, parent = [1] * records, [0] * records, list(range(records))
    heap: list[tuple[float, int, int, int, int]] = []

    def propose(a: int, b: int, total: float, seen: int) -> None:
        possible = size[a] * size[b]
        mean = (total + (possible - seen) * UNSEEN) / possible
        if mean > at_least:
            a, b = min(a, b), max(a, b)
            heapq.heappush(heap, (-mean, a, b, version[a], version[b]))

    for a, b, weight in pairs:
        near[a][b] = near[b][a] = (weight, 1)
        propose(a, b, weight, 1)
    while heap:
        _, a, b, version_a, version_b = heapq.heappop(heap)
        if parent[a] != a or parent[b] != b or (version[a], version[b]) != (version_a, version_b):
            continue
        parent[b] = a
        size[a] += size[b]
        version[a] += 1
        del near[a][b]
        for other, (total, seen) in near[b].items():
            if other != a:
                before, count = near[a].get(other, (0.0, 0))
                near[a][other] = (before + total, count + seen)
                del near[other][b]
        near[b] = {}
        for other, (total, seen) in near[a].items():
            near[other][a] = (total, seen)
            propose(a, other, total, seen)
    for record in range(records):
        while parent[parent[record]] != parent[record]:
            parent[record] = parent[parent[record]]
    return parent
