"""Golden values of what identify calls say beside identifiers: which wins, and why; whatever the order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gyeol.events.rows import batch_of
from gyeol.identity.attributes import MOST, AttributeLedger, GoldenAttribute
from gyeol.identity.model import AttributeDefinition, GoldenRule
from gyeol.workspace import defaults

SOURCES = ["web", "crm", "till"]
TRUST = {"web": "client", "crm": "server", "till": "server"}
NAME = AttributeDefinition(name="name", paths=["traits.name", "traits.nick"])
DEFINITIONS = [NAME, AttributeDefinition(name="address", paths=["traits.address.street", "traits.address"])]
Event = tuple[int, int, int, str]
"""node, index of the source, time, name."""


def ledger(*definitions: AttributeDefinition) -> AttributeLedger:
    return AttributeLedger(definitions or DEFINITIONS, TRUST)


def said(into: AttributeLedger, *events: Event, key: str = "name") -> AttributeLedger:
    given: list[dict[str, Any]] = [
        {"type": "identify", "userId": "u", "timestamp": at, "source": source, "traits": {key: value}} for _, source, at, value in events
    ]
    if given:
        batch = batch_of(given, paths=sorted(into.paths()))
        into.read(batch, np.array([event[0] for event in events], np.int64), SOURCES)
    return into


def won(found: list[GoldenAttribute]) -> tuple[str, str, str]:
    [each] = found
    return each.ordered[0].value, each.ordered[0].source, each.reason


EVENTS: list[Event] = [(0, 0, 1, "길동"), (1, 1, 3, "홍길순"), (0, 0, 9, "길동"), (0, 2, 5, "홍 길 순"), (2, 2, 7, "홍길순")]


@pytest.mark.parametrize(
    ("rule", "sources", "wins"),
    [
        ("most_recent", [], ("길동", "web", "recent")),
        ("most_frequent", [], ("길동", "web", "recent")),
        ("source_order", [], ("홍길순", "crm", "recent")),
        ("source_order", ["till", "crm"], ("홍길순", "crm", "source")),
        ("source_order", ["web"], ("길동", "web", "source")),
    ],
)
def test_each_rule_in_any_order_and_however_it_is_split(rule: GoldenRule, sources: list[str], wins: tuple[str, str, str]) -> None:
    definition = msgspec.structs.replace(NAME, rule=rule, sources=sources)
    if sources == ["till", "crm"]:
        wins = ("홍길순", "till", "recent")
    for events in permutations(EVENTS):
        one_by_one = ledger(definition)
        for event in events:
            said(one_by_one, event)
        at_once = said(ledger(definition), *events)
        assert one_by_one.dump() == at_once.dump()
        assert won(at_once.golden([0, 1, 2])) == wins


def test_what_is_told_of_the_values() -> None:
    [found] = said(ledger(), *EVENTS).golden([2, 1, 0])
    assert [(each.value, each.source, each.trust, each.first_ms, each.last_ms, each.count) for each in found.ordered] == [
        ("길동", "web", "client", 1, 9, 2),
        ("홍길순", "crm", "server", 3, 7, 2),
        ("홍 길 순", "till", "server", 5, 5, 1),
    ]
    assert not found.estimate and found.definition is NAME


def test_a_cut_takes_its_values_along() -> None:
    book = said(ledger(), *EVENTS)
    assert won(book.golden([1])) == ("홍길순", "crm", "only")
    assert won(book.golden([0])) == ("길동", "web", "recent")
    assert book.golden([7]) == []
    assert won(book.golden([0, 1, 2])) == ("길동", "web", "recent"), "asking changes nothing"


def test_what_says_nothing_or_belongs_to_nobody_is_left_out() -> None:
    book = said(
        ledger(), (0, 0, 1, "없음"), (0, 0, 2, "null"), (0, 0, 2, "홍길동"), (0, 0, 3, "  "), (-1, 0, 4, "길동"), (0, 0, 5, "x" * 10_000)
    )
    assert len(book) == 0, "홍길동 is what forms say for anybody"
    batch = batch_of([{"type": "track", "event": "E", "traits": {"name": "길동"}, "timestamp": 1}], paths=["traits.name"])
    book.read(batch, np.zeros(1, np.int64), SOURCES)
    assert book.golden([0]) == []
    assert won(said(book, (0, 1, 6, " 홍   길동\n")).golden([0])) == ("홍 길동", "crm", "only")


def test_an_address_as_a_text_or_as_the_spec_has_it() -> None:
    book = ledger()
    for at, address in enumerate(("서울시 종로구 1", {"street": "세종대로 2", "city": "서울"})):
        event = {"type": "identify", "timestamp": at, "traits": {"address": address}}
        book.read(batch_of([event], paths=sorted(book.paths())), np.zeros(1, np.int64), SOURCES)
    assert [each.value for each in book.golden([0])[0].ordered] == ["세종대로 2", "서울시 종로구 1"]


def test_a_tie_goes_by_the_value() -> None:
    assert won(said(ledger(), (0, 0, 1, "b"), (0, 0, 1, "a")).golden([0])) == ("b", "web", "value")


events = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 5), st.sampled_from([f"이름{n}" for n in range(3 * MOST)])), max_size=150
)


@settings(max_examples=60, deadline=None)
@given(events, st.randoms(use_true_random=False))
def test_no_order_and_no_split_leaves_a_trace_nor_does_a_snapshot(given_events: list[Event], random: Any) -> None:
    shuffled = random.sample(given_events, len(given_events))
    middle = random.randint(0, len(shuffled))
    first = said(ledger(), *given_events)
    other = said(said(ledger(), *shuffled[:middle]), *shuffled[middle:])
    assert first.dump() == other.dump()
    again = ledger()
    again.load(first.dump())
    assert again.dump() == first.dump() and again.golden(range(4)) == first.golden(range(4))
    assert said(again, *shuffled).dump() == said(said(ledger(), *given_events), *shuffled).dump()


@settings(max_examples=30, deadline=None)
@given(events)
def test_kept_values_are_counted_exactly(given_events: list[Event]) -> None:
    for each in said(ledger(), *given_events).golden([0]):
        mine = [(source, at, value) for node, source, at, value in given_events if node == 0]
        assert len(each.ordered) == min(MOST, len({value for *_, value in mine}))
        assert each.estimate == (len(each.ordered) == MOST)
        for told in each.ordered:
            times = [at for _, at, value in mine if value == told.value]
            assert (told.count, told.first_ms, told.last_ms) == (len(times), min(times), max(times))


def test_what_gyeol_ships_is_personal_and_is_named_once() -> None:
    shipped = msgspec.convert(yaml.safe_load(defaults.GOLDEN.read_text("utf-8"))["golden"], list[AttributeDefinition])
    assert all(each.pii and each.label.keys() == {"ko", "en"} for each in shipped)
    paths = [path for each in shipped for path in each.paths]
    assert len(paths) == len(set(paths))
