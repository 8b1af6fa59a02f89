"""identity quarantine, release, confirm, shared, move, split, audit: what only a person can judge."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gyeol.cli import output
from gyeol.cli.commands.people import Who, Why, when
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.kernel.errors import StateError

Limit = Annotated[int, typer.Option(help="How many to list.")]
Cursor = Annotated[str | None, typer.Option(help="`next` of the page before.")]


@command
def quarantine(limit: Limit = 50, cursor: Cursor = None, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List the evidence that the rules hold back, of everybody: what, why, whom it concerns, since when."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("quarantine", limit=limit, cursor=cursor)
    if as_json:
        output.as_json(told)
        return
    output.title(f"{output.shown(told['total'])} in quarantine")
    rows = [
        (_identifier(h["a"]), _identifier(h["b"]), _because(h), " · ".join(p["name"] for p in h["people"]), when(h["since"]), h["source"])
        for h in told["quarantined"]
    ]
    output.table(("a", "b", "held back", "people", "since", "source"), rows)
    _more(told)


@command
def shared(limit: Limit = 50, cursor: Cursor = None, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List the identifiers of several people (a family's tablet, a shop's telephone), with their fan-out."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("shared", limit=limit, cursor=cursor)
    if as_json:
        output.as_json(told)
        return
    output.title(f"{output.shown(told['total'])} shared identifiers")
    rows = [(_identifier(s["identifier"]), ", ".join(map(_over, s["over"])), when(s["since"])) for s in told["shared"]]
    output.table(("identifier", "stated with", "since"), rows)
    _more(told)


@command
def release(a: Who, b: Who, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Believe what is held back between two identifiers or people, in spite of the limit."""
    _command(workspace, as_json, "release", a=a, b=b, why=why)


@command
def confirm(a: Who, b: Who, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Leave out for good what is held back between two identifiers or people."""
    _command(workspace, as_json, "confirm", a=a, b=b, why=why)


@command
def move(a: Who, b: Who, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Take the first, an identifier, from its person and give it to the second."""
    _command(workspace, as_json, "move", a=a, b=b, why=why)


@command
def split(
    identifiers: Annotated[list[str], typer.Argument(help="Identifiers of one person that are another's: `type:value` or an id.")],
    why: Why = "",
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Cut some identifiers of a person off the others."""
    _command(workspace, as_json, "split", identifiers=identifiers, why=why)


@command
def audit(
    limit: Limit = 50,
    cursor: Cursor = None,
    kind: Annotated[str, typer.Option(help="One kind of command; identity: those on people; all: every one.")] = "identity",
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Who judged what, when and why."""
    with session_of(workspace) as session:
        session.settle()
        told: dict[str, Any] = session.call("audit", limit=limit, cursor=cursor, kind=None if kind == "all" else kind)
    if as_json:
        output.as_json(told)
        return
    rows = [
        (when(e["at"]), e["by"], e["kind"], " · ".join(_identifier(i["identifier"]) for i in e["identifiers"]), e["why"])
        for e in told["entries"]
    ]
    output.table(("when", "by", "command", "identifiers", "why"), rows)
    _more(told)


def _command(workspace: Workspace, as_json: bool, operation: str, **values: object) -> None:
    with session_of(workspace) as session:
        answer: dict[str, Any] = session.call(operation, **values)
    if answer["status"] == "refused":
        raise StateError(str(answer["reason"]), str(answer["detail"]))
    if as_json:
        output.as_json(answer)
        return
    facts = answer.get("facts") or {}
    told = "" if "together" not in facts else " They are one person now." if facts["together"] else " They are two people now."
    output.line(f"Recorded.{told}")
    moved, acts = facts.get("moved", []), facts.get("acts", [])
    if moved:
        output.table(("identifier", "from", "to"), [(_identifier(m["identifier"]), m["from"][:8], m["to"][:8]) for m in moved])
    if acts:
        output.line("With them went:")
        output.table(("when", "act", "of", "outcome"), [(when(act["at"]), act["kind"], act["name"], act["state"]) for act in acts])


def _identifier(shown: dict[str, Any]) -> str:
    return f"{shown['type']}:{shown['value']}"


_REASONS = {
    "client_cannot_join_known": "a public key may not join two people who signed in",
    "device_of_several": "the device belongs to several people, and so to none",
    "number_of_another": "the number is another person's",
    "another_number": "the two were given with different numbers",
}
"""Why evidence waits, by code; of ``limit`` the numbers are told."""


def _because(held: dict[str, Any]) -> str:
    if held["reason"] == "limit":
        return _over(held)
    reason = str(held["reason"])
    return _REASONS.get(reason, reason)


def _over(told: dict[str, Any]) -> str:
    return f"{told['fan_out']} of {told['type']}, at most {told['limit']}"


def _more(told: dict[str, Any]) -> None:
    if told.get("next"):
        output.line(f"There is more: --cursor {told['next']}")
