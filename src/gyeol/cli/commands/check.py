"""check consistency: whether the stream holds what SQL finds in the lake."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gyeol.app.checking import check_consistency
from gyeol.app.settings import data_folder
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.cli.exit_codes import exit_code
from gyeol.kernel.errors import StateError

NOT_CONSISTENT = exit_code(StateError("not_consistent", ""))

app = typer.Typer(name="check", help="Compare two ways to the same answer.", no_args_is_help=True, rich_markup_mode=None)


@command
def consistency(
    at: Annotated[int | None, typer.Option("--at", help="Compare at this offset of the log; without it, at its end.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Compute every trait and audience of everybody with SQL over the lake, and compare with what the stream holds."""
    with session_of(workspace) as session:
        found = check_consistency(session, data_folder(workspace), at)
    total = sum(found.differences.values())
    if as_json:
        output.as_json({"good": found.good, **msgspec.to_builtins(found)})
    else:
        for name, why in found.left_out.items():
            output.line(f"left out: {name} ({why})", "yellow")
        if found.examples:
            rows = [(d.person, d.name, output.shown(d.stream), output.shown(d.sql)) for d in found.examples]
            output.table(("person", "trait or audience", "stream", "SQL"), rows)
        output.line(
            f"{found.people:,} people, {len(found.traits)} traits, {len(found.audiences)} audiences at offset {found.offset:,}: "
            f"{total:,} differences."
        )
    if not found.good:
        told = ", ".join(f"{name} {count:,}" for name, count in found.differences.items())
        output.failure(f"stream and SQL differ in {total:,} values: {told}", "not_consistent")
        raise typer.Exit(NOT_CONSISTENT)


app.command("consistency")(consistency)
