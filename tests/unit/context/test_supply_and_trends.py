"""What is told of articles, and what rises."""

from __future__ import annotations

from gyeol.context.supply import Offered, Supply
from gyeol.context.trends import LEARNING_MS, MOST_NAMES, Trend, TrendSettings
from gyeol.kernel.instants import HOUR_MS

AT = 1_780_000_000_000
MINUTE = 60_000


def told(supply: Supply, *said: Offered) -> list[tuple[str, object]]:
    return [(fact.name, fact.value) for fact in supply.facts(said)]


def test_a_change_of_price_and_stock_is_told() -> None:
    supply = Supply()
    assert told(supply, Offered("A", AT, price=5000.0, stock=0.0)) == [("price", 5000.0), ("stock", 0.0)]
    assert told(supply, Offered("A", AT + 1, price=4000.0)) == [("price", 4000.0), ("price_drop", 0.2)]
    assert told(supply, Offered("A", AT + 2, stock=7.0)) == [("stock", 7.0), ("back_in_stock", True)]
    assert told(supply, Offered("A", AT + 3, price=4500.0, stock=0.0)) == [
        ("price", 4500.0), ("price_drop", 0.0), ("stock", 0.0), ("back_in_stock", False),
    ]  # fmt: skip
    assert told(supply, Offered("A", AT + 3, price=4500.0)) == [("price", 4500.0)]


def test_what_comes_late_tells_nothing_new() -> None:
    supply = Supply()
    told(supply, Offered("A", AT, price=5000.0))
    assert told(supply, Offered("A", AT - 1, price=9000.0)) == []
    assert told(supply, Offered("B", AT - 1, price=9000.0)) == [("price", 9000.0)]


def test_what_is_named_as_always_does_not_rise() -> None:
    trend = Trend(TrendSettings(least=5, rise=3))
    for i in range(3 * 24 * 20):
        trend.add("라떼", f"p{i}", AT + i * 3 * MINUTE)
    assert trend.rising() is None


def test_what_is_suddenly_named_rises() -> None:
    trend = Trend(TrendSettings(least=5, rise=3))
    for i in range(24 * 20):
        trend.add("라떼", f"p{i}", AT + i * 3 * MINUTE)
    now = AT + 24 * HOUR_MS
    for i in range(30):
        trend.add("빙수", f"p{i}", now + i * MINUTE)
    found = trend.rising()
    assert found is not None and found.name == "빙수" and found.often > 20 and found.rise > 10


def test_nothing_rises_before_it_is_known_what_is_usual() -> None:
    trend = Trend(TrendSettings(least=5, rise=3))
    for i in range(100):
        trend.add("빙수", f"p{i}", AT + i * 1000)
    assert trend.rising() is None and LEARNING_MS > 100_000


def test_names_are_bounded_and_the_rarest_let_go() -> None:
    trend = Trend(TrendSettings(least=5, rise=2))
    for i in range(MOST_NAMES + 5):
        trend.add(f"word {i}", "kim", AT + i)
        if i % 100 == 0:
            trend.add("often", f"p{i}", AT + i)
    trend.add("often", "kim", AT + LEARNING_MS)
    for i in range(20):
        trend.add("often", f"q{i}", AT + LEARNING_MS + i)
    assert trend.rising() is not None and len(trend._of) <= MOST_NAMES


def test_nobody_makes_a_trend_alone() -> None:
    trend = Trend(TrendSettings(least=5, rise=3))
    trend.add("라떼", "lee", AT)
    now = AT + LEARNING_MS
    for i in range(500):
        trend.add("빙수", "kim", now + i * 1000)
    assert trend.rising() is None
    for i in range(5):
        trend.add("빙수", f"p{i}", now + 500_000 + i)
    found = trend.rising()
    assert found is not None and found.name == "빙수" and 5 < found.often < 6.1


def test_a_person_counts_again_after_an_hour() -> None:
    trend = Trend(TrendSettings(least=1.2, rise=3))
    trend.add("빙수", "kim", AT)
    trend.add("빙수", "kim", AT + LEARNING_MS)
    trend.add("빙수", "kim", AT + LEARNING_MS + HOUR_MS - 1)
    assert trend.rising() is None
    trend.add("빙수", "kim", AT + LEARNING_MS + HOUR_MS)
    assert trend.rising() is not None
