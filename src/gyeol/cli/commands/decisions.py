"""decisions: one, those of a person, and the answer to a request about automated decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gyeol.app.decision_answers import DecisionsExport
from gyeol.app.decision_page import page_of
from gyeol.cli import output
from gyeol.cli.commands.people import Lang, Who, when
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.kernel.errors import BackendUnavailableError, InputError, Problem

app = typer.Typer(
    name="decisions",
    help="Decisions that were taken: one with its reasons, those of a person, the answer to a request about automated decisions.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
FORMS = (".json", ".html")


@app.command("show")
@command
def show(
    decision: Annotated[str, typer.Argument(help="Id of a decision: d_….")],
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """One decision: what was chosen, why, what it used, what every refused offer was refused by, what came of it."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("decision", id=decision)
    if as_json:
        output.as_json(told)
        return
    chosen = _label(told["chosen_label"], told["chosen"] or "nothing", lang)
    output.title(f"{_label(told['placement_label'], told['placement'], lang)}: {chosen}{' (fallback)' if told['fallback'] else ''}")
    output.line(f"{when(told['at_ms'])}  ·  {told['person']}  ·  {told['cause']}  ·  propensity {told['propensity']:.4g}")
    for reason in told["reasons"]:
        output.line(f"  {_label(reason['text'], reason['code'], lang)}")
    if told["used"]:
        output.line("")
        rows = [(_label(u["label"], u["name"], lang), u["text"].get(lang, ""), ", ".join(u["source"])) for u in told["used"]]
        output.table(("used", "value", "from"), rows)
    if told["contributions"]:
        output.line("")
        parts = [(c["feature"], f"{c['value']:.4g}", f"{c['chosen']:+.4g}", f"{c['runner_up']:+.4g}") for c in told["contributions"]]
        output.table(("feature", "value", "chosen", "runner-up"), parts, right=("value", "chosen", "runner-up"))
    if told["refusals"]:
        output.line("")
        refused = [(_label(r["offer_label"], r["offer"], lang), r["gate"], _label(r["reason"]["text"], "", lang)) for r in told["refusals"]]
        output.table(("refused", "gate", "why"), refused)
    if told["outcome"]:
        output.line(f"\nIts goal was reached: {when(told['outcome']['at'])}, worth {told['outcome']['value']:g}")


@app.command("list")
@command
def list_(
    person: Who,
    limit: Annotated[int, typer.Option(help="How many to list.")] = 20,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """A person's decisions, newest first."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("decisions", id=person, limit=limit)
    if as_json:
        output.as_json(told)
        return
    rows = [
        (d["id"], when(d["at_ms"]), d["placement"], d["chosen"] or "–", _label(d["reasons"][0]["text"], "", lang) if d["reasons"] else "")
        for d in told["decisions"]
    ]
    output.table(("decision", "when", "placement", "offer", "why"), rows)


@app.command("export")
@command
def export(
    person: Who,
    since: Annotated[str | None, typer.Option(help="From this date (2026-01-01) or instant on; default: all.")] = None,
    lang: Annotated[str, typer.Option(help="The customer's language: ko or en.")] = "ko",
    out: Annotated[Path | None, typer.Option(help="A file: .html is a page to print, .json is data. Default: JSON on stdout.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """The answer to a request about automated decisions (PIPA 37-2, GDPR 15 and 22): all about one person, in that person's words."""
    problems = []
    if lang not in ("ko", "en"):
        problems.append(Problem(path="--lang", code="bad_language", what=f"{lang!r} is not served", mend="give ko or en"))
    if out is not None and out.suffix not in FORMS:
        problems.append(Problem(path="--out", code="bad_form", what=f"{out} is neither .html nor .json", mend="end it with .html or .json"))
    if problems:
        raise InputError("bad_export", problems)
    with session_of(workspace) as session:
        told = msgspec.convert(session.call("decisions_export", id=person, lang=lang, since=since), DecisionsExport)
    data = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    if out is None:
        typer.echo(data.decode(), nl=False)
        return
    try:
        out.write_bytes(page_of(told).encode() if out.suffix == ".html" else data)
    except OSError as error:
        raise BackendUnavailableError("cannot_write", f"{out} could not be written: {error.strerror}") from error
    if as_json:
        output.as_json({"file": str(out), "decisions": len(told.decisions), "complete": told.complete, "contact": told.contact})
        return
    output.line(f"{output.shown(len(told.decisions))} decisions in {out}")
    if not told.contact:
        output.line("It names nobody to turn to: set `human_contact` in workspace.yaml.")


def _label(texts: dict[str, str], name: str, lang: str) -> str:
    return texts.get(lang) or name
