"""A placement that leaves channel and hour open: the step takes what can be reached, and says why the rest cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gyeol.decisions.engine import Placements
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.learner import Arm
from gyeol.decisions.ranking.model import Creative, Goal, PolicyDefinition
from gyeol.decisions.ranking.policies import Policies, Switch
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.expressions.schema import NameInfo
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.plans import next_hour_ms
from gyeol.journeys.step import Stepped, take_step
from gyeol.kernel.instants import HOUR_MS, Zone
from gyeol.privacy.law import LawTable
from gyeol.workspace.defaults import shipped_laws

if TYPE_CHECKING:
    from tests.unit.journeys.conftest import World

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
SEOUL = Zone("Asia/Seoul")
GOAL = Goal(event="Order", within="2h", value=1_000)
WORDS = {"ko": {"title": "봄 할인", "body": "10 % 할인"}}
OTHER = Creative(content={"ko": {"title": "둘"}})
OFFER = OfferDefinition(
    name="spring",
    placements=["note"],
    content=WORDS,
    goal=GOAL,
    creatives={"a": Creative(), "b": OTHER},
)
SCHEMA = {"orders": NameInfo(type="number"), "language": NameInfo(type="text")}
JUDGED = Verdict(
    id="v", policy="clever", definitions="d", estimator="dr", estimate=2, low=1, high=3, ess=900, baseline=0.5, verdict="better"
)


def placements(ranking: str = "clever", *, channels: list[str], hours: list[int]) -> Placements:
    note = PlacementDefinition(name="note", channel="email", ranking=ranking, channels=channels, hours=hours)
    return Placements([note], [OFFER], SCHEMA, laws=LawTable(shipped_laws(), "KR"), zone=SEOUL)


def policies(channels: list[str], hours: list[int]) -> Policies:
    definition = PolicyDefinition(name="clever", features={"orders": "orders"}, epsilon=0.0, exploration=0.0)
    found = Policies([definition], SCHEMA, {"clever": (channels, hours)}, {"spring": GOAL})
    found.switch(Switch(policy="clever", verdict=JUDGED), 0)
    return found


def step(world: World, places: Placements, learned: Policies | None = None) -> Stepped:
    journey = world.journeys.get("on_lapse")
    assert journey is not None
    enrolment = Enrolment(journey="on_lapse", version="v", node=1, person="p1", entry_key="k", at_ms=NOON, cause_offset=5)
    return take_step(journey, enrolment, world.person(), places, NOON, {}, policies=learned)


def teach(learned: Policies, arm: Arm, reached: int) -> None:
    learner = learned.learner("clever")
    assert learner is not None
    for i in range(60):
        part = learner.observe(arm, {"orders": 1.0}, 0)
        if i < reached:
            learner.reach(arm, {"orders": 1.0}, 0, 0, part)


@pytest.mark.parametrize(("hour", "days", "expected"), [(12, 0, 12), (13, 0, 13), (11, 1, 11), (0, 1, 0)])
def test_the_next_time_that_it_is_an_hour(hour: int, days: int, expected: int) -> None:
    at_ms = next_hour_ms(SEOUL, hour, NOON + 1_234)
    assert at_ms == (NOON + 1_234 if hour == 12 else NOON - 12 * HOUR_MS + days * 24 * HOUR_MS + expected * HOUR_MS)


def test_the_policy_takes_the_channel_the_hour_and_the_creative_that_work(world: World) -> None:
    channels, hours = ["mailer", "texter"], [15, 18]
    learned = policies(channels, hours)
    for name in channels:
        for hour in hours:
            for creative in ("a", "b"):
                teach(learned, Arm("spring", creative, name, hour), 30 if (creative, name, hour) == ("b", "texter", 18) else 6)
    for medium in ("email", "sms"):
        world.consent(1, medium)
    stepped = step(world, placements(channels=channels, hours=hours), learned)
    decision, message = stepped.decision, stepped.message
    assert message is not None
    assert (decision.creative, decision.channel, decision.hour) == ("b", "texter", 18)
    assert (message.channel, message.address, message.not_before_ms) == ("texter", "+821000000000", NOON + 6 * HOUR_MS)
    assert message.content["title"] == "(광고) 둘"
    assert decision.goal_until_ms == message.not_before_ms + 2 * HOUR_MS
    assert decision.policy == "clever"


def test_a_channel_without_consent_or_address_says_so_and_the_other_is_taken(world: World) -> None:
    world.consent(1, "sms")
    places = placements("formula", channels=["mailer", "texter"], hours=[])
    stepped = step(world, places)
    assert stepped.message is not None
    assert (stepped.message.channel, stepped.decision.channel) == ("texter", "texter")
    assert [(r.channel, r.gate, r.reason.code) for r in stepped.decision.refusals] == [("mailer", "consent", "consent_missing")]
    world.consent(1, "email")
    world.addresses = {"email": "a@example.invalid"}
    stepped = step(world, places)
    assert stepped.message is not None
    assert stepped.message.channel == "mailer"
    assert [(r.channel, r.gate, r.reason.code) for r in stepped.decision.refusals] == [("texter", "channel", "no_address")]


def test_an_hour_that_is_too_late_or_quiet_is_not_taken(world: World) -> None:
    world.consent(1, "sms")
    stepped = step(world, placements("formula", channels=["texter"], hours=[22, 12, 14]))
    assert stepped.message is not None
    assert (stepped.decision.hour, stepped.message.not_before_ms) == (12, NOON)
    assert [(r.hour, r.reason.code) for r in stepped.decision.refusals] == [(22, "quiet_hours")]
    stepped = step(world, placements("formula", channels=["texter"], hours=[11]))
    assert stepped.message is not None, "eleven tomorrow is within the day that the message has"


def test_a_cheaper_channel_wins_where_both_work_alike(world: World) -> None:
    channels = ["mailer", "texter"]
    learned = policies(channels, [])
    learner = learned.learner("clever")
    assert learner is not None
    arms = [Arm("spring", "a", "mailer", None, 1_000.0, 40.0), Arm("spring", "a", "texter", None, 1_000.0, 8.0)]
    field = learner.field(arms, {"orders": 1.0}, 0)
    assert field.scores(field.mean)[1] - field.scores(field.mean)[0] == pytest.approx(32.0)
