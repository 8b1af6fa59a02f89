"""Off-policy estimators: closed forms, obp's own numbers, and what cannot be told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from gyeol.bench.ope_data import CAMPAIGNS, bandit_folder, logged_by, shares_of
from gyeol.bench.ope_obp import SEED, SWITCH_AT, obp_there, obp_values, rewards_for, small_log
from gyeol.kernel.errors import ConfigError, InputError
from gyeol.measures.policy.candidates import Shares, Sparse, Table, Uniform
from gyeol.measures.policy.estimators import ESTIMATORS, Rows, all_terms, dm, dr, effective, ips, snips, switch_dr, value
from gyeol.measures.policy.evaluation import Settings, evaluate, verdict_of
from gyeol.measures.policy.logged import Floats, Logged
from gyeol.measures.policy.reward_model import FOLDS, fit, folds_of, foretold, models_of, rewards_of

GOLDEN = Path(__file__).parents[2] / "golden" / "policy" / "obp.json"
CLOSE = 1e-9


def ours(logged: Logged, shares: Floats, switch_at: float) -> dict[str, float]:
    chosen, q_logged, q_policy = foretold(logged, Shares("shares", shares), SEED)
    rows = Rows(reward=logged.reward, weight=chosen / logged.propensity, q_logged=q_logged, q_policy=q_policy)
    return {name: value(terms) for name, terms in all_terms(rows, switch_at).items()}


def simple(**changes: object) -> Rows:
    given = {
        "reward": np.array([1.0, 0.0, 2.0, 1.0]),
        "weight": np.array([2.0, 0.5, 1.0, 0.0]),
        "q_logged": np.array([0.5, 0.25, 1.0, 1.0]),
        "q_policy": np.array([1.0, 0.5, 1.5, 1.0]),
        **changes,
    }
    return Rows(**given)  # type: ignore[arg-type]  # arrays


def test_closed_forms_by_hand() -> None:
    rows = simple()
    assert value(ips(rows)) == 4.0 / 4
    assert value(snips(rows)) == 4.0 / 3.5
    assert value(dm(rows)) == 4.0 / 4
    # corrections: 2·0.5, 0.5·−0.25, 1·1, 0
    assert value(dr(rows)) == (4.0 + 1.0 - 0.125 + 1.0) / 4
    assert value(switch_dr(rows, 1.0)) == (4.0 - 0.125 + 1.0) / 4
    assert value(switch_dr(rows, np.inf)) == value(dr(rows)) and value(switch_dr(simple(weight=np.ones(4)), 0.5)) == value(dm(rows))


def test_what_holds_for_any_log() -> None:
    rows, more = simple(), simple(reward=np.array([1.0, 0.0, 2.0, 1.0]) + 5)
    assert value(snips(more)) == pytest.approx(value(snips(rows)) + 5)  # a constant is handed through
    none = np.zeros(4)
    assert value(dr(simple(q_logged=none, q_policy=none))) == value(ips(rows))
    same = simple(weight=np.ones(4))
    assert value(ips(same)) == value(snips(same)) == 1.0
    assert value(snips(simple(weight=none))) == 0.0


@pytest.mark.parametrize(("weights", "rows"), [([1.0] * 8, 8.0), ([1.0, 0, 0, 0], 1.0), ([3.0, 1.0], 1.6), ([0.0], 0.0)])
def test_effective_rows(weights: list[float], rows: float) -> None:
    assert effective(np.array(weights)) == pytest.approx(rows)


def test_equal_to_obp_on_the_kept_log() -> None:
    golden = msgspec.json.decode(GOLDEN.read_bytes())
    logged, shares = small_log()
    found = ours(logged, shares, golden["switch_at"])
    assert golden["switch_at"] == SWITCH_AT and found.keys() == golden["values"].keys() == set(ESTIMATORS)
    for name, theirs in golden["values"].items():
        assert found[name] == pytest.approx(theirs, abs=CLOSE), name


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_equal_to_obp_on_the_open_bandit_data(campaign: str) -> None:
    try:
        bandit_folder()
    except ConfigError:
        pytest.skip("the development data are not here")
    shown, other = logged_by("random", campaign), logged_by("bts", campaign)
    shares = shares_of(other, shown.actions)
    found = ours(shown.logged, shares, SWITCH_AT)
    kept = msgspec.json.decode((GOLDEN.parent / "open_bandit.json").read_bytes())["values"][campaign]
    for name, theirs in kept.items():
        assert found[name] == pytest.approx(theirs, abs=CLOSE), name
    if obp_there():
        live = obp_values(shown.logged, shares, rewards_for(shown.logged), SWITCH_AT)
        assert live == pytest.approx(found, abs=CLOSE)


def test_the_model_is_learned_from_other_people_only() -> None:
    logged, _ = small_log()
    models, fold = models_of(logged, SEED)
    assert len(models) == FOLDS and len(set(fold[logged.person == 3].tolist())) == 1
    changed = logged.reward.copy()
    changed[fold == 2] = 1 - changed[fold == 2]
    again, _ = models_of(msgspec.structs.replace(logged, reward=changed), SEED)
    before, after = (each[2].rewards(logged.position[:5], logged.context[:5]) for each in (models, again))
    assert (before == after).all()
    assert (models[1].rewards(logged.position[:5], logged.context[:5]) != again[1].rewards(logged.position[:5], logged.context[:5])).any()
    assert np.bincount(folds_of(101, 5)).tolist() == [21, 20, 20, 20, 20]


def test_the_logistic_model_solves_its_own_equations() -> None:
    logged, _ = small_log()
    rewards = rewards_of(logged, [fit(logged, np.arange(logged.n))], np.zeros(logged.n, np.int64), slice(0, logged.n))
    told = rewards[np.arange(logged.n), logged.action]
    assert ((rewards > 0) & (rewards < 1)).all()
    assert told.sum() == pytest.approx(logged.reward.sum(), abs=1e-5)  # the intercept is free: what is foretold adds up to what came


def test_the_ridge_model_finds_a_linear_reward() -> None:
    logged, _ = small_log()
    reward = 3 + 2.0 * logged.context[:, 0] - 4 * (logged.action == 2)
    told = rewards_for(msgspec.structs.replace(logged, reward=reward))
    assert np.abs(told[np.arange(logged.n), logged.action] - reward).max() < 0.35


def test_sparse_and_full_tables_are_the_same_policy() -> None:
    logged, shares = small_log()
    table = shares[logged.position]
    table[:, 1:] *= logged.action[:, None] % 2
    table /= table.sum(axis=1, keepdims=True)
    entries = [(i, code) for i in range(logged.n) for code in range(table.shape[1]) if table[i, code]]
    ends = np.cumsum([sum(1 for code in row if code) for row in table.tolist()])
    codes, chances = np.array([code for _, code in entries]), np.array([table[entry] for entry in entries])
    sparse = Sparse("sparse", np.concatenate([[0], ends[:-1]]), ends, codes, chances)
    for rows in (slice(0, logged.n), slice(7, 19)):
        assert (sparse.probabilities(logged, rows) == table[rows]).all()
    assert evaluate(logged, sparse).estimates == evaluate(logged, Table("table", table)).estimates


def far(rows: int = 4_000) -> Logged:
    """A log that shows one of fifty almost always."""
    random = np.random.default_rng(3)
    chances = np.full(50, 0.01 / 49)
    chances[0] = 0.99
    action, reward = random.choice(50, rows, p=chances), (random.random(rows) < 0.5).astype(np.float64)
    return Logged(
        actions=tuple(map(str, range(50))), action=action, reward=reward, propensity=chances[action],
        person=np.arange(rows), position=np.zeros(rows, np.int64), context=np.zeros((rows, 0)),
    )  # fmt: skip


def test_little_overlap_cannot_tell() -> None:
    found = evaluate(far(), Uniform())
    assert found.verdict == "cannot_tell" and "few_effective" in found.why and found.ess < 60
    verdict = verdict_of(found, "hash", 7)
    assert (verdict.verdict, verdict.ess, verdict.estimator, verdict.definitions, verdict.at_ms) == (
        "cannot_tell", min(found.ess, found.ess_people), "dr", "hash", 7,
    )  # fmt: skip
    assert verdict == verdict_of(evaluate(far(), Uniform()), "hash", 7)


def test_what_was_never_tried_cannot_be_told() -> None:
    rows = 2_000
    sure = Logged(
        actions=("a", "b"), action=np.zeros(rows, np.int64), reward=(np.arange(rows) % 2).astype(np.float64), propensity=np.ones(rows),
        person=np.arange(rows), position=np.zeros(rows, np.int64), context=np.zeros((rows, 0)),
    )  # fmt: skip
    found = evaluate(sure, Shares("other", np.array([[0.4, 0.6]])))
    assert (found.verdict, found.why) == ("cannot_tell", ["no_support"]) and found.mean_weight == pytest.approx(0.4)
    same = evaluate(sure, Shares("same", np.array([[1.0, 0.0]])))
    assert (same.verdict, same.why, same.mean_weight) == ("cannot_tell", ["too_close"], 1.0)


def test_without_rewards_nothing_is_worse() -> None:
    logged, shares = small_log(3_000)
    rare = msgspec.structs.replace(logged, reward=(np.arange(logged.n) % 800 == 0).astype(float))
    found = evaluate(rare, Shares("s", shares))
    assert found.verdict == "cannot_tell" and "few_rewards" in found.why
    # Weights that are tiny wherever a reward came say nothing: what counts is how many rewards so much of the log should have shown.
    bold = Shares("bold", np.array([[0.999, 0.001, 0, 0, 0, 0]] * 2))
    assert "few_rewards" in evaluate(rare, bold, Settings(min_ess=1)).why


def test_people_with_many_rows_are_one_person() -> None:
    logged, shares = small_log(3_000)
    few = evaluate(msgspec.structs.replace(logged, person=np.arange(3_000) % 40), Shares("s", shares), Settings(min_ess=50))
    assert few.people == 40 and few.ess > 50 > few.ess_people and "few_effective" in few.why


def test_every_problem_of_a_log_is_told_at_once() -> None:
    logged, shares = small_log()
    reward, propensity = logged.reward.copy(), logged.propensity.copy()
    reward[3], propensity[[4, 5]], propensity[6], propensity[7:9] = np.nan, np.nan, 0.0, 1.5
    with pytest.raises(InputError) as told:
        evaluate(msgspec.structs.replace(logged, reward=reward, propensity=propensity), Shares("s", shares))
    assert [(p.code, p.what.split(" ")[0]) for p in told.value.problems] == [
        ("missing_reward", "1"), ("missing_propensity", "2"), ("zero_propensity", "1"), ("propensity_above_one", "2"),
    ]  # fmt: skip
    assert "rows 5, 6" in told.value.message
    with pytest.raises(InputError) as told:
        evaluate(logged, Shares("s", np.array([[0.5, 0.6, -0.2, 0, 0, 0], [np.nan, 1, 0, 0, 0, 0]])))
    assert {p.code for p in told.value.problems} == {"bad_probability", "negative_probability", "not_a_distribution"}
    empty = Logged(
        actions=("a",), action=np.zeros(0, np.int64), reward=np.zeros(0), propensity=np.zeros(0), person=np.zeros(0, np.int64),
        position=np.zeros(0, np.int64), context=np.zeros((0, 0)),
    )  # fmt: skip
    with pytest.raises(InputError, match="holds no row"):
        evaluate(empty, Uniform())
