"""Each public thing stands on the page where people look for it; taking a line out of that page makes a test here fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import typer
from litestar.routes import HTTPRoute
from typer.core import TyperGroup

from gyeol.accounts.tokens import AdminToken
from gyeol.app.core_api import Core
from gyeol.app.desk import Desk
from gyeol.app.policy_replays import Replays
from gyeol.app.settings import PREFIX, Settings
from gyeol.app.watch import Watch
from gyeol.cli.exit_codes import INTERRUPTED, OK, TABLE
from gyeol.cli.main import app
from gyeol.context.moment import moment_schema
from gyeol.decisions.catalogue import CATALOGUE
from gyeol.decisions.gates.order import GATES
from gyeol.events import ingest
from gyeol.events.ingest import Flag, notes_of
from gyeol.expressions.grammar import GRAMMAR
from gyeol.journeys.model import MessageStep, TriggerDefinition
from gyeol.profiles.model import TraitKindName
from gyeol.server.core.collector import BATCH_PATHS, SINGLE_PATHS
from gyeol.server.side.app import side_app
from gyeol.server.side.broadcast import Broadcaster
from gyeol.server.side.errors import HTTP_STATUS
from gyeol.storage.lake.schema import COLUMNS, PUBLIC_TABLES
from gyeol.workspace.imports.mapping import EventQuery, ImportMapping
from gyeol.workspace.imports.verdicts import CODES
from gyeol.workspace.sections import SECTIONS, WORKSPACE, Section

ROOT = Path(__file__).parents[2]
Page = Callable[[str], str]


def cells(text: str) -> set[str]:
    """Every word in back quotes in a table's first column or a heading: what the page is a reference of."""
    found: set[str] = set()
    for line in text.splitlines():
        if line.startswith("| "):
            found.update(re.findall(r"`([^`]+)`", line.split(" | ")[0]))
    return found


