"""``gyeol``: the command. Each command is a function of ``cli/commands``, named in ``cli/table.py``."""

from __future__ import annotations

from typing import Annotated

import typer

from gyeol import __version__
from gyeol.cli.later import Later

app = typer.Typer(
    cls=Later,
    name="gyeol",
    help="Gyeol (결): events from every channel become people, decisions and messages; with the reason for each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gyeol {__version__}")
        raise typer.Exit


@app.callback()
def _root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False) -> None:
    """Nothing to do before a command."""


def main() -> None:
    """Entry point of the installed command."""
    app()
