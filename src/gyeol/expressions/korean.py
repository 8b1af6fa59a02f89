"""Conditions in Korean: every test has a form before 그리고, before 또는, before a noun, and as a noun."""

from __future__ import annotations

from typing import NamedTuple

from gyeol.expressions.nodes import Constant, Name, Node, is_truth
from gyeol.expressions.particles import with_particle
from gyeol.expressions.patterns import shape_of
from gyeol.expressions.phrases import Phrase, Test, phrase_of
from gyeol.expressions.schema import Schema
from gyeol.expressions.wording import tree_text

_MEASURES = {">=": "이상", ">": "초과", "<=": "이하", "<": "미만"}
_TIMES = {">=": " 이후", ">": "보다 뒤", "<=": " 이전", "<": "보다 앞", "=": "", "<>": ""}


class Clause(NamedTuple):
    """One clause in its four forms."""

    and_: str
    or_: str
    modifier: str
    noun: str


# Endings of the predicates in use: …고, …거나, before a noun, as a noun.
_IS = ("이고", "이거나", "인", "")
_IS_NOT = (" 아니고", " 아니거나", " 아닌", " 아님")
_SAME = (" 같고", " 같거나", " 같은", " 같음")
_DIFFERENT = (" 다르고", " 다르거나", " 다른", " 다름")
_EXISTS = (" 있고", " 있거나", " 있는", " 있음")
_MISSING = (" 없고", " 없거나", " 없는", " 없음")
_OLD = (" 오래되고", " 오래되거나", " 오래된", " 오래됨")
_FRESH = (" 오래되지 않고", " 오래되지 않거나", " 오래되지 않은", " 오래되지 않음")
_BELONGS = ("에 해당하고", "에 해당하거나", "에 해당하는", "에 해당함")
_BELONGS_NOT = ("에 해당하지 않고", "에 해당하지 않거나", "에 해당하지 않는", "에 해당하지 않음")
_NOT_SURE = (
    "에 해당하지 않거나 알 수 없고", "에 해당하지 않거나 알 수 없거나", "에 해당하지 않거나 알 수 없는", "에 해당하지 않거나 알 수 없음",
)  # fmt: skip
_MAYBE = ("에 해당하거나 알 수 없고", "에 해당하거나 알 수 없거나", "에 해당하거나 알 수 없는", "에 해당하거나 알 수 없음")
_TELLS = (" 알 수 있고", " 알 수 있거나", " 알 수 있는", " 알 수 있음")
_TELLS_NOT = (" 알 수 없고", " 알 수 없거나", " 알 수 없는", " 알 수 없음")


def _does(stem: str) -> tuple[str, str, str, str]:
    return f" {stem}하고", f" {stem}하거나", f" {stem}하는", f" {stem}함"


def _does_not(stem: str) -> tuple[str, str, str, str]:
    return f" {stem}하지 않고", f" {stem}하지 않거나", f" {stem}하지 않는", f" {stem}하지 않음"


_ENDS = (" 끝나고", " 끝나거나", " 끝나는", " 끝남")
_ENDS_NOT = (" 끝나지 않고", " 끝나지 않거나", " 끝나지 않는", " 끝나지 않음")


def korean(tree: Node, schema: Schema | None) -> str:
    """Whom the condition means: "최근 30일 주문 수가 3 이상이고 도시가 ‘서울’인 사람"."""
    phrase = phrase_of(tree)
    if isinstance(phrase, Test) and phrase.op == "always":
        return "모든 사람"
    if isinstance(phrase, Test) and phrase.op == "never":
        return "해당하는 사람 없음"
    return f"{_top(phrase, schema)} 사람"


def _top(phrase: Phrase, schema: Schema | None) -> str:
    if isinstance(phrase, Test):
        return _clause(phrase, schema).modifier
    clauses = [_inner(item, schema) for item in phrase.items]
    before = [clause.and_ if phrase.op == "AND" else clause.or_ for clause in clauses[:-1]]
    return " ".join([*before, clauses[-1].modifier])


def _inner(phrase: Phrase, schema: Schema | None) -> Clause:
    if isinstance(phrase, Test):
        return _clause(phrase, schema)
    joint = " 그리고 " if phrase.op == "AND" else " 또는 "
    noun = "(" + joint.join(_inner(item, schema).noun for item in phrase.items) + ")"
    and_, or_, modifier, _ = _BELONGS
    return Clause(noun + and_, noun + or_, noun + modifier, noun)


def _bracketed(truth: Node, schema: Schema | None) -> str:
    phrase = phrase_of(truth)
    noun = _inner(phrase, schema).noun
    return f"({noun})" if isinstance(phrase, Test) else noun


def _ended(stem: str, endings: tuple[str, str, str, str]) -> Clause:
    return Clause(*(stem + ending for ending in endings))


