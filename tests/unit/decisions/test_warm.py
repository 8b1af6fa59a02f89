"""A policy that begins with history: what it then believes, how much of it counts, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.optimize import minimize

from gyeol.decisions.ranking.fitting import MOST_COUNTED, Rows, fitted
from gyeol.decisions.ranking.learner import Arm, Learner
from gyeol.decisions.ranking.model import Goal, PolicyDefinition, Prior
from gyeol.decisions.ranking.policies import Policies
from gyeol.decisions.ranking.posterior import Posterior, Sums
from gyeol.decisions.ranking.warm import Warm, packed, unpacked
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.errors import InputError, NotFoundError

SCHEMA = {name: NameInfo(type="number") for name in ("x", "y")}
ARMS = ["a", "b", "c"]


def policy(**changed: Any) -> PolicyDefinition:
    return PolicyDefinition(name="clever", **{"features": {"x": "x", "y": "y"}, **changed})


def learner_of(**changed: Any) -> Learner:
    return Learner(policy(**changed), SCHEMA)


def history(n: int = 600, seed: int = 3) -> Rows:
    random = np.random.default_rng(seed)
    arm, features = random.integers(0, 3, n), random.normal(size=(n, 2))
    truth = np.array([[-1.0, 0.8, 0.0], [-1.5, -0.6, 0.5], [-2.5, 0.0, 1.0]])
    at = truth[arm, 0] + (truth[arm, 1:] * features).sum(axis=1)
    reached = (random.random(n) < 1 / (1 + np.exp(-at))).astype(float)
    return Rows(arm, reached, np.ones(n), features)


def warmed(learner: Learner, rows: Rows, **how: Any) -> Posterior:
    posterior = Posterior(learner.shape)
    posterior.gain(ARMS, fitted(learner, 3, lambda: [rows], **how), 0)
    return posterior


def warm_of(learner: Learner, rows: Rows, **changed: Any) -> Warm:
    sums = fitted(learner, 3, lambda: [rows], changed.get("weight", 1.0), changed.get("most", MOST_COUNTED))
    said = Warm(
        policy="clever", shape=learner.shaped, columns=list(learner.columns), source="log.csv", hash="h1",
        arms={name: int((rows.arm == i).sum()) for i, name in enumerate(ARMS)},
        reached={name: int(rows.reached[rows.arm == i].sum()) for i, name in enumerate(ARMS)},
        left_out={}, weight=1.0, most=MOST_COUNTED, sums=packed(sums),
    )  # fmt: skip
    return msgspec.structs.replace(said, **changed)


@pytest.mark.parametrize("weights", ["per_offer", "shared", "both"])
def test_the_mode_is_where_prior_times_likelihood_is_highest(weights: str) -> None:
    learner, rows = learner_of(weights=weights), history()
    q, p = learner.shape.own, learner.shape.shared
    own, shared = learner.designs(rows.features)
    base = np.zeros((3, q))
    base[:, 0] = learner.shape.base

    def depth(flat: np.ndarray) -> float:
        mine, common = flat[: 3 * q].reshape(3, q), flat[3 * q :]
        at = (own * mine[rows.arm]).sum(axis=1) + shared @ common
        prior = (((mine - base) ** 2).sum() + (common**2).sum()) / (2 * learner.shape.sd**2)
        return float(prior + np.logaddexp(0, at).sum() - rows.reached @ at)

    best = minimize(depth, np.concatenate([base.ravel(), np.zeros(p)]), tol=1e-12).x
    posterior = warmed(learner, rows)
    for i, name in enumerate(ARMS):
        mean, covariance = posterior.moments(name, 0)
        assert mean[:q] == pytest.approx(best[q * i : q * (i + 1)], abs=1e-4)
        assert mean[q:] == pytest.approx(best[3 * q :], abs=1e-4)
        assert np.linalg.eigvalsh(covariance).min() > 0
    assert sum(posterior.counts().values()) == pytest.approx(600)


def test_with_the_link_linear_it_is_what_learning_one_by_one_gives() -> None:
    learner, rows = learner_of(link="linear", weights="both"), history(200)
    posterior, one_by_one = warmed(learner, rows), Posterior(learner.shape)
    own, shared = learner.designs(rows.features)
    for i in range(200):
        one_by_one.observe(ARMS[int(rows.arm[i])], own[i], shared[i], 0, float(rows.reached[i]))
    for name in ARMS:
        for ours, theirs in zip(posterior.moments(name, 0), one_by_one.moments(name, 0), strict=True):
            assert ours == pytest.approx(theirs, abs=1e-9)


def test_parts_are_the_whole() -> None:
    learner, rows = learner_of(), history()

    def parts() -> Iterator[Rows]:
        for start in range(0, 600, 77):
            yield rows.part(start, start + 77)

    for ours, theirs in zip(fitted(learner, 3, parts), fitted(learner, 3, lambda: [rows]), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_no_history_counts_more_than_it_holds_or_may() -> None:
    learner, rows = learner_of(), history()
    assert fitted(learner, 3, lambda: [rows]).counts.sum() == pytest.approx(600)
    assert fitted(learner, 3, lambda: [rows], weight=0.25).counts.sum() == pytest.approx(150)
    assert fitted(learner, 3, lambda: [rows], most=90).counts.sum() == pytest.approx(90)
    kept = rows._replace(propensity=np.where(rows.features[:, 0] > 1, 0.05, 0.95))
    counts = fitted(learner, 3, lambda: [kept]).counts
    held = np.array([(rows.arm == i).sum() for i in range(3)])
    assert (counts < held).all(), "unequal weights count as their effective number"
    rare = rows._replace(propensity=np.where(rows.arm == 2, 0.01, 0.99))
    assert fitted(learner, 3, lambda: [rare]).counts == pytest.approx(held), "an arm that was seldom drawn counts what it holds, not more"
    for bad in ({"weight": 0.0}, {"weight": 1.1}, {"most": 0.0}):
        with pytest.raises(ValueError, match="weight"):
            fitted(learner, 3, lambda: [rows], **bad)
    with pytest.raises(ValueError, match="above 0"):
        fitted(learner, 3, lambda: [rows._replace(propensity=np.zeros(600))])


def test_features_of_any_size_and_arms_that_nobody_took_have_a_mode() -> None:
    learner = learner_of(weights="both", prior=Prior(sd=20.0))
    rows = history(400)
    wild = rows._replace(features=rows.features * 10.0 ** (np.arange(400)[:, None] % 8), reached=(rows.arm == 0).astype(float))
    posterior = warmed(learner, wild)
    for name in ARMS:
        assert all(np.isfinite(each).all() for each in posterior.moments(name, 0))


@pytest.mark.parametrize("weights", ["per_offer", "shared", "both"])
def test_sums_are_packed_and_unpacked_to_the_last_bit(weights: str) -> None:
    learner = learner_of(weights=weights)
    sums = fitted(learner, 3, lambda: [history()])
    for there, back in zip(sums, unpacked(packed(sums), 3, learner.shape), strict=True):
        assert back == pytest.approx(there, rel=1e-15, abs=1e-12)
    assert packed(unpacked(packed(sums), 3, learner.shape)) == packed(sums)


def test_sums_that_no_decisions_could_give_are_refused() -> None:
    learner = learner_of()
    policies = Policies([policy()], SCHEMA, {}, {})
    rows = history()
    zeros = Sums.zeros(3, learner.shape.own, 0)
    broken = zeros._replace(own=-9 * np.eye(3)[None].repeat(3, axis=0))
    for text in ("", "!", "eJw=", packed(zeros._replace(right=np.full((3, 3), np.nan))), packed(Sums.zeros(2, 3, 0)), packed(broken)):
        with pytest.raises(InputError) as error:
            policies.weigh(warm_of(learner, rows, sums=text), 0)
        assert [problem.code for problem in error.value.problems] == ["bad_history"]
    heavy = packed(fitted(learner, 3, lambda: [rows])._replace(counts=np.full(3, 1e6)))
    with pytest.raises(InputError, match="nothing counts more than it holds"):
        policies.weigh(warm_of(learner, rows, sums=heavy), 0)


def test_a_history_counts_once_and_for_the_policy_that_it_was_read_for() -> None:
    learner, rows = learner_of(), history()
    policies = Policies([policy()], SCHEMA, {}, {"a": Goal(event="Order", value="properties.total")})
    warm = warm_of(learner, rows, amounts={"a": (9_000.0, 3)}, spans=[("home", 10, 20)])
    policies.weigh(warm, 0)
    policies.warm(warm, 5)
    once = policies.dump()
    assert policies.value("a") == 3_000
    [held] = policies.warmed("clever")
    assert (held.rows, held.source, held.at_ms) == (600, "log.csv", 5)
    assert held.counted == pytest.approx(600)
    policies.warm(warm, 6)
    assert policies.dump() == once, "a fold of the same record changes nothing"
    other = learner_of(features={"x": "x", "z": "y"})
    cases: list[tuple[Warm, list[str]]] = [
        (warm, ["already_warm"]),
        (msgspec.structs.replace(warm, hash="h2", spans=[("home", 19, 30)]), ["already_warm"]),
        (msgspec.structs.replace(warm, shape=other.shaped, columns=list(other.columns)), ["features_differ", "already_warm"]),
        (msgspec.structs.replace(warm, hash="h3", spans=[], arms={}), ["empty_log"]),
    ]
    for said, codes in cases:
        with pytest.raises(InputError) as error:
            policies.weigh(said, 0)
        assert [problem.code for problem in error.value.problems] == codes
    with pytest.raises(InputError, match=r"y is new, z is gone"):
        policies.weigh(cases[2][0], 0)
    policies.weigh(msgspec.structs.replace(warm, hash="h2", spans=[("home", 20, 30), ("shop", 10, 20)]), 0)
    with pytest.raises(NotFoundError):
        policies.weigh(msgspec.structs.replace(warm, policy="nobody"), 0)


def test_what_it_began_with_is_dumped_and_kept_as_long_as_the_policy_is_the_same() -> None:
    learner, rows = learner_of(), history()
    policies = Policies([policy()], SCHEMA, {}, {})
    policies.warm(warm_of(learner, rows), 5)
    again = Policies([policy()], SCHEMA, {}, {})
    again.load(policies.dump())
    assert again.dump() == policies.dump()
    other = Policies([policy(prior=Prior(rate=0.1))], SCHEMA, {}, {})
    other.adopt(policies, 0)
    assert other.warmed("clever") == [], "it begins anew, and may begin with history again"
    other.warm(warm_of(learner, rows), 5)
    assert other.warmed("clever") == [], "a history of another form of it says nothing"


def test_what_history_says_fades_from_the_instant_at_which_it_was_taken_in() -> None:
    learner, rows = learner_of(forgetting="1d"), history()
    posterior = Posterior(learner.shape)
    day = 86_400_000
    posterior.observe("a", np.ones(3), np.zeros(0), 10 * day)
    posterior.gain(ARMS, fitted(learner, 3, lambda: [rows]), 11 * day)
    assert posterior.observed("b") == pytest.approx(float((rows.arm == 1).sum()))
    posterior.observe("a", np.ones(3), np.zeros(0), 12 * day)
    assert posterior.observed("b") == pytest.approx(float((rows.arm == 1).sum()) / 2)
    assert Arm("b").block == "b"


def test_two_histories_that_go_not_together_leave_something_to_believe() -> None:
    policies, learner, rows = Policies([policy()], SCHEMA, {}, {}), learner_of(), history()
    less = Sums.zeros(3, learner.shape.own, 0)._replace(
        counts=np.ones(3), own=-0.9 / learner.shape.sd**2 * np.eye(3)[None].repeat(3, axis=0)
    )
    pair = [warm_of(learner, rows, sums=packed(less), hash=name) for name in ("h1", "h2")]
    for said in pair:
        policies.weigh(said, 0)
    for said in pair:
        policies.warm(said, 0)
    assert [held.hash for held in policies.warmed("clever")] == ["h1"], "both were weighed before either was taken in"
    assert np.isfinite(policies.known("clever").posterior.beliefs(0).means).all()


def test_spans_are_compared_fast_and_exactly() -> None:
    policies, learner, rows = Policies([policy()], SCHEMA, {}, {}), learner_of(), history()
    policies.warm(warm_of(learner, rows, spans=[("home", 10 * i, 10 * i + 5) for i in range(100_000)]), 0)
    between = [("home", 10 * i + 5, 10 * i + 10) for i in range(100_000)]
    policies.weigh(warm_of(learner, rows, hash="h2", spans=between), 0)
    with pytest.raises(InputError) as error:
        policies.weigh(warm_of(learner, rows, hash="h2", spans=[*between[:-1], ("home", 999_995, 1_000_001), ("home", 7, 11)]), 0)
    assert [problem.code for problem in error.value.problems] == ["already_warm"]


def test_what_a_history_says_against_itself_is_refused() -> None:
    policies, learner, rows = Policies([policy()], SCHEMA, {}, {}), learner_of(), history()
    cases: list[dict[str, Any]] = [
        {"reached": {"a": 10_000}}, {"reached": {"z": 0}},
        {"amounts": {"z": (5.0, 1)}}, {"amounts": {"a": (5.0, 10_000)}}, {"spans": [("home", 5, 5)]},
    ]  # fmt: skip
    for changed in cases:
        with pytest.raises(InputError) as error:
            policies.weigh(warm_of(learner, rows, **changed), 0)
        assert [problem.code for problem in error.value.problems] == ["bad_history"]


def test_what_goals_were_worth_is_told_by_a_history_once() -> None:
    goals = {"a": Goal(event="Order", value="properties.total")}
    policies, rows = Policies([policy()], SCHEMA, {}, goals), history()
    first = warm_of(learner_of(), rows, amounts={"a": (9_000.0, 3)})
    policies.warm(first, 0)
    policies.paid("a", 1_000.0)
    anew = Policies([policy(prior=Prior(rate=0.1))], SCHEMA, {}, goals)
    anew.load(policies.dump())
    anew.warm(warm_of(learner_of(prior=Prior(rate=0.1)), rows, amounts={"a": (9_000.0, 3)}), 0)
    assert len(anew.warmed("clever")) == 1 and anew.value("a") == 2_500
