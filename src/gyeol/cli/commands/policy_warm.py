"""policy warm, policy show: have a learned policy begin with history, and see what it has learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gyeol.app.decision_export import since_ms
from gyeol.app.policy_files import LogColumns
from gyeol.app.policy_history import Ground, History
from gyeol.app.policy_past import past_of
from gyeol.app.policy_warm_files import file_hash, read_history
from gyeol.app.policy_warm_lake import OwnPast, recall
from gyeol.app.policy_words import HEADS, LEFT_OUT, word
from gyeol.app.session import Session
from gyeol.app.settings import data_folder
from gyeol.cli import output
from gyeol.cli.commands.policy import Lang, app, standing_of
from gyeol.cli.commands.policy_tables import show_standing
from gyeol.cli.context import HERE, AsJson, Workspace, command, progress_bar, session_of
from gyeol.decisions.ranking.fitting import MOST_COUNTED
from gyeol.decisions.ranking.warm import Warm, unpacked
from gyeol.kernel.errors import InputError, Problem, wrong
from gyeol.kernel.instants import Zone
from gyeol.storage.lake.reader import LakeReader

LAKE = "lake"
"""The source of a history that is the workspace's own."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A history as it was read: what goes into the log, as how many decisions each arm counts, and columns that no feature reads."""

    warm: Warm
    counted: dict[str, float]
    unused: list[str]


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What is read, and how much it counts."""

    log: Path | None
    placements: list[str]
    since: str | None
    columns: LogColumns
    skip_unknown: bool
    weight: float
    most: float


@app.command("warm")
@command
def warm(
    policy: Annotated[str, typer.Argument(help="The policy that begins with it.")],
    log: Annotated[Path | None, typer.Argument(help="Parquet or CSV: action, reward, context_FEATURE…; perhaps propensity, value.")] = None,
    from_lake: Annotated[
        bool, typer.Option("--from-lake", help="The history is what the workspace itself showed by other rankings.")
    ] = False,
    placement: Annotated[
        list[str] | None, typer.Option(help="With --from-lake: of which placements; default: those that the policy ranks.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="With --from-lake: from this date (2026-03-01) or instant on.")] = None,
    action: Annotated[str, typer.Option(help="LOG's column of what was shown: an offer, or offer/creative.")] = "action",
    reward: Annotated[str, typer.Option(help="LOG's column of what came of it: above 0, the goal was reached.")] = "reward",
    propensity: Annotated[str, typer.Option(help="LOG's column of the probability with which it was drawn.")] = "propensity",
    value: Annotated[str, typer.Option(help="LOG's column of what a reached goal was worth, in minor units.")] = "value",
    weight: Annotated[float, typer.Option(help="As which share of its effective decisions it counts: above 0, at most 1.")] = 1.0,
    most: Annotated[float, typer.Option(help="As how many decisions it counts at most.")] = MOST_COUNTED,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out LOG's rows of offers that the policy never draws.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write what goes into the log to this file: the API takes it.")] = None,
    by: Annotated[str, typer.Option("--as", help="Who you are: recorded with it.")] = "cli",
    why: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Have a learned policy begin with history: a file of decisions, or the workspace's own by other rankings. Each history counts once."""
    if from_lake == (log is not None):
        raise wrong("LOG", "name_one_log", "a history is needed, and one only", "name a file, or write --from-lake")
    given = {
        "--since": log is not None and since,
        "--placement": log is not None and placement,
        "--skip-unknown": from_lake and skip_unknown,
    }
    idle = [name for name, said in given.items() if said]
    if idle:
        # What is taken in cannot be taken back: nothing that narrows it is passed over.
        what, mend = "it says nothing of this kind of history", "leave it out, or read the other kind"
        raise InputError("bad_warm_start", [Problem(path=name, code="not_read", what=what, mend=mend) for name in idle])
    columns = LogColumns(action=action, reward=reward, propensity=propensity, value=value)
    how = How(
        log=log, placements=placement or [], since=since, columns=columns, skip_unknown=skip_unknown, weight=weight, most=most
    )  # fmt: skip
    with session_of(workspace) as session:
        read = _read(session, data_folder(workspace), policy, how)
        history = msgspec.to_builtins(read.warm)
        if out is not None:
            out.write_bytes(msgspec.json.encode(read.warm) + b"\n")
        before = standing_of(session, policy).verdict
        told: dict[str, Any] = session.call("policy_warm", name=policy, by=by, why=why, history=history, dry_run=dry_run)
    if as_json:
        output.as_json(_as_told(read, told, before, dry_run))
    else:
        _show(read, told, before, dry_run, lang)
    if told["status"] != "applied":
        raise typer.Exit(1)


