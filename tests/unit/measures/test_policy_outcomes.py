"""What came of decisions: windows, whose events count, what they are worth."""

from __future__ import annotations

import pytest
from tests.unit.measures.conftest import Event, Figures

from gyeol.kernel.errors import InputError
from gyeol.kernel.instants import instant_text
from gyeol.measures.policy.outcomes import RESULT, Goal, outcomes
from gyeol.measures.tables import ALWAYS, Period, ibis_schema

HOUR = 3_600_000


def decided(figures: Figures, offset: int, node: int, time_ms: int, offer: str | None, **more: object) -> None:
    figures.insert(
        "decisions", log_offset=offset, id=f"d{offset}", node=node, time=instant_text(time_ms), chosen=offer, fallback=False,
        **{"placement": "home", "holdout": False, "propensity": 0.5, "moment": "{}", **more},
    )  # fmt: skip


@pytest.fixture
def shop(figures: Figures) -> Figures:
    bought = [("ann", HOUR, 10), ("ann", 2 * HOUR, 30), ("bob", HOUR + 1, 7), ("cat", 0, 5)]
    events: list[Event] = [(who, "Bought", at_ms, {"total": total}) for who, at_ms, total in bought]
    figures.add([*events, ("ann", "Seen", 1, {})])
    decided(figures, 11, 0, 0, "tea")  # of ann, who buys at 1 h and 2 h
    decided(figures, 10, 1, 0, "ice", propensity=0.25)  # of bob, a millisecond too late for an hour
    decided(figures, 12, 2, 0, None)  # of cat, who bought at the very instant: before, as far as anybody knows
    decided(figures, 13, 0, HOUR, "tea")
    decided(figures, 14, 0, 0, "tea", holdout=True)
    decided(figures, 15, 0, 0, "tea", placement="other")
    decided(figures, 16, 9, 0, "tea")  # of a node that is nobody's yet
    return figures


def rewards(shop: Figures, goal: Goal, period: Period = ALWAYS) -> dict[int, float]:
    return {row["log_offset"]: row["reward"] for row in shop.run(outcomes("home", goal, period))}


def test_rewards_by_window(shop: Figures) -> None:
    expression = outcomes("home", Goal(event="Bought", within_ms=HOUR))
    assert expression.schema() == ibis_schema(RESULT)
    rows = shop.run(expression)
    assert [(row["log_offset"], row["action"], row["propensity"], row["reward"]) for row in rows] == [
        (10, "ice", 0.25, 0.0), (11, "tea", 0.5, 1.0), (12, "", 0.5, 0.0), (13, "tea", 0.5, 1.0), (16, "tea", 0.5, 0.0),
    ]  # fmt: skip
    assert [row["person"] for row in rows] == ["bob", "ann", "cat", "ann", None] and rows[3]["time_ms"] == HOUR
    assert rewards(shop, Goal(event="Bought", within_ms=HOUR + 1))[10] == 1.0


def test_what_a_goal_is_worth(shop: Figures) -> None:
    day = 24 * HOUR
    assert rewards(shop, Goal(event="Bought", within_ms=day))[11] == 1.0  # once, however often
    assert rewards(shop, Goal(event="Bought", within_ms=day, value=2.5))[11] == 2.5
    assert rewards(shop, Goal(event="Bought", within_ms=day, value="properties.total"))[11] == 40.0
    assert rewards(shop, Goal(event="Bought", within_ms=day, value="properties.none")) == dict.fromkeys((10, 11, 12, 13, 16), 0.0)
    assert rewards(shop, Goal(event="Bought", within_ms=day, where="properties.total > 20", value="properties.total"))[11] == 30.0
    assert rewards(shop, Goal(event="Bought", within_ms=day), Period(start_ms=1)) == {13: 1.0}
    with pytest.raises(InputError):
        outcomes("home", Goal(event="Bought", within_ms=day, where="properties.total >"))
