"""moment.session_…, click_tempo_s, last_action, dwell_s, looking_at, product_dwell_s: the session that somebody is in, on all devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from gyeol.context.behaviour.actions import ACTIONS, NUMBER
from gyeol.context.behaviour.people import ByActions, Teller, session_of, while_it_lasts
from gyeol.context.behaviour.people import Told as Known
from gyeol.context.behaviour.recorded import Read, Step, traits_of
from gyeol.context.facts.kind import words
from gyeol.expressions.schema import NameInfo
from gyeol.profiles.model import TraitDefinition

_LOOKS = frozenset(NUMBER[name] for name in ("view", "add", "compare"))
_WORDS = words(
    home=("첫 화면", "home"), page=("페이지", "a page"), list=("목록", "a list"), view=("상품 보기", "a product"),
    search=("검색", "a search"), search_compare=("비교 검색", "a search to compare"), search_buy=("구매 검색", "a search to buy"),
    search_use=("이용 검색", "a search how to use"), search_help=("도움 검색", "a search for help"),
    search_leave=("해지 검색", "a search how to leave"), compare=("비교", "comparing"), add=("담기", "put in the cart"),
    remove=("빼기", "taken out of the cart"), cart=("장바구니", "the cart"), checkout=("결제", "checkout"), order=("주문", "an order"),
    wallet=("쿠폰함", "coupons"), stores=("매장 찾기", "stores"), account=("계정", "account"), help=("고객센터", "help"),
    chat=("상담", "a chat"), review=("후기", "a review"), leaving=("해지", "leaving"), other=("그 밖", "something else"),
    chat_compare=("비교 문의", "a chat to compare"), chat_buy=("구매 문의", "a chat to buy"), chat_use=("이용 문의", "a chat how to use"),
    chat_help=("도움 문의", "a chat for help"), chat_leave=("해지 문의", "a chat how to leave"),
)  # fmt: skip


class InSession(ByActions):
    """Worked out from the last 32 actions; a session that has more begins with the 32nd."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "session_minutes": NameInfo(type="number", label={"ko": "방문 시간(분)", "en": "minutes of the visit"}, unit="minutes"),
        "session_steps": NameInfo(type="number", label={"ko": "방문 중 행동 수", "en": "actions of the visit"}, unit="actions"),
        "click_tempo_s": NameInfo(type="number", label={"ko": "행동 간격(초)", "en": "seconds between actions"}, unit="seconds"),
        "last_action": NameInfo(type="text", label={"ko": "마지막 행동", "en": "last action"}, values=_WORDS),
        "dwell_s": NameInfo(type="number", label={"ko": "머문 시간(초)", "en": "seconds since the last action"}, unit="seconds"),
        "looking_at": NameInfo(type="text", label={"ko": "보고 있는 상품", "en": "product looked at"}),
        "product_dwell_s": NameInfo(type="number", label={"ko": "상품에 머문 시간(초)", "en": "seconds on the product"}, unit="seconds"),
    }

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What is kept of actions."""
        return traits_of(paths)

    def teller(self, read: Read, now_ms: int) -> Teller:
        """Stale half an hour after the last action; unknown a day after it."""
        return lambda past, place: in_session(past, now_ms)


def in_session(history: Sequence[Step], now_ms: int) -> Known:
    """The facts by the actions so far, newest first."""
    steps = session_of(history)
    last, first = steps[0], steps[-1]
    seconds = (last.at_ms - first.at_ms) / 1000
    product = last.product if last.action in _LOOKS else None
    since = last.at_ms
    for step in steps:
        if product is None or step.product != product:
            break
        since = step.at_ms
    values = {
        "session_minutes": seconds / 60,
        "session_steps": float(len(steps)),
        "click_tempo_s": seconds / (len(steps) - 1) if len(steps) > 1 else None,
        "last_action": ACTIONS[last.action],
        "dwell_s": (now_ms - last.at_ms) / 1000,
        "looking_at": product,
        "product_dwell_s": None if product is None else (now_ms - since) / 1000,
    }
    return while_it_lasts(steps, now_ms, values, moving=True)
