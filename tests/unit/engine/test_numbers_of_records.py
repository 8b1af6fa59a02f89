"""What names people beside events (decisions, facts): their numbers stay under other identity rules, and a replay does as was done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gyeol.audiences.model import AudienceDefinition
from gyeol.context.record import FactInput
from gyeol.engine.definitions import Definitions
from gyeol.engine.facts import FactSaid
from gyeol.engine.jobs import Apply, Decide, Observe
from gyeol.engine.recovery import recover
from gyeol.engine.state import EngineState
from gyeol.kernel.instants import instant_text


def weather(value: str, person: str, observed_ms: int) -> FactInput:
    return FactInput(name="weather", value=value, about={"person": person}, observed_at=instant_text(observed_ms), ttl_s=3_600)


def known(state: EngineState) -> list[tuple[str, str]]:
    """Identifiers by number."""
    return [state.graph.identifier(node)[:2] for node in range(state.graph.size)]


def other_rules(definitions: Definitions, which: str) -> Definitions:
    user, email, anonymous = definitions.identifiers
    kinds = {
        "order": [msgspec.structs.replace(email, priority=1, limit=1), msgspec.structs.replace(user, priority=2), anonymous],
        "dropped": [user, email],
        "blocked": [user, email, msgspec.structs.replace(anonymous, blocked=["new-cookie", "told-of"])],
    }
    return msgspec.structs.replace(definitions, identifiers=kinds[which])


@pytest.mark.parametrize("which", ["order", "dropped", "blocked"])
def test_who_was_first_named_by_a_decision_or_a_fact_keeps_the_number(make: Any, which: str) -> None:
    shop = make.shop()
    before = shop.definitions
    shop.collect(make.order("kim", "c1"))
    decided = shop.run(Decide(lambda state: ("anonymous_id", "new-cookie"), ["mail"], {}, "k1"))[0].decision
    shop.run(Observe([weather("rain", "anonymous_id:told-of", shop.clock.now_ms())], "test"))
    shop.collect(make.order("lee", "c2"), {**make.identify("park"), "anonymousId": "c3"})
    numbers = known(shop.state)
    after = other_rules(before, which)

    def under(definitions: Definitions) -> EngineState:
        return recover(shop.log, definitions, b"k" * 32, snapshots=None, acted_offset=0, history=[before, after]).state

    shop.embedded._rebuild = under
    shop.run(Apply(after, "test", "other rules"))
    assert known(shop.state) == numbers
    assert known(shop.state)[decided.node] == ("anonymous_id", "new-cookie")
    shop.collect(make.order("yun", "c4"))
    assert known(under(after)) == known(shop.state)


def test_facts_that_share_a_frame_move_audiences_one_after_another_also_in_a_replay(make: Any) -> None:
    wet = AudienceDefinition(name="wet", condition="moment.weather = 'rain'")
    shop = make.shop(msgspec.structs.replace(make.definitions, audiences=[*make.definitions.audiences, wet]))
    shop.collect(make.order("kim"))
    shop.run(Observe([weather("rain", "user_id:kim", shop.clock.now_ms())], "test"))
    shop.clock.advance(60_000)
    now_ms, frames = shop.clock.now_ms(), len(shop.log._frames)
    jobs = [Observe([weather(value, "user_id:kim", now_ms - at)], "test") for value, at in (("clear", 2_000), ("rain", 1_000))]
    shop.embedded.run(jobs)
    assert len(shop.log._frames) == frames + 1
    assert [said.offset for job in jobs for said in msgspec.convert(job.answer, list[FactSaid])] == [2, 3]
    (row,) = shop.state.people.all_rows().tolist()
    since_ms = shop.state.memberships.since_ms("wet", row)
    assert since_ms == now_ms
    assert shop.recovered().state.memberships.since_ms("wet", row) == since_ms
