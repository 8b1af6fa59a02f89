"""Conditions in English."""

from __future__ import annotations

from gyeol.expressions.nodes import Constant, Name, Node, is_truth
from gyeol.expressions.patterns import shape_of
from gyeol.expressions.phrases import Phrase, Test, phrase_of
from gyeol.expressions.schema import Schema
from gyeol.expressions.wording import tree_text

_MEASURES = {">=": "at least ", ">": "more than ", "<=": "at most ", "<": "less than ", "=": "", "<>": "not "}
_TIMES = {">=": "at or after ", ">": "after ", "<=": "at or before ", "<": "before ", "=": "", "<>": "not "}
_EQUAL = {"=": "equal to", "<>": "different from"}
_PATTERNS = {"starts": ("starts", "start", " with"), "ends": ("ends", "end", " with"), "contains": ("contains", "contain", "")}


def english(tree: Node, schema: Schema | None) -> str:
    """Whom the condition means: "people whose orders in the last 30 days is at least 3 and whose city is ‘서울’"."""
    phrase = phrase_of(tree)
    if isinstance(phrase, Test) and phrase.op == "always":
        return "everybody"
    if isinstance(phrase, Test) and phrase.op == "never":
        return "nobody"
    return f"people {_phrase(phrase, schema, outer=True)}"


def _phrase(phrase: Phrase, schema: Schema | None, *, outer: bool) -> str:
    if isinstance(phrase, Test):
        return _clause(phrase, schema)
    text = f" {phrase.op.lower()} ".join(_phrase(item, schema, outer=False) for item in phrase.items)
    return text if outer else f"({text})"


def _clause(test: Test, schema: Schema | None) -> str:
    assert test.subject is not None  # TRUE and FALSE stand alone, see phrases.py.
    if is_truth(test.subject) and not isinstance(test.subject, Name):
        inner = f"({_phrase(phrase_of(test.subject), schema, outer=True)})"
        return {
            "is not true": f"for whom it is false or unknown: {inner}", "is not false": f"for whom it is true or unknown: {inner}",
            "is null": f"for whom it is unknown: {inner}", "is not null": f"for whom it is known: {inner}",
        }[test.op]  # fmt: skip
    moment = isinstance(test.subject, Name) and test.subject.name.startswith("moment.")
    subject = tree_text(test.subject, "en", schema)
    wanted = [tree_text(node, "en", schema, like=test.subject) for node in test.wanted]
    match test.op:
        case "flag":
            return f"{'during' if moment else 'with'} {subject}"
        case "not flag":
            return f"{'outside' if moment else 'without'} {subject}"
        case "is not true" | "is not false" if not moment:
            return f"for whom {subject} {_asked(test, wanted)}"
        case "is null" if not moment:
            return f"who have no {subject}"
    relation = _asked(test, wanted)
    if isinstance(test.subject, Name) and test.subject.type == "time" and test.op in _TIMES:
        relation = f"is {_TIMES[test.op]}{wanted[0]}"
    elif test.op in _EQUAL and not isinstance(test.wanted[0], Constant):
        relation = f"is {_EQUAL[test.op]} {wanted[0]}"
    return f"{'while' if moment else 'whose'} {subject} {relation}"


def _asked(test: Test, wanted: list[str]) -> str:
    match test.op:
        case ">=" | ">" | "<=" | "<" | "=" | "<>":
            return f"is {_MEASURES[test.op]}{wanted[0]}"
        case "in":
            return f"is one of {', '.join(wanted)}"
        case "not in":
            return f"is none of {', '.join(wanted)}"
        case "between":
            return f"is between {wanted[0]} and {wanted[1]}"
        case "not between":
            return f"is not between {wanted[0]} and {wanted[1]}"
        case "is null":
            return "is unknown"
        case "is not null":
            return "is known"
        case "is stale":
            return "is out of date"
        case "is not stale":
            return "is not out of date"
        case "contains":
            return f"contains {wanted[0]}"
        case "not contains":
            return f"does not contain {wanted[0]}"
        case "is not true":
            return "is false or unknown"
        case "is not false":
            return "is true or unknown"
        case _:
            return _pattern(test)


def _pattern(test: Test) -> str:
    assert isinstance(test.wanted[0], Constant)
    shape, inner = shape_of(str(test.wanted[0].value))
    if shape == "exact":
        return f"is {'not ' if test.negated else ''}‘{inner}’"
    does, do, preposition = _PATTERNS.get(shape, ("matches", "match", ""))
    return f"{'does not ' + do if test.negated else does}{preposition} ‘{inner}’"
