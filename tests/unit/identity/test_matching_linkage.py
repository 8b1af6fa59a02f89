"""Who belongs together, given weights of pairs."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gyeol.identity.matching.linkage import groups

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
