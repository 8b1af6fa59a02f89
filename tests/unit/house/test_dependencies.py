"""What the code imports is what the project declares: nothing comes along by luck."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[3]


def canonical(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(folder: Path) -> dict[str, Path]:
    """Top-level modules of others that the folder's files import, each with one of the files."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "gyeol":
                    found.setdefault(top, path)
    return found


def declared(*extras: str) -> set[str]:
    """Canonical names of the packages that the project asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    return {canonical(re.split(r"[\[<>=!~ ;]", one)[0]) for one in asked}


def undeclared(folder: Path, names: set[str]) -> list[str]:
    """Imports that no declared package brings."""
    owners = packages_distributions()
    return [
        f"{path.relative_to(ROOT)} imports {module}"
        for module, path in imported(folder).items()
        if not {canonical(owner) for owner in owners.get(module, [])} & names
    ]


def test_the_package_imports_only_what_it_declares() -> None:
    # pandas is the demo data's own; the demo's package brings it.
    assert undeclared(ROOT / "src" / "gyeol", declared("demo", "bench", "images", "match", "tracing") | {"pandas"}) == []


def test_the_tests_import_only_what_is_declared() -> None:
    own = {"conftest", "tests", *(p.stem for p in (ROOT / "tests").rglob("*.py"))}
    odd = undeclared(ROOT / "tests", declared("demo", "dev", "match", "tracing") | {"pandas"})
    assert [one for one in odd if one.rsplit(" ", 1)[1] not in own] == []


def test_the_probe_sees_an_undeclared_import() -> None:
    assert any("numpy" in one for one in undeclared(ROOT / "src" / "gyeol", set()))
