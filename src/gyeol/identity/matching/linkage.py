"""From weighted pairs to groups: pairs are joined from the strongest on, as long as two groups belong together on average.

A chain of weak likenesses (A like B, B like C, C nothing like A) therefore does not melt people together, as transitive closure would.
Source: average linkage, Sokal & Michener (1958); pairs that were no candidates count with a fixed weight against.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

UNSEEN = -4.0
"""Weight in bits of a pair that was not even a candidate. From -2 to -6 F1 changes by less than 0.02 (``gyeol bench identity``)."""
STRONGEST = 15.0
"""No pair counts for more: one shared rare value must not outweigh every contradiction in a group."""
LARGEST = 300_000
"""Pairs of one component that are joined by their averages; so many take about a second and 200 MB. In a larger one the weight that
connects records is raised until it falls apart."""
_STEP = 1.0

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Weighted pairs of records, each pair once.

    Args:
        left: Indices of the one record. right: Of the other. weight: log2 odds that the two are one.
    """

    left: Ints
    right: Ints
    weight: Floats


@dataclass(frozen=True)
class Groups:
    """Who belongs together.

    Args:
        group: By record: the least index in its group.
        raised: Components with more than ``LARGEST`` pairs, and the weight that connected records within the last of them; 0 without any.
    """

    group: Ints
    raised: int = 0
    weight: float = 0.0


Within = Callable[[Ints], Iterable[tuple[Ints, Pairs]]]
"""Component of every record (below 0: not asked for) → all pairs inside of them with their component, by component, in parts."""


def groups(records: int, left: Ints, right: Ints, weight: Floats, at_least: float = 0.0) -> Ints:
    """The group of every record, where all pairs are at hand: the least index in it.

    Args:
        records: How many there are.
        left: Indices of the one record of each pair, each pair once.
        right: Indices of the other.
        weight: log2 odds that a pair is one.
        at_least: Groups are joined while their average weight is above this.
    """

    def within(component: Ints) -> Iterable[tuple[Ints, Pairs]]:
        inside = np.flatnonzero((component[left] == component[right]) & (component[left] >= 0))
        inside = inside[np.argsort(component[left[inside]], kind="stable")]
        yield component[left[inside]], Pairs(left[inside], right[inside], weight[inside])

    joined = weight > at_least
    return grouped(records, Pairs(left[joined], right[joined], weight[joined]), within, at_least).group


def grouped(records: int, strong: Pairs, within: Within, at_least: float, largest: int = LARGEST) -> Groups:
    """The groups of records whose pairs are too many to hold at once.

    Args:
        records: How many there are.
        strong: The pairs above ``at_least``: they say which records can belong together at all.
        within: Gives all pairs of such components.
        at_least: Groups are joined while their average weight is above this.
        largest: Pairs of one component that are held at once.
    """
    group = np.arange(records, dtype=np.int64)
    component = _components(records, strong.left, strong.right)
    members = np.bincount(component, minlength=1)
    two = members[component[strong.left]] == 2
    group[np.maximum(strong.left[two], strong.right[two])] = np.minimum(strong.left[two], strong.right[two])
    raised, connecting = 0, 0.0
    for pairs in _by_component(within(np.where(members[component] > 2, component, -1))):
        if len(pairs.left) <= largest:
            _join(group, pairs, at_least)
            continue
        raised += 1
        connecting = max(connecting, _raised(group, pairs, at_least, largest))
    return Groups(group, raised, connecting)


def _components(records: int, left: Ints, right: Ints) -> Ints:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(records, records))
    return np.asarray(connected_components(edges, directed=False)[1], np.int64)


def _by_component(parts: Iterable[tuple[Ints, Pairs]]) -> Iterable[Pairs]:
    """The pairs of one component after the other; a component may stand in several parts."""
    held: list[Pairs] = []
    last = -1
    for component, pairs in parts:
        if not len(component):
            continue
        bounds = [0, *(np.flatnonzero(np.diff(component)) + 1).tolist(), len(component)]
        for begin, end in pairwise(bounds):
            if component[begin] != last and held:
                yield _together(held)
                held = []
            last = int(component[begin])
            held.append(Pairs(pairs.left[begin:end], pairs.right[begin:end], pairs.weight[begin:end]))
    if held:
        yield _together(held)


def _together(held: list[Pairs]) -> Pairs:
    if len(held) == 1:
        return held[0]
    return Pairs(*(np.concatenate([getattr(one, name) for one in held]) for name in ("left", "right", "weight")))


def _join(group: Ints, pairs: Pairs, at_least: float) -> None:
    """Average linkage within one component."""
    members, place = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
    half = len(pairs.left)
    counted = np.minimum(pairs.weight, STRONGEST)
    listed = list(zip(place[:half].tolist(), place[half:].tolist(), counted.tolist(), strict=True))
    group[members] = members[np.array(_average(len(members), listed, at_least), np.int64)]


def _raised(group: Ints, pairs: Pairs, at_least: float, largest: int) -> float:
    """Take a giant component apart by asking for more before records are connected, and join what is left; the weight that did it.

    Where records are so alike that no weight takes them apart, they are left as they are connected at the strongest.
    """
    members, place = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
    half = len(pairs.left)
    left, right = place[:half].astype(np.int64), place[half:].astype(np.int64)
    connecting = at_least
    while True:
        connecting += _STEP
        joined = pairs.weight > connecting
        component = _components(len(members), left[joined], right[joined])
        inside = np.flatnonzero(component[left] == component[right])
        sizes = np.bincount(component[left[inside]], minlength=1)
        if sizes.max() <= largest or connecting >= STRONGEST:
            break
    inside = inside[np.argsort(component[left[inside]], kind="stable")]
    numbers = component[left[inside]]
    for part in _by_component([(numbers, Pairs(pairs.left[inside], pairs.right[inside], pairs.weight[inside]))]):
        if len(part.left) <= largest:
            _join(group, part, at_least)
        else:
            everybody = np.unique(np.concatenate([part.left, part.right]))
            group[everybody] = everybody[0]
    return connecting


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
