"""Conditions and formulas in definitions: read by ``gyeol.expressions``, their problems placed in the file."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gyeol.context.facts.usual_place import INSTEAD, NOT_OF_EVENTS, UsualPlace
from gyeol.context.moment import PREFIX, as_of_events, by_actions, moment_schema
from gyeol.expressions.condition import parse_condition
from gyeol.expressions.formula import parse_formula
from gyeol.expressions.nodes import Name, walk
from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import suggestion
from gyeol.workspace.names import Names
from gyeol.workspace.yaml_source import Path_

_CONDITION = "write it as a SQL predicate: orders_30d >= 3 AND city = 'Seoul'"
_FORMULA = "write it as arithmetic over traits: 10 + 5 * LEAST(orders, 4)"
_MENDS = {"type_clash": "compare numbers with numbers, and text with text 'in quotes'"}


def check_condition(findings: Findings, names: Names, entry: Entry, at: Path_, text: str | None, *, of_groups: bool = False) -> None:
    """A condition over traits and ``moment.*``; ``of_groups``: over traits only."""
    schema = names.of_groups if of_groups else names.schema
    if text is not None and names.judged(text):
        _check(findings, entry, at, text, _CONDITION, lambda path, line: parse_condition(text, schema, path=path, line=line))


def check_formula(findings: Findings, names: Names, entry: Entry, at: Path_, text: str | None) -> None:
    """A formula over traits and ``moment.*``."""
    if text is not None and names.judged(text):
        _check(findings, entry, at, text, _FORMULA, lambda path, line: parse_formula(text, names.schema, path=path, line=line))


def check_event_condition(findings: Findings, entry: Entry, at: Path_, text: str | None, *, of_groups: bool = False) -> None:
    """A condition over the paths of one event (``where``) and the facts that events are joined with.

    ``of_groups``: who is in a group is found before what earlier actions tell, so it cannot read that.
    """
    if text is not None:
        readable = as_of_events() - by_actions() if of_groups else as_of_events()
        _check(findings, entry, at, text, _CONDITION, lambda path, line: _event_condition(text, path, line, readable))


def _event_condition(text: str, path: str, line: int, readable: frozenset[str]) -> None:
    condition = parse_condition(text, None, path=path, line=line)
    known, problems = moment_schema(), dict[str, Problem]()
    for part in walk(condition.tree):
        if not isinstance(part, Name) or not part.name.startswith(PREFIX):
            continue
        name = part.name
        if name.removeprefix(PREFIX) in UsualPlace.names:
            what = f"{name} is not known as of an event: {NOT_OF_EVENTS}"
            problems[name] = Problem(path=path, code="unknown_name", what=what, mend=INSTEAD, line=line)
        elif name not in readable:
            what = f"{name} is not known as of an event" if name in known else f"there is no fact {name!r}"
            mend = "read the trait that it follows from" if name in known else suggestion(name, sorted(readable), "see docs/moment.md")
            problems[name] = Problem(path=path, code="unknown_name", what=what, mend=mend, line=line)
        elif part.type not in ("any", known[name].type):
            what, mend = f"{name} is a {known[name].type}, it is read as a {part.type}", _MENDS["type_clash"]
            problems[name] = Problem(path=path, code="type_clash", what=what, mend=mend, line=line)
    if problems:
        raise InputError("bad_condition", list(problems.values()))


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
