"""How evaluations and replays are shown to people."""

from __future__ import annotations

import msgspec

from gyeol.app.policy_past import Replay
from gyeol.app.policy_valuing import Valued
from gyeol.app.policy_views import PolicyStanding
from gyeol.app.policy_words import ESTIMATORS, HEADS, LEFT_OUT, VERDICTS, WHY, word
from gyeol.cli import output
from gyeol.cli.commands.people import when
from gyeol.measures.policy.evaluation import Estimate, Evaluation

_COLOURS = {"better": "bold green", "worse": "bold red", "cannot_tell": "bold yellow"}


def show_evaluation(found: Evaluation, lang: str) -> None:
    """Estimates, the gate and the judgement."""
    heads = [word(HEADS, name, lang) for name in ("estimator", "value", "low", "high")]
    output.title(
        _said(
            lang,
            f"{found.policy}: {found.rows:,}건의 결정, {found.people:,}명",
            f"{found.policy}: {found.rows:,} decisions of {found.people:,} people",
        )
    )
    rows = [(word(HEADS, "baseline", lang), *_figures(found.baseline))]
    rows += [(word(ESTIMATORS, name, lang), *_figures(estimate)) for name, estimate in found.estimates.items()]
    rows.append((f"{word(HEADS, 'difference', lang)} ({found.estimator})", *_figures(found.difference)))
    output.table(heads, rows, right=heads[1:])
    share = f"{found.settings.confidence:.0%}"
    output.line(
        _said(
            lang,
            f"\n구간은 {share}. 유효 표본 {found.ess:,.0f}건 · {found.ess_people:,.0f}명, "
            f"평균 가중치 {found.mean_weight:.3f}, 최대 {found.largest_weight:,.1f}.",
            f"\nIntervals of {share}. Effective: {found.ess:,.0f} rows, {found.ess_people:,.0f} people; "
            f"weights {found.mean_weight:.3f} on average, {found.largest_weight:,.1f} at most.",
        )
    )
    output.line(f"{found.estimator}: {word(VERDICTS, found.verdict, lang)}", _COLOURS[found.verdict])
    for code in found.why:
        output.line(f"  {_why(found, code, lang)}", "yellow")


def _why(found: Evaluation, code: str, lang: str) -> str:
    return word(WHY, code, lang).format(
        ess=f"{min(found.ess, found.ess_people):,.0f}",
        least=f"{found.settings.min_ess:,.0f}",
        weight=f"{found.mean_weight:.3f}",
        rewarded=f"{found.rewarded:,.1f}",
        low=_number(found.difference.low),
        high=_number(found.difference.high),
    )


def show_began(standing: PolicyStanding | None, lang: str, as_json: bool) -> None:
    """Since when a policy that began with history is valued; nothing of rules, or where it began with none."""
    if standing is not None and standing.warmed and not as_json:
        at = when(standing.warmed[-1].at)
        ko = f"과거 기록으로 시작한 {at} 이후의 결정만 평가합니다. 그 전의 결정은 지금 상태의 정책을 말해 주지 않습니다."
        en = f"Only decisions since it began with history, {at}, count: those before say nothing of the policy as it is now."
        output.line(_said(lang, ko, en), "dim")


def show_standing(found: PolicyStanding, lang: str) -> None:
    """Whether a policy decides, why it does no more, what it has learned from, and the histories that it began with."""
    if found.verdict is None:
        standing = _said(lang, "학습만 합니다", "only learns")
    else:
        at = when(found.since or 0)
        standing = _said(lang, f"{at}부터 판정 {found.verdict}에 따라 결정합니다", f"decides since {at}, by {found.verdict}")
    output.title(f"{found.name}: {standing}")
    if found.ended is not None:
        held, at = found.ended.verdict, when(found.ended.at)
        ko = f"판정 {held}은(는) {at}에 끝났습니다. 과거 기록으로 시작하기 전의 정책에 대한 판정입니다."
        en = f"verdict {held} ended {at}: it judged the policy before it began with history"
        if found.ended.reason == "changed":
            ko = f"판정 {held}은(는) {at}에 끝났습니다. 정책이 바뀌면서 그때까지 배운 것이 사라졌습니다."
            en = f"verdict {held} ended {at}: the policy was changed, and what it had learned went"
        output.line(_said(lang, ko, en), "yellow")
        output.line(_said(lang, "다시 판정하세요: gyeol policy evaluate", "judge it anew: gyeol policy evaluate"), "yellow")
    ranked = ", ".join(found.placements)
    output.line(_said(lang, f"순서를 정하는 위치: {ranked or '없음'}", f"ranks {ranked or 'nothing'}"))
    learned = word(HEADS, "learned_from", lang)
    output.table((word(HEADS, "offer", lang), learned), [(name, f"{n:,.1f}") for name, n in found.learned.items()], right=(learned,))
    if found.warmed:
        output.line("")
        began, at, decisions, counted, weight, hash_ = (
            word(HEADS, name, lang) for name in ("began_with", "when", "decisions", "counted", "weight", "hash")
        )
        rows = [(w.source, when(w.at), w.rows, f"{w.counted:,.0f}", f"{w.weight:g}", w.hash) for w in found.warmed]
        output.table((began, at, decisions, counted, weight, hash_), rows, right=(decisions, counted))


