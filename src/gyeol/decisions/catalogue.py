"""The sentences of every reason code, in Korean and English: one catalogue for the API, the console, the CLI and the customer.

Decisions keep codes, values and the version; the sentences are made when somebody reads them. Sentences may be reworded under the
same version; a code whose parameters change, or a new code, makes a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

import msgspec

from gyeol.decisions.wording import Lang, Words, say
from gyeol.kernel.reason import Reason

CATALOGUE_VERSION = "4"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The sentences of one code; names in braces are the reason's parameters."""

    ko: str
    en: str

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters that either sentence shows, sorted."""
        fields = {name for text in (self.ko, self.en) for _, name, _, _ in Formatter().parse(text) if name}
        return tuple(sorted(fields))


def _entry(ko: str, en: str) -> Entry:
    return Entry(ko=ko, en=en)


CATALOGUE: Mapping[str, Entry] = {
    # Why an offer was chosen, or none.
    "highest_score": _entry(
        "후보 {candidates}개 중 점수가 가장 높습니다: {offer} {score}점, 다음 {runner_up} {runner_up_score}점.",
        "The highest score of {candidates} candidates: {offer} {score}, next {runner_up} {runner_up_score}.",
    ),
    "tie_broken": _entry(
        "점수가 {score}점으로 같은 오퍼가 있어({runner_up}) 우선순위, 이름 순으로 정했습니다: {offer}.",
        "Tied with {runner_up} at {score}; priority and then name decided: {offer}.",
    ),
    "only_candidate": _entry("조건을 모두 통과한 오퍼가 하나뿐입니다: {offer}.", "The only offer that passed every rule: {offer}."),
    "all_refused": _entry("후보 {candidates}개가 모두 제외되었습니다.", "All {candidates} candidates were refused."),
    "no_candidates": _entry("이 위치에 등록된 오퍼가 없습니다: {placement}.", "No offer is defined for this placement: {placement}."),
    "held_out": _entry(
        "효과 측정을 위해 {share}의 고객에게는 오퍼를 보여 주지 않으며, 이 고객이 여기에 속합니다.",
        "{share} of people see no offer so that its effect can be measured; this person is one of them.",
    ),
    "outranked": _entry(
        "점수가 더 낮습니다: {score}점, 선택된 {winner} {winner_score}점.",
        "Outranked: {score} against {winner_score} of {winner}.",
    ),
    "learned_highest": _entry(
        "후보 {candidates}개 중 기대 가치가 가장 높습니다: {offer} {score}, 다음 {runner_up} {runner_up_score}. 차이를 만든 것: {weighs}.",
        "The highest expected value of {candidates}: {offer} {score}, next {runner_up} {runner_up_score}. What parts them: {weighs}.",
    ),
    "learned_creative": _entry(
        "{offer}의 표현 중 기대 가치가 가장 높습니다: {creative} {score}, 다음 {runner_up_creative} {runner_up_score}."
        " 차이를 만든 것: {weighs}.",
        "The best way to show {offer}: {creative} {score}, next {runner_up_creative} {runner_up_score}. What parts them: {weighs}.",
    ),
    "learned_drawn": _entry(
        "아직 확실하지 않아 확률로 골랐습니다({share}): {offer} 기대 가치 {score}, {runner_up} {runner_up_score}.",
        "Not sure yet, so chance decided ({share}): {offer} is expected to be worth {score}, {runner_up} {runner_up_score}.",
    ),
    "explored": _entry(
        "무엇이 더 나은지 배우려고 무작위로 골랐습니다: {offer} (확률 {share}).",
        "Taken at random, to learn what is better: {offer} (probability {share}).",
    ),
    "policy_waits": _entry(
        "학습 정책 {policy}: 아직 배우기만 합니다. 더 낫다는 판정이 없습니다.",
        "The policy {policy} only learns: no verdict says yet that it is better.",
    ),
    "not_drawn": _entry(
        "이번에는 뽑히지 않았습니다: 기대 가치 {score}, 선택된 {winner} {winner_score}.",
        "Not taken this time: expected value {score}, against {winner_score} of {winner}.",
    ),
    # Gates.
    "not_yet_valid": _entry("아직 시작 전입니다: {valid_from_ms}부터입니다.", "Not on yet: it starts at {valid_from_ms}."),
    "no_longer_valid": _entry("기간이 끝났습니다: {valid_until_ms}까지였습니다.", "Over: it ended at {valid_until_ms}."),
    "consent_missing": _entry(
        "수신 동의가 없습니다: {channel} · {purpose}.",
        "No consent was given: {channel} · {purpose}.",
    ),
    "consent_withdrawn": _entry(
        "수신 동의를 철회했습니다: {channel} · {purpose}, {at_ms} ({source}).",
        "Consent was withdrawn: {channel} · {purpose}, {at_ms} ({source}).",
    ),
    "law_unknown": _entry(
        "적용할 법규 규칙이 없어 보내지 않습니다: {country} · {channel} · {message_class}.",
        "Not sent because no law rule covers it: {country} · {channel} · {message_class}.",
    ),
    "law_reconfirm": _entry(
        "동의한 지 {years}년이 지나 다시 확인해야 합니다: {granted_at_ms} 동의, 규칙 {rule}.",
        "Consent is older than {years} years and must be reconfirmed: given {granted_at_ms}, rule {rule}.",
    ),
    "quiet_hours": _entry(
        "야간 전송 제한 시간입니다: 고객의 현지 시각 {local_time}, 제한 {quiet_from}–{quiet_until} (규칙 {rule}).",
        "Quiet hours: it is {local_time} where the person is, quiet from {quiet_from} to {quiet_until} (rule {rule}).",
    ),
    "complaint_open": _entry(
        "해결되지 않은 불만이 있어 광고성 오퍼를 멈춥니다.",
        "A complaint is open, so promotion stops.",
    ),
    "complaint_unknown": _entry(
        "불만이 해결되었는지 알 수 없어 광고성 오퍼를 멈춥니다.",
        "Whether a complaint has been settled is not known, so promotion stops.",
    ),
    "seeking_help": _entry(
        "고객이 지금 도움을 찾고 있어 광고성 오퍼를 멈춥니다 (확신도 {confidence}).",
        "The person is looking for help, so promotion stops (confidence {confidence}).",
    ),
    "about_to_leave": _entry(
        "고객이 수신 거부나 탈퇴를 알아보고 있어 광고성 오퍼를 멈춥니다 (확신도 {confidence}).",
        "The person is looking for the way out, so promotion stops (confidence {confidence}).",
    ),
    "not_eligible": _entry(
        "대상 조건에 맞지 않습니다: {condition} — 현재 값: {values}.",
        "Not meant for this person: {condition} — values now: {values}.",
    ),
    "eligibility_unknown": _entry(
        "대상 조건을 판단할 값이 없습니다: {condition} — 현재 값: {values}.",
        "A value that the condition needs is not known: {condition} — values now: {values}.",
    ),
    "offer_cap": _entry(
        "이 오퍼의 노출 한도에 도달했습니다: {window} 동안 {count}회, 한도 {cap}회.",
        "The offer's cap is reached: {count} in {window}, at most {cap}.",
    ),
    "placement_cap": _entry(
        "이 위치의 노출 한도에 도달했습니다: {window} 동안 {count}회, 한도 {cap}회.",
        "The placement's cap is reached: {count} in {window}, at most {cap}.",
    ),
    "frequency": _entry(
        "노출 횟수 한도 ‘{cap_name}’에 도달했습니다: {window} 동안 {count}회, 한도 {most}회.",
        "The cap {cap_name} is reached: {count} in {window}, at most {most}.",
    ),
    "fatigued": _entry(
        "마지막 반응 이후 광고를 {shown}번 보여 피로도가 {weariness}입니다 (한도 {most}, 반감기 {half_life}).",
        "Shown {shown} times without an answer: weariness is {weariness}, the limit {most} (half-life {half_life}).",
    ),
    "moment_stale": _entry(
        "오퍼에 필요한 현재 상황을 모르거나 오래되었습니다: {facts}.",
        "What the offer speaks of is not known now, or has aged: {facts}.",
    ),
    "already_bought": _entry(
        "이미 구매했습니다: {event} {count}회.",
        "Bought already: {event}, {count} times.",
    ),
    "bought_unknown": _entry(
        "이미 구매했는지 아직 알 수 없습니다: {event}.",
        "Whether it was bought is not known yet: {event}.",
    ),
    "contact_budget": _entry(
        "이 고객에게 보낼 수 있는 광고 메시지 수를 다 썼습니다: {window} 동안 {count}건, 한도 {most}건. {until_ms}에 다시 시도합니다.",
        "The person has heard enough by message: {count} in {window}, at most {most}. Tried again at {until_ms}.",
    ),
    "outcompeted": _entry(
        "이 고객에게 더 가치 있는 메시지가 있습니다: {winner} {winner_value}, 이 메시지 {value}. {until_ms}에 다시 시도합니다.",
        "A message worth more takes the place: {winner} {winner_value} against {value}. Tried again at {until_ms}.",
    ),
    "budget_day": _entry(
        "오늘 예산이 부족합니다({whose}): {taken_minor} 사용, 건당 {cost_minor}, 하루 한도 {limit_minor}.",
        "Today's budget of {whose} does not suffice: {taken_minor} taken, {cost_minor} each, {limit_minor} a day.",
    ),
    "budget_total": _entry(
        "전체 예산이 부족합니다({whose}): {taken_minor} 사용, 건당 {cost_minor}, 한도 {limit_minor}.",
        "The budget of {whose} does not suffice: {taken_minor} taken, {cost_minor} each, {limit_minor} in all.",
    ),
    "out_of_stock": _entry(
        "재고가 부족합니다: {sku} {stock}개, 최소 {least}개.",
        "Out of stock: {stock} of {sku}, at least {least} are needed.",
    ),
    "stock_unknown": _entry("재고를 알 수 없습니다: {sku}.", "How many of {sku} are left is not known."),
    "pieces_day": _entry(
        "오늘 준비한 수량이 끝났습니다({whose}): {count}건, 하루 한도 {most}건.",
        "Today's number of {whose} is used up: {count}, at most {most} a day.",
    ),
    "pieces_total": _entry(
        "준비한 수량이 끝났습니다({whose}): {count}건, 한도 {most}건.",
        "The number of {whose} is used up: {count}, at most {most}.",
    ),
    "shown_elsewhere": _entry(
        "같은 화면의 다른 위치에서 보여 주고 있습니다: {placement}.",
        "Shown elsewhere on the same page: {placement}.",
    ),
    "diversity": _entry(
        "같은 화면에 같은 분류의 오퍼가 이미 있습니다: {category} {count}개, 한도 {most}개.",
        "Enough of {category} is on the same page: {count}, at most {most}.",
    ),
    "coupon_unavailable": _entry("준비된 쿠폰이 없습니다: {pool}.", "No coupons are left, or none are given now: {pool}."),
    "coupon_limit": _entry(
        "이 쿠폰을 받을 수 있는 횟수를 다 썼습니다({pool}): {issued}장, 1인당 {limit}장.",
        "The person has had all coupons of {pool} that they may: {issued} of {limit}.",
    ),
    "holdout": _entry(
        "효과 측정을 위한 대조군({share})에 속한 고객입니다.",
        "The person is in the holdout of {share} against which the effect is measured.",
    ),
    "offer_gone": _entry(
        "이 위치에 더 이상 없는 오퍼입니다: {offer} · {placement}.",
        "The offer is no longer defined here: {offer} · {placement}.",
    ),
    # Messages.
    "no_address": _entry("연락할 주소가 없습니다: {medium}.", "No address to reach the person at: {medium}."),
    "address_unreachable": _entry(
        "이 주소로는 아무도 받지 못한다고 상대 서버가 알려 왔습니다: {medium}, {at_ms} ({source}, {send_key}).",
        "The address reaches nobody, as its server said: {medium}, {at_ms} ({source}, {send_key}).",
    ),
    "address_changed": _entry(
        "메시지를 만든 뒤 고객의 주소가 바뀌었습니다: {medium}.",
        "The person's address changed after the message was made: {medium}.",
    ),
    "merged": _entry(
        "같은 고객의 다른 식별자가 이 여정에 먼저 들어와 있습니다: {journey}.",
        "Another identifier of the same person entered this journey first: {journey}.",
    ),
    "journey_gone": _entry("더 이상 없는 여정입니다: {journey}.", "The journey is no longer defined: {journey}."),
    "channel_gone": _entry("더 이상 없는 채널입니다: {channel}.", "The channel is no longer defined: {channel}."),
    "restored": _entry(
        "백업에서 복원되었고, 그사이 이미 보냈을 수 있어 보내지 않았습니다.",
        "Restored from a backup: it may have been sent meanwhile, so it was not sent.",
    ),
    "too_late": _entry("보낼 수 있는 시간이 지났습니다: {expires_at_ms}까지였습니다.", "Too late: it had to leave before {expires_at_ms}."),
    "no_content": _entry(
        "보낼 내용이 없습니다: 오퍼 {offer}, 언어 {language}.",
        "There is nothing to say: offer {offer}, language {language}.",
    ),
    "no_such_content": _entry(
        "더 이상 없는 콘텐츠입니다: {content}.",
        "The content is no longer defined: {content}.",
    ),
    "no_variant": _entry(
        "이 상황에 맞는 문구가 없습니다: 콘텐츠 {content} · 채널 {channel} · 언어 {language} · 말투 {tone}.",
        "No variant fits: content {content} · channel {channel} · language {language} · tone {tone}.",
    ),
    "content_not_approved": _entry(
        "승인되지 않은 문구라 광고로 보내지 않습니다: {content} · {variant}.",
        "The words are not approved, so they are not sent as advertising: {content} · {variant}.",
    ),
    "content_failed": _entry(
        "내용을 채울 수 없습니다: 오퍼 {offer} ({problem}).",
        "The content cannot be filled in: offer {offer} ({problem}).",
    ),
    # Deliveries.
    "provider_wait": _entry("발송 사업자가 잠시 뒤에 다시 보내 달라고 했습니다.", "The provider asked to try again later."),
    "provider_rejected": _entry("발송 사업자가 받아들이지 않았습니다.", "The provider refused it."),
    "no_such_address": _entry(
        "상대 메일 서버가 그런 주소가 없다고 했습니다. 이 주소로는 더 보내지 않습니다.",
        "The mail server knows no such address; nothing more is sent to it.",
    ),
    "recipient_refused": _entry("상대 메일 서버가 받는 사람을 거절했습니다.", "The mail server refused the recipient."),
    "provider_silent": _entry(
        "발송 사업자의 응답을 받지 못해 전달 여부를 알 수 없습니다. 중복을 피하려고 다시 보내지 않습니다.",
        "The provider did not answer, so nobody knows whether it arrived; it is not sent again lest it arrive twice.",
    ),
    "interrupted": _entry(
        "보내는 중에 프로그램이 멈춰 전달 여부를 알 수 없습니다. 중복을 피하려고 다시 보내지 않습니다.",
        "The program stopped while sending, so nobody knows whether it arrived; it is not sent again lest it arrive twice.",
    ),
    "claim_lost": _entry(
        "발송 전에 내부 연결이 끊겨 다시 대기합니다.",
        "The connection within the program broke before it was sent; it waits again.",
    ),
    # Statements of consent that were not believed.
    "consent_untrusted": _entry(
        "누구나 쓸 수 있는 소스에서 온 동의 변경은 반영하지 않습니다.",
        "Consent from a source that anybody can write to is not believed.",
    ),
    "consent_bad_status": _entry(
        "동의 상태는 granted 또는 withdrawn 이어야 합니다.",
        "The status of a consent must be granted or withdrawn.",
    ),
    "consent_incomplete": _entry("동의의 채널 또는 목적이 비어 있습니다.", "The consent names no channel or no purpose."),
    "consent_too_wide": _entry(
        "동의는 채널과 목적을 하나씩 밝혀야 합니다. *는 철회에만 쓸 수 있습니다.",
        "A grant must name its channel and purpose; only a withdrawal may say *.",
    ),
    "consent_no_contact": _entry(
        "동의가 누구의 연락처에 대한 것인지 알 수 없습니다.", "It is not known whose contact the consent is about."
    ),
    "consent_too_many_words": _entry(
        "서로 다른 채널 또는 목적의 이름이 너무 많습니다.",
        "There are too many different names of channels or purposes.",
    ),
}
"""Every reason code there is."""


def render(reason: Reason, lang: Lang, words: Words | None = None) -> str:
    """The sentence of a reason.

    Args:
        reason: Code and parameters, as kept.
        lang: ``ko`` or ``en``.
        words: What people call offers, conditions and so on; without it, names stand as they are and times are in UTC.

    Returns:
        The sentence; for a code that this release does not know, the code and its parameters.

    Example:
        >>> render(Reason(code="all_refused", params={"candidates": 3}), "en")
        'All 3 candidates were refused.'
    """
    spoken = words if words is not None else Words()

    def shown(name: str) -> str:
        return say(name, reason.params.get(name), lang, spoken)

    entry = CATALOGUE.get(reason.code)
    if entry is None:
        return " · ".join([reason.code, *(f"{name} {shown(name)}" for name in sorted(reason.params))])
    return "".join([piece if literal else shown(piece) for piece, literal in _pieces(reason.code, lang)])


@lru_cache(maxsize=1024)
def _pieces(code: str, lang: Lang) -> tuple[tuple[str, bool], ...]:
    """A template taken apart: (text, True) and (name of a parameter, False) in turn. A decision renders a hundred sentences."""
    entry = CATALOGUE[code]
    pieces: list[tuple[str, bool]] = []
    for literal, name, _, _ in Formatter().parse(entry.ko if lang == "ko" else entry.en):
        pieces += [(literal, True)] if literal else []
        pieces += [(name, False)] if name else []
    return tuple(pieces)


def catalogue(lang: Lang) -> dict[str, dict[str, object]]:
    """Every code with its template and parameters, for programs that render by themselves."""
    return {code: {"template": e.ko if lang == "ko" else e.en, "params": list(e.params)} for code, e in CATALOGUE.items()}
