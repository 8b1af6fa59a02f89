"""Policies in the fold: what a decision reached, what is learned from it, and that restarts, merges and replays change nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gyeol.channels.model import Delivery
from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.learner import Learner
from gyeol.decisions.ranking.model import Creative, Goal, PolicyDefinition
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.engine import learning
from gyeol.engine.backfill import carried
from gyeol.engine.jobs import Decide, Decided, Deliver, Tell
from gyeol.engine.state import EngineState
from gyeol.events.sections import Command
from gyeol.kernel.errors import InputError, NotFoundError

HOUR = 3_600_000
GOAL = Goal(event="Order", within="2h", value=1_000)


def definitions(make: Any, *offers: OfferDefinition, goal: Goal = GOAL, **policy: Any) -> Any:
    """The test's shop with a placement that a policy ranks."""
    here = offers or (
        OfferDefinition(name="plain", placements=["home"], score="2", goal=goal),
        OfferDefinition(name="cake", placements=["home"], score="1", goal=goal, creatives={"photo": Creative(), "words": Creative()}),
    )
    return msgspec.structs.replace(
        make.definitions,
        placements=[*make.definitions.placements, PlacementDefinition(name="home", channel="web", ranking="clever")],
        offers=[*make.definitions.offers, *here],
        policies=[PolicyDefinition(name="clever", features={"buyer": "orders >= 1", "seoul": "city = 'Seoul'"}, **policy)],
    )


def decide(shop: Any, user: str, key: str, *placements: str) -> Decision:
    [answer] = shop.run(Decide(lambda state: ("user_id", user), placements or ("home",), {}, key))
    assert isinstance(answer, Decided)
    return answer.decision


def verdict(shop: Any, **changed: Any) -> Verdict:
    said = Verdict(
        id="v1", policy="clever", definitions=shop.definitions.hash, estimator="dr", estimate=2.0, low=1.5, high=2.5, ess=900,
        baseline=1.0, verdict="better",
    )  # fmt: skip
    return msgspec.structs.replace(said, **changed)


def switch(shop: Any, said: Verdict | None, policy: str = "clever") -> None:
    body = {"policy": policy, "verdict": msgspec.to_builtins(said)}
    shop.run(Tell([Command("policy_switch", "kim", shop.clock.now_ms(), "it is better", body)]))


def learner_of(state: EngineState) -> Learner:
    found = state.learning.policies.learner("clever")
    assert found is not None
    return found


def learned(state: EngineState) -> bytes:
    return state.learning.dump(state.now_ms)


def test_without_a_verdict_the_formula_decides_and_the_policy_learns(make: Any) -> None:
    shop = make.shop(definitions(make, epsilon=0.0))
    shop.collect(make.order("kim"))
    decision = decide(shop, "kim", "1")
    assert (decision.chosen, decision.policy, decision.propensity, decision.explored) == ("plain", "clever", 1.0, False)
    assert decision.features == {"buyer": 1.0}  # the city is not known: it is left out
    assert [reason.code for reason in decision.reasons] == ["highest_score", "policy_waits"]
    learner = shop.state.learning.policies.learner("clever")
    assert learner.posterior.observed("plain") == 1
    assert learner.posterior.observed("cake/photo") == 0


def test_the_floor_explores_before_a_verdict_and_says_so(make: Any) -> None:
    shop = make.shop(definitions(make, epsilon=0.2))
    found = [decide(shop, "kim", str(i)) for i in range(60)]
    explored = [each for each in found if each.explored]
    assert {(each.chosen, each.creative) for each in explored} == {("cake", "photo"), ("cake", "words")}
    assert all(each.propensity == pytest.approx(0.2) and each.reasons[0].code == "explored" for each in explored)
    assert all(each.propensity == pytest.approx(0.6) for each in found if not each.explored)
    first = explored[0].refusals[0]
    assert (first.offer, first.creative, first.reason.code) == ("plain", None, "not_drawn")


def test_only_a_favourable_verdict_about_these_definitions_switches_a_policy_on(make: Any) -> None:
    shop = make.shop(definitions(make))
    for changed, code in (
        ({"verdict": "worse"}, "verdict_unfavourable"),
        ({"verdict": "cannot_tell"}, "verdict_unfavourable"),
        ({"policy": "other"}, "verdict_of_another"),
        ({"definitions": "0" * 32}, "verdict_outdated"),
    ):
        with pytest.raises(InputError) as error:
            switch(shop, verdict(shop, **changed))
        assert [problem.code for problem in error.value.problems] == [code]
    with pytest.raises(NotFoundError):
        switch(shop, None, "nobody")
    assert shop.state.learning.policies.switched("clever") is None
    switch(shop, verdict(shop))
    assert shop.state.learning.policies.switched("clever").verdict == "v1"
    assert decide(shop, "kim", "1").reasons[0].code in ("learned_highest", "learned_drawn", "learned_creative", "explored")
    other = msgspec.structs.replace(definitions(make), policies=[PolicyDefinition(name="clever", features={}, epsilon=0.3)])
    assert carried(shop.recovered().state, other).learning.policies.switched("clever") is None
    again = shop.recovered(other).state.learning.policies  # no snapshot was usable: the whole log is folded under the new definitions
    assert again.switched("clever") is None, "nobody has judged the policy as it is now"
    assert shop.recovered().state.learning.policies.switched("clever") is not None
    switch(shop, None)
    assert shop.state.learning.policies.switched("clever") is None


