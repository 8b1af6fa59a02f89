"""What somebody has not done for long enough becomes true at an instant of their own: audiences and journeys see it then."""

from __future__ import annotations

from typing import Any

import msgspec

from gyeol.audiences.model import AudienceDefinition
from gyeol.engine.sweeps import MOST_TURNS, due_turns
from gyeol.journeys.model import JourneyDefinition, MessageStep, TriggerDefinition
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.waiting import is_due, next_due_ms

HOUR_MS = 3_600_000
LEFT = TraitDefinition(name="left", kind="sequence", event="Added", then_no="Order", within="2h")


def waiting_shop(make: Any) -> Any:
    journey = JourneyDefinition(
        name="come_back",
        trigger=TriggerDefinition(audience="left_cart"),
        message=MessageStep(channel="hook", placement="mail", purpose="offers"),
    )
    definitions = msgspec.structs.replace(
        make.definitions,
        traits=[LEFT, TraitDefinition(name="orders", kind="count", event="Order")],
        audiences=[AudienceDefinition(name="left_cart", condition="left")],
        offers=[msgspec.structs.replace(o, eligibility=None) for o in make.definitions.offers],
        journeys=[journey],
    )
    return make.shop(definitions)


def added(user: str, number: int) -> dict[str, object]:
    return {"type": "track", "event": "Added", "userId": user, "messageId": f"a{user}{number}"}


def idle(shop: Any) -> None:
    """What the engine does when nothing comes: it looks at the clock."""
    built = shop.engine.begin([])
    if built is not None:
        shop.log.append(built.header, built.frame)
        shop.embedded.answer(shop.engine.finish(built))
        shop.embedded.flush()


def test_it_turns_true_by_time_alone_and_false_with_the_next_order(make: Any) -> None:
    shop = waiting_shop(make)
    shop.collect(added("u1", 1))
    assert shop.trait("u1", "left") is False
    assert next_due_ms(shop.state.traits, shop.state.now_ms) == make.start_ms + 2 * HOUR_MS
    shop.clock.advance(2 * HOUR_MS - 1)
    end = shop.log.end_offset()
    idle(shop)
    assert (shop.log.end_offset(), shop.member("u1", "left_cart")) == (end, False)  # nothing is due, nothing is written
    shop.clock.advance(1)
    idle(shop)
    assert shop.member("u1", "left_cart")
    person = shop.state.people.row(shop.state.graph.find("u1"))
    assert shop.state.memberships.since_ms("left_cart", person) == make.start_ms + 2 * HOUR_MS
    assert shop.state.totals.decisions == 1
    shop.clock.advance(HOUR_MS)
    shop.collect(make.order("u1"))
    assert not shop.member("u1", "left_cart")
    recovered = shop.recovered().state
    assert recovered.memberships.dump()["since.ms"].tolist() == shop.state.memberships.dump()["since.ms"].tolist()


def test_an_order_in_time_keeps_it_false(make: Any) -> None:
    shop = waiting_shop(make)
    shop.collect(added("u1", 1))
    shop.clock.advance(HOUR_MS)
    shop.collect(make.order("u1"))
    shop.clock.advance(5 * HOUR_MS)
    assert not is_due(shop.state.traits, shop.state.now_ms, shop.clock.now_ms())
    idle(shop)
    assert not shop.member("u1", "left_cart")
    assert shop.trait("u1", "left") is False


def test_people_are_looked_at_when_they_are_joined(make: Any) -> None:
    shop = waiting_shop(make)
    shop.collect({"type": "track", "event": "Added", "anonymousId": "b1", "messageId": "x1"})
    shop.clock.advance(HOUR_MS)
    shop.collect(added("u1", 1))
    shop.collect({"type": "identify", "userId": "u1", "anonymousId": "b1", "messageId": "x2"})
    shop.clock.advance(HOUR_MS)
    idle(shop)
    assert shop.member("u1", "left_cart")


def test_after_a_long_silence_neighbours_are_looked_at_together(make: Any) -> None:
    shop = waiting_shop(make)
    shop.collect(*(added(f"u{n}", 1) for n in range(3)))
    for n in range(MOST_TURNS + 50):
        shop.clock.advance(2_000)
        shop.collect(added(f"v{n}", 1))
    shop.clock.advance(3 * HOUR_MS)
    turns = due_turns(shop.state, shop.clock.now_ms())
    assert 0 < len(turns) <= MOST_TURNS
    assert [at for at, _ in turns] == sorted(at for at, _ in turns)
    idle(shop)
    assert sum(shop.state.memberships.members("left_cart", shop.state.people.all_rows())) == MOST_TURNS + 53
