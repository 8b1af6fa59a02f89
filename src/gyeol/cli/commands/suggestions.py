"""identity suggestions: people who may be one, listed with the reasons, accepted and rejected."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gyeol.cli import output
from gyeol.cli.commands.judging import Cursor, Limit
from gyeol.cli.commands.people import Why
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.kernel.errors import StateError

app = typer.Typer(name="suggestions", help="People who may be one: list, accept, reject, run.", no_args_is_help=True)
Suggestion = Annotated[str, typer.Argument(help="Its id in the list.")]
Lang = Annotated[str, typer.Option("--lang", help="ko or en: the language of the reasons.")]


@command
def list_(limit: Limit = 20, cursor: Cursor = None, lang: Lang = "en", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List people who may be one and wait for somebody, strongest first, with what each field adds or takes away in bits."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("suggestions", limit=limit, cursor=cursor)
    if as_json:
        output.as_json(told)
        return
    model = told["model"]
    learnt = "no model yet" if model is None else f"model {model['version']}{', learnt from your people' if model['trained'] else ''}"
    output.title(f"{told['total']:,} suggestions from {told['at_least']:+.1f} bits; {told['behind']:,} records wait; {learnt}")
    rows = [
        (s["id"], s["a"]["name"], s["b"]["name"], f"{s['weight']:+.1f}", ", ".join(_step(step, lang) for step in s["steps"]))
        for s in told["suggestions"]
    ]
    output.table(("suggestion", "a", "b", "bits", "because"), rows, right=("bits",))
    if told["next"]:
        output.line(f"more: --cursor {told['next']}")


@command
def accept(suggestion: Suggestion, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Take a suggestion as evidence. The limits hold for it: it may be held back, and then says why."""
    told = _judge("accept_suggestion", suggestion, why, workspace)
    if as_json:
        output.as_json(told)
        return
    held = told["facts"].get("held")
    if told["facts"].get("together"):
        output.line("Recorded. They are one person now.")
    else:
        output.line(f"Recorded, but held back ({held['reason'] if held else 'unknown'}): `gyeol identity release` joins them all the same.")


@command
def reject(suggestion: Suggestion, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Say that the two are two people: they are not suggested again."""
    told = _judge("reject_suggestion", suggestion, why, workspace)
    if as_json:
        output.as_json(told)
        return
    output.line("Recorded. The two are not suggested again.")


@command
def run(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Compare everybody who is new or changed now; beside `gyeol up` this happens by itself."""
    with session_of(workspace) as session:
        session.settle()
        told: dict[str, Any] = session.call("run_suggestions")
    if as_json:
        output.as_json(told)
        return
    output.line(
        f"{told['compared']:,} records compared, {told['suggested']:,} likely pairs, {told['accepted']:,} accepted, {told['behind']:,} wait"
    )


def _judge(operation: str, id: str, why: str, workspace: Any) -> dict[str, Any]:
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call(operation, id=id, why=why)
    if told["status"] == "refused":
        raise StateError(told["reason"], told["detail"])
    return told


def _step(step: dict[str, Any], lang: str) -> str:
    return f"{step['label'].get(lang, step['field'])}: {step['level'].get(lang, '')} {step['bits']:+.1f}"


app.command("list")(list_)
app.command("accept")(accept)
app.command("reject")(reject)
app.command("run")(run)
