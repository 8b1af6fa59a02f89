"""Other texts in the place of some scalars of a YAML file: comments, order, quoting and everything else stay byte for byte.

A new text is written in the style in which the old one stands, where that can hold it, else in double quotes. Nothing is trusted: each
replacement is read again, and must give the document as it was but for the one value.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import yaml

from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.yaml_source import Path_, compose_all, read_documents

_HEADER = re.compile(r"[|>][-+0-9]*(.*)")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON leaves as it is and YAML wants escaped, or takes for a line break."""


def replaced(text: str, file: str, document: int, texts: Mapping[Path_, str]) -> str:
    """A YAML text with other scalars.

    Args:
        text: That is valid.
        file: Its name, for problems.
        document: Which of its documents, from 0.
        texts: What is to stand where, all of it text now.

    Raises:
        InputError: ``cannot_replace``: every value that cannot be replaced without touching another one, or is not there.
    """
    root = list(compose_all(text))[document]
    seen = _references(root)
    problems: list[Problem] = []
    spots: list[tuple[yaml.ScalarNode, Path_, str]] = []
    for path, new in texts.items():
        found = _nodes(root, path)
        why = _unsafe(text, found, seen)
        node = found[-1] if found else root
        if why is not None or not isinstance(node, yaml.ScalarNode):
            problems.append(_problem(file, node, path, why or "it is no text"))
        else:
            spots.append((node, path, new))
    # From the end to the start, so that the places of those before stay what they are.
    for node, path, new in sorted(spots, key=lambda spot: -spot[0].start_mark.index):
        changed = _with(text, file, document, node, path, new)
        if changed is None:
            problems.append(_problem(file, node, path, "it cannot be written there without changing something else"))
        else:
            text = changed
    if problems:
        raise InputError("cannot_replace", problems)
    return text


def _problem(file: str, node: yaml.Node, path: Path_, why: str) -> Problem:
    mark, place = node.start_mark, ".".join(map(str, path))
    mend = "change it in the file"
    what = f"{place} cannot be replaced in place: {why}"
    return Problem(path=file, line=mark.line + 1, column=mark.column + 1, code="cannot_replace", what=what, mend=mend)


def _references(root: yaml.Node) -> Counter[int]:
    """How often each node is part of another: more than once where an alias stands."""
    seen: Counter[int] = Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        seen[id(node)] += 1
        if seen[id(node)] > 1 or isinstance(node, yaml.ScalarNode):
            continue
        pairs = node.value if isinstance(node, yaml.MappingNode) else [(item,) for item in node.value]
        waiting += [part for pair in pairs for part in pair]
    return seen


def _nodes(root: yaml.Node, path: Path_) -> list[yaml.Node]:
    """The nodes from the root to a value; empty when it is not there."""
    found = [root]
    for part in path:
        node = found[-1]
        if isinstance(node, yaml.MappingNode):
            after = next((value for key, value in node.value if isinstance(key, yaml.ScalarNode) and key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            after = node.value[part]
        else:
            after = None
        if after is None:
            return []
        found.append(after)
    return found


def _unsafe(text: str, nodes: Sequence[yaml.Node], seen: Counter[int]) -> str | None:
    """Why a value cannot be replaced safely; None: it can."""
    if not nodes:
        return "it is not there"
    if any(seen[id(node)] > 1 for node in nodes):
        return "it is shared with another place by an anchor (&) and an alias (*)"
    if text[nodes[-1].start_mark.index : nodes[-1].start_mark.index + 1] in ("&", "!"):
        return "it has an anchor (&) or a tag (!)"
    return None


def _with(text: str, file: str, document: int, node: yaml.ScalarNode, path: Path_, new: str) -> str | None:
    """The text with one other scalar; None when no style can hold it."""
    start, end = node.start_mark.index, node.end_mark.index
    wanted = _values(text, file)
    assert wanted is not None
    _put(wanted[document], path, new)
    for candidate in _written(text[start:end], node.style, new):
        changed = text[:start] + candidate + text[end:]
        if _values(changed, file) == wanted:
            return changed
    return None


def _values(text: str, file: str) -> list[object] | None:
    problems: list[Problem] = []
    found = [document.value for document in read_documents(text, file, problems)]
    return None if problems else found


def _put(value: object, path: Path_, new: str) -> None:
    for part in path[:-1]:
        value = value[part]  # type: ignore[index]  # the path was found in this very document
    value[path[-1]] = new  # type: ignore[index]  # as above


def _written(old: str, style: str | None, new: str) -> Iterator[str]:
    """Ways to write a text, the nearest to the old one first."""
    quoted = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(new, ensure_ascii=False))
    if style in ("|", ">"):
        yield from _block(old, new, quoted)
        return
    if style == "'":
        yield "'" + new.replace("'", "''") + "'"
    elif style is None or style == "":
        yield new
    yield quoted


def _block(old: str, new: str, quoted: str) -> Iterator[str]:
    """As a literal block with the indentation of the old one; else in quotes on the line of its header, whose comment stays."""
    header, _, body = old.partition("\n")
    line_end = "\r\n" if header.endswith("\r") else "\n"
    found = _HEADER.match(header.rstrip("\r"))
    beside = "" if found is None else found[1]
    tail = old[len(old.rstrip()) :] if body.strip() else old[len(header.rstrip("\r")) :]
    first = next((line for line in body.split("\n") if line.strip()), None)
    if first is not None:
        indent = first[: len(first) - len(first.lstrip(" "))]
        words, keeping = (new[:-1], "") if new.endswith("\n") else (new, "-")
        lines = [indent + line if line else "" for line in words.split("\n")]
        yield f"|{keeping}{beside}{line_end}" + line_end.join(lines) + (tail or ("" if keeping else line_end))
    yield quoted + beside + tail
