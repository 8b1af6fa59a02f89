"""Who belongs together, given weights of pairs."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from gyeol.identity.matching.linkage import Pairs as Weighted
from gyeol.identity.matching.linkage import Within, grouped, groups

Pairs = list[tuple[int, int, float]]


def _groups(records: int, pairs: Pairs, at_least: float = 0.0) -> list[int]:
    left, right, weight = (np.array(column) for column in zip(*pairs, strict=True)) if pairs else (np.zeros(0, int),) * 3
    found = groups(records, left.astype(np.int64), right.astype(np.int64), weight.astype(np.float64), at_least)
    return [int(root) for root in found]


def test_pairs_and_those_who_are_alone() -> None:
    assert _groups(5, [(1, 3, 4.0), (0, 4, -2.0)]) == [0, 1, 2, 1, 4]
    assert _groups(3, []) == [0, 1, 2]


def test_a_chain_of_weak_likenesses_does_not_melt_two_groups() -> None:
    first = [(a, b, 9.0) for a in range(4) for b in range(a + 1, 4)]
    second = [(a, b, 9.0) for a in range(4, 8) for b in range(a + 1, 8)]
    bridge = [(3, 4, 1.0)]
    assert _groups(8, [*first, *second, *bridge]) == [0, 0, 0, 0, 4, 4, 4, 4]


def test_what_speaks_against_counts() -> None:
    assert _groups(3, [(0, 1, 5.0), (1, 2, 4.0), (0, 2, 3.0)]) == [0, 0, 0]
    assert _groups(3, [(0, 1, 5.0), (1, 2, 4.0), (0, 2, -8.0)]) == [0, 0, 2]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_pairs_means_nothing(seed: int) -> None:
    rng = random.Random(seed)
    pairs: Pairs = [(a, b, rng.uniform(-8, 12)) for a in range(20) for b in range(a + 1, 20) if rng.random() < 0.3]
    once = _groups(20, pairs)
    rng.shuffle(pairs)
    assert _groups(20, pairs) == once
    assert all(root <= record and once[root] == root for record, root in enumerate(once))


def _within(left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], size: int) -> Within:
    """Pairs by component, in parts of a size that cuts components in two."""

    def within(component: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Weighted]]:
        inside = np.flatnonzero((component[left] == component[right]) & (component[left] >= 0))
        inside = inside[np.argsort(component[left[inside]], kind="stable")]
        for begin in range(0, len(inside), size):
            part = inside[begin : begin + size]
            yield component[left[part]], Weighted(left[part], right[part], weight[part])

    return within


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_pairs_that_come_in_parts_give_the_same_groups(size: int) -> None:
    rng = random.Random(7)
    pairs = [(a, b, rng.uniform(-8, 12)) for a in range(60) for b in range(a + 1, 60) if rng.random() < 0.04]
    left, right, weight = (np.array(column) for column in zip(*pairs, strict=True))
    strong = weight > 0
    found = grouped(60, Weighted(left[strong], right[strong], weight[strong]), _within(left, right, weight, size), 0.0)
    assert found.group.tolist() == _groups(60, pairs) and found.raised == 0


def test_a_giant_component_falls_apart_at_a_higher_weight_and_is_told() -> None:
    def crowd(first: int) -> Pairs:
        return [(first + a, first + b, 9.0) for a in range(10) for b in range(a + 1, 10)]

    pairs = [*crowd(0), *crowd(10), *((a, b, 0.5) for a in range(10) for b in range(10, 20))]
    left, right, weight = (np.array(column) for column in zip(*pairs, strict=True))
    within = _within(left, right, weight, 1000)
    found = grouped(20, Weighted(left, right, weight), within, 0.0, largest=50)
    assert found.raised == 1 and 0.5 < found.weight < 9.0
    assert found.group.tolist() == [0] * 10 + [10] * 10
    # Records that nothing takes apart stay together.
    assert grouped(20, Weighted(left, right, np.full(len(left), 20.0)), within, 0.0, largest=5).raised == 1
