"""The posterior against closed forms: the joint precision of all arms, written out and solved at once."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.decisions.ranking.posterior import FORGETTING_STEPS, Floats, Posterior, Shape

ARMS = ["tea", "coffee", "cake"]
DAY = 86_400_000


def shape(own: int, shared: int, *, logit: bool = False, half_life_ms: int | None = None) -> Shape:
    return Shape(own=own, shared=shared, base=0.05, sd=0.7, logit=logit, noise=0.4, half_life_ms=half_life_ms)


def history(own: int, shared: int, n: int = 120) -> list[tuple[str, Floats, Floats, float]]:
    random = np.random.default_rng(7)
    found = []
    for _ in range(n):
        mine = np.concatenate([[1.0], random.normal(size=own - 1)])
        found.append((ARMS[int(random.integers(3))], mine, random.normal(size=shared), float(random.random() < 0.3)))
    return found


def taught(posterior: Posterior, events: list[tuple[str, Floats, Floats, float]], at_ms: int = 0) -> Posterior:
    for arm, own, shared, reward in events:
        part = posterior.observe(arm, own, shared, at_ms)
        if reward:
            posterior.reach(arm, own, shared, at_ms, at_ms, part, reward)
    return posterior


def joint(of: Shape, events: list[tuple[str, Floats, Floats, float]]) -> tuple[Floats, Floats]:
    """Mean and covariance of all weights by the normal equations, the arms' own first."""
    q, p = of.own, of.shared
    size = len(ARMS) * q + p
    precision, right = np.eye(size) / of.sd**2, np.zeros(size)
    right[: len(ARMS) * q : q] = of.base / of.sd**2
    for arm, own, shared, reward in events:
        row = np.zeros(size)
        at = ARMS.index(arm) * q
        row[at : at + q], row[len(ARMS) * q :] = own, shared
        precision += np.outer(row, row) / of.noise**2
        right += row * reward / of.noise**2
    covariance = np.asarray(np.linalg.inv(precision), np.float64)
    return covariance @ right, covariance


@pytest.mark.parametrize(("own", "shared"), [(5, 0), (1, 6), (4, 3)], ids=["per_offer", "shared", "both"])
def test_the_posterior_is_that_of_the_normal_equations(own: int, shared: int) -> None:
    events, of = history(own, shared), shape(own, shared)
    posterior = taught(Posterior(of), events)
    mean, covariance = joint(of, events)
    for i, arm in enumerate(ARMS):
        places = [*range(i * own, (i + 1) * own), *range(3 * own, 3 * own + shared)]
        found_mean, found_covariance = posterior.moments(arm, 0)
        assert np.abs(found_mean - mean[places]).max() < 1e-9
        assert np.abs(found_covariance - covariance[np.ix_(places, places)]).max() < 1e-9


def test_outcomes_may_come_at_any_time_and_in_any_order() -> None:
    events = history(4, 2)
    at_once, later = taught(Posterior(shape(4, 2)), events), Posterior(shape(4, 2))
    parts = [later.observe(arm, own, shared, 0) for arm, own, shared, _ in events]
    for (arm, own, shared, reward), part in reversed(list(zip(events, parts, strict=True))):
        if reward:
            later.reach(arm, own, shared, 0, 0, part)
    for arm in ARMS:
        assert np.abs(at_once.moments(arm, 0)[0] - later.moments(arm, 0)[0]).max() < 1e-9


def test_what_was_seen_halves_in_a_half_life_and_ends_at_the_prior() -> None:
    of = shape(3, 0, half_life_ms=10 * DAY)
    events = history(3, 0)
    posterior = taught(Posterior(of), events)
    halved = [(arm, own / np.sqrt(2), shared, reward / np.sqrt(2)) for arm, own, shared, reward in events]
    mean, covariance = joint(shape(3, 0), halved)
    found = posterior.moments("tea", 10 * DAY)
    assert np.abs(found[0] - mean[:3]).max() < 1e-9
    assert np.abs(found[1] - covariance[:3, :3]).max() < 1e-9
    prior_mean, prior_covariance = Posterior(of).moments("tea", 0)
    found = posterior.moments("tea", 2_000 * DAY)
    assert np.abs(found[0] - prior_mean).max() < 1e-9
    assert np.abs(found[1] - prior_covariance).max() < 1e-9


