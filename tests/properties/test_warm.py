"""Laws of a beginning with history: order and cuts do not matter, nothing counts more than it holds, what is packed is whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gyeol.decisions.ranking.fitting import Rows, fitted
from gyeol.decisions.ranking.learner import Learner
from gyeol.decisions.ranking.model import PolicyDefinition
from gyeol.decisions.ranking.posterior import Posterior, Sums
from gyeol.decisions.ranking.warm import packed, unpacked
from gyeol.expressions.schema import NameInfo

SCHEMA = {name: NameInfo(type="number") for name in ("x", "y")}
NAMES = ["a", "b", "c"]
shapes = st.tuples(st.sampled_from(["per_offer", "shared", "both"]), st.sampled_from(["logit", "linear"]))


@st.composite
def histories(draw: st.DrawFn) -> Rows:
    n = draw(st.integers(1, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([0.1, 1.0, 30.0, 5_000.0]))
    return Rows(
        random.integers(0, 3, n),
        (random.random(n) < draw(st.sampled_from([0.0, 0.2, 1.0]))).astype(float),
        random.uniform(0.01, 1, n),
        random.normal(size=(n, 2)) * scale,
    )


def learner_of(shape: tuple[str, str]) -> Learner:
    weights, link = shape
    return Learner(PolicyDefinition(name="p", features={"x": "x", "y": "y"}, weights=weights, link=link), SCHEMA)  # type: ignore[arg-type]


def means(learner: Learner, sums: Sums) -> np.ndarray:
    posterior = Posterior(learner.shape)
    posterior.gain(NAMES, sums, 0)
    return np.concatenate([posterior.moments(name, 0)[0] for name in NAMES])


@settings(max_examples=60, deadline=None)
@given(shapes, histories(), st.integers(1, 9))
def test_order_and_cuts_change_nothing(shape: tuple[str, str], rows: Rows, cut: int) -> None:
    learner = learner_of(shape)
    order = np.random.default_rng(cut).permutation(len(rows.arm))
    shuffled = Rows(rows.arm[order], rows.reached[order], rows.propensity[order], rows.features[order])
    whole = fitted(learner, 3, lambda: [rows])
    pieces = fitted(learner, 3, lambda: [shuffled.part(start, start + cut) for start in range(0, len(order), cut)])
    assert pieces.counts == pytest.approx(whole.counts)
    assert means(learner, pieces) == pytest.approx(means(learner, whole), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(shapes, histories(), st.floats(0.01, 1), st.floats(1, 100))
def test_nothing_counts_more_than_it_holds_and_all_of_it_can_be_believed(
    shape: tuple[str, str], rows: Rows, weight: float, most: float
) -> None:
    learner = learner_of(shape)
    sums = fitted(learner, 3, lambda: [rows], weight, most)
    assert (sums.counts <= weight * np.bincount(rows.arm, minlength=3) * (1 + 1e-9)).all()
    assert sums.counts.sum() <= most * (1 + 1e-9)
    back = unpacked(packed(sums), 3, learner.shape)
    assert packed(back) == packed(sums)
    posterior = Posterior(learner.shape)
    posterior.gain(NAMES, back, 0)
    for name in NAMES:
        mean, covariance = posterior.moments(name, 0)
        assert np.isfinite(mean).all() and np.linalg.eigvalsh(covariance).min() > -1e-9
