"""The text of a condition and where its parts stand: SQLGlot's tree, and problems with line and column."""

from __future__ import annotations

import unicodedata
from typing import cast

import msgspec
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, TokenError

from gyeol.kernel.errors import Problem

MAX_CHARACTERS = 10_000
"""A longer text is a mistake or an attack; the longest of the bench definitions has about 150 characters."""


class Place(msgspec.Struct, frozen=True):
    """Where a text stands: the path of its file and field, and the line there."""

    path: str = ""
    line: int | None = None


class Refused(Exception):
    """A part cannot be read; its problem is noted. Never leaves the package."""


class Source:
    """A text, in Unicode form NFC as all texts of events are, and the problems found in it."""

    def __init__(self, text: str, place: Place) -> None:
        self.text = unicodedata.normalize("NFC", text)
        self.place = place
        self.problems: list[Problem] = []

    def refuse(self, at: exp.Expr | int, code: str, what: str, mend: str = "") -> Refused:
        """Note a problem at a part of the text (or at an index of it); the caller raises what it gets."""
        start = at if isinstance(at, int) else self.start(at)
        line = self.text.count("\n", 0, start) + 1
        column = start - self.text.rfind("\n", 0, start)
        line = line if self.place.line is None else self.place.line + line - 1
        self.problems.append(Problem(path=self.place.path, line=line, column=column, code=code, what=what, mend=mend))
        return Refused(what)

    def start(self, tree: exp.Expr) -> int:
        """The index at which a part begins."""
        return min((node.meta["start"] for node in tree.walk() if "start" in node.meta), default=0)

    def written(self, tree: exp.Expr) -> str:
        """The part as it was written."""
        ends = [node.meta["end"] for node in tree.walk() if "end" in node.meta]
        text = self.text[self.start(tree) : max(ends) + 1] if ends else tree.sql(dialect="duckdb")
        # SQLGlot keeps no place for closing brackets.
        return text + ")" * max(text.count("(") - text.count(")"), 0)

    def parse(self, empty_mend: str) -> exp.Expr:
        """SQLGlot's tree of the text.

        Raises:
            Refused: When it is no SQL expression.
        """
        if not self.text.strip():
            raise self.refuse(0, "empty", "nothing is written here", empty_mend)
        if len(self.text) > MAX_CHARACTERS:
            what = f"{len(self.text)} characters, at most {MAX_CHARACTERS} are read"
            raise self.refuse(0, "too_long", what, "split it into several traits")
        try:
            return sqlglot.parse_one(self.text, dialect="duckdb", into=exp.Condition, error_level=ErrorLevel.RAISE)
        except ParseError as error:
            for found in error.errors or [{"description": str(error), "line": 1, "col": 1}]:
                refused = self._syntax(found)
            raise refused from None
        except TokenError:
            at = max(self.text.rfind("'"), 0)
            raise self.refuse(at, "syntax", "a quotation mark is not closed", "text is written 'like this'") from None
        except RecursionError:
            raise self.too_deep() from None

    def too_deep(self) -> Refused:
        """The refusal of brackets within brackets beyond Python's stack."""
        return self.refuse(0, "too_deep", "the brackets are nested too deeply", "split it into several traits or audiences")

    def _syntax(self, found: dict[str, object]) -> Refused:
        lines = self.text.split("\n")
        line = min(max(int(cast(int, found.get("line") or 1)), 1), len(lines))
        highlight = str(found.get("highlight") or "")
        end = sum(len(before) + 1 for before in lines[: line - 1]) + int(cast(int, found.get("col") or 1))
        description = str(found.get("description") or "")
        what = f"this cannot be read as SQL at '{highlight}'" if highlight else "this cannot be read as SQL"
        if description.startswith("Required keyword"):
            what += ": something is missing after it"
        elif description.startswith("Expecting"):
            what += f": {description[0].lower()}{description[1:]}"
        mend = "a name with spaces is written in double quotation marks" if "Invalid expression" in description else ""
        return self.refuse(max(end - len(highlight), 0), "syntax", what, mend)
