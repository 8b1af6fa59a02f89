"""The memory of decisions."""

from __future__ import annotations

from gyeol.decisions.ledger import DecisionLedger, window_start_ms
from gyeol.decisions.model import Decision
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.instants import HOUR_MS, Zone

SEOUL = Zone("Asia/Seoul")
NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
WEEK = parse_duration("7d")


def decision(node: int, at_ms: int, offer: str | None = "a", placement: str = "hero", **fields: object) -> Decision:
    base = {"id": f"d{node}.{at_ms}", "person": "p", "reasons": [], "refusals": [], "moment": {}, "propensity": 1.0, "fallback": False}
    return Decision(
        **{  # type: ignore[arg-type]  # a test's shorthand
            **base,
            "placement": placement,
            "node": node,
            "at_ms": at_ms,
            "chosen": offer,
            "catalogue": "1",
            "definitions": "",
            **fields,
        }
    )


def test_windows() -> None:
    midnight = NOON - 12 * HOUR_MS
    assert window_start_ms(parse_duration("1d"), NOON, SEOUL) == midnight
    assert window_start_ms(WEEK, NOON, SEOUL) == midnight - 6 * 24 * HOUR_MS
    assert window_start_ms(parse_duration("1w"), NOON, SEOUL) == midnight - 6 * 24 * HOUR_MS
    assert window_start_ms(parse_duration("2h"), NOON, SEOUL) == NOON - 2 * HOUR_MS + 1


def test_counts_by_offer_and_placement() -> None:
    ledger = DecisionLedger(SEOUL)
    for at_ms, (node, offer, placement) in enumerate([(1, "a", "hero"), (1, "a", "push"), (2, "b", "hero"), (3, "a", "hero")], NOON):
        ledger.add(decision(node, at_ms, offer, placement))
    ledger.add(decision(1, NOON + 9, "a", fallback=True))
    ledger.add(decision(1, NOON + 9, None))
    assert ledger.count([1, 2], NOON + 10, WEEK, offer="a") == 2
    assert ledger.count([1, 2], NOON + 10, WEEK, placement="hero") == 2
    assert ledger.count([1, 2, 3], NOON + 10, WEEK, placement="hero", offer="a") == 2
    assert ledger.count([1, 2, 3], NOON + 10, WEEK) == 4
    assert ledger.count([1], NOON, WEEK, offer="never seen") == 0
    assert ledger.total == 6


def test_memory_is_bounded_and_counts_up_to_the_largest_cap() -> None:
    ledger = DecisionLedger(SEOUL, keep=100)
    for i in range(300):
        ledger.add(decision(1, NOON + i, "a" if i % 3 else "b"))
    assert ledger.count([1], NOON + 300, WEEK, offer="a") == 100
    assert ledger.count([1], NOON + 300, WEEK, offer="b") == 100
    assert ledger.count([1], NOON + 301, parse_duration("1s"), offer="a") == 100


def test_dump_comes_back() -> None:
    ledger = DecisionLedger(SEOUL)
    for i in range(50):
        ledger.add(decision(i % 7, NOON + i, "a" if i % 3 else "b", holdout_salt="s" if i % 2 else "", holdout=i % 4 == 1))
    back = DecisionLedger.load(ledger.dump(), SEOUL)
    assert back.dump() == ledger.dump()
    assert back.total == 50
    for nodes in ([1], [2, 3], list(range(7))):
        assert back.count(nodes, NOON + 60, WEEK, offer="a") == ledger.count(nodes, NOON + 60, WEEK, offer="a") > 0
        assert back.assignment(nodes, "s") == ledger.assignment(nodes, "s") is not None
    assert ledger.assignment([1], "other") is None
