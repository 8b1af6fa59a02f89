"""Why a condition is true, false or unknown for one person: each test with what was found and what was wanted."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.expressions.nodes import Constant, Name, Node, names_of, sql
from gyeol.expressions.phrases import Group, Phrase, Test, phrase_of
from gyeol.expressions.scalars import Staleness, Values, value_of

Verdict = Literal["true", "false", "unknown"]


class Explained(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition, or one test of it, with its outcome; made of JSON values only.

    Args:
        op: ``AND``, ``OR``, or the question of a test (``>=``, ``in``, ``like``, ``is null``, ``flag``, …); NOT is part of it.
        sql: The test in SQL, as the condition has it (before NOT); empty for AND and OR.
        verdict: The outcome.
        subject: What was asked: a name, or arithmetic in SQL.
        found: Its value, None for NULL.
        wanted: What it was compared with: literals and values of other names; a pattern; the two ends of a range.
        wanted_sql: What it was compared with, where that is no literal.
        stale: Names that are unknown because their facts have aged.
        parts: Of AND and OR.
    """

    op: str
    verdict: Verdict
    sql: str = ""
    subject: str = ""
    found: object = None
    wanted: tuple[object, ...] = ()
    wanted_sql: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    parts: tuple[Explained, ...] = ()


def explain(tree: Node, values: Values, stale: Staleness) -> Explained:
    """The tree with values.

    Args:
        tree: Of a condition.
        values: The value of each name for the person, None for NULL.
        stale: Whether a name is unknown because its fact has aged.
    """
    explained = _explained(phrase_of(tree), values, stale)
    # The reading form leaves IS TRUE away; the outcome of the whole is that of the condition itself.
    return msgspec.structs.replace(explained, verdict=verdict_of(value_of(tree, values, stale)))


def deciding(explained: Explained) -> list[Explained]:
    """The tests that settle the outcome: those of an AND that are not true, those of an OR that are true, or all."""
    if not explained.parts:
        return [explained]
    settled = [part for part in explained.parts if part.verdict == explained.verdict] or list(explained.parts)
    return [test for part in settled for test in deciding(part)]


def verdict_of(truth: object) -> Verdict:
    """The word for True, False and None."""
    return "unknown" if truth is None else "true" if truth else "false"


def _explained(phrase: Phrase, values: Values, stale: Staleness) -> Explained:
    if isinstance(phrase, Group):
        parts = tuple(_explained(item, values, stale) for item in phrase.items)
        verdicts = {part.verdict for part in parts}
        decisive: Verdict = "false" if phrase.op == "AND" else "true"
        other: Verdict = "true" if phrase.op == "AND" else "false"
        verdict = decisive if decisive in verdicts else "unknown" if "unknown" in verdicts else other
        return Explained(op=phrase.op, verdict=verdict, parts=parts)
    return _tested(phrase, values, stale)


def _tested(test: Test, values: Values, stale: Staleness) -> Explained:
    truth = value_of(test.node, values, stale)
    if test.negated and truth is not None:
        truth = not truth
    subject = test.subject
    return Explained(
        op=test.op,
        verdict=verdict_of(truth),
        sql=sql(test.node),
        subject="" if subject is None else subject.name if isinstance(subject, Name) else sql(subject),
        found=None if subject is None else value_of(subject, values, stale),
        wanted=tuple((w.written or w.value) if isinstance(w, Constant) else value_of(w, values, stale) for w in test.wanted),
        wanted_sql=tuple(sql(w) for w in test.wanted if not isinstance(w, Constant)),
        stale=tuple(name for name in names_of(test.node) if stale(name)),
    )