def section_of(text: str, heading: str) -> str:
    """What stands under a heading of the second level; empty when there is none."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def group() -> TyperGroup:
    found = typer.main.get_command(app)
    assert isinstance(found, TyperGroup)
    return found


def every_command() -> dict[str, set[str]]:
    """Options of every command, by the words that call it; those of a group, or of a group within one, by several."""
    found = {}
    waiting = list(group().commands.items())
    for name, one in waiting:
        if isinstance(one, TyperGroup):
            waiting += [(f"{name} {sub}", each) for sub, each in one.commands.items()]
            continue
        found[name] = {option for parameter in one.params for option in parameter.opts if option.startswith("--") and option != "--help"}
    return found


def commands() -> list[str]:
    return sorted(every_command())


@pytest.mark.parametrize("name", commands())
def test_command_has_a_section_with_all_its_options(name: str, page: Page) -> None:
    text = section_of(page("cli.md"), f"gyeol {name}")
    assert text, f"docs/cli.md has no section '## gyeol {name}'"
    assert not sorted(every_command()[name] - cells(text))


def test_the_page_of_commands_has_no_other_command(page: Page) -> None:
    told = set(re.findall(r"^## gyeol ([a-z -]+)$", page("cli.md"), re.MULTILINE))
    assert told == set(commands())


def test_exit_codes(page: Page) -> None:
    table = section_of(page("cli.md"), "Exit codes")
    rows = dict(re.findall(r"^\| `(\d+)` \| `?(\w+|–)`? \|", table, re.MULTILINE))
    assert rows == {str(OK): "–", str(INTERRUPTED): "–", **{str(code): family.__name__ for family, code, _ in TABLE}}


def test_settings_and_their_defaults(page: Page) -> None:
    text = page("settings.md")
    for field in msgspec.structs.fields(Settings):
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        assert f"| `{field.name}` | `{PREFIX}{field.name.upper()}` | `{default}` |" in text, field.name


def routes() -> set[tuple[str, str]]:
    """Method and path of every route below ``/v1``, as the application that is served has them."""
    replays = Replays.__new__(Replays)
    served = side_app(Desk.__new__(Desk), Watch.__new__(Watch), Broadcaster.__new__(Broadcaster), AdminToken("token"), replays=replays)
    return {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path))
        for route in served.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1")
        for method in sorted(route.methods - {"HEAD", "OPTIONS"})
    }


def test_api_routes(page: Page) -> None:
    told = {
        (m[0], m[1].partition("?")[0]) for m in re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/v1[^`]*)`", page("api.md"), re.MULTILINE)
    }
    served = routes()
    assert len(served) > 20
    assert told == served


def test_public_paths(page: Page) -> None:
    text = page("collect.md")
    assert not sorted(path for path in (*BATCH_PATHS, *SINGLE_PATHS) if f"{path}`" not in text)


def test_statuses_of_errors(page: Page) -> None:
    text = section_of(page("errors.md"), "HTTP")
    assert not [f.__name__ for f, status in HTTP_STATUS.items() if f"| `{f.__name__}` | {status} |" not in text]


def verdict_codes() -> set[str]:
    """The codes of the table in the module that judges events, and those of imports."""
    rows = re.findall(r"^\| ([a-z_, ]+) \|", ingest.__doc__ or "", re.MULTILINE)
    return {code.strip() for row in rows for code in row.split(",")} - {"code"} | set(CODES)


def test_verdict_codes(page: Page) -> None:
    codes = verdict_codes()
    assert {"no_identity", "bad_number", "id_reused"} <= codes
    assert not sorted(codes - cells(section_of(page("collect.md"), "Verdicts")))


def test_notes_of_verdicts(page: Page) -> None:
    notes = {note for flag in Flag for note in notes_of(int(flag))}
    assert len(notes) > 5
    assert not sorted(notes - cells(section_of(page("collect.md"), "Verdicts")))


@pytest.mark.parametrize("section", [WORKSPACE, *SECTIONS], ids=lambda s: s.key)
def test_kind_of_definition_with_all_its_keys(section: Section, page: Page) -> None:
    text = section_of(page("workspace.md"), section.key)
    assert f"```yaml\n{section.key}:" in text, f"docs/workspace.md has no example under '## {section.key}'"
    keys = {field.encode_name for field in msgspec.structs.fields(section.model)}
    if section.key == "journeys":
        keys |= {field.encode_name for part in (TriggerDefinition, MessageStep) for field in msgspec.structs.fields(part)}
    assert not sorted(keys - cells(text))


def test_kinds_of_traits(page: Page) -> None:
    assert set(get_args(TraitKindName)) == cells(section_of(page("workspace.md"), "Kinds of traits"))


def test_keys_of_mappings(page: Page) -> None:
    text = section_of(page("import.md"), "With a mapping")
    assert {field.encode_name for field in msgspec.structs.fields(ImportMapping)} == cells(text)
    assert all(f"`{field.encode_name}`" in text for field in msgspec.structs.fields(EventQuery))


def test_grammar(page: Page) -> None:
    text = section_of(page("conditions.md"), "The grammar")
    assert not [form.example for form in GRAMMAR if f"| `{form.op}` | `{form.example}` |" not in text]


def test_gates_in_their_order(page: Page) -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", section_of(page("decide.md"), "How it is decided"), re.MULTILINE)
    assert rows == [(str(i), gate.name) for i, gate in enumerate(GATES, 1)]


def test_facts_of_the_moment(page: Page) -> None:
    assert set(moment_schema()) == cells(section_of(page("decide.md"), "The Moment"))


def test_reason_codes_in_both_languages(page: Page) -> None:
    text = section_of(page("decide.md"), "Reasons")
    assert not [code for code, entry in CATALOGUE.items() if f"| `{code}` | {entry.en} | {entry.ko} |" not in text]


def test_tables_of_the_lake(page: Page) -> None:
    text = section_of(page("measures.md"), "The lake")
    assert set(PUBLIC_TABLES) == cells(text)
    told = {row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", text, re.MULTILINE)}
    assert not [
        (table, column) for table in COLUMNS for column in COLUMNS[table] if column != "log_offset" and f"`{column}`" not in told[table]
    ]


def test_calls_between_the_processes() -> None:
    text = section_of((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), "Two processes and ten calls")
    assert {name for name in vars(Core) if not name.startswith("_")} == cells(text)
