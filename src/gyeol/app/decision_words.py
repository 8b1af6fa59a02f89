"""What customers read of automated decisions, in Korean and English: the rules' names and the sentences of the export."""

from __future__ import annotations

from collections.abc import Mapping

Said = Mapping[str, str]

RULES: Mapping[str, Said] = {
    "candidate": {"ko": "후보", "en": "Candidates"},
    "channel": {"ko": "채널과 시간", "en": "Channel and hour"},
    "validity": {"ko": "기간", "en": "Period"},
    "consent": {"ko": "수신 동의", "en": "Consent"},
    "law": {"ko": "법규", "en": "Law"},
    "suppression": {"ko": "도달할 수 없는 주소", "en": "Unreachable address"},
    "complaint": {"ko": "해결되지 않은 불만", "en": "Open complaint"},
    "intent": {"ko": "도움 요청이나 이탈 의도", "en": "Looking for help or for the way out"},
    "eligibility": {"ko": "대상 조건", "en": "Eligibility"},
    "freshness": {"ko": "최신 정보", "en": "Information up to date"},
    "bought": {"ko": "이미 구매", "en": "Already bought"},
    "offer_cap": {"ko": "오퍼 노출 한도", "en": "Limit of the offer"},
    "placement_cap": {"ko": "위치 노출 한도", "en": "Limit of the place"},
    "frequency": {"ko": "접촉 빈도", "en": "Frequency of contact"},
    "fatigue": {"ko": "피로도", "en": "Fatigue"},
    "contact_budget": {"ko": "하루 메시지 한도", "en": "Messages a day"},
    "budget": {"ko": "예산", "en": "Budget"},
    "inventory": {"ko": "수량", "en": "Quantity"},
    "coupon": {"ko": "쿠폰 수량", "en": "Coupons left"},
    "elsewhere": {"ko": "다른 위치와 중복", "en": "Shown elsewhere on the page"},
    "holdout": {"ko": "대조군", "en": "Comparison group"},
    "rank": {"ko": "순위", "en": "Ranking"},
}
"""What a customer calls the rules that can refuse an offer, by the gate's name."""

