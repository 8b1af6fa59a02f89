"""Nothing public goes undocumented: every command, every route of the API, every setting stands somewhere in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from gyeol.app.settings import PREFIX, Settings
from gyeol.cli.table import COMMANDS
from gyeol.server.side.routes import acts, identity, measures, people, watching

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def documents() -> str:
    """Everything that people read, as one text."""
    files = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def commands() -> list[str]:
    """The commands that `gyeol --help` lists."""
    return [entry.name for entries in COMMANDS.values() for entry in entries]


def routes() -> set[str]:
    """Paths of the API as the documents write them: `/v1/people/{id}`."""
    handlers = [*people.ROUTES, *identity.ROUTES, *acts.ROUTES, *measures.ROUTES, *watching.ROUTES]
    return {re.sub(r":\w+}", "}", path) for handler in handlers for path in handler.paths}


def test_every_command_is_documented(documents: str) -> None:
    names = commands()
    assert {"demo", "up", "import"} <= set(names)
    assert not [name for name in names if f"gyeol {name}" not in documents]


def test_every_route_is_documented(documents: str) -> None:
    paths = routes()
    assert len(paths) > 15
    assert not sorted(path for path in paths if path not in documents)


def test_every_setting_is_documented(documents: str) -> None:
    names = [PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)]
    assert not [name for name in names if name not in documents]
