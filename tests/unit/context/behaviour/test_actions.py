"""Events as actions, and sessions of them."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.context.behaviour.actions import ACTIONS, NUMBER, action_of, written
from gyeol.context.behaviour.session import FEATURES, GAP_MS, MOST_PRODUCTS, Session, features, step


@pytest.mark.parametrize(("type", "event", "path", "query", "action"), [
    ("page", None, "/", None, "home"),
    ("page", None, "/products/123", None, "view"),
    ("page", None, "/cart", None, "cart"),
    ("page", None, "/customer-service/refund", None, "help"),
    ("page", None, "/settings/notifications", None, "leaving"),
    ("page", None, "/brand/story", None, "page"),
    ("screen", "장바구니", None, None, "cart"),
    ("track", "Products Searched", None, "환불 방법", "search_help"),
    ("track", "Products Searched", None, "회원 탈퇴", "search_leave"),
    ("track", "Products Searched", None, "라떼 아메리카노 차이", "search_compare"),
    ("track", "Products Searched", None, "How to redeem points", "search_use"),
    ("track", "Products Searched", None, "바로 주문", "search_buy"),
    ("track", "Products Searched", None, "여름 음료", "search"),
    ("track", "Products Searched", None, "Chocolate cookie", "search"),
    ("track", "Products Searched", None, "재고", "search_buy"),
    ("track", "Inquiry Sent", None, None, "chat"),
    ("track", "Order Completed", None, None, "order"),
    ("track", "Order Refunded", None, None, "help"),
    ("track", "Product Removed", None, None, "remove"),
    ("track", "add_to_cart", None, None, "add"),
    ("track", "payment_done", None, None, "order"),
    ("track", "delivery_choice", None, None, "checkout"),
    ("track", "product_view", None, None, "view"),
    ("track", "Review Submitted", None, None, "review"),
    ("track", "Support Message Sent", None, None, "chat"),
    ("track", "Something Odd", None, None, "other"),
    ("identify", None, None, None, "other"),
])  # fmt: skip
def test_what_an_event_is(type: str, event: str | None, path: str | None, query: str | None, action: str) -> None:
    assert ACTIONS[action_of(type, event, path, query)] == action


@pytest.mark.parametrize(("text", "action"), [
    ("환불 방법 알려 주세요", "chat_help"), ("이틀째 배송이 안 오고 있어요", "chat_help"), ("My order is late", "chat_help"),
    ("해지하고 싶어요", "chat_leave"), ("구독 취소할게요", "chat_leave"), ("Please delete my account", "chat_leave"),
    ("디카페인이랑 뭐가 차이 나요?", "chat_compare"), ("Which one is cheaper?", "chat_compare"),
    ("텀블러 재고 있나요?", "chat_buy"), ("Is the chocolate cake still available?", "chat_buy"),
    ("매장 영업시간이 어떻게 돼요", "chat_use"), ("How to use my points", "chat_use"),
    ("동안 와이파이", "chat_use"), ("안녕하세요", "chat"), ("hello there", "chat"), ("가" * 3_000 + "환불", "chat"),
])  # fmt: skip
def test_what_is_written_to_the_shop(text: str, action: str) -> None:
    assert ACTIONS[written(text)] == action


def test_a_session_ends_after_half_an_hour_of_silence() -> None:
    first = step(None, 0, NUMBER["home"])
    assert step(first, GAP_MS - 1, NUMBER["view"], "C01") is first
    assert (first.steps, first.seconds, first.products) == (2, (GAP_MS - 1) / 1000, {"C01": 1})
    second = step(first, 2 * GAP_MS, NUMBER["view"])
    assert second is not first and second.steps == 1 and second.begun_ms == 2 * GAP_MS


def test_what_comes_late_is_counted_and_is_not_the_last() -> None:
    session = step(step(None, 10_000, NUMBER["view"]), 5_000, NUMBER["home"])
    assert (session.begun_ms, session.last_ms, ACTIONS[session.last], session.steps) == (5_000, 10_000, "view", 2)


def test_a_session_stays_small() -> None:
    session: Session | None = None
    for i in range(200):
        session = step(session, i, NUMBER["view"], f"P{i}")
    assert session is not None and len(session.products) == MOST_PRODUCTS


def test_what_is_counted() -> None:
    session = step(step(step(None, 0, NUMBER["view"], "A"), 4_000, NUMBER["view"], "A"), 10_000, NUMBER["add"], "A")
    vector = dict(zip(FEATURES, features(session).tolist(), strict=True))
    assert vector["count.view"] == pytest.approx(np.log1p(2)) and vector["last.add"] == 1 and vector["last.view"] == 0
    assert vector["tempo"] == pytest.approx(np.log1p(5)) and vector["one_product"] == pytest.approx(np.log1p(2))
    assert vector["many_products"] == pytest.approx(np.log1p(1)) and vector["steps"] == pytest.approx(np.log1p(3))