def _clause(test: Test, schema: Schema | None) -> Clause:
    assert test.subject is not None  # TRUE and FALSE stand alone, see phrases.py.
    if test.op in ("is not true", "is not false"):
        noun = tree_text(test.subject, "ko", schema) if isinstance(test.subject, Name) else _bracketed(test.subject, schema)
        return _ended(noun, _NOT_SURE if test.op == "is not true" else _MAYBE)
    if is_truth(test.subject) and not isinstance(test.subject, Name):
        # IS NULL of a condition asks whether it can be told at all.
        return _ended(f"{_bracketed(test.subject, schema)} 여부를", _TELLS if test.negated else _TELLS_NOT)
    subject = tree_text(test.subject, "ko", schema)
    wanted = [tree_text(node, "ko", schema, like=test.subject) for node in test.wanted]
    if test.wanted and not isinstance(test.wanted[0], Constant) and test.op in ("=", "<>"):
        return _ended(f"{with_particle(subject, '이/가')} {with_particle(wanted[0], '와/과')}", _SAME if test.op == "=" else _DIFFERENT)
    if test.op in ("is null", "is not null") and isinstance(test.subject, Name) and test.subject.name.startswith("moment."):
        return _ended(with_particle(subject, "을/를"), _TELLS if test.negated else _TELLS_NOT)
    if isinstance(test.subject, Name) and test.subject.type == "time" and test.op in ("between", "not between"):
        span = f"{with_particle(subject, '이/가')} {wanted[0]}부터 {wanted[1]}까지"
        return _ended(span + "가", _IS_NOT) if test.negated else _ended(span, _IS)
    if test.op in _TIMES and isinstance(test.subject, Name) and test.subject.type == "time":
        when = f"{with_particle(subject, '이/가')} {wanted[0]}{_TIMES[test.op]}"
        return _ended(when, _IS) if test.op != "<>" else _ended(with_particle(when, "이/가"), _IS_NOT)
    return _plain(test, subject, wanted)


def _plain(test: Test, subject: str, wanted: list[str]) -> Clause:
    subject_is = with_particle(subject, "이/가")
    match test.op:
        case ">=" | ">" | "<=" | "<":
            return _ended(f"{subject_is} {wanted[0]} {_MEASURES[test.op]}", _IS)
        case "=":
            return _ended(f"{subject_is} {wanted[0]}", _IS)
        case "<>":
            return _ended(f"{subject_is} {with_particle(wanted[0], '이/가')}", _IS_NOT)
        case "in":
            return _ended(f"{subject_is} {', '.join(wanted)} 중 하나", _IS)
        case "not in":
            return _ended(f"{subject_is} {', '.join(wanted)} 중 어느 것도", _IS_NOT)
        case "between":
            return _ended(f"{subject_is} {wanted[0]} 이상 {wanted[1]} 이하", _IS)
        case "not between":
            return _ended(f"{subject_is} {wanted[0]} 이상 {wanted[1]} 이하가", _IS_NOT)
        case "is null":
            return _ended(subject_is, _MISSING)
        case "is not null":
            return _ended(subject_is, _EXISTS)
        case "is stale":
            return _ended(f"{subject} 정보가", _OLD)
        case "is not stale":
            return _ended(f"{subject} 정보가", _FRESH)
        case "contains":
            return _ended(f"{subject}에 {with_particle(wanted[0], '이/가')}", _EXISTS)
        case "not contains":
            return _ended(f"{subject}에 {with_particle(wanted[0], '이/가')}", _MISSING)
        case "flag":
            return _ended(subject, _BELONGS)
        case "not flag":
            return _ended(subject, _BELONGS_NOT)
        case _:
            return _pattern(test, subject_is)


def _pattern(test: Test, subject_is: str) -> Clause:
    assert isinstance(test.wanted[0], Constant)
    shape, inner = shape_of(str(test.wanted[0].value))
    quoted = f"‘{inner}’"
    match shape:
        case "starts":
            return _ended(f"{subject_is} {with_particle(quoted, '으로/로')}", (_does_not if test.negated else _does)("시작"))
        case "ends":
            return _ended(f"{subject_is} {with_particle(quoted, '으로/로')}", _ENDS_NOT if test.negated else _ENDS)
        case "contains":
            return _ended(f"{subject_is} {with_particle(quoted, '을/를')}", (_does_not if test.negated else _does)("포함"))
        case "exact":
            if test.negated:
                return _ended(f"{subject_is} {with_particle(quoted, '이/가')}", _IS_NOT)
            return _ended(f"{subject_is} {quoted}", _IS)
        case _:
            return _ended(f"{subject_is} {quoted} 꼴이", _IS_NOT) if test.negated else _ended(f"{subject_is} {quoted} 꼴", _IS)
