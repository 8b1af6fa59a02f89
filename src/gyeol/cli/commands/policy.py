"""policy evaluate, policy replay: what another policy or rule set would have done and earned, before it goes live."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gyeol.app.policy_asking import goal_asked, settings_asked, span_asked
from gyeol.app.policy_files import LogColumns, read_log, read_policy
from gyeol.app.policy_past import Change, PastFolder, Span, past_of
from gyeol.app.policy_valuing import Valued, keep_verdict, read_verdict, value_past
from gyeol.app.policy_views import PolicyStanding
from gyeol.app.session import Session
from gyeol.app.settings import data_folder
from gyeol.cli import output
from gyeol.cli.commands.policy_tables import show_began, show_evaluation, show_replay
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar, session_of
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.engine.definitions import Definitions
from gyeol.kernel.clock import WallClock
from gyeol.kernel.errors import NotFoundError, wrong
from gyeol.measures.policy.estimators import JUDGES, SWITCH_AT
from gyeol.measures.policy.evaluation import CONFIDENCE, MIN_ESS, Evaluation, Settings, evaluate, verdict_of
from gyeol.measures.policy.outcomes import Goal
from gyeol.measures.policy.resampling import RESAMPLES, SEED
from gyeol.workspace.load import load

app = typer.Typer(name="policy", help="Value another policy or rule set on what was logged.", no_args_is_help=True, rich_markup_mode=None)

Since = Annotated[str | None, typer.Option(help="Decisions from this instant on: 2026-03-01T00:00:00+09:00.")]
Until = Annotated[str | None, typer.Option(help="Decisions before this instant.")]
GoalEvent = Annotated[
    str | None, typer.Option("--goal", help="The event that is a reward; without it, what the placement's offers agree on.")
]
Within = Annotated[str, typer.Option(help="So long after a decision the goal counts: 24h, 7d.")]
Value = Annotated[str | None, typer.Option(help="What the goal is worth: a path of its event (properties.revenue), or a number. Else 1.")]
Judge = Annotated[str, typer.Option(help=f"Which estimator judges: {', '.join(JUDGES)}.")]
MinEss = Annotated[float, typer.Option(min=1, help="Below so many effective rows and people: cannot tell.")]
Lang = Annotated[str, typer.Option(help="ko or en.")]


@command
def list_(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Learned policies: which of them decide, by which verdict, and how much each has learned."""
    with session_of(workspace) as session:
        told: dict[str, Any] = session.call("policies")
    if as_json:
        output.as_json(told)
        return
    rows = [
        (
            p["name"], ", ".join(p["placements"]) or "–", p["verdict"] or "only learns", f"{sum(p['learned'].values()):,.0f}",
            ", ".join(f"{w['source']}: {w['rows']:,} as {w['counted']:,.0f}" for w in p["warmed"]) or "–",
        )
        for p in told["policies"]
    ]  # fmt: skip
    output.table(("policy", "placements", "verdict", "learned from", "began with"), rows)


