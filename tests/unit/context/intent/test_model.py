"""Intent on a company that the weights were not learned from."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.bench.moment_intent import by_signs, calibration_error, log_loss, macro_f1
from gyeol.bench.training.intent import Prefixes, columns, learn, prefixes
from gyeol.context.behaviour.actions import ACTIONS, action_of, written
from gyeol.context.behaviour.session import Session, features, step
from gyeol.context.intent.model import INTENTS, SURE, chances, guess
from gyeol.context.intent.signs import SIGNS, Sign


@pytest.fixture(scope="module")
def fresh() -> Prefixes:
    """A year of a company of which nothing was learned."""
    return prefixes(22, 5_000, 65_000)


def session(*events: tuple[str, str | None, str | None, str | None]) -> Session:
    found: Session | None = None
    for i, (type, event, path, query) in enumerate(events):
        found = step(found, i * 15_000, action_of(type, event, path, query), "C01" if event and "Product " in event else None)
    assert found is not None
    return found


def test_better_than_the_last_event_and_calibrated(fresh: Prefixes) -> None:
    seen = prefixes(21, 2_000, 26_000)
    rule = np.array([np.bincount(seen.intent[seen.last == a], minlength=6).argmax() for a in range(len(ACTIONS))])
    for among, signs in ((~fresh.placed, None), (fresh.placed, fresh.signs[fresh.placed])):
        chance, truth = chances(fresh.vectors[among], signs), fresh.intent[among]
        assert macro_f1(chance.argmax(axis=1), truth) > macro_f1(rule[fresh.last[among]], truth) + 0.1
        assert calibration_error(chance, truth) < 0.05


def test_learned_signs_are_worth_more_than_the_rule_and_the_rule_more_than_none(fresh: Prefixes) -> None:
    told = {name: chance[fresh.placed] for name, chance in by_signs(fresh).items()}
    truth = fresh.intent[fresh.placed]
    loss = {name: log_loss(chance, truth) for name, chance in told.items()}
    assert loss[""] < loss[".rule"] - 0.005 < loss[".no_signs"] - 0.007
    assert macro_f1(told[""].argmax(axis=1), truth) > macro_f1(told[".rule"].argmax(axis=1), truth)


@pytest.mark.parametrize("sign", SIGNS)
def test_with_each_sign_as_many_buy_use_and_browse_as_the_chances_say(fresh: Prefixes, sign: Sign) -> None:
    there = fresh.signs[:, SIGNS.index(sign)] > 0
    chance, shares = chances(fresh.vectors[there], fresh.signs[there]).mean(axis=0), np.eye(6)[fresh.intent[there]].mean(axis=0)
    # Some four actions of a session go together.
    spread = np.sqrt(chance * (1 - chance) / (there.sum() / 4))
    assert there.sum() > 30 and (np.abs(chance - shares) < 0.02 + 3 * spread).all()


def test_a_session_step_by_step_is_what_was_learned_from() -> None:
    some = prefixes(23, 300, 4_000)
    weights = learn(some, rounds=5)
    assert weights.shape == (6, columns(some).shape[1]) == (6, some.vectors.shape[1] + len(SIGNS))
    assert weights[:, -len(SIGNS) :].any() and not learn(some, signs=False, rounds=5)[:, -len(SIGNS) :].any()
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
    plain, near, far = (guess(doubtful, signs) for signs in ((), ("near_store", "hot_near_store"), ("far_from_stores",)))
    assert near.chances["buy"] > plain.chances["buy"] + 0.05 and far.chances["buy"] < plain.chances["buy"]
    assert far.chances["browse"] > plain.chances["browse"] and "far_from_stores" in far.evidence
    cart = session(("track", "Product Viewed", None, None), ("track", "Product Added", None, None))
    told = guess(cart, ("near_store", "rain_near_store"))
    assert told.intent == "buy" and "near_store" in told.evidence and "near_store" not in guess(cart).evidence
    assert list(told.evidence.values()) == sorted(told.evidence.values(), reverse=True)
    stamps = session(("page", None, "/stamps", None))
    assert "at_store" in guess(stamps, ("at_store",)).evidence


@pytest.mark.parametrize("said", [action_of("track", "Products Searched", None, "환불 방법"), written("해지하고 싶어요")])
def test_no_sign_counts_where_somebody_said_that_they_want_help_or_to_leave(said: int) -> None:
    asked = step(None, 0, said)
    assert guess(asked, SIGNS) == guess(asked) and guess(asked).intent in ("help", "leave")
    gone_on = step(asked, 15_000, action_of("page", None, "/menu", None))
    assert guess(gone_on, SIGNS) == guess(gone_on)


def test_too_little_is_unknown() -> None:
    assert guess(session(("track", "Something", None, None))).intent in ("unknown", "browse", "buy")
    assert guess(session(("page", None, "/", None))).confidence < 0.8
