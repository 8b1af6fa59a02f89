"""What a placement's ranking takes, and what it says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from gyeol.decisions.gates.gate import DecisionRequest
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.learner import BASE, Arm
from gyeol.decisions.ranking.model import Creative, Goal, PolicyDefinition
from gyeol.decisions.ranking.policies import Policies, Switch
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.kernel.errors import InputError

if TYPE_CHECKING:
    from tests.unit.decisions.conftest import MakePlacements, World

    from gyeol.expressions.schema import Schema

GOAL = Goal(event="Order", within="2h", value=1_000)
OFFERS = [
    OfferDefinition(name="cake", placements=["home"], score="1", priority=9, goal=GOAL),
    OfferDefinition(name="tea", placements=["home"], score="5", goal=GOAL),
    OfferDefinition(name="sale", placements=["home"], score="3", goal=Goal(event="Order", value=2_000)),
]
JUDGED = Verdict(
    id="v", policy="clever", definitions="d", estimator="dr", estimate=2, low=1, high=3, ess=900, baseline=0.5, verdict="better"
)


def learned(schema: Schema, **changed: object) -> Policies:
    given = {"features": {"vip": "vip", "spent": "spent / 1000"}, **changed}
    definition = PolicyDefinition(name="clever", **given)  # type: ignore[arg-type]
    found = Policies([definition], schema, {}, {offer.name: offer.goal for offer in OFFERS if offer.goal is not None})
    found.switch(Switch(policy="clever", verdict=JUDGED), 0)
    return found


def teach(policies: Policies, offer: str, reached: Sequence[bool], **features: float) -> None:
    learner = policies.learner("clever")
    assert learner is not None
    for each in reached:
        part = learner.observe(Arm(offer), features, 0)
        if each:
            learner.reach(Arm(offer), features, 0, 0, part)


def decide(
    world: World, compiled: MakePlacements, policies: Policies | None, ranking: str = "clever", id: str = "d1", **values: object
) -> Decision:
    placements = compiled(OFFERS, PlacementDefinition(name="home", channel="web", ranking=ranking))
    request = DecisionRequest(id=id, placement="home", person=world.person(**values), now_ms=1_772_420_400_000)  # type: ignore[arg-type]
    return placements.decide(request, policies)


def test_a_rule_looks_at_priority_a_formula_at_the_score(world: World, compiled: MakePlacements) -> None:
    assert decide(world, compiled, None, "rule").chosen == "cake"
    assert decide(world, compiled, None, "formula").chosen == "tea"
    assert decide(world, compiled, None, "clever").chosen == "tea", "nothing was learned, so the formula decides"


@pytest.mark.parametrize("link", ["logit", "linear"])
@pytest.mark.parametrize("weights", ["per_offer", "shared", "both"])
def test_value_times_chance_decides_and_parts_add_up(
    world: World, compiled: MakePlacements, schema: Schema, link: str, weights: str
) -> None:
    policies = learned(schema, link=link, weights=weights, epsilon=0.0, exploration=0.0)
    teach(policies, "cake", [True] * 6 + [False] * 14, vip=1.0)
    teach(policies, "tea", [True] * 1 + [False] * 19, vip=1.0)
    teach(policies, "sale", [True] * 5 + [False] * 15, vip=1.0)
    decision = decide(world, compiled, policies, vip=True, spent=500.0)
    assert decision.chosen == "sale", "worth twice as much, and taken nearly as often as the cake"
    assert decision.features == {"vip": 1.0, "spent": 0.5}
    assert decision.propensity == pytest.approx(1.0, abs=1e-6)
    reason = decision.reasons[0]
    assert (reason.code, reason.params["runner_up"]) == ("learned_highest", "cake")
    assert [refusal.offer for refusal in decision.refusals] == ["cake", "tea"]
    learner = policies.learner("clever")
    assert learner is not None
    field = learner.field([Arm("sale", value=2_000.0)], decision.features, 0)
    parts = learner.parts(Arm("sale"), decision.features, 0)
    assert sum(part for _, part in parts.values()) == pytest.approx(float(field.mean[0]))
    assert float(field.scores(field.mean)[0]) == pytest.approx(reason.params["score"], abs=1e-4)
    assert BASE in parts
    gaps = [abs(each.chosen - each.runner_up) for each in decision.contributions]
    assert gaps == sorted(gaps, reverse=True)


def test_what_is_not_known_counts_nothing_and_is_not_recorded(world: World, compiled: MakePlacements, schema: Schema) -> None:
    policies = learned(schema, epsilon=0.0)
    assert decide(world, compiled, policies, vip=True).features == {"vip": 1.0}
    assert decide(world, compiled, policies).features == {}


def test_what_is_not_sure_is_drawn_and_says_so(world: World, compiled: MakePlacements, schema: Schema) -> None:
    policies = learned(schema, epsilon=0.1)
    teach(policies, "cake", [True, False, False, False], vip=1.0)
    found = [decide(world, compiled, policies, id=f"d{i}", vip=True) for i in range(80)]
    assert {each.reasons[0].code for each in found} == {"learned_highest", "learned_drawn", "explored"}
    assert all(each.propensity >= 0.1 for each in found)
    assert {each.chosen for each in found} == {"cake", "tea", "sale"}
    for offer in ("cake", "tea", "sale"):
        mine = [each for each in found if each.chosen == offer]
        assert len({each.propensity for each in mine}) == 1
        assert abs(len(mine) / 80 - mine[0].propensity) < 0.2


def test_every_fault_of_every_policy_is_told(schema: Schema) -> None:
    bad = PolicyDefinition(name="one", features={"a": "nobody > 1", "b": "vip +"}, forgetting="soon")
    with pytest.raises(InputError) as error:
        Policies([bad, PolicyDefinition(name="two", features={"c": "nowhere"})], schema, {}, {})
    assert {problem.path.split(".")[1] for problem in error.value.problems} == {"one", "two"}
    assert len(error.value.problems) == 4


def test_what_policies_know_is_dumped_and_taken_back(schema: Schema) -> None:
    policies = learned(schema)
    teach(policies, "tea", [True, False], spent=2.0)
    policies.paid("tea", 500.0)
    again = learned(schema)
    again.switch(Switch(policy="clever"), 0)
    again.load(policies.dump())
    assert again.dump() == policies.dump()
    assert again.switched("clever") is not None


@pytest.mark.parametrize("link", ["logit", "linear"])
@pytest.mark.parametrize("weights", ["per_offer", "shared", "both"])
def test_features_of_any_size_leave_a_posterior(schema: Schema, link: str, weights: str) -> None:
    learner = learned(schema, link=link, weights=weights, forgetting="7d").learner("clever")
    assert learner is not None
    for i in range(400):
        arm, features = Arm(("cake", "tea", "sale")[i % 3]), {"vip": float(i % 2), "spent": (-1.0) ** i * 10.0 ** (i % 13)}
        part = learner.observe(arm, features, i)
        if i % 5 == 0:
            learner.reach(arm, features, i, i, part)
        field = learner.field([Arm("cake"), Arm("tea")], features, i)
        assert np.isfinite(field.mean).all() and np.isfinite(field.spread).all() and np.isfinite(field.shared).all()


def test_while_it_waits_each_creative_is_a_candidate_and_all_of_them_are_recorded(
    world: World, compiled: MakePlacements, schema: Schema
) -> None:
    policies = learned(schema, epsilon=0.05)
    policies.switch(Switch(policy="clever"), 1)
    two = [msgspec.structs.replace(OFFERS[0], creatives={"photo": Creative(), "words": Creative()}), OFFERS[1]]
    placements = compiled(two, PlacementDefinition(name="home", channel="web", ranking="clever"))
    request = DecisionRequest(id="d1", placement="home", person=world.person(), now_ms=1_772_420_400_000)
    decision = placements.decide(request, policies)
    assert (decision.chosen, decision.explored) == ("tea", False)
    assert decision.propensity == pytest.approx(0.9)
    others = [(each.offer, each.creative, each.reason.code) for each in decision.refusals]
    assert others == [("cake", "photo", "outranked"), ("cake", "words", "outranked")]


def test_the_order_in_which_definitions_were_written_changes_nothing(world: World, compiled: MakePlacements, schema: Schema) -> None:
    """Definitions are stored with sorted keys: what was learned under a file must mean the same after a restart."""
    written = learned(schema, features={"vip": "vip", "spent": "spent / 100"}).learner("clever")
    stored = learned(schema, features={"spent": "spent / 100", "vip": "vip"}).learner("clever")
    assert written is not None and stored is not None
    assert (written.shaped, written.own, written.columns) == (stored.shaped, stored.own, stored.columns)
    found = []
    for names in (("words", "photo"), ("photo", "words")):
        offer = msgspec.structs.replace(OFFERS[0], creatives={name: Creative() for name in names})
        placements = compiled([offer], PlacementDefinition(name="home", channel="web"))
        request = DecisionRequest(id="d1", placement="home", person=world.person(), now_ms=1_772_420_400_000)
        found.append(placements.decide(request, None).creative)
    assert found == ["photo", "photo"]
