"""init, plan, apply: the workspace's files."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from gyeol.app.core_api import StatusRequest
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.workspace.load import load
from gyeol.workspace.starter import examples
from gyeol.workspace.starter import init as write_workspace


@command
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    example: Annotated[str | None, typer.Option(help=f"Copy an example: {', '.join(examples())}.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a workspace: a folder of YAML files that works at once."""
    made = write_workspace(folder, example, lambda: secrets.token_urlsafe(18))
    if as_json:
        output.as_json({"folder": made.folder, "files": made.files})
        return
    output.title(f"{made.folder} is ready")
    for name in made.files:
        output.line(f"  {name}")
    output.line(f"\nNext: gyeol up -w {made.folder}")


@command
def plan(
    workspace: Workspace = HERE,
    lang: Annotated[str, typer.Option(help="ko or en.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Show what applying the workspace's files would change; nothing is changed."""
    loaded = load(workspace)
    with session_of(workspace) as session:
        answer = session.call("plan", definitions=loaded.definitions)
    if as_json:
        output.as_json(answer)
        return
    for warning in loaded.warnings:
        output.line(f"warning: {warning}", "yellow")
    changes: Any = answer["changes"]
    if not changes:
        output.line("Nothing would change.")
        return
    for change in changes:
        output.line(_change(change))
    _effects(answer)
    if any(change.get("kind") in _CHOOSING for change in changes):
        output.line("\nWhat this would have done to past traffic: gyeol policy replay", "dim")


_CHOOSING = ("placements", "offers", "policies")


def _change(change: dict[str, Any]) -> str:
    mark = {"added": "+", "changed": "~", "removed": "-"}.get(str(change["action"]), "→")
    fields = ", ".join(f"{f['field']}: {output.shown(f['before'])} → {output.shown(f['after'])}" for f in change.get("fields", []))
    return f"{mark} {change.get('kind')} {change.get('name')}" + (f" ({fields})" if fields else "")


def _effects(answer: dict[str, Any]) -> None:
    moved = [a for a in answer["audiences"] if a["before"] != a["after"]]
    if moved:
        output.line("")
        output.table(
            ("audience", "people now", "people then"),
            [(a["audience"], a["before"], a["after"]) for a in moved],
            right=("people now", "people then"),
        )
    if answer.get("identity"):
        _regrouped(answer["identity"])
    if answer["refold"]:
        output.line(f"\nTraits that are folded anew from the log: {', '.join(answer['refold'])}")


def _regrouped(effect: dict[str, Any]) -> None:
    """Who would be whom under other identity rules."""
    output.line("")
    output.table(
        ("identity", "now", "then"),
        [(name, effect[f"{key}_before"], effect[f"{key}_after"]) for name, key in _COUNTED],
        right=("now", "then"),
    )
    for kind, before in (("merges", "merged"), ("splits", "split")):
        if effect[before]:
            output.line(f"{output.shown(effect[before])} people would become {output.shown(effect[kind])}:")
        for example in effect[f"examples_of_{kind}"]:
            output.line(f"  {_people(example['before'])}  →  {_people(example['after'])}")


_COUNTED = (("people", "people"), ("evidence in quarantine", "quarantined"), ("shared identifiers", "shared"))


def _people(people: list[list[dict[str, Any]]]) -> str:
    return " | ".join(", ".join(f"{each['type']}:{each['value']}" for each in person) for person in people)


@command
def apply(
    workspace: Workspace = HERE,
    why: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put the workspace's files in force: a record of the log."""
    loaded = load(workspace)
    with session_of(workspace) as session:
        before = session.core.status(StatusRequest()).definitions
        if before == loaded.definitions.hash:
            answer: dict[str, object] = {"status": "unchanged", "definitions": before}
        else:
            answer = session.call("apply", definitions=loaded.definitions, why=why)
    if as_json:
        output.as_json(answer)
    elif answer["status"] == "unchanged":
        output.line("These definitions are in force already.")
    else:
        output.line(f"Applied as record {output.shown(answer.get('offset'))} of the log: definitions {loaded.definitions.hash}.")
