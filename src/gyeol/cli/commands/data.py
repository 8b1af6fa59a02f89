"""import, sql, dead-letter, replay, doctor: what came in, what is kept, whether all is well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gyeol.app.applied import Applied
from gyeol.app.core_api import Check, VerifyRequest
from gyeol.app.doctor import examine_running, examine_stopped
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder
from gyeol.app.importing import definitions_of, run_import
from gyeol.app.settings import data_folder
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar, session_of
from gyeol.cli.exit_codes import exit_code
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import StateError, wrong
from gyeol.workspace.imports import find_mapping

NOT_WELL = exit_code(StateError("not_well", ""))


@command
def import_(
    path: Annotated[str | None, typer.Argument(help="File or folder (Parquet, CSV, ndjson), or package:NAME/folder.")] = None,
    map_: Annotated[str | None, typer.Option("--map", help="A mapping file of maps/.")] = None,
    source: Annotated[str | None, typer.Option(help="Without a mapping: the source of all events.")] = None,
    act: Annotated[bool, typer.Option("--act", help="Let journeys act on what is imported.")] = False,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Import a file or folder; a broken-off import goes on where it stopped, and nothing is imported twice."""
    with session_of(workspace) as session:
        definitions = definitions_of(session, Applied(DataFolder(data_folder(workspace), create=False).definitions).get)
        mapping = None if map_ is None else find_mapping(map_, workspace)
        if path is not None and Path(path).exists():
            path = str(Path(path).resolve())  # as one stands; what is not there is looked for from the workspace
        received = None if definitions.workspace.clock == "data" else WallClock().now_ms()
        with progress_bar() as tell:
            summary = run_import(
                session,
                definitions,
                path,
                mapping,
                act=act,
                source=source,
                received_ms=received,
                base=workspace,
                progress=lambda done, total: tell("importing", done, total),
            )
            session.settle()
    if as_json:
        output.as_json(msgspec.to_builtins(summary))
        return
    for warning in summary.warnings:
        output.line(f"warning: {warning}", "yellow")
    output.line(
        f"{summary.rows:,} rows: {summary.accepted:,} accepted, {summary.duplicates:,} duplicates, {summary.rejected:,} rejected, "
        f"{summary.again:,} imported before."
    )


@command
def sql(
    query: Annotated[str, typer.Argument(help="A SELECT over the lake: events, person_events, decisions, messages, …")],
    limit: Annotated[int, typer.Option(help="Rows at most.")] = 1_000,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Ask the lake."""
    with session_of(workspace) as session:
        session.settle()
        answer: dict[str, Any] = session.call("sql", sql=query, limit=limit)
    if as_json:
        output.as_json(answer)
        return
    names = [column["name"] for column in answer["columns"]]
    output.table(names, answer["rows"])


@command
def dead_letter(
    letter: Annotated[str | None, typer.Argument(help="One dead letter; without it the waiting ones are listed.")] = None,
    replay: Annotated[bool, typer.Option("--replay", help="Send it again.")] = False,
    event: Annotated[Path | None, typer.Option(help="A file with the corrected event's JSON, for --replay.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were replayed.")] = False,
    limit: Annotated[int, typer.Option(help="How many to list.")] = 50,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Read rejected events; send one again, as it came or corrected. Each is replayed once."""
    if letter is None and (replay or event):
        raise wrong("letter", "no_letter", "which one?", "gyeol dead-letter ID --replay")
    with session_of(workspace) as session:
        if letter is None:
            _list_letters(session.call("dead_letters", status=None if every else "waiting", limit=limit), as_json)
        elif not replay:
            _show(session.call("dead_letter", id=letter), as_json)
        else:
            answer: dict[str, Any] = session.call("replay_dead_letter", id=letter, event=None if event is None else _event(event))
            _show(answer, as_json)
            if answer["status"] == "refused":
                output.failure(f"{letter} was rejected again: {answer['reason']}: {answer['detail']}", "replay_refused")
                raise typer.Exit(NOT_WELL)


def _event(path: Path) -> dict[str, object]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.MsgspecError) as error:
        raise wrong(str(path), "bad_event", str(error), "give a file with one JSON object") from error


def _list_letters(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.as_json(answer)
        return
    rows = [(d["id"], d["status"], d["code"], d["source"], d["detail"]) for d in answer["dead_letters"]]
    if not rows:
        output.line("No event waits in the dead letter.")
        return
    output.table(("id", "status", "code", "source", "why"), rows)


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.as_json(answer)
    else:
        output.table(("", ""), [(k, output.shown(v)) for k, v in answer.items()])


@command
def replay(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Fold the whole log anew beside the state in memory and compare the two."""
    with session_of(workspace) as session:
        found = session.core.verify(VerifyRequest(replay=True)).checks
    _report(found, as_json)


@command
def doctor(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Look at everything that can be wrong or slow: what it is, why it matters, how to mend it."""
    path = data_folder(workspace)
    folder = DataFolder(path, create=False) if path.is_dir() else None
    runtime = None if folder is None else folder.runtime()
    if folder is not None and runtime is not None:
        _report(examine_running(folder, runtime), as_json)
        return
    with session_of(workspace) as session:
        assert isinstance(session, EmbeddedSession)
        found = examine_stopped(session)
    _report(found, as_json)


def _report(found: Sequence[Check], as_json: bool) -> None:
    bad, watched = [check for check in found if not check.good], [check for check in found if check.good and check.watch]
    if as_json:
        output.as_json({"good": not bad, "checks": [msgspec.to_builtins(check) for check in found]})
    else:
        output.table(("", "check", "found"), [(_mark(check), check.name, check.detail) for check in found])
        for check in (*bad, *watched):
            output.line("")
            output.line(f"{_mark(check)} {check.name}: {check.detail}", "bold red" if not check.good else "bold yellow")
            if check.why:
                output.line(f"  why it matters: {check.why}")
            if check.mend:
                output.line(f"  what to do:     {check.mend}")
    if bad:
        output.failure(f"{len(bad)} check(s) failed: {', '.join(check.name for check in bad)}", "not_well")
        raise typer.Exit(NOT_WELL)


def _mark(check: Check) -> str:
    return "✗" if not check.good else "!" if check.watch else "✓"
