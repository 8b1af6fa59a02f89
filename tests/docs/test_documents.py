"""What the documents say exists: links lead somewhere, commands and make targets are real, both languages say the same."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from gyeol import __version__
from gyeol.cli.table import COMMANDS

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def documents() -> list[Path]:
    """Every Markdown file that people read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    """The anchors that headings get, as code hosts make them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+\s+(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", head.replace("`", "").lower()).strip().replace(" ", "-") for head in heads}


def targets() -> set[str]:
    return set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for found in LINK.finditer(FENCE.sub("", document.read_text(encoding="utf-8"))):
        link = found[1] or found[2]
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (document.parent / file).resolve() if file else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


# History may name what is gone.
@pytest.mark.parametrize("document", [one for one in documents() if one.name != "CHANGELOG.md"], ids=relative)
def test_make_targets_named_in_it_exist(document: Path) -> None:
    named = set(re.findall(r"`make ([a-z][a-z-]*)", document.read_text(encoding="utf-8")))
    named |= set(re.findall(r"^(?:\$ )?make ([a-z][a-z-]*)", document.read_text(encoding="utf-8"), re.MULTILINE))
    assert not sorted(named - targets())


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_commands_named_in_it_exist(document: Path, commands: set[str]) -> None:
    named = set(re.findall(r"(?:`|^\$ |^)(?:\.venv/bin/)?gyeol ([a-z][a-z-]+)\b", document.read_text(encoding="utf-8"), re.MULTILINE))
    assert not sorted(named - commands)


@pytest.fixture(scope="session")
def commands() -> set[str]:
    """The commands that `gyeol --help` lists."""
    return {entry.name for entries in COMMANDS.values() for entry in entries}


def test_every_make_target_is_in_the_help_or_named_a_part() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked, _, parts = text.partition("# --- parts")
    assert parts
    undescribed = [line.split(":")[0] for line in asked.splitlines() if TARGET.match(line) and "## " not in line]
    assert not undescribed


def chapters(path: Path) -> int:
    return len(re.findall(r"^## ", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE))


def test_the_readme_is_in_both_languages() -> None:
    assert chapters(ROOT / "README.md") == chapters(ROOT / "README.ko.md") > 0


def test_the_change_log_has_this_release() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?(Unreleased|{re.escape(__version__)})\b", text, re.MULTILINE)
