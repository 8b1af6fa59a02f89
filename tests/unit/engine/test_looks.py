"""After a frame only conditions that may have changed are looked at; what comes of it must be what looking at all would give."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.audiences.membership import Memberships
from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.profiles.model import TraitDefinition

HOUR_MS = 3_600_000


def definitions_of(make: Any) -> Any:
    return msgspec.structs.replace(
        make.definitions,
        traits=[
            *make.definitions.traits,
            TraitDefinition(name="warmth", kind="decay", event="$page", half_life="6h"),
            TraitDefinition(name="orders_24h", kind="count", event="Order", window="24h"),
        ],
        audiences=[
            *make.definitions.audiences,
            AudienceDefinition(name="never_ordered", condition="orders = 0"),
            AudienceDefinition(name="warm", condition="warmth > 1.5"),
            AudienceDefinition(name="cooled", condition="warmth < 0.5 AND pages >= 2"),
            AudienceDefinition(name="today", condition="orders_24h >= 1 AND city IS NULL"),
            AudienceDefinition(name="morning", condition="moment.hour < 15 AND orders >= 1"),
        ],
        stages=[StageDefinition(name="customer", condition="orders >= 1"), StageDefinition(name="aware", condition="pages >= 3")],
        journeys=[],
    )


def lived(make: Any, seed: int) -> tuple[list[Any], Any]:
    """Some days of a shop: its audience entries, frame by frame, and what is kept of memberships at the end."""
    chance = random.Random(seed)
    shop = make.shop(definitions_of(make))
    told = []
    for frame in range(60):
        shop.clock.set(shop.clock.now_ms() + chance.choice([1000, 60_000, HOUR_MS, 7 * HOUR_MS]))
        events = []
        for number in range(chance.randrange(1, 4)):
            who: dict[str, Any] = (
                {"userId": f"u{chance.randrange(6)}"} if chance.random() < 0.6 else {"anonymousId": f"a{chance.randrange(6)}"}
            )
            if chance.random() < 0.2:
                who = {"userId": f"u{chance.randrange(6)}", "anonymousId": f"a{chance.randrange(6)}"}
            what: dict[str, Any] = chance.choice(
                [{"type": "track", "event": "Order"}, {"type": "page"}, {"type": "identify", "traits": {"city": "서울"}}]
            )
            events.append({**what, **who, "messageId": f"{frame}-{number}"})
        shop.collect(*events)
        state = shop.state
        rows = state.people.all_rows()
        told.append((state.memberships.sizes(rows), [state.memberships.stage(row) for row in rows.tolist()]))
    return told, {name: np.asarray(part).tolist() for name, part in shop.state.memberships.dump().items()}


@pytest.mark.parametrize("seed", range(6))
def test_looking_at_some_is_looking_at_all(make: Any, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    some = lived(make, seed)
    evaluate, looks = Memberships.evaluate, []

    def whole(self: Memberships, rows: Any, columns: Any, now_ms: int, changed: frozenset[str] | None = None) -> Any:
        looks.append(changed)
        return evaluate(self, rows, columns, now_ms)

    monkeypatch.setattr(Memberships, "evaluate", whole)
    assert lived(make, seed) == some
    assert any(changed is not None for changed in looks)
