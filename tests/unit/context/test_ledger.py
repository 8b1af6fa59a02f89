"""The facts that are held: a set, bounded, ordered by what counts."""

from __future__ import annotations

import random

import pytest

from gyeol.context import ledger as module
from gyeol.context.fact import Fact
from gyeol.context.ledger import FactLedger, best
from gyeol.context.moment import moment_at
from gyeol.context.record import FactInput, FactRecord, decode_record, encode_record, judge
from gyeol.context.subject import WORKSPACE, Subject, cell_centre, cell_of
from gyeol.kernel.errors import InputError, LimitError
from gyeol.kernel.instants import Zone

NOW, HOUR = 1_782_000_000_000, 3_600_000
SHOP = Subject("store", "s1")
ALWAYS = 0


def weather(value: str, hours_ago: float, ttl_hours: float = 1, about: Subject = SHOP, **more: object) -> Fact:
    observed = NOW - round(hours_ago * HOUR)
    given = {"source": "kma", "received_at_ms": observed, **more}
    return Fact(name="weather", value=value, observed_at_ms=observed, ttl_ms=round(ttl_hours * HOUR), about=about, **given)  # type: ignore[arg-type]  # spelt by the tests


def holding(*facts: Fact) -> FactLedger:
    ledger = FactLedger()
    for fact in facts:
        ledger.add(fact, NOW)
    return ledger


def value_at(ledger: FactLedger, hours_ago: float, oldest: int = ALWAYS) -> tuple[object, bool] | None:
    at_ms = NOW - round(hours_ago * HOUR)
    fact = ledger.at(SHOP, "weather", at_ms, oldest)
    return None if fact is None else (fact.value, fact.fresh(at_ms))


def test_the_latest_that_counts_at_the_instant() -> None:
    ledger = holding(weather("rain", 3), weather("snow", 2), weather("fog", 5, 10), weather("clear", 1.5, 0.25))
    assert value_at(ledger, 6) is None
    assert value_at(ledger, 4) == ("fog", True)
    assert value_at(ledger, 3) == ("rain", True)
    assert value_at(ledger, 2) == ("snow", True)
    assert value_at(ledger, 1.5) == ("clear", True)
    assert value_at(ledger, 1.25) == ("snow", True)  # half-open: the later one has ended, the one before has not
    assert value_at(ledger, 1) == ("fog", True)  # it was observed long ago and still counts
    assert value_at(ledger, -5) == ("clear", False)  # stale: the last that was observed
    assert ledger.at(Subject("store", "s2"), "weather", NOW, ALWAYS) is None
    assert ledger.at(SHOP, "page", NOW, ALWAYS) is None


def test_what_ended_long_ago_is_forgotten_whenever_it_is_asked() -> None:
    ledger = holding(weather("rain", 100), weather("snow", 50))
    horizon = NOW - 60 * HOUR
    for _ in range(2):
        assert value_at(ledger, 99.5, horizon) is None
        assert value_at(ledger, 49.5, horizon) == ("snow", True)
        assert value_at(ledger, 0, horizon) == ("snow", False)
        ledger.forget(horizon)
        assert ledger.count == 1
    ledger.forget(NOW)
    assert (ledger.count, ledger.ids("store"), ledger.dump(NOW)) == (0, [], FactLedger().dump(NOW))


def test_the_same_told_twice_is_one_and_order_leaves_no_trace() -> None:
    facts = [
        weather("rain", 1), weather("snow", 1), weather("fog", 1, confidence=0.5), weather("rain", 1, source="b"), weather("rain", 2),
        weather("rain", 1, ttl_hours=2), weather("rain", 1, origin="history"), weather("rain", 1, about=WORKSPACE),
    ]  # fmt: skip
    dumps = set()
    for seed in range(5):
        shuffled = random.Random(seed).sample(facts, len(facts))
        ledger = holding(*shuffled, *shuffled)
        assert ledger.count == len(facts)
        assert ledger.holds(weather("rain", 1, received_at_ms=NOW + 5))
        dumps.add(ledger.dump(ALWAYS))
        again = FactLedger.load(ledger.dump(ALWAYS), NOW)
        assert again.dump(ALWAYS) == ledger.dump(ALWAYS) and again.next_end_ms() == ledger.next_end_ms()
    assert len(dumps) == 1


def test_which_of_several_counts() -> None:
    person = Subject("person", "1")
    told = [weather("rain", 0.5), weather("snow", 0.1, about=WORKSPACE), weather("fog", 3, about=person)]
    for seed in range(4):
        counts = best(random.Random(seed).sample(told, 3), NOW)
        assert counts is not None and counts.value == "rain"  # the store's is more specific, the person's has aged
    assert best([], NOW) is None
    ranked = moment_at(NOW, Zone("Asia/Seoul"), "KR", recorded=told, request={"weather": "storm", "open_complaint": False})
    assert ranked.value("weather") == "storm"
    assert ranked.refused == {"open_complaint": "not_for_requests"}
    corrected = [weather("rain", 1, ttl_hours=2), weather("snow", 1, ttl_hours=2, received_at_ms=NOW)]
    assert [best(order, NOW).value for order in (corrected, corrected[::-1])] == ["snow", "snow"]  # type: ignore[union-attr]  # there is one


def test_ends_are_told_once_in_order() -> None:
    ledger = holding(weather("rain", 0, 1), weather("rain", 0, 2), weather("rain", 9), weather("rain", 0.5, 1, about=WORKSPACE))
    assert ledger.next_end_ms() == NOW + HOUR // 2
    assert [(at - NOW, subject.kind) for at, subject, _ in ledger.ended(NOW + HOUR)] == [(HOUR // 2, "workspace"), (HOUR, "store")]
    assert ledger.ended(NOW + HOUR) == [] and ledger.next_end_ms() == NOW + 2 * HOUR


def test_too_many_are_refused_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FACTS", 2)
    ledger = holding(weather("rain", 1))
    ledger.room(1)
    with pytest.raises(LimitError, match="facts_days"):
        ledger.room(2)


def test_cells() -> None:
    assert cell_of(37.5665, 126.978) == "751:2539" and cell_of(-0.01, -0.01) == "-1:-1"
    for point in ((37.5665, 126.978), (-33.9, 151.2), (0.0, 0.0)):
        assert cell_of(*cell_centre(cell_of(*point))) == cell_of(*point)


def test_records_are_what_was_told() -> None:
    told = FactInput(
        name="moment.weather", value="rain", about={"latitude": 37.5665, "longitude": 126.978}, observed_at="2026-06-20T00:00:00Z"
    )
    (record,) = judge([told], NOW, "till")
    assert record == FactRecord("cell", "751:2539", "weather", "rain", "till", 1_781_913_600_000, NOW, HOUR)
    assert decode_record(encode_record(record)) == record
    (ahead,) = judge([FactInput(name="weather", value="rain", observed_at="2026-06-21T00:02:00Z")], NOW, "till")
    assert ahead.observed_ms == NOW  # a clock that is a little ahead
    wrong: list[dict[str, str | float]] = [{"cell": "x"}, {"store": 1.0}]
    with pytest.raises(InputError) as refused:
        judge([FactInput(name="weather", value="rain", about=about, source="") for about in wrong], NOW, "till")
    assert [problem.code for problem in refused.value.problems] == ["bad_subject", "bad_source"] * 2
    with pytest.raises(InputError, match="1001 facts"):
        judge([told] * 1_001, NOW, "till")
