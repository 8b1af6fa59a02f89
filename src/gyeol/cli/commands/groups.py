"""groups, group: households, accounts and their people."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gyeol.cli import output
from gyeol.cli.commands.people import Lang, label_of, trait_text
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of

Kind = Annotated[str, typer.Argument(help="A kind of group, such as household.")]


@command
def groups(
    kind: Annotated[str | None, typer.Argument(help="A kind of group; without it all kinds are listed.")] = None,
    audience: Annotated[str | None, typer.Option(help="Only groups in this audience of groups.")] = None,
    limit: Annotated[int, typer.Option(help="How many to list.")] = 20,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """List kinds of groups with their audiences, or the groups of one kind."""
    with session_of(workspace) as session:
        answer: dict[str, Any] = session.call("groups", kind=kind, audience=audience, limit=limit)
    if as_json:
        output.as_json(answer)
    elif kind is None:
        output.table(
            ("kind", "groups", "audience", "in it", "means"),
            [row for each in answer["kinds"] for row in _kind_rows(each, lang)],
            right=("groups", "in it"),
        )
    else:
        output.line(f"{output.shown(answer['total'])} groups")
        output.table(
            ("id", "named by", "people", "audiences"),
            [(g["id"], g["value"], _people(g), ", ".join(g["audiences"])) for g in answer["groups"]],
            right=("people",),
        )


@command
def group(
    kind: Kind,
    id: Annotated[str, typer.Argument(help="The group's id, or what names it in events.")],
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Everything known of a group: its traits, its audiences, its people."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("group", kind=kind, id=id)
    if as_json:
        output.as_json(told)
        return
    found = told["group"]
    output.title(f"{found['kind']}  {found['id']}  ·  {found['value']}")
    if found["crowded"]:
        output.line(f"{output.shown(found['people'])} people: more than this kind allows, so it has no traits")
    output.table(("trait", "value"), [(label_of(trait, lang), trait_text(trait)) for trait in found["traits"]])
    if found["audiences"]:
        output.line("\nin: " + ", ".join(found["audiences"]))
    output.line("")
    output.table(("person", "name"), [(each["id"], each["name"]) for each in told["members"]])


def _kind_rows(kind: dict[str, Any], lang: str) -> list[tuple[str, str, str, str, str]]:
    first = (label_of(kind, lang), output.shown(kind["size"]))
    audiences = [(label_of(a, lang), output.shown(a["size"]), a["sentence"].get(lang, "")) for a in kind["audiences"]]
    return [(*(first if i == 0 else ("", "")), *each) for i, each in enumerate(audiences or [("–", "", "")])]


def _people(group: dict[str, Any]) -> str:
    return output.shown(group["people"]) + (" (too many)" if group["crowded"] else "")
