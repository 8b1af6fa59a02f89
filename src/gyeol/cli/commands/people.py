"""profile, audience, decide, merge, cut: people and what is said to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from gyeol.accounts.tokens import user_token as sign
from gyeol.app.folder import DataFolder
from gyeol.app.settings import data_folder
from gyeol.cli import output
from gyeol.cli.context import HERE, AsJson, Workspace, command, session_of
from gyeol.kernel.errors import StateError, wrong

Lang = Annotated[Literal["ko", "en"], typer.Option(help="Language of labels and reasons: ko or en.")]
Who = Annotated[str, typer.Argument(help="Person id, `type:value`, or the value of an identifier.")]
Why = Annotated[str, typer.Option(help="Why, for the audit trail.")]


def label_of(thing: dict[str, Any], lang: str) -> str:
    """What people call a thing in a language; else its name."""
    label = thing.get("label") or {}
    return str(label.get(lang) or thing.get("name"))


def when(at_ms: int | None) -> str:
    """An instant in UTC, to the minute."""
    return "–" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


@command
def profile(person: Who, workspace: Workspace = HERE, lang: Lang = "en", as_json: AsJson = False) -> None:
    """Everything known of a person: identifiers, traits, audiences with why, recent events and decisions."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("person", id=person)
        session.settle()
        events: Any = session.call("timeline", id=person, limit=10)["events"]
        decisions: Any = session.call("decisions", id=person, limit=5)["decisions"]
    if as_json:
        output.as_json({**told, "timeline": events, "decisions": decisions})
        return
    stage = label_of(told["stage"], lang) if told["stage"] else "–"
    mark = "  SIMULATED data in part" if told["simulated"] else ""
    output.title(f"{told['id']}  ·  {stage}{mark}")
    output.line(f"{when(told['first_seen'])} to {when(told['last_seen'])}, {output.shown(told['events'])} events\n")
    output.table(("identifier", "value"), [(label_of({**i, "name": i["type"]}, lang), i["value"]) for i in told["identifiers"]])
    if told["golden"]:
        output.line("")
        output.table(
            ("golden", "value", "why"),
            [(label_of({**g, "name": g["attribute"]}, lang), g["value"], _won(g["why"])) for g in told["golden"]],
        )
    if told["groups"]:
        output.line("")
        named = [(label_of({**g, "name": g["kind"]}, lang), g["value"], output.shown(g["people"]), g["id"]) for g in told["groups"]]
        output.table(("group", "named by", "people", "id"), named, right=("people",))
    output.line("")
    output.table(
        ("trait", "value"), [(label_of(t, lang) + (" (SIMULATED)" if t["simulated"] else ""), trait_text(t)) for t in told["traits"]]
    )
    output.line("")
    output.table(
        ("in", "audience", "means"),
        [("✓" if a["member"] else "·", label_of(a, lang), a["sentence"].get(lang, "")) for a in told["audiences"]],
    )
    if events:
        output.line("")
        output.table(
            ("when", "event", "told"),
            [(when(e["time"]), e["name"], ", ".join(f"{k} {output.shown(v)}" for k, v in e["summary"].items())) for e in events],
        )
    for decision in decisions:
        _show_decision(decision, lang)


_REASONS = {
    "only": "the only one",
    "recent": "the most recent",
    "frequent": "stated most often",
    "source": "from the most believed source",
    "value": "all else equal",
}


def _won(why: dict[str, Any]) -> str:
    """Why a golden value won, in a line."""
    last = why["candidates"][0]["last"] if why["candidates"] else None
    told = f"{_REASONS[why['reason']]}: {when(last or why['at'])}, stated {output.shown(why['count'])} times"
    told += f", {why['source']}" if why["source"] else ""
    return f"{told}; {len(why['others'])} others" if why["others"] else told


def trait_text(trait: dict[str, Any]) -> str:
    """A trait's value in a line."""
    if trait["type"] == "time" and trait["value"] is not None:
        return when(trait["value"])
    return output.shown(trait["value"]) + (" (estimate)" if trait.get("estimate") else "")


