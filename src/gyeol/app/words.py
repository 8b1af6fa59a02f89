"""What screens call what has no definition of its own: kinds of events, codes of rejections, departures from the tracking plan."""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.app.core_api import Texts


def _both(ko: str, en: str) -> Texts:
    return {"ko": ko, "en": en}


EVENT_LABELS: Mapping[str, Texts] = {
    "$page": _both("페이지 방문", "Page viewed"),
    "$screen": _both("앱 화면 보기", "Screen viewed"),
    "$identify": _both("고객 정보 확인", "Identified"),
    "$group": _both("단체에 소속", "Joined a group"),
    "$alias": _both("식별자 연결", "Alias"),
    "Products Searched": _both("상품 검색", "Products searched"),
    "Product List Viewed": _both("상품 목록 조회", "Product list viewed"),
    "Product Viewed": _both("상품 조회", "Product viewed"),
    "Product Added": _both("장바구니에 담음", "Added to cart"),
    "Product Removed": _both("장바구니에서 뺌", "Removed from cart"),
    "Cart Viewed": _both("장바구니 보기", "Cart viewed"),
    "Checkout Started": _both("결제 시작", "Checkout started"),
    "Order Completed": _both("구매", "Order completed"),
    "Order Refunded": _both("환불", "Order refunded"),
    "Order Cancelled": _both("주문 취소", "Order cancelled"),
    "Coupon Redeemed": _both("쿠폰 사용", "Coupon redeemed"),
    "Coupon Reversed": _both("쿠폰 사용 취소", "Coupon redemption taken back"),
    "Campaign Delivered": _both("캠페인 발송", "Campaign delivered"),
    "Consent Changed": _both("수신 동의 변경", "Consent changed"),
    "Signed Up": _both("회원 가입", "Signed up"),
    "Signed In": _both("로그인", "Signed in"),
}
"""Calls of the Segment spec and the events of its e-commerce part that are common. Source: the Segment spec, "V2 Ecommerce Events"."""

REJECTIONS: Mapping[str, Texts] = {
    "not_an_object": _both("JSON 객체가 아님", "No JSON object"),
    "bad_json": _both("읽을 수 없는 JSON", "Unreadable JSON"),
    "bad_number": _both("NaN·무한대 등 쓸 수 없는 숫자", "A number that cannot be (NaN, infinity)"),
    "bad_field": _both("식별자 또는 이름이 글자나 숫자가 아님", "An id or name that is neither text nor number"),
    "too_large": _both("이벤트가 너무 큼", "Too large"),
    "too_deep": _both("너무 깊이 중첩됨", "Nested too deeply"),
    "no_type": _both("type이 없음", "No type"),
    "unknown_type": _both("알 수 없는 type", "Unknown type"),
    "no_identity": _both("userId와 anonymousId가 모두 없음", "Neither userId nor anonymousId"),
    "track_without_event": _both("track에 이벤트 이름이 없음", "A track call without an event name"),
    "alias_without_previous": _both("alias에 previousId가 없음", "An alias call without previousId"),
    "group_without_id": _both("group에 groupId가 없음", "A group call without groupId"),
    "bad_timestamp": _both("시각을 읽을 수 없음", "Unreadable timestamp"),
    "plan_violation": _both("트래킹 플랜 위반", "Breaks the tracking plan"),
    "id_reused": _both("같은 messageId로 다른 내용이 옴", "The messageId came before with other content"),
}
"""Every code of ``events.ingest``."""

TYPES: Mapping[str, Texts] = {
    "text": _both("글자", "text"),
    "number": _both("숫자", "a number"),
    "flag": _both("참/거짓", "true or false"),
    "money": _both("금액", "money"),
    "time": _both("시각", "an instant"),
    "list": _both("목록", "a list"),
    "object": _both("객체", "an object"),
    "any": _both("값", "a value"),
}


def event_label(name: str) -> Texts:
    """What an event is called; its own name where nothing better is known."""
    return EVENT_LABELS.get(name, {"ko": name, "en": name})


def rejection_label(code: str) -> Texts:
    """What a rejection is called."""
    return REJECTIONS.get(code, {"ko": code, "en": code})


def violation_text(fault: str, path: str, expected: str) -> Texts:
    """One departure from the plan as a sentence.

    Args:
        fault: ``missing`` | ``type`` | ``one_of``.
        path: Dotted path.
        expected: The type, or the values that the plan allows.
    """
    kind = TYPES.get(expected, {"ko": expected, "en": expected})
    match fault:
        case "missing":
            return _both(f"필수 항목이 없습니다: {path}.", f"A required property is missing: {path}.")
        case "one_of":
            return _both(
                f"{path}의 값이 허용된 값이 아닙니다: {expected}.", f"{path} is none of the values that the plan allows: {expected}."
            )
        case _:
            return _both(
                f"{path}의 형식이 다릅니다. 필요한 형식: {kind['ko']}.", f"{path} is of another type; the plan wants {kind['en']}."
            )


