"""The conditions of audiences and stages, parsed: every problem of all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

from gyeol.expressions.condition import Condition, parse_condition
from gyeol.expressions.schema import Schema
from gyeol.kernel.errors import InputError, Problem


def compiled(texts: Sequence[tuple[str, str]], schema: Schema) -> list[Condition]:
    """Parse conditions.

    Args:
        texts: (path of the definition, condition).
        schema: Names that they may read.

    Raises:
        InputError: ``bad_conditions``, with the problems of all.
    """
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for path, text in texts:
        try:
            conditions.append(parse_condition(text, schema, path=path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError("bad_conditions", problems)
    return conditions
