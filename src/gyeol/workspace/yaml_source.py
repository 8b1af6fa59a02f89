"""YAML with the line of every value: what the loader and the import mappings read.

Scalars are read by the YAML 1.2 core schema: ``yes``, ``no`` and ``on`` are text, ``21:00`` is text and not 1,260, ``2017-03-03`` is text
and not a date. A key that occurs twice in one mapping is a problem, not a silent overwrite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from gyeol.kernel.errors import Problem

Path_ = tuple[str | int, ...]
"""Where a value stands in its document: keys and list positions from the root."""

MAX_NODES = 500_000
"""Most values in one file; aliases count each time, so a file of nested aliases cannot fill the memory."""

_BaseLoader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CoreLoader(_BaseLoader):  # type: ignore[misc]  # its base is chosen at import: libyaml's where it is built in
    """The YAML 1.2 core schema; its resolvers are set below."""


_CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    _CoreLoader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


class Document(msgspec.Struct, frozen=True):
    """One YAML document.

    Args:
        file: Its path as shown in problems.
        value: Its content: dicts, lists, text, numbers, booleans, None.
        lines: 1-based (line, column) of every value by its path; for a value of a mapping, of its key.
    """

    file: str
    value: object
    lines: dict[Path_, tuple[int, int]]

    def place(self, path: Path_) -> tuple[int, int]:
        """Line and column of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, (1, 1))

    def problem(self, path: Path_, code: str, what: str, mend: str = "") -> Problem:
        """A problem at a value."""
        line, column = self.place(path)
        return Problem(path=self.file, line=line, column=column, code=code, what=what, mend=mend)


def read_text(path: Path, file: str, problems: list[Problem]) -> str | None:
    """The text of a file; a file that cannot be read or is not UTF-8 becomes a problem and None."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(path=file, line=line, code="not_utf8", what="the file is not UTF-8 text", mend="save it as UTF-8"))
    except OSError as error:
        problems.append(
            Problem(path=file, code="unreadable", what=f"the file cannot be read: {error.strerror}", mend="check its permissions")
        )
    return None


def read_documents(text: str, file: str, problems: list[Problem]) -> list[Document]:
    """All documents of a YAML text; problems found are added to ``problems``."""
    found: list[Document] = []
    try:
        for root in compose_all(text):
            reader = _Reader(file, problems)
            value = reader.value(root, ())
            found.append(Document(file, value, reader.lines))
    except _TooLarge:
        problems.append(
            Problem(path=file, code="too_large", what=f"more than {MAX_NODES:,} values in one file", mend="split it, or use fewer aliases")
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = "not valid YAML: " + " ".join(str(part) for part in (error.problem, error.context) if part)
        problems.append(Problem(path=file, line=line, column=column, code="yaml_syntax", what=what, mend=_syntax_hint(text, line)))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        problems.append(
            Problem(path=file, line=line, code="yaml_syntax", what="not valid YAML: a character that YAML forbids", mend="remove it")
        )
    return found


def compose_all(text: str) -> Iterator[yaml.Node]:
    """The root of each document, as it stands in the text. Raises yaml.YAMLError."""
    loader = _CoreLoader(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def _syntax_hint(text: str, line: int) -> str:
    rows = text.splitlines()
    near = rows[max(line - 2, 0) : line]
    if any("\t" in row[: len(row) - len(row.lstrip())] for row in near):
        return "indent with spaces, not tabs"
    if any(re.search(r":\s+[^\"'#|>]*:\s", row) for row in near):
        return 'put text that contains ": " in quotes'
    return "check indentation, quotes and brackets just before this place"


class _TooLarge(Exception):
    """Raised inside while reading; never leaves this module."""


class _Reader:
    """Turns composed nodes into plain values and keeps where each stood."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.lines: dict[Path_, tuple[int, int]] = {}
        self._file = file
        self._problems = problems
        self._open: list[yaml.Node] = []
        self._count = 0

    def value(self, node: yaml.Node, path: Path_) -> object:
        """The plain value of a node."""
        self._count += 1
        if self._count > MAX_NODES:
            raise _TooLarge
        self.lines.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if any(node is outer for outer in self._open):
            self._add(node, "yaml_cycle", "an alias that contains itself", "write the value out")
            return None
        self._open.append(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.Node, path: Path_) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node, "bad_key", "a key must be a word, not a list or a mapping", "write a name before the colon")
                continue
            key = key_node.value
            here = (*path, key)
            if key in found:
                first = self.lines[here][0]
                self._add(key_node, "duplicate_key", f"key {key!r} stands twice; first on line {first}", "keep one of the two")
                continue
            self.lines[here] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, here)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> object:
        kind, text = node.tag.rpartition(":")[2], node.value
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
        if kind != "str":
            self._add(node, "yaml_tag", f"the tag !{kind} means nothing here", "write plain text, a number, true or false")
        return text

    def _add(self, node: yaml.Node, code: str, what: str, mend: str) -> None:
        mark = node.start_mark
        self._problems.append(Problem(path=self._file, line=mark.line + 1, column=mark.column + 1, code=code, what=what, mend=mend))
