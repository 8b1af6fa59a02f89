"""backup and restore: the whole of a workspace, copied while it runs, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gyeol.app.backup import back_up
from gyeol.app.backup import restore as put_back
from gyeol.app.data_key import KEY_FILE, read_keys
from gyeol.app.folder import Secrets
from gyeol.app.settings import read_settings
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar


@command
def backup(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    lake: Annotated[bool, typer.Option("--lake/--no-lake", help="Also the lake.")] = True,
    keys: Annotated[bool, typer.Option("--keys/--no-keys", help="Also the keys of the folder (secrets.json, data.key).")] = True,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Copy a workspace with its data into a folder, also while it runs."""
    with progress_bar() as tell:
        made = back_up(workspace, target, lake=lake, secrets=keys, tell=tell)
    size = sum(file.bytes for file in made.files)
    if as_json:
        output.as_json({**msgspec.to_builtins(made), "files": len(made.files), "bytes": size})
        return
    output.line(f"{target}: {output.shown(made.end_offset)} records, {len(made.files)} files, {size / 1e6:,.1f} MB.")


@command
def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `gyeol backup` wrote.")],
    into: Annotated[Path, typer.Option("--into", help="The workspace; it must have no data yet.")],
    resend: Annotated[
        bool, typer.Option("--resend", help="Send what waited when the backup was made: only if the other folder never ran again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup into a workspace; what it had still to send is not sent, for it may have been sent meanwhile."""
    beside = source / "secrets.json"
    keys = msgspec.json.decode(beside.read_bytes(), type=Secrets) if beside.exists() else None
    sealed = source / KEY_FILE
    data_keys = read_keys(sealed.read_text().split(), str(sealed)) if sealed.exists() else []
    done = put_back(source, into, resend=resend, secrets=keys, data_keys=data_keys, settings=read_settings())
    if as_json:
        output.as_json(msgspec.to_builtins(done))
        return
    output.line(f"{into}: {output.shown(done.end_offset)} records, {output.shown(done.people)} people.")
    if done.held:
        output.line(f"{output.shown(done.held)} messages waited; they may have been sent since, so they are not sent.", "yellow")
