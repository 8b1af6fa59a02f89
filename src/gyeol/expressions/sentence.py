"""Conditions as sentences, and explanations as short lines, in Korean and English."""

from __future__ import annotations

from gyeol.expressions.english import english
from gyeol.expressions.explain import Explained, Verdict, deciding
from gyeol.expressions.korean import korean
from gyeol.expressions.nodes import Name, Node
from gyeol.expressions.parsing import Place
from gyeol.expressions.reading import read
from gyeol.expressions.schema import Lang, Schema
from gyeol.expressions.wording import tree_text, value_text
from gyeol.kernel.errors import InputError

_VERDICTS: dict[Lang, dict[Verdict, str]] = {
    "ko": {"true": "만족", "false": "불만족", "unknown": "판단 불가"},
    "en": {"true": "met", "false": "not met", "unknown": "cannot tell"},
}
_STALE: dict[Lang, str] = {"ko": "오래된 정보", "en": "out of date"}
_NONE: dict[Lang, str] = {"ko": "없음", "en": "none"}
_NEEDED: dict[Lang, str] = {"ko": "필요: {}", "en": "needed: {}"}
_SIGNS = {"=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "in": "∈", "not in": "∉", "between": "∈", "not between": "∉",
          "contains": "∋", "not contains": "∌", "like": "~", "not like": "≁"}  # fmt: skip
_OPPOSITE = {"=": "≠", "≠": "=", "<": "≥", "≥": "<", ">": "≤", "≤": ">", "∈": "∉", "∉": "∈", "∋": "∌", "∌": "∋", "~": "≁", "≁": "~"}


def sentence(tree: Node, lang: Lang, schema: Schema | None) -> str:
    """Whom a condition means, as a phrase.

    Args:
        tree: Of a condition.
        lang: ``ko`` or ``en``.
        schema: For the labels, units and words of values; names stand for themselves where it has none.
    """
    return korean(tree, schema) if lang == "ko" else english(tree, schema)


def sentence_for(explained: Explained, lang: Lang, schema: Schema | None) -> str:
    """The tests that settled an outcome as one short line: "주문 수 2 < 3 (불만족)".

    A value found stands left of the sign and what was wanted right of it; where nothing was found the line says what was needed.
    """
    return " · ".join(_line(test, lang, schema) for test in deciding(explained))


def lines_for(explained: Explained, lang: Lang, schema: Schema | None) -> list[str]:
    """Every test of a condition as a short line, in the order in which they are written."""
    if not explained.parts:
        return [_line(explained, lang, schema)]
    return [line for part in explained.parts for line in lines_for(part, lang, schema)]


def _line(test: Explained, lang: Lang, schema: Schema | None) -> str:
    verdict = _VERDICTS[lang][test.verdict]
    if not test.subject:
        return verdict
    subject = _subject(test.subject, schema)
    label = tree_text(subject, lang, schema)
    sign = _SIGNS.get(test.op)
    found = value_text(test.found, lang, schema, subject)
    if test.found is None:
        found = _STALE[lang] if test.stale else _NONE[lang] if test.op in ("is null", "is not null") else found
    if sign is None:
        return f"{label} {found} ({verdict})"
    wanted = _wanted(test, lang, schema)
    if test.verdict == "unknown":
        return f"{label} {found} ({_NEEDED[lang].format(f'{sign} {wanted}')})"
    return f"{label} {found} {sign if test.verdict == 'true' else _OPPOSITE[sign]} {wanted} ({verdict})"


def _subject(subject: str, schema: Schema | None) -> Node:
    """What a test asked: the name, or the arithmetic read again from its SQL, so that its labels and currency are known."""
    info = schema.get(subject) if schema is not None else None
    if info is not None:
        return Name(subject, info.type)
    try:
        return read(subject, schema, Place(), formula=True)
    except InputError:
        return Name(subject, "any", free=True)


def _wanted(test: Explained, lang: Lang, schema: Schema | None) -> str:
    subject = _subject(test.subject, schema)
    if isinstance(subject, Name) and schema is not None and subject.name in schema and schema[subject.name].type == "time":
        return "–".join(value if isinstance(value, str) else value_text(value, lang, schema, subject) for value in test.wanted)
    words = [value_text(value, lang, schema, subject) for value in test.wanted]
    if test.op in ("in", "not in"):
        return "{" + ", ".join(words) + "}"
    if test.op in ("between", "not between"):
        return "–".join(words)
    return words[0]