def test_what_is_over_makes_room_for_others_the_same_after_a_restart(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "MOST_WAITING", 6)
    shop = make.shop(definitions(make, epsilon=0.0))
    taken: list[int] = []
    for i in range(40):
        decide(shop, f"u{i}", str(i))
        taken.append(int(learner_of(shop.state).posterior.observed("plain")))
        if i % 8 == 5:
            again = EngineState(shop.definitions, shop.state.identity_key)
            again.load(dict(shop.state.parts()))
            assert learned(again) == learned(shop.state)
            if i % 16 == 5:
                shop.open(again)
        shop.clock.advance(4 * HOUR if i < 39 else 0)
    assert taken[5] == 6 and taken[6] == 6, "as many as may are waited for"
    assert taken[-1] > 30, "each of them for 26 hours at most"
    assert learned(shop.recovered().state) == learned(shop.state)


def test_an_event_in_the_window_is_the_outcome_of_the_latest_decision(make: Any) -> None:
    shop = make.shop(definitions(make, epsilon=0.0))
    first = decide(shop, "kim", "1")
    shop.clock.advance(HOUR)
    second = decide(shop, "kim", "2")
    shop.clock.advance(HOUR // 2)
    shop.collect(make.order("lee"), make.order("kim"), make.order("kim"))
    assert shop.store.decisions.get(first.id).outcome is None
    outcome = shop.store.decisions.get(second.id).outcome
    assert (outcome.at_ms, outcome.value) == (shop.clock.now_ms(), 1_000)
    assert second.goal_until_ms == second.at_ms + 2 * HOUR


def test_the_window_is_half_open_and_late_events_count_by_their_own_time(make: Any) -> None:
    for delay_ms, counts in ((0, True), (2 * HOUR - 1, True), (2 * HOUR, False)):
        shop = make.shop(definitions(make, epsilon=0.0))
        decision = decide(shop, "kim", "1")
        shop.clock.advance(delay_ms)
        shop.collect(make.order("kim"))
        assert (shop.store.decisions.get(decision.id).outcome is not None) == counts
    shop = make.shop(definitions(make, epsilon=0.0))
    decision = decide(shop, "kim", "1")
    shop.clock.advance(20 * HOUR)
    at = {"timestamp": "2026-01-01T04:00:00Z", "originalTimestamp": "2026-01-01T04:00:00Z"}
    shop.collect(make.order("kim", **at))
    assert shop.store.decisions.get(decision.id).outcome.at_ms == make.start_ms + HOUR


def test_a_condition_and_an_amount(make: Any) -> None:
    goal = Goal(event="Order", where="properties.channel = 'app'", within="2h", value="properties.total")
    shop = make.shop(definitions(make, goal=goal, epsilon=0.0))
    decision = decide(shop, "kim", "1")
    shop.collect(make.order("kim", properties={"channel": "web", "total": 5}))
    assert shop.store.decisions.get(decision.id).outcome is None
    shop.collect(make.order("kim", properties={"channel": "app", "total": 4_500}))
    assert shop.store.decisions.get(decision.id).outcome.value == 4_500
    assert shop.state.learning.policies.value("plain") == 4_500
    assert shop.state.learning.policies.value("cake") == 4_500  # nothing is known of it but what others were worth


def test_a_merge_in_the_window_finds_the_decision_of_the_other_node(make: Any) -> None:
    shop = make.shop(definitions(make, epsilon=0.0))
    [answer] = shop.run(Decide(lambda state: ("anonymous_id", "a1"), ("home",), {}, "1"))
    shop.collect(make.order("kim"))
    assert shop.store.decisions.get(answer.decision.id).outcome is None
    shop.collect(make.order("kim", "a1"))  # who they are is in the very event that reaches the goal
    assert shop.store.decisions.get(answer.decision.id).outcome is not None
    assert learned(shop.recovered().state) == learned(shop.state)


def test_a_restart_in_the_window_changes_no_byte(make: Any) -> None:
    shop = make.shop(definitions(make, epsilon=0.1, forgetting="7d", weights="both"))
    switch(shop, verdict(shop))
    for i in range(12):
        decide(shop, f"u{i % 5}", str(i))
        shop.clock.advance(HOUR // 3)
        if i % 2:
            shop.collect(make.order(f"u{i % 5}"))
        if i == 6:
            again = EngineState(shop.definitions, shop.state.identity_key)
            again.load(dict(shop.state.parts()))
            assert learned(again) == learned(shop.state)
            shop.open(again)
    assert learned(shop.recovered().state) == learned(shop.state)
    without = {name: part for name, part in shop.state.parts() if name != "learning"}
    older = EngineState(shop.definitions, shop.state.identity_key)
    older.load(without)  # a snapshot of a release before there was any
    assert learner_of(older).posterior.observed("plain") == 0


def test_the_same_questions_give_the_same_decisions_again(make: Any) -> None:
    found = []
    for _ in range(2):
        shop = make.shop(definitions(make, epsilon=0.05))
        switch(shop, verdict(shop))
        found.append([msgspec.json.encode(decide(shop, "kim", str(i))) for i in range(30)])
    assert found[0] == found[1]


def test_a_decision_that_nobody_saw_teaches_nothing(make: Any) -> None:
    offers = [OfferDefinition(name="plain", placements=["home"], goal=GOAL)]
    base = definitions(make, *offers, epsilon=0.0)
    place = PlacementDefinition(name="home", channel="web", ranking="clever", impressions=True)
    shop = make.shop(msgspec.structs.replace(base, placements=[*make.definitions.placements, place]))
    learner = shop.state.learning.policies.learner("clever")
    unseen, seen = decide(shop, "kim", "1"), decide(shop, "lee", "2")
    assert learner.posterior.observed("plain") == 0
    shown = {"type": "track", "event": "Offer Shown", "userId": "lee", "messageId": "s1", "properties": {"decision": seen.id}}
    shop.collect(shown)
    assert learner.posterior.observed("plain") == 1
    shop.collect(make.order("kim"), make.order("lee"))
    assert shop.store.decisions.get(unseen.id).outcome is None
    assert shop.store.decisions.get(seen.id).outcome is not None
    assert learned(shop.recovered().state) == learned(shop.state)


def test_other_definitions_keep_what_was_learned_unless_the_features_differ(make: Any) -> None:
    shop = make.shop(definitions(make, epsilon=0.0))
    decide(shop, "kim", "1")
    same = msgspec.structs.replace(shop.definitions, audiences=[])
    kept = carried(shop.recovered().state, same)
    assert learned(kept) == learned(shop.state)
    policy = PolicyDefinition(name="clever", features={"buyer": "orders >= 2"})
    other = carried(shop.recovered().state, msgspec.structs.replace(shop.definitions, policies=[policy]))
    assert learner_of(other).posterior.observed("plain") == 0


@pytest.mark.slow
def test_a_shop_learns_which_creative_is_better(make: Any) -> None:
    offers = [OfferDefinition(name="cake", placements=["home"], goal=GOAL, creatives={"words": Creative(), "photo": Creative()})]
    shop = make.shop(definitions(make, *offers))
    switch(shop, verdict(shop))
    chosen = []
    for i in range(400):
        decision = decide(shop, f"u{i}", str(i))
        chosen.append(decision.creative)
        if i % 10 < (4 if decision.creative == "photo" else 1):
            shop.collect(make.order(f"u{i}"))
    assert chosen[-100:].count("photo") >= 90
    last = decide(shop, "u1", "last")
    assert last.reasons[0].code == "learned_creative"
    assert last.contributions[0].feature == "(base)"
    assert last.contributions[0].chosen > last.contributions[0].runner_up


@pytest.mark.parametrize("forgetting", [None, "1h"])
@pytest.mark.parametrize("state", ["refused", "failed", "bounced", "too_late"])
def test_a_message_that_reached_nobody_is_no_failure(make: Any, state: str, forgetting: str | None) -> None:
    thanks = OfferDefinition(name="thanks", placements=["mail"], goal=GOAL, content={"en": {"title": "Thanks"}})
    base = definitions(make, thanks, epsilon=0.0, forgetting=forgetting)
    place = PlacementDefinition(name="mail", channel="email", ranking="clever")
    shop = make.shop(msgspec.structs.replace(base, placements=[place], offers=[thanks]))
    learner = learner_of(shop.state)
    nothing = learner.posterior.moments("thanks", shop.state.now_ms)
    for user in ("kim", "lee"):
        agreed = {"channel": "email", "purpose": "offers", "status": "granted"}
        consent = {"type": "track", "event": "Consent Changed", "userId": user, "messageId": f"c{user}", "properties": agreed}
        told = {"type": "identify", "userId": user, "messageId": f"i{user}", "traits": {"email": f"{user}@shop.kr"}}
        shop.collect(consent, told, make.order(user), make.order(user))
    messages = shop.store.outbox.claim(shop.state.now_ms + 1, 10)
    assert len(messages) == 2
    assert learner.posterior.observed("thanks") == 2
    shop.clock.advance(HOUR)
    shop.collect(make.order("lee"))  # also what was credited meanwhile
    shop.run(Deliver([Delivery(send_key=each.send_key, state=state, at_ms=0) for each in messages]))  # type: ignore[arg-type]
    assert learner.posterior.observed("thanks") == pytest.approx(0, abs=1e-12)
    for ours, before in zip(learner.posterior.moments("thanks", shop.state.now_ms), nothing, strict=True):
        assert ours == pytest.approx(before, abs=1e-9)
    shop.collect(make.order("kim"))
    assert all(shop.store.decisions.get(each.decision).outcome is None for each in messages if "kim" in str(each.address))
    assert learned(shop.recovered().state) == learned(shop.state)
    again = EngineState(shop.definitions, shop.state.identity_key)
    again.load(dict(shop.state.parts()))
    assert learned(again) == learned(shop.state)
