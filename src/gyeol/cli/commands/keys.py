"""keys: the data key that everything personal in the data folder is sealed under."""

from __future__ import annotations

import msgspec
import typer

from gyeol.app import resealing
from gyeol.app.settings import read_settings
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar

app = typer.Typer(name="keys", help="The data key: which one writes, a new one, everything sealed under it.", no_args_is_help=True)


@app.command("list")
@command
def list_(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """The keys by id: which one writes, which are still needed, where they were found."""
    found = resealing.keys_of(workspace)
    if as_json:
        output.as_json({"keys": [msgspec.to_builtins(each) for each in found]})
        return
    mark = {True: "✓", False: ""}
    output.table(("key", "writes", "needed", "from"), [(k.id, mark[k.writes], mark[k.in_use], k.source or "missing") for k in found])


@app.command("rotate")
@command
def rotate(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Make a new key that seals what is written from now on; stop `gyeol up` before."""
    made = resealing.rotate(workspace)
    if as_json:
        output.as_json({"key": made})
        return
    output.line(f"The key {made} seals what is written from now on. `gyeol keys rewrite` seals what is there under it, too.")


@app.command("rewrite")
@command
def rewrite(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Seal everything that is there under the key that writes, and forget the older ones; stop `gyeol up` before."""
    with progress_bar() as tell:
        done = resealing.rewrite(workspace, read_settings(), tell)
    if as_json:
        output.as_json(msgspec.to_builtins(done))
        return
    told = f"{output.shown(done.frames)} frames and {output.shown(done.rows)} rows were sealed anew; everything is under {done.key}."
    output.line(told)
    if done.copies:
        output.line(f"{done.copies} plain copies of an earlier release's state.db were deleted.")
