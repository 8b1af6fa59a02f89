"""What is said of evaluations and replays, in Korean and English: results keep codes."""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.app.core_api import Texts


def _both(ko: str, en: str) -> Texts:
    return {"ko": ko, "en": en}


VERDICTS: Mapping[str, Texts] = {
    "better": _both("지금보다 낫습니다", "better than what was done"),
    "worse": _both("지금보다 못합니다", "worse than what was done"),
    "cannot_tell": _both("이 기록으로는 알 수 없습니다", "cannot tell from this log"),
}
WHY: Mapping[str, Texts] = {
    "few_effective": _both(
        "정책이 했을 일과 같은 기록이 너무 적습니다: 유효 표본 {ess}건, 최소 {least}건이 필요합니다.",
        "Too little of the log is what the policy would have done: {ess} effective rows, at least {least} are needed.",
    ),
    "no_support": _both(
        "정책이 할 일 가운데 한 번도 시도되지 않은 것이 있습니다: 평균 가중치 {weight} (모두 시도되었다면 1).",
        "Part of what the policy would do was never tried: the weights are {weight} on average, and 1 where everything was.",
    ),
    "few_rewards": _both(
        "보상이 너무 드뭅니다: 유효 표본에서 기대되는 보상이 {rewarded}건이고, 최소 25건이 필요합니다.",
        "Rewards are too rare: {rewarded} are to be expected among the effective rows, at least 25 are needed.",
    ),
    "too_close": _both(
        "차이가 우연의 범위 안에 있습니다: {low}에서 {high}까지.",
        "The difference may be chance: it lies between {low} and {high}.",
    ),
    "no_goal": _both(
        "무엇이 보상인지 정해지지 않았습니다. --goal을 쓰거나 오퍼에 goal을 정의하세요.",
        "Nobody said what a reward is: write --goal, or give the offers a goal.",
    ),
    "no_placement": _both(
        "가치는 위치 하나에 대해서만 추정합니다: --placement를 쓰세요.", "A value is of one placement: write --placement."
    ),
    "open_placement": _both(
        "채널이나 시간이 열려 있어 다른 선택의 확률을 알 수 없습니다.",
        "A channel or an hour was open, so the chances of the other choices are not recorded.",
    ),
    "nothing_over": _both("목표 기간이 끝난 결정이 없습니다.", "No decision's time to reach its goal is over yet."),
}
"""Why nothing can be told; ``WHY`` of ``measures.policy.evaluation``, and of ``Valued.why_not``."""
LEFT_OUT: Mapping[str, Texts] = {
    "log_shortened": _both("로그가 더 이상 거기까지 닿지 않습니다", "the log no longer reaches back that far"),
    "placement_gone": _both("위치가 더 이상 없습니다", "the placement is no longer defined"),
    "journey_gone": _both("여정이 더 이상 없거나 다른 위치를 묻습니다", "the journey is no longer defined, or asks another placement"),
    "unknown_offer": _both("이 정책이 고르지 않는 오퍼입니다", "the policy never draws the offer"),
    "already_learned": _both("이미 배운 결정입니다", "the policy has learned from them already"),
    "never_seen": _both("고객에게 보이지 않았습니다", "nobody saw what was chosen"),
    "no_goal": _both("오퍼에 목표(goal)가 없습니다", "the offer has no goal"),
    "still_open": _both("목표 기간이 아직 끝나지 않았습니다", "the goal can still be reached"),
}
ESTIMATORS: Mapping[str, Texts] = {
    "ips": _both("같은 선택을 가중 (IPS)", "weighted agreement (IPS)"),
    "snips": _both("가중치로 나눈 IPS (SNIPS)", "the same, over its weights (SNIPS)"),
    "dm": _both("보상 모형만 (DM)", "model of the reward alone (DM)"),
    "dr": _both("모형을 기록으로 고침 (DR)", "model, corrected by the log (DR)"),
    "switch_dr": _both("큰 가중치는 모형만 (switch-DR)", "the same, large weights left out (switch-DR)"),
}
HEADS: Mapping[str, Texts] = {
    "estimator": _both("추정법", "estimator"),
    "value": _both("결정당 보상", "reward a decision"),
    "low": _both("하한", "low"),
    "high": _both("상한", "high"),
    "baseline": _both("실제로 한 것", "what was done"),
    "difference": _both("차이", "difference"),
    "offer": _both("오퍼", "offer"),
    "placement": _both("위치", "placement"),
    "decisions": _both("결정", "decisions"),
    "then": _both("바꾼 뒤", "then"),
    "people": _both("고객", "people"),
    "gate": _both("규칙", "gate"),
    "reason": _both("이유", "reason"),
    "refusals": _both("제외", "refusals"),
    "person": _both("고객", "person"),
    "when": _both("언제", "when"),
    "nothing": _both("(없음)", "(nothing)"),
    "arm": _both("오퍼", "offer"),
    "reached": _both("목표 달성", "reached"),
    "counted": _both("반영", "counted as"),
    "learned_from": _both("배운 결정", "learned from"),
    "began_with": _both("시작한 기록", "began with"),
    "weight": _both("가중", "weight"),
    "hash": _both("해시", "hash"),
}


def word(table: Mapping[str, Texts], code: str, lang: str) -> str:
    """The words of a code in a language; the code itself where there are none."""
    return table.get(code, {}).get("ko" if lang == "ko" else "en", code)
