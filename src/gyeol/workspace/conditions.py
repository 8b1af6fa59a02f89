"""Conditions and formulas in definitions: read by ``gyeol.expressions``, their problems placed in the file."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gyeol.expressions.condition import parse_condition
from gyeol.expressions.formula import parse_formula
from gyeol.kernel.errors import InputError
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.names import Names
from gyeol.workspace.yaml_source import Path_

_CONDITION = "write it as a SQL predicate: orders_30d >= 3 AND city = 'Seoul'"
_FORMULA = "write it as arithmetic over traits: 10 + 5 * LEAST(orders, 4)"
_MENDS = {"type_clash": "compare numbers with numbers, and text with text 'in quotes'"}


def check_condition(findings: Findings, names: Names, entry: Entry, at: Path_, text: str | None) -> None:
    """A condition over traits and ``moment.*``."""
    if text is not None and names.judged(text):
        _check(findings, entry, at, text, _CONDITION, lambda path, line: parse_condition(text, names.schema, path=path, line=line))


def check_formula(findings: Findings, names: Names, entry: Entry, at: Path_, text: str | None) -> None:
    """A formula over traits and ``moment.*``."""
    if text is not None and names.judged(text):
        _check(findings, entry, at, text, _FORMULA, lambda path, line: parse_formula(text, names.schema, path=path, line=line))


def check_event_condition(findings: Findings, entry: Entry, at: Path_, text: str | None) -> None:
    """A condition over the paths of one event (``where``)."""
    if text is not None:
        _check(findings, entry, at, text, _CONDITION, lambda path, line: parse_condition(text, None, path=path, line=line))


def _check(findings: Findings, entry: Entry, at: Path_, text: str, form: str, parse: Callable[[str, int], object]) -> None:
    line, _ = entry.document.place((*entry.path, *at))
    try:
        # Only a block ("condition: |") keeps line breaks, and it begins on the line after its key.
        parse(entry.document.file, line + ("\n" in text))
    except InputError as error:
        field = ".".join(str(part) for part in at)
        noun = f"{entry.section.noun['en']} {entry.name!r}, {field}: "
        findings.problems.extend(
            msgspec.structs.replace(problem, what=noun + problem.what, mend=problem.mend or _MENDS.get(problem.code, form))
            for problem in error.problems
        )
