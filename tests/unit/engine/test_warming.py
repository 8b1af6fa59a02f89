"""A policy's beginning with history in the fold: one record, the same bytes after a restart and a replay, and never twice."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.fitting import Rows, fitted
from gyeol.decisions.ranking.learner import Arm
from gyeol.decisions.ranking.model import Creative, Goal, PolicyDefinition
from gyeol.decisions.ranking.policies import Ended, Policies
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.decisions.ranking.warm import Warm, packed
from gyeol.engine.backfill import carried
from gyeol.engine.jobs import Tell
from gyeol.engine.state import EngineState
from gyeol.engine.warming import arms_of, fold_warm
from gyeol.events.sections import Command
from gyeol.kernel.errors import InputError, NotFoundError

GOAL = Goal(event="Order", within="2h", value="properties.total")


def definitions(make: Any, **policy: Any) -> Any:
    offers = [
        OfferDefinition(name="plain", placements=["home"], score="2", goal=GOAL),
        OfferDefinition(name="cake", placements=["home"], score="1", goal=GOAL, creatives={"words": Creative(), "photo": Creative()}),
        OfferDefinition(name="hello", placements=["home"], goal=GOAL),
    ]
    place = PlacementDefinition(name="home", channel="web", ranking="clever", fallback="hello")
    return msgspec.structs.replace(
        make.definitions,
        placements=[*make.definitions.placements, place],
        offers=[*make.definitions.offers, *offers],
        policies=[PolicyDefinition(name="clever", **{"features": {"buyer": "orders >= 1"}, "epsilon": 0.0, **policy})],
    )


def history(state: EngineState, **changed: Any) -> Warm:
    """300 decisions: the photo is taken by buyers."""
    learner = state.learning.policies.known("clever")
    random = np.random.default_rng(5)
    arm, buyer = random.integers(0, 2, 300), random.integers(0, 2, 300).astype(float)
    rows = Rows(arm, ((arm == 1) & (buyer == 1)).astype(float), np.ones(300), buyer[:, None])
    said = Warm(
        policy="clever", shape=learner.shaped, columns=list(learner.columns), source="log.csv", hash="h1",
        arms={"plain": int((arm == 0).sum()), "cake/photo": int((arm == 1).sum())},
        reached={"plain": 0, "cake/photo": int(rows.reached.sum())},
        left_out={}, weight=1.0, most=10_000.0, sums=packed(fitted(learner, 2, lambda: [rows])), amounts={"cake": (90_000.0, 20)},
    )  # fmt: skip
    return msgspec.structs.replace(said, **changed)


def tell(shop: Any, warm: Warm) -> None:
    shop.run(Tell([Command("policy_warm", "kim", shop.clock.now_ms(), "last year", msgspec.to_builtins(warm))]))


def switched_on(shop: Any, **changed: Any) -> Command:
    """The command that has the policy decide."""
    said = Verdict(
        id="v1", policy="clever", definitions=shop.definitions.hash, estimator="dr", estimate=2.0, low=1.5, high=2.5, ess=900,
        baseline=1.0, verdict="better",
    )  # fmt: skip
    body = {"policy": "clever", "verdict": msgspec.to_builtins(msgspec.structs.replace(said, **changed))}
    return Command("policy_switch", "kim", shop.clock.now_ms(), "it is better", body)


def standing(state: EngineState) -> tuple[str | None, str | None]:
    """The verdict by which the policy decides, and the one that a history ended."""
    policies = state.learning.policies
    held, ended = policies.switched("clever"), policies.ended("clever")
    return None if held is None else held.verdict, None if ended is None else ended.verdict


def everywhere(shop: Any) -> set[tuple[str | None, str | None]]:
    """How the policy stands: live, started again from a snapshot, and folded from the log; to the same bytes."""
    again = EngineState(shop.definitions, shop.state.identity_key)
    again.load(dict(shop.state.parts()))
    states = (shop.state, again, shop.recovered().state)
    assert len({learned(state) for state in states}) == 1
    return {standing(state) for state in states}


def learned(state: EngineState) -> bytes:
    return state.learning.dump(state.now_ms)


def test_arms_are_what_the_policy_may_draw(make: Any) -> None:
    found = definitions(make)
    assert arms_of("clever", found.placements, found.offers) == ["plain", "cake/photo", "cake/words"]
    assert arms_of("nobody", found.placements, found.offers) == []


@pytest.mark.parametrize("weights", ["per_offer", "both"])
def test_history_survives_restart_snapshot_and_replay_to_the_same_bytes(make: Any, weights: str) -> None:
    shop = make.shop(definitions(make, weights=weights, forgetting="7d"))
    shop.collect(make.order("kim"))
    tell(shop, history(shop.state))
    policies = shop.state.learning.policies
    assert policies.known("clever").posterior.observed("cake/photo") == pytest.approx(history(shop.state).arms["cake/photo"])
    assert policies.value("cake") == 4_500
    again = EngineState(shop.definitions, shop.state.identity_key)
    again.load(dict(shop.state.parts()))
    assert learned(again) == learned(shop.state)
    shop.clock.advance(3 * 86_400_000)
    shop.collect(make.order("lee"))
    assert learned(shop.recovered().state) == learned(shop.state)
    mean = {buyer: policies.known("clever").parts(Arm("cake", "photo"), {"buyer": buyer}, shop.state.now_ms) for buyer in (0.0, 1.0)}
    assert sum(each for _, each in mean[1.0].values()) > sum(each for _, each in mean[0.0].values()) + 1


def test_the_same_history_counts_once_also_when_two_tell_it_at_once(make: Any) -> None:
    shop = make.shop(definitions(make))
    warm = history(shop.state)
    body = msgspec.to_builtins(warm)
    jobs: list[Any] = [Tell([Command("policy_warm", "kim", shop.clock.now_ms(), "", body)]) for _ in range(2)]
    shop.embedded.run(jobs)
    shop.embedded.flush()
    assert [job.error for job in jobs] == [None, None]
    once = learned(shop.state)
    assert [each.rows for each in shop.state.learning.policies.warmed("clever")] == [300]
    with pytest.raises(InputError) as error:
        tell(shop, warm)
    assert [problem.code for problem in error.value.problems] == ["already_warm"]
    fold_warm(shop.state, Command("policy_warm", "kim", 0, "", body))
    assert learned(shop.state) == once
    assert learned(shop.recovered().state) == once


def test_what_cannot_be_carried_out_never_reaches_the_log(make: Any) -> None:
    shop = make.shop(definitions(make))
    warm = history(shop.state)
    end = shop.log.end_offset()
    cases = (
        (msgspec.structs.replace(warm, arms={"plain": 150, "soup": 150}), "unknown_arm"),
        (msgspec.structs.replace(warm, arms={"plain": 150, "hello": 150}), "unknown_arm"),
        (msgspec.structs.replace(warm, shape="another"), "features_differ"),
        (msgspec.structs.replace(warm, sums="?"), "bad_history"),
    )
    for said, code in cases:
        with pytest.raises(InputError) as error:
            tell(shop, said)
        assert [problem.code for problem in error.value.problems] == [code]
    with pytest.raises(NotFoundError):
        tell(shop, msgspec.structs.replace(warm, policy="nobody"))
    with pytest.raises(InputError, match="missing required field"):
        shop.run(Tell([Command("policy_warm", "kim", 0, "", {"policy": "clever"})]))
    assert shop.log.end_offset() == end


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"arms": {"plain": 10**30}}, "arms"), ({"arms": {"plain": 0}}, "arms"), ({"reached": {"plain": -1}}, "reached"),
        ({"spans": [("home", 0, 10**30)]}, "spans"), ({"left_out": {"no_goal": 10**30}}, "left_out"), ({"source": "x" * 10_000}, "source"),
        ({"amounts": {"cake": (-5.0, 1)}}, "amounts"), ({"amounts": {"cake": (1e300, 1)}}, "amounts"),
        ({"amounts": {"cake": (1.0, 0)}}, "amounts"),
        ({"amounts": {"cake": (float("nan"), 1)}}, "amounts"), ({"most": float("inf")}, "most"), ({"weight": 0.0}, "weight"),
    ],
)  # fmt: skip
def test_numbers_that_no_history_has_are_refused_and_the_engine_goes_on(make: Any, changed: dict[str, Any], where: str) -> None:
    shop = make.shop(definitions(make))
    end, before = shop.log.end_offset(), learned(shop.state)
    with pytest.raises(InputError) as error:
        tell(shop, history(shop.state, **changed))
    [problem] = error.value.problems
    assert problem.code == "bad_warm_start" and f"$.{where}" in problem.what
    assert (shop.log.end_offset(), learned(shop.state)) == (end, before)
    tell(shop, history(shop.state))
    assert learned(shop.recovered().state) == learned(shop.state)


def test_sums_are_not_unpacked_for_arms_that_nobody_knows(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make.shop(definitions(make))
    monkeypatch.setattr("gyeol.decisions.ranking.policies.unpacked", lambda *_: pytest.fail("they were unpacked"))
    bomb = base64.b64encode(zlib.compress(bytes(100_000_000))).decode()
    with pytest.raises(InputError) as error:
        tell(shop, history(shop.state, arms={f"a{i}": 1 for i in range(1_000_000)}, sums=bomb))
    assert [problem.code for problem in error.value.problems] == ["unknown_arm"]


def test_a_policy_that_is_another_one_begins_anew(make: Any) -> None:
    shop = make.shop(definitions(make))
    tell(shop, history(shop.state))
    other = carried(shop.recovered().state, definitions(make, features={"buyer": "orders >= 2"}))
    assert other.learning.policies.warmed("clever") == []
    assert other.learning.policies.known("clever").posterior.counts() == {}
    same = carried(shop.recovered().state, msgspec.structs.replace(shop.definitions, audiences=[]))
    assert learned(same) == learned(shop.state)


def test_a_warm_start_ends_the_verdict_by_which_the_policy_decides(make: Any) -> None:
    shop = make.shop(definitions(make))
    shop.run(Tell([switched_on(shop)]))
    assert everywhere(shop) == {("v1", None)}
    shop.clock.advance(60_000)
    tell(shop, history(shop.state, ends_verdict=True))
    assert everywhere(shop) == {(None, "v1")}
    assert shop.state.learning.policies.ended("clever").at_ms == shop.state.learning.policies.warmed("clever")[0].at_ms
    shop.clock.advance(60_000)
    shop.run(Tell([switched_on(shop, id="v2", warmed=["h1"])]))
    assert everywhere(shop) == {("v2", None)}, "judged anew"
    tell(shop, history(shop.state, hash="h2", ends_verdict=True))
    assert everywhere(shop) == {(None, "v2")}
    shop.run(Tell([Command("policy_switch", "kim", shop.clock.now_ms(), "", {"policy": "clever", "verdict": None})]))
    assert everywhere(shop) == {(None, None)}, "switched off by somebody: no history says why any more"


def test_a_verdict_of_the_policy_before_its_history_switches_nothing_on(make: Any) -> None:
    shop = make.shop(definitions(make))
    tell(shop, history(shop.state, ends_verdict=True))
    end = shop.log.end_offset()
    for warmed, before in ((None, "log.csv (h1)"), ([], "log.csv (h1)"), (["another"], "log.csv (h1)"), (["h1", "h2"], "other histories")):
        with pytest.raises(InputError) as error:
            shop.run(Tell([switched_on(shop, warmed=warmed)]))
        [problem] = error.value.problems
        assert problem.code == "verdict_outdated" and f"before the policy began with {before}" in problem.what
    assert (shop.log.end_offset(), everywhere(shop)) == (end, {(None, None)})


@pytest.mark.parametrize("warmed", [None, []])
def test_a_history_that_comes_with_the_switch_ends_it_whichever_stands_first(make: Any, warmed: list[str] | None) -> None:
    for turned in (False, True):
        shop = make.shop(definitions(make))
        body = msgspec.to_builtins(history(shop.state, ends_verdict=True))
        commands = [switched_on(shop, warmed=warmed), Command("policy_warm", "kim", shop.clock.now_ms(), "", body)]
        jobs: list[Any] = [Tell([each]) for each in (commands[::-1] if turned else commands)]
        shop.embedded.run(jobs)
        shop.embedded.flush()
        assert [job.error for job in jobs] == [None, None], "both were judged before either counted"
        assert everywhere(shop) == {(None, "v1")}


def test_a_log_of_a_release_that_let_the_verdict_stand_is_replayed_as_it_was(make: Any) -> None:
    shop = make.shop(definitions(make))
    policies: Policies = shop.state.learning.policies
    shop.run(Tell([switched_on(shop)]))
    said = msgspec.to_builtins(history(shop.state))
    del said["ends_verdict"]
    shop.run(Tell([Command("policy_warm", "kim", shop.clock.now_ms(), "", said)]))
    assert [each.hash for each in policies.warmed("clever")] == ["h1"]
    assert everywhere(shop) == {("v1", None)}, "it decided on, and so did what it decided"
    old = msgspec.msgpack.decode(policies.dump())
    assert old.pop() == [], "a snapshot of that release has no such part"
    policies.load(msgspec.msgpack.encode(old))
    assert everywhere(shop) == {("v1", None)}
    tell(shop, history(shop.state, hash="h2", ends_verdict=True))
    assert everywhere(shop) == {(None, "v1")}, "what comes now ends a verdict of then"


def test_a_policy_that_is_changed_and_changed_back_does_not_decide_by_what_it_has_lost(make: Any) -> None:
    shop = make.shop(definitions(make))
    shop.run(Tell([switched_on(shop)]))
    tell(shop, history(shop.state))
    assert standing(shop.state) == ("v1", None) and shop.state.learning.policies.known("clever").posterior.counts()
    other = carried(shop.recovered().state, definitions(make, features={"buyer": "orders >= 2"}))
    assert standing(other) == (None, None)
    back = carried(other, shop.definitions)
    assert not back.learning.policies.known("clever").posterior.counts() and standing(back) == (None, "v1")
    ended = back.learning.policies.ended("clever")
    assert ended is not None and (ended.reason, ended.at_ms) == ("changed", shop.state.now_ms)
    gone = carried(shop.recovered().state, msgspec.structs.replace(shop.definitions, policies=[], placements=[]))
    assert standing(carried(gone, shop.definitions)) == (None, "v1")
    bolder = carried(shop.recovered().state, definitions(make, epsilon=0.3))
    assert standing(carried(bolder, shop.definitions)) == ("v1", None), "what it has learned is still what was judged"


def test_an_ended_verdict_is_told_only_of_the_policy_that_it_judged(make: Any) -> None:
    shop = make.shop(definitions(make))
    shop.run(Tell([switched_on(shop)]))
    tell(shop, history(shop.state, ends_verdict=True))
    assert isinstance(shop.state.learning.policies.ended("clever"), Ended)
    assert standing(carried(shop.recovered().state, definitions(make, epsilon=0.3))) == (None, None)
    same = carried(shop.recovered().state, msgspec.structs.replace(shop.definitions, audiences=[]))
    assert standing(same) == (None, "v1")
