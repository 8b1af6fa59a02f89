"""Files and functions stay short, and no file has a name that says nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def python_files() -> list[Path]:
    return sorted((ROOT / "src" / "gyeol").rglob("*.py"))


def console_files() -> list[Path]:
    return sorted(p for p in (ROOT / "web").glob("*/**/*") if p.suffix in {".ts", ".tsx", ".css"} and "node_modules" not in p.parts)


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} ({length} lines)"


def test_there_is_something_to_look_at() -> None:
    assert len(python_files()) > 20
    assert len(console_files()) > 10


@pytest.mark.parametrize("kind", ["python", "console"])
def test_files_are_short_and_well_named(kind: str) -> None:
    odd = []
    for path in python_files() if kind == "python" else console_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            odd.append(f"{path.relative_to(ROOT)}: {lines} lines")
        if path.stem in NAMES_THAT_SAY_NOTHING:
            odd.append(f"{path.relative_to(ROOT)}: a name that says nothing")
    assert not odd


def test_functions_are_short() -> None:
    # A migration is one list of changes; parted, it would be harder to read.
    files = [p for p in python_files() if "migrations" not in p.parts]
    odd = [f"{p.relative_to(ROOT)}: {f}" for p in files for f in long_functions(p.read_text(encoding="utf-8"))]
    assert not odd


def test_the_measure_of_functions_measures() -> None:
    body = "\n".join(["def long():"] + ["    x = 1"] * LONGEST_FUNCTION)
    assert list(long_functions(body)) == [f"long ({LONGEST_FUNCTION + 1} lines)"]


def test_nothing_is_left_for_later() -> None:
    files = [*python_files(), *console_files()]
    odd = [
        f"{p.relative_to(ROOT)}:{n}"
        for p in files
        for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        if LEFTOVER.search(line)
    ]
    assert not odd
