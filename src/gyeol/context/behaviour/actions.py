"""What an event is as an action, whatever the shop calls it: by the names of the Segment spec, and by words in paths, searches and chats.

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
    "chat_compare",
    "chat_buy",
    "chat_use",
    "chat_help",
    "chat_leave",
)
"""New ones come last: the place of each is kept."""
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
        "탈퇴, 알림 끄, 알림끄, 수신 거부, 수신거부, 해지, 구독 취소, 정보 삭제, 앱 삭제, 계정 삭제, unsubscribe, delete account, "
        "delete my account, close account, close my account, opt out, cancel my subscription, cancel subscription, cancel my membership",
    ),
    _line(
        "search_help",
        "환불, 취소, 교환, 반품, 오류, 안됨, 안 돼, 안돼, 안되, 고객센터, 문의, 누락, 잘못, 불량, 파손, 늦, 지연, 안 와요, 안 오, "
        "안 왔, 안왔, refund, cancel, return, error, help, support, complain, broken, late_, missing, wrong, not working, contact",
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
    _line(
        "search_buy",
        "주문, 구매, 결제, 선물, 할인, 쿠폰, 재고, 품절, 재입고, 살 수 있, 사고 싶, 살게요, buy, order, coupon, discount, deal, gift, "
        "in stock, available, purchase",
    ),
)
"""What is typed into a search, or written to somebody. 환불 방법 is a call for help before it is a question of use.

English words count from where a word begins; ``_`` is where one ends: chocolate is not late.
"""

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
    _line("chat", "chat, message sent, inquiry, ticket, call started, call ended, case, 상담, 문의"),
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
MOST_CHARACTERS = 2_000
"""Of a chat so much is read. Our own choice: what somebody wants stands at its beginning."""


def _pattern(word: str) -> str:
    """``word`` as ``Line`` has it, with spaces where a word begins or ends."""
    begins = "(?<![a-z])" if word.lstrip()[:1].isascii() else ""
    ends = "(?![a-z])" if word.endswith(" ") else ""
    return begins + re.escape(word.strip()) + ends


_TYPED = tuple((line.action, re.compile("|".join(map(_pattern, line.words)))) for line in SEARCHED)
_SAID = {NUMBER[f"search_{kind}"]: NUMBER[f"chat_{kind}"] for kind in ("compare", "buy", "use", "help", "leave")}
CHAT = NUMBER["chat"]


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
        return searched(query)
    if type in ("page", "screen"):
        return shown(path or event or "")
    if type == "track" and event:
        return done(event)
    return NUMBER["other"]


def searched(query: str) -> int:
    """The number of the action that a search is, by what was typed; not empty."""
    return _typed(query) or NUMBER["search"]


def shown(where: str) -> int:
    """The number of the action that looking at a page is, by its path, or its name where it has none; empty: it has neither."""
    lowered = where.lower()
    if lowered.strip("/") in ("", "home", "index", "index.html", "main"):
        return NUMBER["home"]
    return NUMBER[_first(SHOWN, lowered) or "page"]


def done(event: str) -> int:
    """The number of the action that a track call is, by its name."""
    return NUMBER[_first(DONE, _NO_WORD.sub(" ", event).lower()) or "other"]


def written(text: str) -> int:
    """The number of the action that a chat or an inquiry is, by what is written there; ``chat`` where that does not tell.

    The words are those of searches. Nothing of the text is kept.
    """
    return _SAID.get(_typed(text[:MOST_CHARACTERS]), CHAT)


def _typed(text: str) -> int:
    """The number of the action that a search is; 0 (no search) where no word of it tells."""
    lowered = text.lower()
    return next((NUMBER[action] for action, pattern in _TYPED if pattern.search(lowered)), 0)


def _first(lines: tuple[Line, ...], text: str) -> str | None:
    return next((line.action for line in lines if any(word in text for word in line.words)), None)
