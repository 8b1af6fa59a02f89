"""Past decisions taken again: the same rules give the same choices, another rule exactly the people whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.integration.policy_shop import DECIDE, Shop

from gyeol.app.policy_past import Change, Replay, Span, past_of, replay
from gyeol.app.settings import data_folder
from gyeol.engine.definitions import Definitions
from gyeol.engine.replaying import Again, Trial, begin, taken_again
from gyeol.engine.snapshot import write_snapshot
from gyeol.kernel.hashing import sticky_share
from gyeol.kernel.instants import DAY_MS


@pytest.fixture
def shop(workspace: Path) -> Iterator[Shop]:
    (workspace / "decide.yaml").write_text(DECIDE)
    made = Shop(workspace)
    try:
        yield made
    finally:
        made.session.close()


def again(shop: Shop, definitions: Definitions) -> list[Again]:
    with past_of(shop.session, data_folder(shop.workspace)) as past:
        key = bytes.fromhex(past.folder.secrets().identity_key)
        beginning = begin(
            past.log, definitions, key, history=past.applied.history(past.log), snapshots=past.folder.snapshots,
            defined=past.applied.get, seal=past.seal,
        )  # fmt: skip
        return list(taken_again(past.log, beginning, Trial(wanted=lambda decision: True)))


def report(shop: Shop, definitions: Definitions, **span: Any) -> tuple[Replay, list[Change]]:
    written: list[Change] = []
    with past_of(shop.session, data_folder(shop.workspace)) as past:
        return replay(past, definitions, Span(**span), write=written.append), written


def with_offer(definitions: Definitions, name: str, **changes: Any) -> Definitions:
    offers = [msgspec.structs.replace(offer, **changes) if offer.name == name else offer for offer in definitions.offers]
    return msgspec.structs.replace(definitions, offers=offers)


def test_the_same_rules_over_their_own_past_decide_the_same_to_the_last_value(shop: Shop) -> None:
    shop.traffic()
    found = again(shop, shop.definitions)
    assert len(found) == shop.session.parts.engine.state.totals.decisions > 100
    assert [each.now for each in found] == [each.then for each in found]
    assert {each.then.cause for each in found} == {"request", "journey:thanks"}
    assert len({each.then.chosen for each in found}) >= 5 and any(each.then.holdout for each in found)
    assert any(refusal.gate == "offer_cap" for each in found for refusal in each.then.refusals)
    assert {len(each.then.beside) for each in found} == {0, 1}


def test_a_report_on_the_same_rules_says_that_nobody_would_change(shop: Shop) -> None:
    shop.traffic(20)
    found, written = report(shop, shop.definitions)
    assert (found.changed, found.people_changed, found.moments_differ, found.left_out, written) == (0, 0, 0, {}, [])
    assert all((each.decisions, each.people) == (each.decisions_then, each.people_then) for each in found.reach)
    assert all(each.refusals == each.refusals_then for each in found.refusals) and found.refusals
    assert found.decisions == shop.session.parts.engine.state.totals.decisions
    assert sum(each.decisions for each in found.reach) == found.decisions


def test_another_rule_changes_exactly_whom_it_concerns(shop: Shop) -> None:
    for user, spent in (("rich", 900), ("middle", 600), ("poor", 100)):
        shop.bought(user, spent)
        for channel in ("web", "email"):
            consent = {"channel": channel, "purpose": "offers", "status": "granted"}
            shop.send("server", {"type": "track", "event": "Consent Changed", "userId": user, "properties": consent})
    definitions = msgspec.structs.replace(
        shop.definitions, placements=[msgspec.structs.replace(each, holdout=0.0) for each in shop.definitions.placements]
    )
    shop.apply(definitions)
    since_ms = shop.clock.now_ms()
    shop.clock.advance(60_000)
    decided = {user: shop.ask("user_id", user, ["home"])[0].decision for user in ("rich", "middle", "poor")}
    assert [decided[user].chosen for user in decided] == ["big_spender", "big_spender", "newcomer"]
    found, written = report(shop, with_offer(definitions, "big_spender", eligibility="revenue >= 800"), since_ms=since_ms, placement="home")
    assert [(each.decision, each.offer, each.offer_then, each.refused_by) for each in written] == [
        (decided["middle"].id, "big_spender", "newcomer", "not_eligible")
    ]
    assert written == found.examples and (found.decisions, found.changed, found.people, found.people_changed) == (3, 1, 3, 1)
    reach = {each.offer: (each.decisions, each.decisions_then) for each in found.reach}
    assert reach == {"big_spender": (2, 1), "newcomer": (1, 2)}
    moved = {(each.gate, each.code): (each.refusals, each.refusals_then) for each in found.refusals if each.refusals != each.refusals_then}
    assert moved[("eligibility", "not_eligible")] == (1, 2)


def test_caps_go_on_from_what_would_have_been_shown(shop: Shop) -> None:
    who = next(name for name in (f"w{i}" for i in range(20)) if sticky_share("home", f"user_id:{name}") >= 0.2)
    shop.bought(who, 900)
    shop.send("server", {"type": "track", "event": "Consent Changed", "userId": who,
                         "properties": {"channel": "web", "purpose": "offers", "status": "granted"}})  # fmt: skip
    chosen = []
    for _ in range(5):
        shop.clock.advance(60_000)
        chosen.append(shop.ask("user_id", who, ["home"])[0].decision.chosen)
    assert chosen == ["big_spender"] * 2 + ["newcomer"] * 3
    found, written = report(shop, with_offer(shop.definitions, "big_spender", cap=4), placement="home")
    assert [each.offer_then for each in written] == ["big_spender", "big_spender"] and found.changed == 2


def test_a_trait_of_other_rules_is_known_as_of_each_instant(shop: Shop) -> None:
    trait = msgspec.structs.replace(next(t for t in shop.definitions.traits if t.name == "orders"), name="orders_so_far")
    newer = with_offer(shop.definitions, "newcomer", eligibility="orders_so_far = 1")
    newer = msgspec.structs.replace(newer, traits=[*newer.traits, trait])
    answers = []
    for _ in range(3):  # the event after a decision must not be seen by it
        answers.append(shop.ask("anonymous_id", "someone", ["home"])[0].decision)
        shop.clock.advance(60_000)
        properties = {"order_id": f"o{len(answers)}", "revenue": 10}
        shop.send("server", {"type": "track", "event": "Order Completed", "anonymousId": "someone", "properties": properties})
        shop.clock.advance(60_000)
    again_by = {each.then.id: each.now for each in again(shop, newer)}
    eligible = [
        all(refusal.offer != "newcomer" or refusal.gate != "eligibility" for refusal in decision.refusals)
        for decision in (again_by[each.id] for each in answers)
        if decision is not None
    ]
    assert eligible == [False, True, False]


def test_definitions_that_were_changed_meanwhile_are_told(shop: Shop) -> None:
    shop.traffic(6)
    first = shop.definitions
    shop.apply(with_offer(first, "rainy", eligibility="moment.weather = 'snow'"))
    shop.traffic(6)
    found, _ = report(shop, shop.definitions)
    assert set(found.under) == {first.hash, shop.definitions.hash}
    assert found.under[shop.definitions.hash][1] == 0 and sum(n for n, _ in found.under.values()) == found.decisions
    assert found.changed == found.under[first.hash][1] > 0


def test_what_is_gone_is_counted_and_left_out(shop: Shop) -> None:
    shop.traffic(12)
    fewer = msgspec.structs.replace(
        shop.definitions,
        placements=[each for each in shop.definitions.placements if each.name != "mail"],
        offers=[each for each in shop.definitions.offers if each.name != "letter"],
        journeys=[],
    )
    found, _ = report(shop, fewer)
    placements = [each.then.placement for each in again(shop, shop.definitions)]
    assert found.left_out == {"placement_gone": placements.count("mail")} and found.decisions == placements.count("home")


def test_where_the_log_was_shortened_it_goes_on_from_a_snapshot(shop: Shop) -> None:
    shop.traffic(10)
    parts = shop.session.parts
    shop.session.engine.flush()
    write_snapshot(parts.folder.snapshots, parts.engine.state, seal=parts.seal)
    offset = parts.engine.state.offset
    before = len(again(shop, shop.definitions))
    shop.clock.advance(2 * DAY_MS)
    shop.traffic(10)
    shop.session.settle()
    assert parts.log.retire(1, offset)
    found = again(shop, shop.definitions)
    assert 0 < len(found) == parts.engine.state.totals.decisions - before
    assert [each.now for each in found] == [each.then for each in found]