@command
def audience(
    name: Annotated[str | None, typer.Argument(help="An audience; without it all are listed.")] = None,
    explain: Annotated[str | None, typer.Option(help="Why this person is in or out.")] = None,
    limit: Annotated[int, typer.Option(help="How many members to list.")] = 20,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """List audiences, the members of one, or why a person is in it."""
    if explain is not None and name is None:
        raise wrong("--explain", "no_audience", "of which audience?", "gyeol audience NAME --explain ID")
    with session_of(workspace) as session:
        if name is None:
            _list_audiences(session.call("audiences"), lang, as_json)
        elif explain is not None:
            _show_why(session.call("why", audience=name, person=explain), lang, as_json)
        else:
            _show_members(session.call("people", audience=name, limit=limit), name, lang, as_json)


def _list_audiences(answer: dict[str, Any], lang: str, as_json: bool) -> None:
    if as_json:
        output.as_json(answer)
        return
    rows = [(a["name"], label_of(a, lang), a["size"], a["sentence"].get(lang, "")) for a in answer["audiences"]]
    output.table(("name", "audience", "people", "means"), rows, right=("people",))


def _show_members(answer: dict[str, Any], name: str, lang: str, as_json: bool) -> None:
    if as_json:
        output.as_json(answer)
        return
    output.title(f"{name}: {output.shown(answer['total'])} people")
    rows = [(p["id"], p["name"], label_of(p["stage"], lang) if p["stage"] else "–", when(p["last_seen"])) for p in answer["people"]]
    output.table(("person", "name", "stage", "last seen"), rows)


def _show_why(answer: dict[str, Any], lang: str, as_json: bool) -> None:
    if as_json:
        output.as_json(answer)
        return
    state = {True: "is in", False: "is not in", None: "cannot be judged for"}[answer["member"]]
    output.title(f"This person {state} {label_of(answer, lang)}")
    output.line(answer["sentence"].get(lang, ""))
    for line in _reasons(answer["explained"], 0):
        output.line(line)


def _reasons(tree: dict[str, Any], depth: int) -> list[str]:
    mark = {"true": "✓", "false": "✗", "unknown": "?"}[tree["verdict"]]
    parts = tree.get("parts") or []
    if parts:
        return [f"{'  ' * depth}{mark} {tree['op']}", *(line for part in parts for line in _reasons(part, depth + 1))]
    return [f"{'  ' * depth}{mark} {tree.get('sql') or tree['op']}  (found: {output.shown(tree.get('found'))})"]


@command
def decide(
    person: Who,
    placement: Annotated[list[str], typer.Argument(help="One or more placements.")],
    context: Annotated[list[str] | None, typer.Option(help="name=value of the situation: device=mobile.")] = None,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Decide what to say to a person, and why; the decision is recorded."""
    facts = dict(pair.split("=", 1) for pair in context or [] if "=" in pair)
    with session_of(workspace) as session:
        answer: dict[str, Any] = session.call("decide", person=person, placements=placement, context=facts)
    if as_json:
        output.as_json(answer)
        return
    for decision in answer["decisions"]:
        _show_decision(decision, lang)


@command
def user_token(
    user: Annotated[str, typer.Argument(help="The userId that the page sends.")], workspace: Workspace = HERE, as_json: AsJson = False
) -> None:
    """The token with which a page proves who is signed in, as your own server would sign it."""
    token = sign(DataFolder(data_folder(workspace), create=False).secrets().decide_key, user)
    if as_json:
        output.as_json({"userId": user, "userToken": token})
    else:
        typer.echo(token)


def _show_decision(decision: dict[str, Any], lang: str) -> None:
    chosen = decision.get("chosen") or "nothing"
    output.line("")
    output.title(f"{decision['placement']}: {chosen}{' (fallback)' if decision.get('fallback') else ''}")
    for reason in decision.get("reasons", []):
        output.line(f"  {_text(reason, lang)}")
    rows = [(r["offer"], r["gate"], _text(r["reason"], lang)) for r in decision.get("refusals", [])]
    if rows:
        output.table(("  refused", "gate", "why"), [(f"  {a}", b, c) for a, b, c in rows])


def _text(reason: dict[str, Any], lang: str) -> str:
    text = reason.get("text") or {}
    return str(text.get(lang) or reason.get("code"))


@command
def merge(a: Who, b: Who, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Say that two people are one."""
    with session_of(workspace) as session:
        _tell(session.call("merge", a=a, b=b, why=why), as_json)


@command
def cut(a: Who, b: Who, why: Why = "", workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Say that two identifiers belong to two people: the evidence between them counts no more."""
    with session_of(workspace) as session:
        _tell(session.call("cut", a=a, b=b, why=why), as_json)


def _tell(answer: dict[str, Any], as_json: bool) -> None:
    facts = answer.get("facts") or {}
    if answer["status"] == "refused":
        raise StateError(str(answer["reason"]), str(answer["detail"]))
    if as_json:
        output.as_json(answer)
    elif "together" in facts:
        output.line("Recorded. " + ("They are one person now." if facts["together"] else "They are two people now."))
