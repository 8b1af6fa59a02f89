"""Intent on a company that the weights were not learned from."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.bench.training.intent import learn, prefixes
from gyeol.context.behaviour.actions import ACTIONS, action_of, written
from gyeol.context.behaviour.session import Session, features, step
from gyeol.context.intent.model import INTENTS, SURE, chances, guess
from gyeol.context.intent.signs import SIGNS


def macro_f1(guessed: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean([2 * ((guessed == k) & (truth == k)).sum() / ((guessed == k).sum() + (truth == k).sum()) for k in range(6)]))


def session(*events: tuple[str, str | None, str | None, str | None]) -> Session:
    found: Session | None = None
    for i, (type, event, path, query) in enumerate(events):
        found = step(found, i * 15_000, action_of(type, event, path, query), "C01" if event and "Product " in event else None)
    assert found is not None
    return found


def test_better_than_the_last_event_and_calibrated() -> None:
    seen, new = prefixes(21, 2_000, 26_000), prefixes(22, 2_000, 26_000)
    chance = chances(new.vectors)
    guessed, sure = chance.argmax(axis=1), chance.max(axis=1)
    rule = np.array([np.bincount(seen.intent[seen.last == a], minlength=6).argmax() for a in range(len(ACTIONS))])
    assert macro_f1(guessed, new.intent) > macro_f1(rule[new.last], new.intent) + 0.1
    bins = np.minimum((sure * 10).astype(int), 9)
    right = guessed == new.intent
    error = sum((bins == b).mean() * abs(sure[bins == b].mean() - right[bins == b].mean()) for b in range(10) if (bins == b).any())
    assert error < 0.05


def test_a_session_step_by_step_is_what_was_learned_from() -> None:
    some = prefixes(23, 300, 4_000)
    weights = learn(some, rounds=5)
    assert weights.shape == (6, some.vectors.shape[1])
    made = features(session(("page", None, "/", None), ("track", "Product Viewed", None, None)))
    assert made.shape == (some.vectors.shape[1],)


@pytest.mark.parametrize(("events", "intent"), [
    ([("track", "Products Searched", None, "환불 방법"), ("page", None, "/help", None)], "help"),
    ([("track", "Products Searched", None, "회원 탈퇴"), ("page", None, "/settings", None)], "leave"),
    ([("track", "Product Viewed", None, None), ("track", "Product Added", None, None), ("page", None, "/cart", None)], "buy"),
    ([("page", None, "/menu", None), ("track", "Product Viewed", None, None), ("page", None, "/menu/compare", None),
      ("page", None, "/menu/compare", None)], "compare"),
    ([("page", None, "/stamps", None), ("page", None, "/stores", None)], "use"),
])  # fmt: skip
def test_what_people_seem_to_intend_and_why(events: list[tuple[str, str | None, str | None, str | None]], intent: str) -> None:
    told = guess(session(*events))
    assert told.intent == intent and told.confidence >= SURE
    assert sum(told.chances.values()) == pytest.approx(1, abs=1e-3) and set(told.chances) == set(INTENTS)
    assert 1 <= len(told.evidence) <= 3 and list(told.evidence.values()) == sorted(told.evidence.values(), reverse=True)


@pytest.mark.parametrize(("text", "intent"), [
    ("환불 방법", "help"), ("해지하고 싶어요", "leave"), ("재고 있나요", "buy"),
    ("영업시간이 어떻게 되나요", "use"), ("두 개의 차이가 뭔가요", "compare"),
])  # fmt: skip
def test_a_chat_alone_tells_the_intent(text: str, intent: str) -> None:
    told = guess(step(None, 0, written(text)))
    assert told.intent == intent and f"chat_{intent}" in " ".join(told.evidence)


def test_place_and_weather_tip_the_scales_and_are_named() -> None:
    doubtful = session(("page", None, "/", None), ("page", None, "/menu", None))
    plain, near = guess(doubtful), guess(doubtful, ("towards_store", "hot_near_store"))
    assert 0.02 < near.chances["buy"] - plain.chances["buy"] < 0.12
    cart = session(("track", "Product Viewed", None, None), ("track", "Product Added", None, None))
    told = guess(cart, ("near_store", "rain_near_store"))
    assert told.intent == "buy" and "near_store" in told.evidence and "near_store" not in guess(cart).evidence
    assert list(told.evidence.values()) == sorted(told.evidence.values(), reverse=True)
    refund = session(("track", "Products Searched", None, "환불 방법"))
    assert guess(refund, SIGNS).intent == "help", "all signs together weigh less than what is said"


def test_chances_with_signs_stay_calibrated() -> None:
    new = prefixes(22, 2_000, 26_000)
    chance = chances(new.vectors, new.signs)
    assert 0.05 < new.signs[:, :3].any(axis=1).mean() < 0.5
    assert abs(chance.max(axis=1).mean() - (chance.argmax(axis=1) == new.intent).mean()) < 0.03
    assert macro_f1(chance.argmax(axis=1), new.intent) > macro_f1(chances(new.vectors).argmax(axis=1), new.intent) - 0.01


def test_too_little_is_unknown() -> None:
    assert guess(session(("track", "Something", None, None))).intent in ("unknown", "browse", "buy")
    assert guess(session(("page", None, "/", None))).confidence < 0.8
