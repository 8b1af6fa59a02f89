"""content list, show, preview, diff, coverage, submit, approve, return: what is said, and who approved it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gyeol.cli import output
from gyeol.cli.commands.people import when
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.kernel.errors import StateError

app = typer.Typer(name="content", help="Contents: what is said, in which words, and who approved them.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The content.")]
As = Annotated[str, typer.Option("--as", help="Who you are: recorded with the step.")]
Why = Annotated[str, typer.Option(help="Why, for the audit trail.")]
Version = Annotated[str | None, typer.Option(help="Only if this is still its version.")]
_COVER = {"own": "●", "instead": "○", "none": "–"}


@app.command("list")
@command
def list_(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """All contents: where each stands, its languages, channels and tones, and why it is stale."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("contents")
    if as_json:
        output.as_json(told)
        return
    rows = [
        (
            c["name"],
            c["state"],
            f"{c['approved']}/{c['variants']}",
            c["languages"],
            c["channels"] or "any",
            c["tones"],
            c["offers"],
            c["stale"],
        )
        for c in told["contents"]
    ]
    output.table(("content", "state", "approved", "languages", "channels", "tones", "offers", "stale"), rows)
    if told["need_approval"]:
        output.line("advertising says only what is approved")


@app.command("show")
@command
def show(
    name: Name,
    definitions: Annotated[str | None, typer.Option(help="As it stood in definitions of this hash (a decision names it).")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """One content: its facts, its variants, where each stands."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("content", name=name, definitions=definitions)
    if as_json:
        output.as_json(told)
        return
    row = told["row"]
    output.title(f"{row['name']}  ·  {row['state']}  ·  {row['version']}")
    output.table(
        ("fact", "type", "written"),
        [(f["name"], f["declared"]["type"], " · ".join(f"{lang}: {text}" for lang, text in f["text"].items())) for f in told["facts"]],
    )
    for variant in told["variants"]:
        standing = variant["standing"]
        said = f", {standing['by']}, {when(standing['at'])}" if standing["at"] else ""
        output.title(f"\n{variant['key']}  ·  {standing['state']}{said}")
        output.table(("field", "text"), variant["fields"].items())


@app.command("preview")
@command
def preview(
    name: Name,
    channel: Annotated[str, typer.Option(help="The medium: email, app, web, sms, …")] = "",
    language: Annotated[str | None, typer.Option(help="ko, en, …; the person's if not given.")] = None,
    tone: Annotated[
        str | None, typer.Option(help="brief, warm, cheering, careful, apologetic, retaining; the person's if not given.")
    ] = None,
    variant: Annotated[str | None, typer.Option(help="Key of this very variant.")] = None,
    person: Annotated[str | None, typer.Option(help="Who reads it: person id, type:value or a bare value.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """What it would say, to a person or to nobody in particular, and what is wrong with it."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call(
            "content_preview", content=name, channel=channel, language=language, tone=tone, variant=variant, person=person
        )
    if as_json:
        output.as_json(told)
        return
    if told["reason"] is not None:
        output.line(f"nothing is said: {told['reason']['code']}", "yellow")
    if told["wording"] is not None:
        output.title(f"{told['wording']['variant']}  ·  {told['wording']['version']}")
    output.table(("field", "text"), told["fields"].items())
    for problem in told["problems"]:
        output.line(f"! {problem['code']}: {problem['what']} → {problem['mend']}", "yellow")
    for finding in told["findings"]:
        output.line(f"! {finding['severity']} {finding['code']} in {finding['field'] or 'the message'}", "yellow")


@app.command("diff")
@command
def diff(name: Name, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """What changed since the version that was approved last."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("content_diff", name=name)
    if as_json:
        output.as_json(told)
        return
    output.title(f"{name}: {told['before'] or 'never approved'} → {told['after']}")
    for each in told["differences"]:
        output.line(f"{each['variant'] or 'facts'} · {each['field']}")
        for sign, text, style in (("-", each["before"], "red"), ("+", each["after"], "green")):
            if text is not None:
                output.line(f"  {sign} {text}", style)
    if not told["differences"]:
        output.line("nothing changed")


@app.command("coverage")
@command
def coverage(
    name: Annotated[str | None, typer.Argument(help="Only this content.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Stage × channel × persona × tone: ● its own words, ○ another tone speaks, – nothing; and what is stale."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("content_coverage", content=name)
    if as_json:
        output.as_json(told)
        return
    tones = list(dict.fromkeys(cell["tone"] for cell in told["cells"]))
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for cell in told["cells"]:
        key = (cell["content"], cell["language"], cell["channel"] or "any", cell["stage"] or "–", cell["persona"] or "–")
        rows.setdefault(key, {})[cell["tone"]] = _COVER[cell["cover"]]
    shown = [(*key, *(of.get(tone, "") for tone in tones)) for key, of in rows.items()]
    output.table(("content", "language", "channel", "stage", "persona", *tones), shown)
    output.line(f"own words {told['own']:,} · another tone {told['instead']:,} · nothing {told['none']:,}")
    for stale in told["stale"]:
        days = "" if stale["days"] is None else f", {stale['days']:,} days"
        output.line(f"! {stale['content']}: {stale['reason']} {stale['about']}{days}", "yellow")


@app.command("submit")
@command
def submit(name: Name, by: As, why: Why = "", version: Version = None, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Give it to the reviewers."""
    _step(workspace, as_json, "content_submit", name=name, by=by, role="author", why=why, version=version)


@app.command("approve")
@command
def approve(
    name: Name,
    by: As,
    role: Annotated[str, typer.Option(help="approver.")] = "",
    why: Why = "",
    version: Version = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Approve what somebody else submitted."""
    _step(workspace, as_json, "content_approve", name=name, by=by, role=role or "author", why=why, version=version)


@app.command("return")
@command
def give_back(
    name: Name,
    by: As,
    role: Annotated[str, typer.Option(help="approver.")] = "",
    why: Why = "",
    version: Version = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Give it back to its author, also after it was approved."""
    _step(workspace, as_json, "content_return", name=name, by=by, role=role or "author", why=why, version=version)


def _step(workspace: Any, as_json: bool, operation: str, **values: Any) -> None:
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call(operation, **values)
    if told["status"] == "refused":
        raise StateError(told["reason"], told["detail"])
    if as_json:
        output.as_json(told)
        return
    output.line(f"recorded at offset {told['offset']:,}")
