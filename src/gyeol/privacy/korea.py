"""The Korean rows of the law table, which hold where a workspace names no rows for Korea.

Source: 정보통신망 이용촉진 및 정보보호 등에 관한 법률 제50조 (advertising needs prior consent; between 21:00 and 08:00 a separate
one; consent is reconfirmed every two years), 시행령 제61조 (labels; e-mail is exempt from the night rule) and 제62조의3.
"""

from __future__ import annotations

from gyeol.privacy.model import LawRule

KOREA: tuple[LawRule, ...] = (
    LawRule(
        name="kr_advertising_night",
        country="KR",
        channels=["sms", "mms", "push", "kakao", "call"],
        message_class="advertising",
        quiet_from="21:00",
        quiet_until="08:00",
        label_prefix="(광고)",
        free_refusal=True,
        reconfirm_years=2,
        source="정보통신망법 제50조 제1·3·4·8항",
    ),
    LawRule(
        name="kr_advertising_any_hour",
        country="KR",
        channels=["email", "webhook"],
        message_class="advertising",
        label_prefix="(광고)",
        free_refusal=True,
        reconfirm_years=2,
        source="정보통신망법 제50조 제1·4·8항, 시행령 제61조 제2항 (전자우편은 야간 제한 예외)",
    ),
    LawRule(
        name="kr_transactional",
        country="KR",
        channels=["*"],
        message_class="transactional",
        needs_consent=False,
        source="정보통신망법 제50조 제1항 단서, 시행령 제61조 제1항",
    ),
)
"""Rows for e-mail, text messages, push, KakaoTalk, calls and webhooks."""
