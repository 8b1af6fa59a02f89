"""The probability of an arm against counting draws, and that the same names give the same draw."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.decisions.ranking.drawing import Field, best, draw, fixed, normal_below, randomness


def field(n: int, *, logit: bool, seed: int, shared: int = 0, together: bool = False) -> Field:
    random = np.random.default_rng(seed)
    mean = random.normal(-2.5, 0.5, n) if logit else random.normal(0.1, 0.05, n)
    scale = 0.3 if logit else 0.03
    return Field(
        mean=mean,
        spread=scale * random.normal(size=(n, 3)) if together else scale * random.uniform(0.4, 2.0, (n, 1)),
        shared=scale * random.normal(size=(n, shared)),
        block=np.arange(n) // 2 if together else np.arange(n),
        value=random.uniform(500, 3_000, n),
        cost=random.uniform(0, 30, n),
        logit=logit,
    )


def counted(of: Field, draws: int = 300_000) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    random = np.random.default_rng(99)
    wins = np.zeros(len(of.mean))
    for _ in range(10):
        own = random.standard_normal((draws // 10, int(of.block.max()) + 1, of.spread.shape[1]))
        means = of.mean + np.einsum("dnq,nq->dn", own[:, of.block], of.spread)
        means += random.standard_normal((draws // 10, of.shared.shape[1])) @ of.shared.T
        wins += np.bincount(of.scores(means).argmax(axis=1), minlength=len(of.mean))
    return wins / draws


@pytest.mark.parametrize("logit", [False, True])
@pytest.mark.parametrize("n", [2, 7, 50])
def test_the_quadrature_gives_what_counting_gives(n: int, logit: bool) -> None:
    of = field(n, logit=logit, seed=n)
    found = np.array([best(of, i) for i in range(n)])
    assert abs(found.sum() - 1) < 1e-5
    assert np.abs(found - counted(of)).max() < 4 * np.sqrt(0.25 / 300_000)


def test_a_rival_who_is_known_exactly_costs_no_more_than_half_a_step() -> None:
    sure = Field(np.array([0.3, 0.1]), np.array([[1e-9], [1.0]]), np.zeros((2, 0)), np.arange(2), np.ones(2), np.zeros(2), False)
    assert abs(best(sure, 1) - (1 - float(normal_below(np.array([0.2]))[0]))) < 0.0187
    assert best(sure, 0) + best(sure, 1) == pytest.approx(1, abs=0.0187)


@pytest.mark.parametrize(("shared", "together"), [(3, False), (0, True), (2, True)])
def test_where_weights_are_shared_the_estimate_is_within_its_error(shared: int, together: bool) -> None:
    of = field(12, logit=True, seed=5, shared=shared, together=together)
    found, truth = np.array([best(of, i) for i in range(12)]), counted(of)
    assert found.sum() == pytest.approx(1)
    assert (np.abs(found - truth) <= 4.5 * np.sqrt(np.maximum(truth, 0.001) / 512)).all()


@pytest.mark.parametrize("epsilon", [0.0, 0.02, 1.0])
def test_the_logged_propensity_is_how_often_the_arm_is_taken(epsilon: float) -> None:
    of = field(6, logit=False, seed=1)
    drawn = [draw(of, epsilon, randomness(f"d{i}", "p")) for i in range(8_000)]
    for arm in range(6):
        mine = [each for each in drawn if each.arm == arm]
        if mine:
            assert len({each.propensity for each in mine}) == 1
            assert abs(len(mine) / 8_000 - mine[0].propensity) < 4 * np.sqrt(0.25 / 8_000)
            assert mine[0].propensity >= min(epsilon, 1 / 6)
    assert any(each.explored for each in drawn) == (epsilon > 0)


def test_a_fixed_ranking_leaves_the_others_their_floor() -> None:
    taken = [fixed(5, 0, 0.03, randomness(f"d{i}", "p")) for i in range(20_000)]
    for arm in range(5):
        mine = [each for each in taken if each[0] == arm]
        assert all(each[2] == pytest.approx(0.88 if arm == 0 else 0.03) for each in mine)
        assert abs(len(mine) / 20_000 - mine[0][2]) < 4 * np.sqrt(0.25 / 20_000)
        assert all(each[1] == (arm != 0) for each in mine)


def test_the_same_names_give_the_same_bytes() -> None:
    of = field(9, logit=True, seed=2)
    first, again, other = (draw(of, 0.01, randomness(name, "p")) for name in ("d_1", "d_1", "d_2"))
    assert (first.arm, first.propensity, first.scores.tobytes()) == (again.arm, again.propensity, again.scores.tobytes())
    assert first.scores.tobytes() != other.scores.tobytes()
    assert randomness("d_1", "p").random() != randomness("d_1p", "").random()


@pytest.mark.parametrize("shared", [0, 2])
def test_where_nothing_is_left_to_chance_the_first_of_equals_is_sure(shared: int) -> None:
    mean = np.array([-2.9444389791664403, -2.9444389791664403, -3.1])
    of = Field(mean, np.zeros((3, 1)), np.zeros((3, shared)), np.arange(3), np.full(3, 1_000.0), np.zeros(3), True)
    assert [best(of, i) for i in range(3)] == [1.0, 0.0, 0.0]
    drawn = draw(of, 0.0, randomness("d_1", "clever"))
    assert (drawn.arm, drawn.propensity) == (0, 1.0)
