"""What agreement says is learnt from pairs without labels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gyeol.identity.matching.learning import Patterns, belief, learn


def _pairs(rng: np.random.Generator, count: int, shares: list[list[float]]) -> NDArray[np.int64]:
    return np.stack([rng.choice(len(one), count, p=one) for one in shares], axis=1)


def _counted(levels: NDArray[np.int64], silent: frozenset[int] = frozenset()) -> Patterns:
    found, counts = np.unique(levels, axis=0, return_counts=True)
    return Patterns(found.astype(np.int64), counts.astype(np.float64), silent)


def test_the_shares_that_made_the_pairs_are_found_again() -> None:
    rng = np.random.default_rng(3)
    equal = [[0.05, 0.05, 0.9], [0.3, 0.1, 0.6], [0.1, 0.2, 0.7], [0.2, 0.8]]
    other = [[0.98, 0.015, 0.005], [0.95, 0.04, 0.01], [0.99, 0.008, 0.002], [0.5, 0.5]]
    drawn = _counted(np.concatenate([_pairs(rng, 60_000, other), _pairs(rng, 60, equal)]))
    sessions = []
    for silent in (frozenset({0, 1}), frozenset({0, 2}), frozenset({1, 2})):
        made = np.concatenate([_pairs(rng, 4_000, equal), _pairs(rng, 1_000, other)])
        made[:, sorted(silent)] = 2
        sessions.append(_counted(made, silent))
    learnt = learn(drawn, sessions, [belief(len(one), 0.1) for one in equal], 1e-3)
    for found, true in ((learnt.equal, equal), (learnt.other, other)):
        for field, shares in enumerate(true):
            assert found[field] == pytest.approx(shares, abs=0.03)
    assert learnt.other[2][2] == pytest.approx(0.002, abs=0.0007)


def test_without_pairs_the_belief_stands_and_values_that_cannot_be_compared_count_nothing() -> None:
    nothing = Patterns(np.full((1, 1), -1, np.int64), np.ones(1))
    learnt = learn(nothing, [], [belief(3, 0.1)], 0.01)
    assert learnt.equal[0].tolist() == belief(3, 0.1).tolist() == pytest.approx([0.1, 0.3, 0.6])
    assert learnt.other[0][0] > 0.8


def test_fields_that_agree_together_count_as_one_among_candidates_only() -> None:
    rng = np.random.default_rng(4)
    family, alone = rng.choice(2, 40_000, p=[0.9, 0.1]), [rng.choice(2, 40_000, p=[0.99, 0.01]) for _ in range(3)]
    drawn = _counted(np.stack([family, family, family, *alone], axis=1))
    near = _counted(_pairs(rng, 4_000, [[0.05, 0.95]] * 6))
    beliefs = [belief(2, 0.1)] * 6
    learnt = learn(drawn, [near], beliefs, 1e-3, candidates=True)
    assert learnt.counted == pytest.approx([1 / 3] * 3 + [1.0] * 3, abs=0.03)
    assert learn(drawn, [near], beliefs, 1e-3).counted.tolist() == [1.0] * 6


def test_a_correlation_among_a_few_pairs_is_chance() -> None:
    some = np.zeros((40_000, 2), np.int64)
    some[:2] = 1
    near = _counted(_pairs(np.random.default_rng(5), 400, [[0.2, 0.8]] * 2))
    assert learn(_counted(some), [near], [belief(2, 0.1)] * 2, 1e-6, candidates=True).counted.tolist() == pytest.approx([1.0] * 2, abs=0.1)
