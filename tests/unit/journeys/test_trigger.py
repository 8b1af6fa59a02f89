"""What enrols whom, once for each start of a match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from gyeol.channels.model import ChannelDefinition
from gyeol.events.rows import batch_of
from gyeol.journeys.enrolment import Enrolment, EnrolmentLedger
from gyeol.journeys.model import JourneyDefinition, MessageStep, TriggerDefinition
from gyeol.journeys.trigger import Journeys, Match
from gyeol.kernel.errors import InputError
from gyeol.kernel.instants import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from tests.unit.journeys.conftest import World

NOW = 1_772_420_400_000


def order(revenue: float | None, at_ms: int = NOW) -> dict[str, Any]:
    return {"event": "Order Completed", "userId": "u", "timestamp": at_ms, "properties": {} if revenue is None else {"revenue": revenue}}


def matches(world: World, events: list[dict[str, Any]], nodes: list[int], now_ms: int = NOW) -> list[tuple[str, int, int]]:
    found = world.journeys.matching_events(batch_of(events, first_offset=70), np.array(nodes, np.int64), now_ms)
    return [(m.journey, m.node, m.cause_offset) for m in found]


def test_events_match_by_name_and_condition(world: World) -> None:
    other = {"event": "Product Viewed", "timestamp": NOW, "properties": {"revenue": 500}}
    events = [order(101), other, order(100), order(None), order(300), order(400)]
    assert matches(world, events, [5, 5, 6, 7, 8, -1]) == [("on_order", 5, 70), ("on_order", 8, 74)]


def test_an_event_too_old_for_its_message_sets_nothing_off(world: World) -> None:
    events = [order(200, NOW - DAY_MS), order(200, NOW - DAY_MS + 1)]
    assert matches(world, events, [1, 2]) == [("on_order", 2, 71)]


def test_entries_match_by_audience(world: World) -> None:
    found = world.journeys.matching_entry("lapsing", 4, NOW, 9)
    assert [(m.journey, m.node, m.entry_key, m.cause_offset) for m in found] == [
        ("on_lapse", 4, f"audience:lapsing:{NOW}", 9),
        ("by_phone", 4, f"audience:lapsing:{NOW}", 9),
    ]
    assert world.journeys.matching_entry("others", 4, NOW, 9) == []
    assert world.journeys.audiences == {"lapsing"}
    assert world.journeys.paths() == {"properties.revenue"}


def enrol(world: World, journey: str, key: str, now_ms: int, *nodes: int) -> Enrolment | None:
    match = Match(journey=journey, node=nodes[0], entry_key=key, cause_offset=1)
    enrolment = world.journeys.enrol(match, world.person(*nodes), world.enrolments, now_ms)
    if enrolment is not None:
        world.enrolments.add(enrolment)
    return enrolment


def test_never_again_without_re_entry(world: World) -> None:
    first = enrol(world, "on_lapse", "k1", NOW, 1)
    assert first is not None
    assert (first.person, first.node, first.at_ms, first.outcome) == ("p1", 1, NOW, "entered")
    assert enrol(world, "on_lapse", "k1", NOW, 1) is None
    assert enrol(world, "on_lapse", "k2", NOW + 999 * DAY_MS, 1) is None
    assert enrol(world, "on_lapse", "k2", NOW, 2) is not None


def test_again_after_re_entry(world: World) -> None:
    assert enrol(world, "by_phone", "k1", NOW, 1) is not None
    assert enrol(world, "by_phone", "k2", NOW + DAY_MS - 1, 1) is None
    assert enrol(world, "by_phone", "k1", NOW + DAY_MS, 1) is None, "the same start of the match"
    assert enrol(world, "by_phone", "k2", NOW + DAY_MS, 1) is not None
    assert enrol(world, "by_phone", "k3", NOW + DAY_MS + HOUR_MS, 1) is None


def test_any_node_of_the_person_counts(world: World) -> None:
    assert enrol(world, "on_order", "k1", NOW, 1) is not None
    assert enrol(world, "on_order", "k2", NOW + 1, 2, 1) is None
    assert enrol(world, "on_order", "k2", NOW + 1, 2) is not None, "before the merge they are two people"
    assert enrol(world, "gone", "k", NOW, 1) is None


def test_the_ledger_comes_back_and_knows_what_was_earlier() -> None:
    def entry(node: int, at_ms: int, journey: str = "j") -> Enrolment:
        return Enrolment(journey=journey, version="v", node=node, person="p", entry_key=f"k{at_ms}", at_ms=at_ms, cause_offset=0)

    ledger = EnrolmentLedger()
    for node, at_ms in ((2, 20), (1, 10), (3, 30), (1, 5)):
        ledger.add(entry(node, at_ms))
    ledger.add(entry(1, 7, "other"))
    back = EnrolmentLedger.load(ledger.dump())
    assert back.dump() == ledger.dump()
    for found in (ledger, back):
        assert found.total == 5
        assert found.last("j", [1, 2]) == (20, 2, "k20")
        assert found.last("j", [9]) is found.last("none", [1]) is None
        assert found.earlier("j", [1, 2, 3], 20, 2, 0) == 1
        assert found.earlier("j", [1, 2, 3], 10, 1, 0) is None
        assert found.earlier("j", [1, 2, 3], 20, 2, 11) is None
        assert found.earlier("j", [1, 2, 3], 10, 2, 0) == 1, "at the same time the lower node"


def test_every_problem_of_the_definitions_is_told() -> None:
    channel = ChannelDefinition(name="mailer", kind="webhook", medium="email", url="https://example.invalid", secret="whsec_eA==")

    def made(
        name: str, trigger: TriggerDefinition, channel_name: str = "mailer", expires: str = "1d", re_entry: str | None = None
    ) -> JourneyDefinition:
        step = MessageStep(channel=channel_name, placement="p", purpose="marketing", expires_after=expires)
        return JourneyDefinition(name=name, trigger=trigger, message=step, re_entry=re_entry)

    bad = [
        made("both", TriggerDefinition(audience="a", event="e")),
        made("neither", TriggerDefinition(), "pigeon"),
        made("where", TriggerDefinition(audience="a", where="properties.x > 1")),
        made("syntax", TriggerDefinition(event="e", where="properties.x >")),
        made("expiry", TriggerDefinition(event="e"), expires="soon"),
        made("again", TriggerDefinition(event="e"), re_entry="often"),
    ]
    with pytest.raises(InputError) as raised:
        Journeys(bad, [channel])
    assert [p.path for p in raised.value.problems] == [
        "journeys.both.trigger",
        "journeys.neither.trigger",
        "journeys.neither.message.channel",
        "journeys.where.trigger.where",
        "journeys.syntax.trigger.where",
        "journeys.expiry.message.expires_after",
        "journeys.again.re_entry",
    ]


def test_a_changed_definition_is_another_version(world: World) -> None:
    before = world.journeys.get("on_lapse")
    assert before is not None
    after = Journeys([msgspec.structs.replace(before.definition, re_entry="1d")], world.channels).get("on_lapse")
    assert after is not None
    assert after.version != before.version