@command
def switch(
    policy: Annotated[str, typer.Argument(help="The policy.")],
    verdict: Annotated[str | None, typer.Option(help="Id or file of the verdict that it is better.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Have it only learn again.")] = False,
    by: Annotated[str, typer.Option("--as", help="Who you are: recorded with the switch.")] = "cli",
    why: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Have a policy decide, by a favourable verdict of the definitions in force; or only learn again."""
    if off == (verdict is not None):
        raise wrong("verdict", "verdict_or_off", "a switch needs a verdict, or --off", "give one of the two")
    with session_of(workspace) as session:
        found = None if verdict is None else msgspec.to_builtins(read_verdict(data_folder(workspace), verdict))
        told: dict[str, Any] = session.call("policy_switch", name=policy, by=by, why=why, verdict=found)
    if as_json:
        output.as_json(told)
    else:
        output.line(f"{policy} {'only learns' if off else 'decides'}" if told["status"] == "applied" else told["detail"])
    if told["status"] != "applied":
        raise typer.Exit(1)


@command
def evaluate_(
    policy: Annotated[
        str,
        typer.Option(
            "--policy", help="uniform, a Parquet or CSV file; with --from-lake a policy of the workspace, or another one's folder."
        ),
    ],
    log: Annotated[
        Path | None, typer.Argument(help="Parquet or CSV: action, reward, propensity; perhaps person, position, context_….")
    ] = None,
    from_lake: Annotated[bool, typer.Option("--from-lake", help="The log is the workspace's own decisions.")] = False,
    placement: Annotated[str | None, typer.Option(help="With --from-lake: of which placement.")] = None,
    goal: GoalEvent = None,
    within: Within = "7d",
    value: Value = None,
    since: Since = None,
    until: Until = None,
    action: Annotated[str, typer.Option(help="LOG's column of what was drawn.")] = "action",
    reward: Annotated[str, typer.Option(help="LOG's column of what came of it.")] = "reward",
    propensity: Annotated[str, typer.Option(help="LOG's column of the probability with which it was drawn.")] = "propensity",
    person: Annotated[str, typer.Option(help="LOG's column of whose decision it was.")] = "person",
    position: Annotated[str, typer.Option(help="LOG's column of the slot.")] = "position",
    context: Annotated[list[str] | None, typer.Option(help="LOG's columns of what was known; without it, context_….")] = None,
    estimator: Judge = "dr",
    min_ess: MinEss = MIN_ESS,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="Of the intervals.")] = CONFIDENCE,
    resamples: Annotated[int, typer.Option(min=100, max=100_000, help="How often people are drawn anew.")] = RESAMPLES,
    switch_at: Annotated[float, typer.Option(min=0, help="switch_dr trusts the model alone above this weight.")] = SWITCH_AT,
    seed: Annotated[int, typer.Option(help="The same gives the same.")] = SEED,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the verdict in the data folder: a policy is switched on by one.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the verdict to this file.")] = None,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Value a policy on what another one did: five estimates with intervals, and better, worse, or cannot tell."""
    how = settings_asked(estimator, min_ess, confidence, resamples, switch_at, seed)
    if from_lake == (log is not None):
        raise wrong("LOG", "name_one_log", "a log is needed, and one only", "name a file, or write --from-lake")
    if log is not None:
        columns = LogColumns(action=action, reward=reward, propensity=propensity, person=person, position=position, context=context or None)
        found, valued, definitions, began = _of_file(log, columns, policy, how), None, "", None
    else:
        if placement is None:
            raise wrong("--placement", "missing_placement", "a value is of one placement", "write --placement NAME")
        valued, definitions, began = _of_past(workspace, policy, span_asked(since, until, placement), goal_asked(goal, within, value), how)
        if valued.evaluation is None:
            show_replay(valued, lang, as_json)
            show_began(began, lang, as_json)
            return
        found = valued.evaluation
    verdict = _judged(found, definitions, began)
    written = [] if out is None else [_written(out, msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")]
    written += [str(keep_verdict(data_folder(workspace), verdict))] if keep else []
    if as_json:
        output.as_json(_as_told(found, verdict, written, valued))
    else:
        show_evaluation(found, lang)
        show_began(began, lang, as_json)
        _tell_written(written)


def _tell_written(paths: list[str]) -> None:
    for path in paths:
        output.line(f"→ {path}", "dim")


def _as_told(found: Evaluation, verdict: Verdict, written: list[str], valued: Valued | None) -> dict[str, Any]:
    told: dict[str, Any] = {"evaluation": msgspec.to_builtins(found), "verdict": msgspec.to_builtins(verdict), "written": written}
    return told if valued is None else {**told, "replay": msgspec.to_builtins(valued.replay), "still_open": valued.still_open}


def _judged(found: Evaluation, definitions: str, began: PolicyStanding | None) -> Verdict:
    """The verdict, with the histories that a policy of the workspace had begun with."""
    verdict = verdict_of(found, definitions, WallClock().now_ms())
    return verdict if began is None else msgspec.structs.replace(verdict, warmed=[each.hash for each in began.warmed])


def _of_file(log: Path, columns: LogColumns, policy: str, how: Settings) -> Evaluation:
    read = read_log(log, columns)
    with progress_bar() as tell:
        logged, candidate = read_policy(policy, read)
        return evaluate(logged, candidate, how, lambda done, total: tell("drawing people anew", done, total))


def _of_past(workspace: Path, policy: str, span: Span, goal: Goal | None, how: Settings) -> tuple[Valued, str, PolicyStanding | None]:
    """A policy of the workspace, or the rules of another folder, on the workspace's own decisions.

    A policy that began with history is valued on decisions after that alone: those before were seen by another state than the one that
    would decide.

    Returns:
        What was found; the hash of the definitions; where the policy stood before its past was read, None for rules.
    """
    with _past(workspace) as (session, past, progress):
        in_force = past.in_force
        if Path(policy).is_dir():
            definitions, name = load(Path(policy)).definitions, f"rules:{Path(policy).resolve().name}"
            return value_past(past, definitions, span, goal, how, name=name, progress=progress), definitions.hash, None
        if in_force is None:
            raise wrong("log", "nothing_recorded", "the log is empty", "there is no past traffic to value anything on yet")
        began = standing_of(session, policy)
        since = [each for each in (span.since_ms, *(held.at + 1 for held in began.warmed)) if each is not None]
        span = msgspec.structs.replace(span, since_ms=max(since, default=None))
        return value_past(past, in_force, span, goal, how, policy=policy, progress=progress), in_force.hash, began


def standing_of(session: Session, policy: str) -> PolicyStanding:
    """Where a policy stands. Raises NotFoundError: no such policy."""
    standings = msgspec.convert(session.call("policies")["policies"], list[PolicyStanding])
    found = next((each for each in standings if each.name == policy), None)
    if found is None:
        known = ", ".join(each.name for each in standings) or "none"
        raise NotFoundError("unknown_policy", f"there is no policy {policy!r}; the workspace has: {known}", policy=policy)
    return found


@command
def replay(
    other: Annotated[
        Path | None, typer.Option("--with", help="Another workspace's folder; without it, this one's files as they are now.")
    ] = None,
    since: Since = None,
    until: Until = None,
    placement: Annotated[str | None, typer.Option(help="Only this placement; a value needs one.")] = None,
    goal: GoalEvent = None,
    within: Within = "7d",
    value: Value = None,
    estimator: Judge = "dr",
    min_ess: MinEss = MIN_ESS,
    changes: Annotated[Path | None, typer.Option(help="Write every changed decision to this CSV file.")] = None,
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Put changed rules over past traffic: reach, refusals, who would have seen something else, and what it would be worth."""
    definitions: Definitions = load(workspace if other is None else other).definitions
    how = settings_asked(estimator, min_ess)
    with _past(workspace) as (_, past, progress), _changes(changes) as write:
        found = value_past(
            past, definitions, span_asked(since, until, placement), goal_asked(goal, within, value), how, write=write, progress=progress
        )
    show_replay(found, lang, as_json)


@contextmanager
def _past(workspace: Path) -> Iterator[tuple[Session, PastFolder, Callable[[int, int], None]]]:
    with session_of(workspace) as session, past_of(session, data_folder(workspace)) as past, progress_bar() as tell:
        yield session, past, lambda done, total: tell("deciding again", done, total)


@contextmanager
def _changes(path: Path | None) -> Iterator[Callable[[Change], None]]:
    """Writes changes as rows of a CSV file, as they are found."""
    if path is None:
        yield lambda change: None
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Change.__struct_fields__)
        yield lambda change: writer.writerow(msgspec.structs.astuple(change))


def _written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


app.command("evaluate")(evaluate_)
app.command("replay")(replay)
app.command("list")(list_)
app.command("switch")(switch)
