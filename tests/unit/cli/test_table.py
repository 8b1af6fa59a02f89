"""The table of commands: each can be loaded, and nothing is loaded that was not asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from gyeol.cli.main import app
from gyeol.cli.table import COMMANDS, Entry

ENTRIES = [entry for entries in COMMANDS.values() for entry in entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_command_is_where_the_table_says(entry: Entry) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.commands[entry.name]
    assert command.name == entry.name
    assert command.help


def test_names_are_told_once_and_fit_into_a_line() -> None:
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert max(len(entry.summary) for entry in ENTRIES) <= 64


def test_help_shows_every_command_under_its_heading() -> None:
    told = CliRunner().invoke(app, ["--help"]).output
    at = 0
    for heading, entries in COMMANDS.items():
        at = told.index(f"{heading}:", at)
        for entry in entries:
            at = told.index(f"  {entry.name} ", at)


def test_a_mistyped_command_is_answered_with_its_like() -> None:
    said = CliRunner().invoke(app, ["cupons"])
    assert said.exit_code == 2
    assert "Did you mean 'coupons'?" in said.output


@pytest.mark.parametrize(
    ("loaded", "not_loaded"),
    [
        ("gyeol.cli.main", ("numpy", "gyeol.app", "gyeol.engine")),
        ("gyeol.cli.commands.people", ("numpy", "duckdb", "gyeol.engine", "gyeol.app.embedded")),
        ("gyeol.cli.commands.emotion", ("duckdb", "gyeol.engine", "gyeol.app.embedded")),
    ],
)
def test_what_was_not_asked_for_is_not_loaded(loaded: str, not_loaded: tuple[str, ...]) -> None:
    code = f"import sys, {loaded}; print([name for name in {not_loaded!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
