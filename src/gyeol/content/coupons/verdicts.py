"""What tills, journeys and people are told of coupons: codes with a sentence in Korean and one in English.

Names in braces are the reason's parameters; instants among them (``…_ms``) are told as ISO-8601 text in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.kernel.instants import instant_text
from gyeol.kernel.reason import Reason

SENTENCES: Mapping[str, tuple[str, str]] = {
    # What was done.
    "added": ("코드 {count}개를 추가했습니다.", "{count} codes were added."),
    "issued": ("쿠폰을 발급했습니다.", "The coupon was issued."),
    "held": ("{until_ms}까지 이 쿠폰을 잡아 두었습니다.", "The coupon is reserved until {until_ms}."),
    "released": ("잡아 둔 쿠폰을 풀었습니다.", "The coupon is no longer reserved."),
    "redeemed": ("쿠폰을 사용했습니다.", "The coupon was redeemed."),
    "revoked": ("쿠폰을 취소했습니다.", "The coupon was revoked."),
    "reversed": ("쿠폰 사용을 취소했습니다.", "The redemption was taken back."),
    # Why not.
    "unknown_code": ("등록되지 않은 쿠폰 번호입니다.", "No coupon has this code."),
    "bad_code": (
        "쿠폰 번호를 잘못 입력하신 것 같습니다. 다시 확인해 주세요.",
        "Probably mistyped: the check character does not fit.",
    ),
    "bad_signature": ("서명이 맞지 않는 QR입니다.", "The signature of this QR code is not ours."),
    "already_redeemed": ("이미 사용한 쿠폰입니다: {at_ms}, {store}.", "Already redeemed: {at_ms}, {store}."),
    "expired": ("유효 기간이 끝난 쿠폰입니다: {expires_ms}까지였습니다.", "The coupon expired at {expires_ms}."),
    "not_issued": ("아직 발급되지 않은 쿠폰입니다.", "This code was not given to anybody yet."),
    "revoked_before": ("취소된 쿠폰입니다: {revoked_ms}.", "The coupon was revoked at {revoked_ms}."),
    "held_elsewhere": ("다른 계산대에서 사용 중인 쿠폰입니다: {until_ms}까지.", "Another till has reserved this coupon until {until_ms}."),
    "not_held": ("잡아 둔 쿠폰이 아닙니다.", "This coupon is not reserved by you."),
    "not_redeemed": ("사용되지 않은 쿠폰입니다.", "The coupon is not used."),
    "not_redeemed_here": (
        "다른 매장이나 다른 주문에서 사용한 쿠폰입니다: {at_ms}, {store}.",
        "It was redeemed in another store or order: {at_ms}, {store}.",
    ),
    "reversed_before": (
        "이 요청의 사용은 취소되었습니다: {reversed_ms}. 다시 쓰려면 새 요청 키로 보내 주세요.",
        "What this request did was taken back at {reversed_ms}. To redeem again, send a new request key.",
    ),
    "not_open": ("지금은 사용할 수 없는 쿠폰입니다.", "Coupons of this pool cannot be used now."),
    "basket_too_small": ("최소 주문 금액은 {min_basket}입니다.", "The basket must be worth at least {min_basket}."),
    "other_currency": ("다른 통화의 쿠폰입니다: {currency}.", "The coupon is in {currency}."),
    "not_combinable": ("다른 쿠폰과 함께 쓸 수 없습니다.", "It cannot be combined with the other coupon of this order."),
    "coupon_limit": ("1인당 {limit}장까지 받을 수 있습니다.", "At most {limit} for one person."),
    "coupon_unavailable": ("준비된 쿠폰이 모두 나갔습니다: {pool}.", "No coupons are left in {pool}."),
    "key_reused": ("같은 요청 키가 다른 쿠폰에 쓰였습니다.", "This request key was used for another coupon."),
    "unknown_pool": ("정의되지 않은 쿠폰입니다: {pool}.", "No coupon pool is called {pool}."),
    "unknown_person": ("고객을 찾을 수 없습니다.", "Nobody is known by this name."),
    # What a till accepted without a network, and what the ledger says otherwise.
    "redeemed_elsewhere": ("그 사이 다른 곳에서 사용되었습니다: {at_ms}, {store}.", "Redeemed elsewhere meanwhile: {at_ms}, {store}."),
    "expired_then": (
        "받았을 때 이미 유효 기간이 지났습니다: {expires_ms}까지였습니다.",
        "It had expired by then: {expires_ms}.",
    ),
    "twice_in_file": ("같은 파일에 두 번 들어 있습니다: 먼저는 {first}번입니다.", "It is in this file twice: first as number {first}."),
    "revoked_after": ("받은 뒤에 취소된 쿠폰입니다: {revoked_ms}.", "It was revoked after it was accepted: {revoked_ms}."),
    "before_issue": ("발급되기 전에 받은 것으로 되어 있습니다: {issued_ms}.", "It was accepted before it was issued: {issued_ms}."),
    "from_the_future": ("받은 시각이 지금보다 뒤입니다.", "It was accepted later than now: the till's clock is wrong."),
    "sequence_reused": (
        "이 계산대의 같은 번호로 다른 쿠폰이 이미 있습니다.",
        "This till used the same number before.",
    ),
}
"""Korean and English by code."""

REFUSED_GUESSES = ("unknown_code", "bad_code", "bad_signature")
"""What somebody who guesses codes is told."""


def sentence(reason: Reason, lang: str) -> str:
    """What a code says, in Korean (``ko``) or English."""
    korean, english = SENTENCES[reason.code]
    shown = {key: instant_text(value) if key.endswith("_ms") and isinstance(value, int) else value for key, value in reason.params.items()}
    return (korean if lang == "ko" else english).format_map(_Shown(shown))


class _Shown(dict[str, object]):
    """Parameters; one that is not known is told as a dash."""

    def __missing__(self, key: str) -> str:
        return "-"
