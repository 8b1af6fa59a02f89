"""facts, moment: what is observed, and what is true of one person."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from gyeol.cli import output
from gyeol.cli.commands.people import Lang, Who, when
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.context.record import FactInput
from gyeol.kernel.errors import wrong

app = typer.Typer(name="facts", help="Facts: weather, stock, moods and whatever else is observed.", no_args_is_help=True)
About = Annotated[str | None, typer.Option(help="What it is about: store:ID, cell:ID, region:ID, sku:ID, person:ID or workspace.")]


@app.command("add")
@command
def add(
    name: Annotated[str, typer.Argument(help="The fact: weather, store, …")],
    value: Annotated[str, typer.Argument(help="Its value: a text, a number, true or false.")],
    about: About = None,
    source: Annotated[str | None, typer.Option(help="Who observed it.")] = None,
    observed_at: Annotated[str | None, typer.Option("--observed-at", help="When it was so; now if not given.")] = None,
    ttl: Annotated[float | None, typer.Option(help="For how many seconds it counts; the fact's own if not given.")] = None,
    confidence: Annotated[float, typer.Option(help="0 to 1.")] = 1.0,
    history: Annotated[bool, typer.Option("--history", help="It is put in afterwards: it was not known at the time.")] = False,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Record one fact."""
    fact = FactInput(
        name=name,
        value=_value(value),
        about=_about(about),
        source=source,
        observed_at=observed_at,
        ttl_s=ttl,
        confidence=confidence,
        origin="history" if history else "live",
    )
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("add_facts", facts=[fact])
    if as_json:
        output.as_json(told)
        return
    said = told["facts"][0]
    output.line(f"recorded at offset {said['offset']:,}" if said["status"] == "recorded" else "known already: nothing was recorded")


@app.command("list")
@command
def list_(
    name: Annotated[str | None, typer.Argument(help="Only this fact.")] = None,
    about: About = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Facts that are held, those observed last first."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("facts", name=name, about=about, limit=limit)
    if as_json:
        output.as_json(told)
        return
    rows = [
        (f["name"], output.shown(f["value"]), f"{f['about']['kind']} {f['about']['id']}", when(f["observed_at"]), _counts(f), f["source"])
        for f in told["facts"]
    ]
    output.table(("fact", "value", "about", "observed", "counts", "source"), rows)
    output.line(f"{len(rows):,} of {told['total']:,}")


def _counts(fact: dict[str, Any]) -> str:
    told = "stale" if fact["stale"] else f"until {when(fact['until'])}"
    return told if fact["confidence"] == 1 else f"{told}, {fact['confidence']:.0%}"


_WARNED = {"en": "the person's zone is not known, the workspace's is used", "ko": "고객의 시간대를 알 수 없어 작업 공간의 시간대를 씁니다"}


@command
def moment(
    person: Who,
    at: Annotated[str | None, typer.Option(help="As of this instant: 2026-07-01T09:00:00+09:00.")] = None,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """What is true of a person now: every fact with its source, age and confidence."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("moment", id=person, at=at)
    if as_json:
        output.as_json(told)
        return
    output.title(f"{told['id']}  ·  {when(told['at'])}  ·  {told['zone']}")
    for warning in told["warnings"]:
        output.line(f"! {warning}: {_WARNED[lang]}")
    rows = [
        (
            f["name"].removeprefix("moment."),
            f["label"].get(lang, ""),
            "unknown" if f["stale"] else f["said"].get(lang) or output.shown(f["value"]),
            f["source"],
            output.span(f["age_s"]),
            "" if f["ttl_s"] is None else output.span(f["ttl_s"]),
            f"{f['confidence']:.0%}" + (", stale" if f["stale"] else "") + (", history" if f["origin"] == "history" else ""),
        )
        for f in told["facts"]
    ]
    output.table(("moment.", "means", "value", "source", "age", "counts for", "sure"), rows, whole=("age", "counts for"))


def _value(text: str) -> object:
    """A JSON number or flag as such, everything else as text."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return found if isinstance(found, bool | int | float) else text


def _about(text: str | None) -> dict[str, str | float]:
    if text is None or text == "workspace":
        return {}
    kind, _, id = text.partition(":")
    if not id:
        what = f"{text!r} names no subject"
        raise wrong("--about", "bad_subject", what, "store:gangnam, person:user_id:u1")
    return {kind: id}