TITLE: Said = {"ko": "자동화된 결정에 대한 설명", "en": "Automated decisions about you, explained"}
ABOUT: Mapping[str, tuple[str, ...]] = {
    "ko": (
        (
            "이 문서는 고객님에 관해 사람의 개입 없이 내려진 결정과 그 기준, 사용한 정보, 주된 이유를 알려 드립니다. "
            "개인정보 보호법 제37조의2와 GDPR 제15조 제1항 (h), 제22조에 따른 것입니다."
        ),
        (
            "결정의 방법: 화면이나 메시지의 각 위치마다 보여 줄 수 있는 오퍼를 후보로 놓고, 수신 동의, 법규, 대상 조건, "
            "노출 한도 같은 규칙을 정해진 순서로 하나씩 확인합니다. 하나라도 통과하지 못한 오퍼는 제외되고, 그 규칙과 비교한 값을 남깁니다."
        ),
        (
            "순위의 방법: 남은 오퍼는 미리 적어 둔 순서, 점수식, 또는 과거의 반응에서 배운 기대값으로 순위를 매기고 "
            "가장 높은 것을 보여 줍니다. 남은 것이 없으면 모두에게 같은 기본 내용을 보여 줍니다."
        ),
    ),
    "en": (
        (
            "This document tells you which decisions were taken about you without a person's involvement, by which criteria, from which "
            "data and for which main reasons; as asked for by article 37-2 of Korea's Personal Information Protection Act and by articles "
            "15(1)(h) and 22 of the GDPR."
        ),
        (
            "How it is decided: for each place of a page or message the offers that could be shown there are looked at. Rules such as "
            "consent, the law, eligibility and limits are asked in a fixed order; an offer that one of them refuses is left out, and the "
            "rule and the values compared are kept."
        ),
        (
            "How it is ranked: what is left is put in order by a written order, by a formula, or by what was learned from earlier "
            "responses, and the first is shown. Where nothing is left the same default is shown to everybody."
        ),
    ),
}
RIGHTS: Said = {
    "ko": "결정을 거부하거나, 설명을 더 듣거나, 사람이 다시 검토하기를 원하시면 다음으로 알려 주세요: {contact}",
    "en": "To object to a decision, to have it explained or to have a person look at it again, turn to: {contact}",
}
NO_CONTACT: Said = {"ko": "결정을 알려 드린 곳", "en": "whoever gave you this document"}
OUTCOMES: Mapping[str, Said] = {
    "offer": {"ko": "{placement}에 보여 줄 것으로 정했습니다: {offer}.", "en": "{offer} was chosen for {placement}."},
    "fallback": {
        "ko": "{placement}에 보여 줄 것으로 기본 내용을 정했습니다: {offer}.",
        "en": "The default {offer} was chosen for {placement}.",
    },
    "nothing": {"ko": "{placement}에 아무것도 보여 주지 않기로 했습니다.", "en": "Nothing was chosen for {placement}."},
}
RANKINGS: Mapping[str, Said] = {
    "rule": {"ko": "적어 둔 우선순위가 가장 높은 오퍼를 골랐습니다.", "en": "The offer with the highest written priority was taken."},
    "formula": {"ko": "점수식의 값이 가장 큰 오퍼를 골랐습니다: {formula}", "en": "The offer with the greatest score was taken: {formula}"},
    "policy": {
        "ko": "과거의 반응에서 배운 정책(‘{policy}’)으로 목표에 이를 가능성을 견주어 골랐습니다.",
        "en": "The policy “{policy}”, which learned from earlier responses, compared how likely each was to reach its goal.",
    },
    "none": {"ko": "순위를 매길 오퍼가 남지 않았습니다.", "en": "No offer was left to be ranked."},
}
CHANCE: Mapping[str, Said] = {
    "none": {
        "ko": "우연은 쓰이지 않았습니다. 같은 정보라면 언제나 같은 결정입니다.",
        "en": "No chance: the same data always give this decision.",
    },
    "drawn": {
        "ko": "우연이 쓰였습니다: 이 오퍼가 뽑힐 확률은 {share}였습니다.",
        "en": "Chance was involved: this offer had a probability of {share}.",
    },
    "explored": {
        "ko": "무엇이 나은지 배우려고 우연히 골랐습니다: 이 오퍼가 뽑힐 확률은 {share}였습니다.",
        "en": "It was drawn by chance so that something is learned: this offer had a probability of {share}.",
    },
    "held_out": {
        "ko": "효과를 견주려고 고객을 무작위로 나누며, 고객님은 오퍼를 보지 않는 쪽이었습니다.",
        "en": "People are parted at random so that effects can be measured; you were in the part that sees no offers.",
    },
}
CRITERION: Said = {"ko": "대상: {condition}", "en": "Meant for: {condition}"}
NO_CRITERION: Said = {"ko": "대상 조건이 없는 오퍼입니다.", "en": "The offer is meant for everybody."}
REACHED: Said = {"ko": "{at}에 이 결정이 바라던 일이 있었습니다.", "en": "What the decision was made for happened at {at}."}
CONTRIBUTION: Said = {
    "ko": "{feature} = {value}: 이 오퍼 {chosen}, 다음 오퍼 {runner_up}",
    "en": "{feature} = {value}: {chosen} for this offer, {runner_up} for the next",
}
FROM_EVENTS: Said = {"ko": "고객님의 활동 기록: {events}", "en": "your own activity: {events}"}
OF_THE_MOMENT: Said = {"ko": "그때의 상황: {source}", "en": "the situation then: {source}"}
OF_A_GROUP: Said = {
    "ko": "함께 묶인 여러 사람에 관한 값이라 적지 않습니다",
    "en": "left out, for it tells of the others who belong with you",
}
HEADINGS: Mapping[str, Said] = {
    "decision": {"ko": "결정", "en": "Decision"},
    "criteria": {"ko": "기준", "en": "Criteria"},
    "reasons": {"ko": "주된 이유", "en": "Main reasons"},
    "data": {"ko": "사용한 정보", "en": "Data used"},
    "refused": {"ko": "선택되지 않은 오퍼", "en": "Offers that were not chosen"},
    "chance": {"ko": "우연", "en": "Chance"},
    "name": {"ko": "항목", "en": "What"},
    "value": {"ko": "값", "en": "Value"},
    "source": {"ko": "출처", "en": "Source"},
    "offer": {"ko": "오퍼", "en": "Offer"},
    "rule": {"ko": "규칙", "en": "Rule"},
    "why": {"ko": "이유", "en": "Why"},
    "none": {"ko": "이 기간에는 자동화된 결정이 없습니다.", "en": "No automated decision was taken in this time."},
    "incomplete": {"ko": "결정이 더 있습니다. 기간을 나누어 요청하세요.", "en": "There are more decisions: ask for a shorter time."},
}
