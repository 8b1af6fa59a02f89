"""Intent on a company that the weights were not learned from."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.bench.training.intent import learn, prefixes
from gyeol.context.behaviour.actions import ACTIONS, action_of
from gyeol.context.behaviour.session import Session, features, step
from gyeol.context.intent.model import INTENTS, SURE, chances, guess


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


def test_too_little_is_unknown() -> None:
    assert guess(session(("track", "Something", None, None))).intent in ("unknown", "browse", "buy")
    assert guess(session(("page", None, "/", None))).confidence < 0.8
