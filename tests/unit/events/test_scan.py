"""Looking at the bytes of many events at once finds what looking at each finds."""

from __future__ import annotations

import random

import pytest

from gyeol.events import heads
from gyeol.events.heads import Scanned, scan

DEPTH = 10
PLAIN = b'{"type":"track","userId":"u1e9","event":"Seen","properties":{"price":12.5e3,"tags":["a","b"],"id":"3e1234"}}'
HUGE = b'{"type":"track","properties":{"price":1E999 }}'
LARGE = b'{"type":"track","properties":{"price":1.5e+0307,"text":"1e999,"}}'
CROWDED = b'{"a":' + b"[" * 5 + b"{" * 6 + b"}" * 6 + b"]" * 5 + b"}"
BRACKETS_IN_TEXT = b'{"a":"' + b"[" * 20 + b'"}'


def one_by_one(events: list[bytes]) -> tuple[set[int], set[int]]:
    """(beyond, crowded) by position, each event looked at alone."""
    beyond = {i for i, raw in enumerate(events) if scan([raw], DEPTH).beyond}
    return beyond, {i for i, raw in enumerate(events) if raw.count(b"{") + raw.count(b"[") > DEPTH}


def found(scanned: Scanned) -> tuple[set[int], set[int]]:
    """The same of a look at all."""
    assert scanned.crowded is not None
    return set(scanned.beyond), set(scanned.crowded)


def test_a_few_events_are_looked_at_by_themselves() -> None:
    scanned = scan([PLAIN, HUGE, LARGE], DEPTH)
    assert set(scanned.beyond) == {1} and scanned.beyond[1].code == "bad_number"
    assert scanned.crowded is None, "the reader counts"


@pytest.mark.parametrize("block", [8, 64, 1_000, 1 << 16])
def test_many_are_looked_at_together(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(heads, "_BLOCK", block)
    dice = random.Random(block)
    for _ in range(40):
        events = [dice.choice([PLAIN, PLAIN, PLAIN, HUGE, LARGE, CROWDED, BRACKETS_IN_TEXT, b"", b"1"]) for _ in range(dice.randint(8, 40))]
        assert found(scan(events, DEPTH)) == one_by_one(events)


def test_a_number_at_any_place_of_a_block_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_BLOCK", 64)
    for shift in range(130):
        events = [b'"' + b"x" * shift + b'"', b'{"n":1e400}', *[b"{}"] * 8]
        assert found(scan(events, DEPTH)) == ({1}, set())
