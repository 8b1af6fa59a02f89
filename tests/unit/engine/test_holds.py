"""Holds, budgets and contacts in the engine: what the log says of them is what every replay and every snapshot finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gyeol.app.verifying import state_digest
from gyeol.channels.model import Delivery, Message
from gyeol.context.record import FactInput
from gyeol.decisions.limits import CapDefinition, CategoryDefinition, ContactBudget, Fatigue
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.engine.acts import gate_again
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Apply, Decide, Decided, Deliver, Observe
from gyeol.engine.snapshot import load_snapshot, write_snapshot
from gyeol.engine.state import EngineState
from gyeol.journeys.model import JourneyDefinition, MessageStep, TriggerDefinition
from gyeol.kernel.instants import DAY_MS, HOUR_MS, instant_text

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Shop

MINUTE_MS = 60_000
KEY = b"k" * 32


def offer(name: str, *placements: str, **fields: object) -> OfferDefinition:
    words = {"ko": {"title": name}}
    return msgspec.convert({"name": name, "placements": placements, "content": words} | fields, OfferDefinition)


def with_limits(base: Definitions) -> Definitions:
    """The shop with two journeys whose messages compete, a budget, a cap, and a placement that tells its impressions."""
    step = MessageStep(channel="hook", placement="mail", purpose="offers", expires_after="36h")
    other = msgspec.structs.replace(step, placement="mail_too")
    return msgspec.structs.replace(
        base,
        workspace=msgspec.structs.replace(base.workspace, contact_budget=ContactBudget(most=1, per="1d", wait="30m")),
        categories=[CategoryDefinition(name="news")],
        caps=[CapDefinition(name="news", most=3, window="7d", category="news")],
        placements=[
            PlacementDefinition(name="mail", channel="email"),
            PlacementDefinition(name="mail_too", channel="email"),
            PlacementDefinition(name="hero", channel="web", impressions=True, hold="10m"),
            PlacementDefinition(name="foot", channel="web", diversity=1),
        ],
        offers=[
            offer("small", "mail", value="1", budget={"cost_minor": 7}),
            offer("large", "mail_too", value="2"),
            offer("gift", "hero", score="3", budget={"cost_minor": 100, "total_minor": 200}, cap=1),
            offer("story", "hero", "foot", score="2", category="news"),
            offer("tale", "foot", score="1", category="news"),
            offer("plain", "foot"),
        ],
        journeys=[
            JourneyDefinition(name="on_order", trigger=TriggerDefinition(event="Order"), message=step, re_entry="1m"),
            JourneyDefinition(name="on_order_too", trigger=TriggerDefinition(event="Order"), message=other, re_entry="1m"),
        ],
    )


@pytest.fixture
def shop() -> Shop:
    from tests.unit.engine.conftest import DEFINITIONS, Shop

    return Shop(with_limits(DEFINITIONS))


_numbers = iter(range(10**9))


def event(user: str, name: str, **properties: object) -> dict[str, object]:
    return {"type": "track", "event": name, "userId": user, "messageId": f"h{next(_numbers)}", "properties": properties}


def known(shop: Shop, user: str) -> None:
    """Somebody who may be written to."""
    shop.collect({"type": "identify", "userId": user, "messageId": f"i-{user}", "traits": {"email": f"{user}@example.com"}})
    shop.collect(event(user, "Consent Changed", channel="email", purpose="offers", status="granted"))


def decide(shop: Shop, user: str, *placements: str, kind: str = "user_id") -> list[Decided]:
    job = Decide(lambda state: (kind, user), placements, {}, f"k{next(_numbers)}")
    found: list[Decided] = shop.run(job)
    return found


def claim(shop: Shop) -> tuple[list[str], list[str]]:
    """One round of the sender: offers that left, and why others did not."""
    claimed = shop.store.outbox.claim(shop.state.now_ms, 100)
    ready, told = gate_again(shop.state, claimed)
    if told:
        shop.run(Deliver(told))
    shop.clock.advance(1)
    if ready:
        shop.run(Deliver([Delivery(send_key=m.send_key, state="accepted", at_ms=0) for m in ready]))
    by_key: dict[str, Message] = {m.send_key: m for m in claimed}
    return [m.offer for m in ready], [f"{by_key[d.send_key].offer} {d.state} {d.reason}" for d in told if d.state != "sending"]


def later(shop: Shop, ms: int) -> None:
    shop.clock.advance(ms)
    shop.collect(event("ticker", "Tick"))


def parts(state: EngineState) -> dict[str, Any]:
    return {"decided": state.decided.dump(), "contacts": state.contacts.dump()}


def same_everywhere(shop: Shop, folder: Path) -> None:
    """The log gives the same ledgers, and so does a snapshot."""
    again = shop.recovered().state
    assert parts(again) == parts(shop.state)
    assert state_digest(again) == state_digest(shop.state)
    write_snapshot(folder, shop.state)
    loaded = load_snapshot(folder, lambda: EngineState(shop.definitions, KEY), shop.state.offset)
    assert loaded.offset == shop.state.offset
    assert parts(loaded.state) == parts(shop.state)


def test_the_better_message_leaves_and_the_other_has_a_second_chance(shop: Shop, tmp_path: Path) -> None:
    known(shop, "kim")
    shop.collect(event("kim", "Order"))
    assert claim(shop) == ([], []), "they wait for better ones"
    later(shop, 30 * MINUTE_MS)
    assert claim(shop) == (["large"], ["small queued outcompeted"])
    same_everywhere(shop, tmp_path)
    later(shop, 2 * HOUR_MS)
    assert claim(shop) == ([], []), "it waits for tomorrow"
    later(shop, 10 * HOUR_MS)
    assert claim(shop) == (["small"], [])
    entry = next(e for e in shop.store.outbox.list().entries if e.message.offer == "small")
    assert [(d.state, d.reason) for d in shop.store.outbox.deliveries(entry.message.send_key)] == [
        ("queued", "outcompeted"),
        ("sending", ""),
        ("accepted", ""),
    ]
    same_everywhere(shop, tmp_path)


def test_who_loses_every_day_is_refused_in_the_end_and_its_money_comes_back(shop: Shop, tmp_path: Path) -> None:
    known(shop, "kim")
    shop.collect(event("kim", "Order"))
    taken = shop.state.decided.spending.taken
    assert taken("offer:small", shop.state.now_ms).total == 7
    refused: list[str] = []
    for _ in range(4):
        later(shop, 30 * MINUTE_MS)
        refused += claim(shop)[1]
        later(shop, DAY_MS - 31 * MINUTE_MS)
        shop.collect(event("kim", "Order"))
        later(shop, MINUTE_MS)
    assert "small refused outcompeted" in refused
    small = [e for e in shop.store.outbox.list().entries if e.message.offer == "small"]
    waiting = sum(e.state in ("queued", "accepted") for e in small)
    assert 0 < waiting < len(small)
    assert taken("offer:small", shop.state.now_ms).total == 7 * waiting
    same_everywhere(shop, tmp_path)


def test_a_hold_lapses_unless_the_impression_comes(shop: Shop, tmp_path: Path) -> None:
    one, two = decide(shop, "kim", "hero")[0].decision, decide(shop, "lee", "hero")[0].decision
    assert (one.chosen, two.chosen) == ("gift", "gift")
    third = decide(shop, "park", "hero")[0].decision
    assert (third.chosen, third.refusals[0].reason.code) == ("story", "budget_total")
    shop.collect(event("lee", "Offer Shown", decision=two.id, placement="hero", offer="gift"))
    same_everywhere(shop, tmp_path)
    later(shop, 10 * MINUTE_MS)
    assert decide(shop, "kim", "hero")[0].decision.chosen == "gift", "nobody saw it, so it was never offered"
    assert decide(shop, "lee", "hero")[0].decision.refusals[0].reason.code == "offer_cap"
    same_everywhere(shop, tmp_path)
    later(shop, 2 * HOUR_MS)
    assert shop.state.decided.spending.taken("offer:gift", shop.state.now_ms).total == 100
    assert not shop.state.decided.holds
    same_everywhere(shop, tmp_path)


def test_placements_asked_together_share_nothing(shop: Shop) -> None:
    hero, foot = decide(shop, "kim", "hero", "foot")
    assert (hero.decision.chosen, foot.decision.chosen) == ("gift", "story")
    hero, foot = decide(shop, "kim", "hero", "foot")
    assert (hero.decision.chosen, foot.decision.chosen) == ("story", "plain")
    told = {r.offer: r.reason.code for r in foot.decision.refusals if r.gate != "rank"}
    assert told == {"story": "shown_elsewhere", "tale": "diversity"}


def test_caps_follow_merges_and_other_definitions(shop: Shop, tmp_path: Path) -> None:
    assert decide(shop, "kim", "foot")[0].decision.chosen == "story"
    assert [decide(shop, "tablet", "foot", kind="anonymous_id")[0].decision.chosen for _ in range(2)] == ["story", "story"]
    assert decide(shop, "kim", "foot")[0].decision.chosen == "story", "two people so far"
    shop.collect({"type": "identify", "userId": "kim", "anonymousId": "tablet", "messageId": "join", "traits": {}})
    refused = decide(shop, "kim", "foot")[0].decision
    assert (refused.chosen, refused.refusals[0].reason.params) == ("plain", {"cap_name": "news", "count": 4, "most": 3, "window": "7d"})
    same_everywhere(shop, tmp_path)
    before = parts(shop.state)
    changed = msgspec.structs.replace(shop.definitions, caps=[CapDefinition(name="news", most=5, window="7d", category="news")])
    shop.run(Apply(changed, "test", "more"))
    shop.definitions = changed
    assert parts(shop.state) == before
    assert decide(shop, "kim", "foot")[0].decision.chosen == "story"
    same_everywhere(shop, tmp_path)


def test_stock_purchases_and_clicks_come_from_the_log(shop: Shop) -> None:
    """The gates read what events and facts have told, through the whole engine."""
    offers = [
        offer("cup", "foot", inventory={"sku": "C1", "least": 2}, score="9"),
        offer("beans", "foot", bought={"event": "Order", "where": "properties.sku = 'B1'", "within": "7d"}, score="8"),
        offer("plain", "foot"),
    ]
    workspace = msgspec.structs.replace(shop.definitions.workspace, fatigue=Fatigue(most=2, half_life="1d"))
    changed = msgspec.structs.replace(shop.definitions, offers=offers, workspace=workspace, caps=[], journeys=[])
    shop.run(Apply(changed, "test", "stock"))
    shop.definitions = changed

    def says() -> tuple[str | None, dict[str, str]]:
        decision = decide(shop, "kim", "foot")[0].decision
        return decision.chosen, {r.offer: r.reason.code for r in decision.refusals if r.gate != "rank"}

    assert says() == ("beans", {"cup": "stock_unknown"})
    shop.collect(event("kim", "Order", sku="B1"))
    shop.run(Observe([FactInput(name="stock", value=1, about={"sku": "C1"})], "till"))
    assert says() == ("plain", {"cup": "out_of_stock", "beans": "already_bought"})
    shop.run(Observe([FactInput(name="stock", value=2, about={"sku": "C1"})], "till"))
    assert says() == (None, {"cup": "fatigued", "beans": "already_bought", "plain": "fatigued"})
    shop.collect(event("kim", "Offer Clicked"))
    assert says() == ("cup", {"beans": "already_bought"})
    later(shop, 2 * DAY_MS)
    assert says() == ("plain", {"cup": "stock_unknown", "beans": "already_bought"}), "a stock told two days ago is none"
    assert parts(shop.recovered().state) == parts(shop.state)


def test_the_last_look_knows_of_a_complaint_that_nobody_says_was_settled(shop: Shop) -> None:
    known(shop, "kim")
    shop.collect(event("kim", "Order"))
    shop.clock.advance(40 * 60_000)
    told = FactInput(
        name="open_complaint", value=True, about={"person": "user_id:kim"}, observed_at=instant_text(shop.clock.now_ms()), ttl_s=60
    )
    shop.run(Observe([told], "desk"))
    later(shop, 120_000)
    left, why = claim(shop)
    assert left == []
    assert sorted(why) == ["large refused complaint_unknown", "small refused complaint_unknown"]