def _read(session: Session, data: Path, policy: str, how: How) -> Read:
    with past_of(session, data) as past, progress_bar() as tell:
        in_force = past.in_force
        assert in_force is not None, "a folder that was opened has definitions in force"
        ground = Ground(in_force, policy)
        with History(ground) as history:
            if how.log is not None:
                unused = read_history(how.log, ground, history, how.columns, skip_unknown=how.skip_unknown, tell=tell)
                found = history.warm(how.log.name, file_hash(how.log), how.weight, how.most, tell=tell)
            else:
                zone = Zone(in_force.workspace.zone)
                known = standing_of(session, policy).warmed
                wanted = OwnPast(
                    placements=how.placements or ground.placements,
                    since_ms=since_ms(how.since, zone),
                    known=[span for each in known for span in each.spans],
                )
                lake = LakeReader(past.folder.lake)
                try:
                    spans = recall(past, lake, ground, history, wanted, lambda done, total: tell("reading the past", done, total))
                finally:
                    lake.close()
                unused, found = [], history.warm(LAKE, history.digest(spans), how.weight, how.most, spans, tell)
        counts = unpacked(found.sums, len(found.arms), ground.learner.shape).counts.tolist()
    return Read(warm=found, counted=dict(zip(found.arms, counts, strict=True)), unused=unused)


def _as_told(read: Read, told: dict[str, Any], before: str | None, dry_run: bool) -> dict[str, Any]:
    found = read.warm
    arms = [{"arm": name, "decisions": n, "reached": found.reached[name], "counted": read.counted[name]} for name, n in found.arms.items()]
    return {
        "status": told["status"],
        "reason": told["reason"],
        "detail": told["detail"],
        "offset": told["offset"],
        "dry_run": dry_run,
        "policy": found.policy,
        "source": found.source,
        "hash": found.hash,
        "rows": sum(found.arms.values()),
        "counted": sum(read.counted.values()),
        "weight": found.weight,
        "most": found.most,
        "arms": arms,
        "left_out": found.left_out,
        "unused": read.unused,
        "ends_verdict": before if told["status"] == "applied" else None,
    }


def _show(read: Read, told: dict[str, Any], before: str | None, dry_run: bool, lang: str) -> None:
    found, ko = read.warm, lang == "ko"
    rows, counted = sum(found.arms.values()), sum(read.counted.values())
    if told["status"] != "applied":
        output.line(told["detail"], "red")
    heads = [word(HEADS, name, lang) for name in ("arm", "decisions", "reached", "counted")]
    table = [(name, n, found.reached[name], f"{read.counted[name]:,.1f}") for name, n in found.arms.items()]
    output.table(heads, table, right=heads[1:])
    for reason, count in found.left_out.items():
        left = word(LEFT_OUT, reason, lang)
        output.line(f"뺀 결정 {count:,}건: {left}" if ko else f"{count:,} decisions left out: {left}", "yellow")
    if read.unused:
        names = ", ".join(read.unused)
        output.line(
            f"특성이 아니어서 읽지 않은 열: {names}" if ko else f"Columns that are no feature of the policy, not read: {names}", "dim"
        )
    if told["status"] != "applied":
        return
    if ko:
        done = "시작하게 됩니다(시험 실행)" if dry_run else "시작합니다"
        output.line(f"{found.policy}: {found.source}의 결정 {rows:,}건을 {counted:,.0f}건으로 쳐서 {done}.")
    else:
        done = "would begin (dry run)" if dry_run else "begins"
        output.line(f"{found.policy} {done} with {rows:,} decisions of {found.source}, which count as {counted:,.0f}.")
    if before is not None:
        ends = "끝나게 됩니다" if dry_run else "끝났습니다"
        ended = "would end" if dry_run else "ended"
        told_ko = f"판정 {before}은(는) {ends}. 다시 판정할 때까지 학습만 합니다."
        output.line(told_ko if ko else f"Verdict {before} {ended}: it only learns until it is judged anew.", "yellow")


@app.command("show")
@command
def show(
    policy: Annotated[str, typer.Argument(help="The policy.")],
    workspace: Workspace = HERE,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """One learned policy: whether it decides, what it has learned from by offer, and the histories that it began with."""
    with session_of(workspace) as session:
        found = standing_of(session, policy)
    if as_json:
        output.as_json(msgspec.to_builtins(found))
    else:
        show_standing(found, lang)