def test_a_late_outcome_has_faded_as_its_decision_has() -> None:
    of = shape(3, 0, half_life_ms=FORGETTING_STEPS * DAY)
    soon, late = Posterior(of), Posterior(of)
    own = np.array([1.0, 0.5, -2.0])
    for posterior, at_ms in ((soon, 0), (late, 20 * DAY)):
        part = posterior.observe("tea", own, np.zeros(0), 0)
        posterior.reach("tea", own, np.zeros(0), 0, at_ms, part)
    assert np.abs(soon.moments("tea", 30 * DAY)[0] - late.moments("tea", 30 * DAY)[0]).max() < 1e-12


@pytest.mark.parametrize(("own", "shared"), [(3, 0), (3, 1), (1, 4)])
@pytest.mark.parametrize("logit", [False, True])
def test_a_restart_in_the_middle_changes_no_byte(own: int, shared: int, logit: bool) -> None:
    of, events = shape(own, shared, logit=logit, half_life_ms=DAY), history(own, shared)
    whole = Posterior(of)
    whole.arms(["never seen", *reversed(ARMS)])
    again = Posterior(of)
    for i, (arm, mine, theirs, reward) in enumerate(events):
        for each in (whole, again):
            part = each.observe(arm, mine, theirs, i * 3_600_000)
            if reward:
                each.reach(arm, mine, theirs, i * 3_600_000, i * 3_600_000, part)
        whole.beliefs(i * 3_600_000 + 7_200_000)  # a look into the future leaves nothing behind
        if i % 17 == 0:
            dumped, again = again.dump(), Posterior(of)
            again.load(dumped)
    assert whole.dump() == again.dump()


def test_the_logistic_link_finds_the_log_odds() -> None:
    random = np.random.default_rng(3)
    truth: dict[str, Floats] = {"tea": np.array([-2.0, 1.5]), "coffee": np.array([-1.0, -1.0])}
    posterior = Posterior(Shape(own=2, shared=0, base=-2.0, sd=2.0, logit=True, noise=1.0))
    for _ in range(8_000):
        arm = "tea" if random.random() < 0.5 else "coffee"
        own = np.array([1.0, random.normal()])
        part = posterior.observe(arm, own, np.zeros(0), 0)
        if random.random() < 1 / (1 + np.exp(-truth[arm] @ own)):
            posterior.reach(arm, own, np.zeros(0), 0, 0, part)
    for name, weights in truth.items():
        mean, covariance = posterior.moments(name, 0)
        assert np.abs((mean - weights) / np.sqrt(np.diag(covariance))).max() < 3.5


@pytest.mark.parametrize("logit", [False, True])
def test_what_was_taken_out_again_is_the_same_after_a_restart_to_the_last_bit(logit: bool) -> None:
    of, random = shape(3, 2, logit=logit, half_life_ms=DAY), np.random.default_rng(0)
    for _ in range(20):
        live, own, shared = Posterior(of), np.array([1.0, *random.normal(size=2)]), random.normal(size=2)
        decided, between, at = np.cumsum(random.integers(1, DAY, 3)).tolist()
        part = live.observe("tea", own, shared, decided)
        live.observe("cake", own, shared, between)
        live.withdraw("tea", own, shared, decided, at, part)
        restarted = Posterior(of)
        restarted.load(live.dump())
        for each in (live, restarted):
            each.observe("tea", own, shared, at + 5)
        assert live.dump() == restarted.dump()
