"""What an event is as an action, whatever the shop calls it: by the names of the Segment spec, and by words in paths and searches.

One table of words for each, Korean and English; the first line that fits counts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

ACTIONS = (
    "home",
    "page",
    "list",
    "view",
    "search",
    "search_compare",
    "search_buy",
    "search_use",
    "search_help",
    "search_leave",
    "compare",
    "add",
    "remove",
    "cart",
    "checkout",
    "order",
    "wallet",
    "stores",
    "account",
    "help",
    "chat",
    "review",
    "leaving",
    "other",
)
NUMBER = {name: i for i, name in enumerate(ACTIONS)}


class Line(NamedTuple):
    """An action and the words that tell it; one of them is enough."""

    action: str
    words: tuple[str, ...]


def _line(action: str, words: str) -> Line:
    """Words parted by commas; ``_`` stands for a space at an end."""
    return Line(action, tuple(word.strip().replace("_", " ") for word in words.split(",")))


SEARCHED: tuple[Line, ...] = (
    _line(
        "search_leave",
        "탈퇴, 알림 끄, 알림끄, 수신 거부, 수신거부, 해지, 정보 삭제, 앱 삭제, 계정 삭제, unsubscribe, delete account, "
        "close account, opt out",
    ),
    _line(
        "search_help",
        "환불, 취소, 교환, 반품, 오류, 안됨, 안 돼, 안돼, 안되, 고객센터, 문의, 누락, 잘못, 불량, 파손, 늦, 지연, refund, cancel, "
        "return, error, help, support, complain, broken, late, missing, wrong, not working, "
        "contact",
    ),
    _line(
        "search_compare",
        "차이, 비교, 칼로리, 함량, 가격, 사이즈, 변경, 후기, 리뷰, 추천, 성분, _vs_, difference, compare, price, review, "
        "best, cheap, ingredient, calorie",
    ),
    _line(
        "search_use",
        "적립, 스탬프, 매장, 영업시간, 영업 시간, 쿠폰함, 사용법, 방법, 와이파이, 픽업, 포인트, 멤버십, 배송 조회, 배송조회, how to, "
        "opening hours, store near, near me, redeem, points, track, pick up, pickup",
    ),
    _line("search_buy", "주문, 구매, 결제, 선물, 할인, 쿠폰, buy, order, coupon, discount, deal, gift"),
)
"""What is typed into a search. 환불 방법 is a call for help before it is a question of use."""

SHOWN: tuple[Line, ...] = (
    _line("leaving", "unsubscribe, notification, opt-out, optout, withdraw, delete-account, cancel-membership, 탈퇴, 수신거부, 해지"),
    _line("help", "help, faq, support, contact, customer-service, return, refund, claim, 고객센터, 문의, 환불, 취소"),
    _line("compare", "compare, comparison, 비교"),
    _line("checkout", "checkout, payment, shipping, delivery-choice, billing, 결제, 주문서"),
    _line("cart", "cart, basket, bag, 장바구니"),
    _line("wallet", "coupon, wallet, stamp, point, reward, membership, order-history, orders, 쿠폰, 적립, 포인트"),
    _line("stores", "store, shops, location, branch, 매장, 지점"),
    _line("account", "setting, account, mypage, my-page, profile, login, signin, signup, register, 마이페이지, 설정, 로그인"),
    _line("search", "search, 검색"),
    _line("view", "product, item, goods, /p/, detail, 상품"),
    _line("list", "menu, category, catalog, collection, list, new, best, event, 메뉴, 카테고리, 기획전"),
)
"""Where a page stands: words of its path or name."""

DONE: tuple[Line, ...] = (
    _line("leaving", "unsubscribed, account deleted, notification disabled, application uninstalled, 탈퇴, 수신거부"),
    _line("review", "review, rating, survey, nps, 리뷰, 후기, 설문"),
    _line("chat", "chat, message sent, ticket, call started, call ended, case, 상담, 문의"),
    _line("help", "refund, cancel, return, faq, help, support, 환불, 취소, 반품, 교환"),
    _line("search", "search, 검색"),
    _line("compare", "compare, 비교"),
    _line("remove", "product removed, remove from cart, removed from cart, 삭제"),
    _line("add", "product added, add to cart, added to cart, to cart, wishlist, 담기, 찜"),
    _line("order", "order completed, purchase, order placed, payment succeeded, payment done, transaction, 구매, 주문 완료, 결제 완료"),
    _line("checkout", "checkout, payment, shipping, delivery choice, 결제, 주문서"),
    _line("cart", "cart, 장바구니"),
    _line("wallet", "coupon, stamp, reward, point, 쿠폰, 적립"),
    _line("stores", "store, location, geofence, 매장"),
    _line("view", "product viewed, product view, product clicked, item viewed, product, 상품"),
    _line("list", "list, catalog, category, promotion, offer, 목록"),
    _line("account", "sign, login, logged, register, profile, 로그인, 가입"),
    _line("home", "main, home, application opened, app opened, 홈"),
)
"""What a track call is named."""

_NO_WORD = re.compile(r"[_\-./]+")


@lru_cache(maxsize=65_536)
def action_of(type: str, event: str | None, path: str | None, query: str | None) -> int:
    """The number of the action in ``ACTIONS`` that an event is.

    Args:
        type: Of the call: ``track``, ``page``, ``screen``, …
        event: The name of a track call, or of a page or screen.
        path: Of the page.
        query: What was searched for.
    """
    if query:
        return NUMBER[_first(SEARCHED, query.lower()) or "search"]
    if type in ("page", "screen"):
        where = (path or event or "").lower()
        if where.strip("/") in ("", "home", "index", "index.html", "main"):
            return NUMBER["home"]
        return NUMBER[_first(SHOWN, where) or "page"]
    if type == "track" and event:
        return NUMBER[_first(DONE, _NO_WORD.sub(" ", event).lower()) or "other"]
    return NUMBER["other"]


def _first(lines: tuple[Line, ...], text: str) -> str | None:
    return next((line.action for line in lines if any(word in text for word in line.words)), None)
