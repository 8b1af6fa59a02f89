"""What every command needs: the workspace it is about, whether to speak JSON, how errors end it."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from gyeol.app.session import Session, open_session
from gyeol.app.settings import read_settings
from gyeol.cli import output
from gyeol.cli.exit_codes import INTERRUPTED, exit_code
from gyeol.kernel.errors import GyeolError

P = ParamSpec("P")

Workspace = Annotated[
    Path,
    typer.Option("--workspace", "-w", envvar="GYEOL_WORKSPACE", help="The workspace's folder.", show_default="this folder"),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")]
HERE = Path(".")


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Ends a command with the exit code of its error, and tells the error: on stderr, or as JSON with ``--json``."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except GyeolError as error:
            if kwargs.get("as_json"):
                output.as_json({"error": error.as_json()})
            output.failure(error.message, error.code)
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except RuntimeError as error:
            # What DuckDB raises when Ctrl-C falls into a query.
            if not isinstance(error.__cause__, KeyboardInterrupt):
                raise
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader (head, less) has gone; Python would complain again while it closes stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None

    return run


@contextmanager
def session_of(workspace: Path) -> Iterator[Session]:
    """The session of a workspace; a recovery that takes long shows its progress."""
    with progress_bar() as tell:
        session = open_session(workspace, read_settings(), lambda done, total: tell("folding the log", done, total))
    try:
        yield session
    finally:
        session.close()


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr for long work: give it (what, done, total); total 0 shows that something is going on. Nothing without a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=output.err, transient=True, disable=not output.err.is_terminal) as bar:
        tasks: dict[str, int] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done, total=total or None)  # type: ignore[arg-type]  # rich's TaskID is an int

        yield tell