def show_replay(found: Valued, lang: str, as_json: bool) -> None:
    """Reach, refusals, who would change, and the value where it can be told."""
    if as_json:
        output.as_json(msgspec.to_builtins(found))
        return
    past = found.replay
    output.title(
        _said(
            lang,
            f"결정 {past.decisions:,}건 중 {past.changed:,}건, 고객 {past.people:,}명 중 {past.people_changed:,}명이 달라집니다",
            f"{past.changed:,} of {past.decisions:,} decisions would be others, of {past.people_changed:,} of {past.people:,} people",
        )
    )
    _show_reach(past, lang)
    _show_refusals(past, lang)
    _show_changes(past, lang)
    _show_notes(past, lang)
    output.line("")
    if found.evaluation is not None:
        show_evaluation(found.evaluation, lang)
        if found.still_open:
            told = _said(
                lang,
                f"목표 기간이 남은 결정 {found.still_open:,}건은 뺐습니다.",
                f"{found.still_open:,} decisions are left out: their goal can still be reached.",
            )
            output.line(told, "dim")
    else:
        output.line(word(VERDICTS, "cannot_tell", lang), _COLOURS["cannot_tell"])
        output.line(f"  {word(WHY, found.why_not, lang)}", "yellow")


def _show_reach(past: Replay, lang: str) -> None:
    decisions, then, people = (word(HEADS, name, lang) for name in ("decisions", "then", "people"))
    heads = [word(HEADS, "placement", lang), word(HEADS, "offer", lang), decisions, f"{decisions} {then}", people, f"{people} {then}"]
    rows = [
        (each.placement, each.offer or word(HEADS, "nothing", lang), each.decisions, each.decisions_then, each.people, each.people_then)
        for each in past.reach
    ]
    output.table(heads, rows, right=heads[2:])


def _show_refusals(past: Replay, lang: str) -> None:
    moved = [each for each in past.refusals if each.refusals != each.refusals_then]
    if not moved:
        return
    refusals = word(HEADS, "refusals", lang)
    heads = [word(HEADS, "gate", lang), word(HEADS, "reason", lang), refusals, f"{refusals} {word(HEADS, 'then', lang)}"]
    output.line("")
    output.table(heads, [(each.gate, each.code, each.refusals, each.refusals_then) for each in moved], right=heads[2:])


def _show_changes(past: Replay, lang: str) -> None:
    if not past.examples:
        return
    nothing = word(HEADS, "nothing", lang)
    heads = [word(HEADS, name, lang) for name in ("person", "when", "placement", "offer", "then", "reason")]
    output.line("")
    rows = [
        (each.person, when(each.at_ms), each.placement, each.offer or nothing, each.offer_then or nothing, each.refused_by or each.why)
        for each in past.examples
    ]
    output.table(heads, rows)


def _show_notes(past: Replay, lang: str) -> None:
    for code, count in past.left_out.items():
        output.line(
            _said(
                lang, f"뺀 결정 {count:,}건: {word(LEFT_OUT, code, lang)}", f"{count:,} decisions left out: {word(LEFT_OUT, code, lang)}"
            ),
            "yellow",
        )
    earlier = {hash_: changed for hash_, (_, changed) in past.under.items() if hash_ != past.definitions}
    if earlier:
        count, others = sum(past.under[hash_][0] for hash_ in earlier), sum(earlier.values())
        told = _said(
            lang,
            f"그중 {count:,}건은 예전 정의로 내린 결정이고, 여기서 달라진 {others:,}건에는 그동안의 변경도 들어 있습니다.",
            f"{count:,} of them were taken under earlier definitions; what changed since is part of their {others:,} changes.",
        )
        output.line(told, "yellow")
    if past.moments_differ:
        told = _said(
            lang,
            f"{past.moments_differ:,}건은 그때의 상황(모먼트)이 기록과 다르게 계산됩니다.",
            f"The Moment of {past.moments_differ:,} is another than the one recorded.",
        )
        output.line(told, "yellow")
    if past.unknown:
        names = ", ".join(past.unknown)
        output.line(_said(lang, f"과거를 알 수 없는 특성: {names}", f"Traits whose past is not known: {names}"), "yellow")


def _said(lang: str, ko: str, en: str) -> str:
    return ko if lang == "ko" else en


def _figures(estimate: Estimate) -> tuple[str, str, str]:
    return _number(estimate.value), _number(estimate.low), _number(estimate.high)


def _number(value: float) -> str:
    return f"{value:,.5g}" if abs(value) < 1_000 else f"{value:,.1f}"
