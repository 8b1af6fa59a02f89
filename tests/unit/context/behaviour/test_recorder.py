"""Actions of many events at once: the same as ``did`` says of each, whatever vocabularies stand behind them."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from gyeol.context.behaviour.by_word import ByWord
from gyeol.context.behaviour.recorded import CARRIED, Recorder, did
from gyeol.events.model import EVENT_TYPES, TrackingPlan
from gyeol.events.reading import Reading
from gyeol.events.rows import batch_of
from gyeol.expressions.column import Vocabulary

PATHS = {key: f"properties.{key}" for key in ("path", *CARRIED)}
EVENTS = ("Product Added", "Offer Shown", "Support Chat Started", "Something", "push_received", "Order Completed")
WHERE = (None, "", "/", "/Home/", "/cart", "/menu/1", "/고객센터", "elsewhere")
TITLES = (None, "", "FAQ", "home", "What is new")
QUERIES = (None, "", "라떼", "환불 방법", "coupon")


@pytest.mark.parametrize("seed", range(3))
def test_all_at_once_is_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    recorder, reading = Recorder(PATHS, Reading(TrackingPlan(), "KRW")), Reading(TrackingPlan(), "KRW", PATHS.values())
    kinds = [*itertools.product(EVENT_TYPES, EVENTS, WHERE, TITLES, QUERIES)]
    for vocabularies in (reading.vocabularies, None):  # those of a stream, which grow, and others for every batch
        for _ in range(4):
            chosen = chance.sample(kinds, 200)
            events = [
                {
                    "type": type, "userId": "u1", "timestamp": 1_780_000_000_000 + i, **({"event": event} if type == "track" else {}),
                    **({"name": title} if title is not None else {}),
                    "properties": {k: v for k, v in (("path", path), ("query", query)) if v is not None},
                }
                for i, (type, event, path, title, query) in enumerate(chosen)
            ]  # fmt: skip
            batch = batch_of(events, paths=list(PATHS.values()), vocabularies=vocabularies)
            found = recorder.column(batch.type_code, batch.name, batch.names.words, batch.time_ms, batch, batch.texts)
            said = [did(type, event, path, title, query) for type, event, path, title, query in chosen]
            assert found.known.tolist() == [number >= 0 for number in said]
            actions = np.asarray(found.values).astype(np.int64) >> len(CARRIED) & 31
            assert actions[found.known].tolist() == [number for number in said if number >= 0]


def test_a_word_is_asked_for_once_and_of_its_own_vocabulary() -> None:
    asked: list[str] = []

    def tell(word: str) -> int:
        asked.append(word)
        return len(word)

    lengths, one, other = ByWord(tell), Vocabulary(), Vocabulary()
    codes = one.encode(["a", "bb", "a"])
    assert lengths.of(codes, one.words).tolist() == [1, 2, 1]
    assert lengths.of(one.encode(["bb", "ccc"]), one.words).tolist() == [2, 3]
    assert asked == ["a", "bb", "ccc"]
    assert lengths.of(other.encode(["dddd"]), other.words).tolist() == [4]
    assert lengths.of(codes[:0], one.words).tolist() == []
