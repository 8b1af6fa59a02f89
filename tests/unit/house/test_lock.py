"""The locks name versions and hashes, never a place, and hold everything that the project asks for."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def canonical(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, list[str]]:
    """Name → hashes."""
    entries: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if found := re.match(r"([A-Za-z0-9._-]+)==", line):
            name = canonical(found[1])
            entries.setdefault(name, [])
        elif found := re.match(r"\s+--hash=(sha256:[0-9a-f]{64})", line):
            entries[name].append(found[1])
        else:
            raise AssertionError(f"neither a pinned version nor a hash: {line!r}")
    return entries


def test_every_entry_is_pinned_and_hashed() -> None:
    assert len(locked()) > 50
    assert not [name for name, hashes in locked().items() if not hashes]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["demo"], *project["optional-dependencies"]["dev"]]
    names = {canonical(re.split(r"[\[<>=!~ ;]", one)[0]) for one in asked}
    assert not sorted(names - locked().keys())


def test_the_locks_name_no_place() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 50
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if name and "integrity" not in entry and not entry.get("inBundle")]
