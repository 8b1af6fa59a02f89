"""Every reason is a sentence in Korean and in English."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from gyeol.decisions.catalogue import CATALOGUE, CATALOGUE_VERSION, catalogue, render
from gyeol.decisions.model import Reason
from gyeol.decisions.wording import Lang, Words
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.canonical import digest

AT = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
REAL: dict[str, dict[str, object]] = {
    "highest_score": {"offer": "summer", "score": 6.25, "runner_up": "winter", "runner_up_score": 3.0, "candidates": 12},
    "tie_broken": {"offer": "summer", "score": 1.0, "runner_up": "winter", "runner_up_score": 1.0, "candidates": 2},
    "only_candidate": {"offer": "summer", "score": 0.0},
    "all_refused": {"candidates": 50},
    "no_candidates": {"placement": "hero"},
    "held_out": {"share": 0.1, "salt": "hero"},
    "learned_highest": {"offer": "summer", "score": 620.5, "runner_up": "winter", "runner_up_score": 410.0, "candidates": 9,
                        "weighs": {"orders": 0.41, "(base)": -0.2}},
    "learned_creative": {"offer": "summer", "score": 620.5, "runner_up": "summer", "runner_up_score": 410.0, "candidates": 2,
                         "creative": "photo", "runner_up_creative": "words", "weighs": {"orders": 0.41}},
    "learned_drawn": {"offer": "summer", "score": 410.0, "runner_up": "winter", "runner_up_score": 620.5, "candidates": 9, "share": 0.22},
    "explored": {"offer": "summer", "share": 0.01},
    "policy_waits": {"policy": "clever"},
    "not_drawn": {"score": 410.0, "winner": "summer", "winner_score": 620.5},
    "outranked": {"score": 0.123456, "winner": "summer", "winner_score": 12345.6},
    "not_yet_valid": {"at_ms": AT, "valid_from_ms": AT + 1},
    "no_longer_valid": {"at_ms": AT, "valid_until_ms": AT},
    "consent_missing": {"channel": "email", "purpose": "marketing"},
    "consent_withdrawn": {"channel": "kakao", "purpose": "night", "at_ms": AT, "source": "crm"},
    "law_unknown": {"country": "JP", "channel": "sms", "message_class": "advertising"},
    "law_reconfirm": {"rule": "kr", "granted_at_ms": AT, "years": 2, "due_ms": AT},
    "quiet_hours": {
        "rule": "kr", "local_time": "22:10", "zone": "Asia/Seoul", "quiet_from": "21:00", "quiet_until": "08:00", "until_ms": AT,
    },
    "not_eligible": {"condition": "orders >= 5 AND spent > 10000", "values": {"orders": 3, "spent": 5000, "city": None}},
    "eligibility_unknown": {"condition": "spent > 10000", "values": {"spent": None}},
    "seeking_help": {"confidence": 0.93},
    "about_to_leave": {"confidence": 0.51},
    "offer_cap": {"offer": "summer", "count": 3, "cap": 3, "window": "7d"},
    "placement_cap": {"placement": "hero", "count": 1, "cap": 1, "window": "1d"},
    "holdout": {"share": 0.05, "salt": "hero"},
    "offer_gone": {"offer": "summer", "placement": "hero"},
    "no_address": {"medium": "email"},
    "address_unreachable": {"medium": "email", "at_ms": AT, "source": "mail_server", "send_key": "m_1"},
    "address_changed": {"medium": "email"},
    "merged": {"journey": "welcome"},
    "journey_gone": {"journey": "welcome"},
    "channel_gone": {"channel": "mailer"},
    "too_late": {"expires_at_ms": AT},
    "content_failed": {"offer": "summer", "problem": "'first_name' is undefined."},
    "no_content": {"offer": "summer", "language": "ko"},
    "no_such_content": {"content": "iced"},
    "no_variant": {"content": "iced", "channel": "email", "language": "ko", "tone": "careful"},
    "content_not_approved": {"content": "iced", "variant": "app/ko/brief"},
    "frequency": {"cap_name": "mails", "count": 2, "most": 2, "window": "7d"},
    "fatigued": {"weariness": 8.25, "most": 8.0, "shown": 9, "half_life": "3d", "answered_ms": AT},
    "moment_stale": {"facts": ["moment.weather"], "aged": []},
    "already_bought": {"event": "Order Completed", "count": 1, "window": "30d"},
    "bought_unknown": {"event": "Order Completed"},
    "contact_budget": {"count": 1, "most": 1, "window": "1d", "value": 3.0, "until_ms": AT},
    "outcompeted": {"count": 1, "most": 1, "window": "1d", "value": 3.0, "until_ms": AT, "winner": "summer", "winner_value": 4.0},
    "budget_day": {"of": "offer", "whose": "summer", "taken_minor": 9_500, "cost_minor": 1_000, "limit_minor": 10_000},
    "budget_total": {"of": "category", "whose": "drinks", "taken_minor": 9_500, "cost_minor": 1_000, "limit_minor": 10_000},
    "out_of_stock": {"sku": "cup", "stock": 0.0, "least": 1},
    "stock_unknown": {"sku": "cup"},
    "pieces_day": {"of": "partner", "whose": "bakery", "count": 5, "most": 5},
    "pieces_total": {"of": "offer", "whose": "summer", "count": 5, "most": 5},
    "shown_elsewhere": {"placement": "hero"},
    "coupon_unavailable": {"pool": "summer"},
    "coupon_limit": {"pool": "summer", "issued": 1, "limit": 1},
    "diversity": {"category": "drinks", "count": 1, "most": 1},
}  # fmt: skip
BARE = ("provider_wait", "provider_rejected", "provider_silent", "interrupted", "claim_lost", "consent_untrusted", "consent_bad_status",
        "consent_incomplete", "consent_too_wide", "consent_no_contact", "consent_too_many_words",
        "no_such_address", "recipient_refused", "restored",
        "complaint_open", "complaint_unknown")  # fmt: skip
WORDS = Words(
    schema={
        "orders": NameInfo(type="number", label={"ko": "주문 수", "en": "Orders"}),
        "spent": NameInfo(type="number", unit="KRW", label={"ko": "구매 금액", "en": "Amount spent"}),
        "city": NameInfo(type="text", label={"ko": "도시", "en": "City"}),
    },
    zone="Asia/Seoul",
    labels={("offer", "summer"): {"ko": "여름 할인", "en": "Summer sale"}, ("placement", "hero"): {"ko": "첫 화면"}},
)


def test_every_code_has_real_values_here() -> None:
    assert set(CATALOGUE) == set(REAL) | set(BARE)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_code_is_a_sentence(code: str, lang: Lang) -> None:
    reason = Reason(code=code, params=REAL.get(code, {}))
    for words in (None, WORDS):
        sentence = render(reason, lang, words)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert bool(re.search("[가-힣]", sentence)) == (lang == "ko") or words is not None
        assert "None" not in sentence
    assert set(CATALOGUE[code].params) <= set(reason.params)


def test_both_languages_show_the_same_values() -> None:
    for code, entry in CATALOGUE.items():
        shown = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (entry.ko, entry.en)]
        assert shown[0] == shown[1], code


@pytest.mark.parametrize(
    ("code", "ko", "en"),
    [
        (
            "quiet_hours",
            "야간 전송 제한 시간입니다: 고객의 현지 시각 22:10, 제한 21:00–08:00 (규칙 kr).",
            "Quiet hours: it is 22:10 where the person is, quiet from 21:00 to 08:00 (rule kr).",
        ),
        (
            "consent_withdrawn",
            "수신 동의를 철회했습니다: 카카오톡 · 야간 광고, 2026-03-02 12:00 (crm).",
            "Consent was withdrawn: KakaoTalk · advertising at night, 2026-03-02 12:00 (crm).",
        ),
        (
            "offer_cap",
            "이 오퍼의 노출 한도에 도달했습니다: 7일 동안 3회, 한도 3회.",
            "The offer's cap is reached: 3 in 7 days, at most 3.",
        ),
        (
            "outranked",
            "점수가 더 낮습니다: 0.1235점, 선택된 ‘여름 할인’ 12,345.6점.",
            "Outranked: 0.1235 against 12,345.6 of ‘Summer sale’.",
        ),
        (
            "held_out",
            "효과 측정을 위해 10%의 고객에게는 오퍼를 보여 주지 않으며, 이 고객이 여기에 속합니다.",
            "10% of people see no offer so that its effect can be measured; this person is one of them.",
        ),
    ],
)
def test_sentences(code: str, ko: str, en: str) -> None:
    reason = Reason(code=code, params=REAL[code])
    assert render(reason, "ko", WORDS) == ko
    assert render(reason, "en", WORDS) == en


def test_conditions_become_sentences_and_values_have_units() -> None:
    sentence = render(Reason(code="not_eligible", params=REAL["not_eligible"]), "ko", WORDS)
    assert "구매 금액 = 5,000원" in sentence
    assert "도시 = 알 수 없음" in sentence
    assert "orders" not in sentence
    plain = render(Reason(code="not_eligible", params=REAL["not_eligible"]), "en")
    assert "orders >= 5 AND spent > 10000" in plain
    gone = render(Reason(code="not_eligible", params={"condition": "old_trait > 1", "values": {"old_trait": 0}}), "en", WORDS)
    assert "old_trait > 1" in gone


def test_codes_of_another_release_are_shown_as_they_are() -> None:
    assert render(Reason(code="from_the_future", params={"b": 1, "a": "x"}), "en") == "from_the_future · a x · b 1"
    assert render(Reason(code="all_refused"), "en") == "All unknown candidates were refused."


def test_codes_and_parameters_change_only_with_the_version() -> None:
    codes = {code: entry["params"] for code, entry in catalogue("ko").items()}
    assert (CATALOGUE_VERSION, digest(codes)) == ("4", "c73277ffc231dee569fef0d0ae6c9452")