REASONS: Mapping[str, Texts] = {
    "outranked": _both("다른 오퍼의 점수가 더 높음", "Outranked"),
    "not_drawn": _both("다른 오퍼가 뽑힘", "Another was drawn"),
    "not_yet_valid": _both("아직 시작 전", "Not on yet"),
    "no_longer_valid": _both("기간이 끝남", "Over"),
    "consent_missing": _both("수신 동의 없음", "No consent"),
    "consent_withdrawn": _both("수신 동의 철회", "Consent withdrawn"),
    "law_unknown": _both("적용할 법규 없음", "No law covers it"),
    "law_reconfirm": _both("동의 재확인 필요", "Consent must be reconfirmed"),
    "quiet_hours": _both("야간 전송 제한 시간", "Quiet hours"),
    "not_eligible": _both("대상 조건에 맞지 않음", "Not meant for this person"),
    "eligibility_unknown": _both("조건을 판단할 값이 없음", "A needed value is not known"),
    "offer_cap": _both("오퍼 노출 한도 도달", "The offer's cap is reached"),
    "placement_cap": _both("위치 노출 한도 도달", "The placement's cap is reached"),
    "holdout": _both("대조군", "Holdout"),
    "complaint_open": _both("해결되지 않은 불만", "A complaint is open"),
    "complaint_unknown": _both("불만이 해결되었는지 모름", "Whether a complaint is open is not known"),
    "seeking_help": _both("도움을 찾는 중", "Looking for help"),
    "about_to_leave": _both("수신 거부나 탈퇴를 알아보는 중", "Looking for the way out"),
    "frequency": _both("노출 횟수 한도 도달", "A frequency cap is reached"),
    "fatigued": _both("광고에 지침", "Weary of advertising"),
    "moment_stale": _both("현재 상황을 모름", "The situation is not known"),
    "already_bought": _both("이미 구매함", "Bought already"),
    "bought_unknown": _both("구매했는지 아직 모름", "Whether it was bought is not known"),
    "contact_budget": _both("메시지 수를 다 씀", "Heard enough by message"),
    "outcompeted": _both("더 가치 있는 메시지가 있음", "A message worth more takes the place"),
    "budget_day": _both("오늘 예산 부족", "Today's budget does not suffice"),
    "budget_total": _both("전체 예산 부족", "The budget does not suffice"),
    "out_of_stock": _both("재고 부족", "Out of stock"),
    "stock_unknown": _both("재고를 모름", "The stock is not known"),
    "pieces_day": _both("오늘 수량 소진", "Today's number is used up"),
    "pieces_total": _both("수량 소진", "The number is used up"),
    "shown_elsewhere": _both("같은 화면 다른 위치에 노출", "Shown elsewhere on the page"),
    "diversity": _both("같은 분류의 오퍼가 이미 있음", "Enough of its kind on the page"),
    "coupon_unavailable": _both("준비된 쿠폰 없음", "No coupons are left"),
    "coupon_limit": _both("받을 수 있는 쿠폰을 다 받음", "Has had all coupons"),
    "no_such_content": _both("없어진 콘텐츠", "The content is gone"),
    "no_variant": _both("맞는 문구 없음", "No words fit"),
    "content_not_approved": _both("승인되지 않은 문구", "The words are not approved"),
    "provider_wait": _both("발송 사업자가 미룸", "The provider asked to wait"),
    "provider_rejected": _both("발송 사업자가 거절함", "The provider refused it"),
    "provider_silent": _both("발송 사업자의 응답 없음", "The provider did not answer"),
    "interrupted": _both("보내는 중에 멈춤", "Stopped while sending"),
    "claim_lost": _both("내부 연결이 끊겨 다시 대기", "Waits again after a broken connection"),
    "offer_gone": _both("없어진 오퍼", "The offer is gone"),
    "no_address": _both("연락할 주소 없음", "No address"),
    "address_unreachable": _both("닿지 않는 주소", "The address reaches nobody"),
    "no_such_address": _both("없는 주소", "No such address"),
    "recipient_refused": _both("받는 사람이 거절됨", "Recipient refused"),
    "restored": _both("백업에서 복원됨", "Restored from a backup"),
    "address_changed": _both("주소가 바뀜", "The address changed"),
    "merged": _both("같은 고객이 먼저 들어옴", "The same person entered first"),
    "journey_gone": _both("없어진 여정", "The journey is gone"),
    "channel_gone": _both("없어진 채널", "The channel is gone"),
    "too_late": _both("보낼 시간이 지남", "Too late"),
    "no_content": _both("보낼 내용 없음", "Nothing to say"),
    "content_failed": _both("내용을 채울 수 없음", "The content cannot be filled in"),
}
"""Reasons of the catalogue in few words, for tables that count them."""


def reason_label(code: str) -> Texts:
    """A reason in few words."""
    return REASONS.get(code, {"ko": code, "en": code})
