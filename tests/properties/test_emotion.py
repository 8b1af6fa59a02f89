"""Laws of what is known of a person's feelings: the order in which texts and answers arrive cannot be seen."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.context.emotion import complaint, trend
from gyeol.context.emotion.trend import DAY_MS, NOTHING, Feelings, HalfLives

LIVES = HalfLives()
SAID = st.lists(
    st.tuples(st.floats(-1, 1), st.floats(0, 1), st.integers(0, 400 * DAY_MS)).map(lambda of: trend.lift(*of)), min_size=0, max_size=12
)
CASES = st.lists(
    st.tuples(st.sampled_from(["a", "b", complaint.ALL]), st.booleans(), st.integers(0, 100)).map(
        lambda of: (complaint.opened if of[1] and of[0] != complaint.ALL else complaint.closed)(of[0], of[2])
    ),
    max_size=10,
)


def _sum(of: list[Feelings]) -> Feelings:
    total = NOTHING
    for one in of:
        total = trend.combine(total, one, LIVES)
    return total


@given(SAID, st.randoms(use_true_random=False), st.integers(0, 12))
def test_feelings_are_a_commutative_monoid(said: list[Feelings], random: Random, cut: int) -> None:
    shuffled = sorted(said, key=lambda _: random.random())
    parted = trend.combine(_sum(shuffled[:cut]), _sum(shuffled[cut:]), LIVES)
    whole = _sum(said)
    assert parted.texts == whole.texts
    assert parted.at_ms == whole.at_ms
    for name in ("total", "weight", "recent_total", "recent_weight"):
        assert getattr(parted, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9)
    shown = trend.present(whole, 400 * DAY_MS, LIVES)
    assert -1 <= shown.polarity <= 1
    assert 0 <= shown.confidence <= 1


@given(CASES, CASES)
def test_cases_are_a_commutative_idempotent_monoid(left: list[complaint.Cases], right: list[complaint.Cases]) -> None:
    def joined(of: list[complaint.Cases]) -> complaint.Cases:
        total: complaint.Cases = {}
        for one in of:
            total = complaint.combine(total, one)
        return total

    a, b = joined(left), joined(right)
    assert complaint.combine(a, b) == complaint.combine(b, a) == joined(right + left) == joined(left + right + left)
    assert complaint.combine(a, a) == a
