"""Valuing a rule set or a policy on the workspace's own past, and keeping what was found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gyeol.app.as_of_events import facts_of_events
from gyeol.app.folder import VERDICTS
from gyeol.app.policy_lake import lake_log, on_taken
from gyeol.app.policy_past import Change, PastFolder, Replay, Span, Taken, replay
from gyeol.app.private_files import write_private
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.engine.definitions import Definitions
from gyeol.engine.recovery import Progress
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.errors import InputError, NotFoundError, Problem
from gyeol.kernel.instants import instant_text
from gyeol.measures.policy.evaluation import Evaluation, Settings, evaluate
from gyeol.measures.policy.outcomes import Goal
from gyeol.measures.tables import Period
from gyeol.storage.lake.reader import LakeReader

if TYPE_CHECKING:
    from collections.abc import Iterator


class Valued(msgspec.Struct, frozen=True, kw_only=True):
    """A rule set or policy, replayed and valued.

    Args:
        replay: What it would have chosen.
        evaluation: What that would have earned; None: it cannot be valued, see ``why_not``.
        goal: What is a reward; None: nobody said.
        why_not: A code: ``no_goal``, ``no_placement``, ``open_placement``, ``nothing_over``; empty when it was valued.
        still_open: Decisions left out because the window of the goal has not ended.
    """

    replay: Replay
    evaluation: Evaluation | None
    goal: Goal | None
    why_not: str = ""
    still_open: int = 0


def goal_of(definitions: Definitions, placement: str) -> Goal | None:
    """The goal that all offers of a placement share; None where they have none.

    Raises:
        InputError: They have different ones: they cannot be compared by them (code ``goals_differ``).
    """
    found = {offer.goal for offer in definitions.offers if placement in offer.placements and offer.goal is not None}
    if len(found) > 1:
        what = f"the offers of {placement} have {len(found)} different goals"
        mend = "say what counts for all of them: --goal EVENT --within 7d"
        raise InputError("goals_differ", [Problem(path="--goal", code="goals_differ", what=what, mend=mend)])
    for goal in found:
        return Goal(event=goal.event, within_ms=parse_duration(goal.within).ms, where=goal.where, value=goal.value)
    return None


def value_past(
    past: PastFolder,
    definitions: Definitions,
    span: Span,
    goal: Goal | None,
    settings: Settings,
    *,
    policy: str | None = None,
    name: str = "",
    write: Callable[[Change], None] = lambda change: None,
    progress: Progress | None = None,
) -> Valued:
    """Take past decisions again, and value what would have been chosen where that can be told.

    Args:
        past: Of the workspace.
        definitions: Those that are tried.
        span: Which decisions; a placement must be named for a value.
        goal: What is a reward; None: what the placement's offers agree on.
        settings: Of the estimates.
        policy: A policy of the definitions that is to decide.
        name: Of what is valued, in results; empty: the policy's, else the hash of the definitions.
        write: Given every change.
        progress: Told how far the replay is.

    Raises:
        InputError: The definitions do not fit together, or goals differ.
        NotFoundError: There is no such placement, or no such policy.
        StateError: The log no longer reaches back far enough.
    """
    _known(definitions, policy)
    goal = goal_of(definitions, span.placement) if goal is None and span.placement is not None else goal
    taken = None if goal is None or span.placement is None else Taken()
    with _lake(past.folder.lake) as lake:
        found = replay(
            past,
            definitions,
            span,
            policy=policy,
            taken=taken,
            before_log=lambda offset: _count(lake, span, offset),
            write=write,
            progress=progress,
        )
        if taken is None or goal is None or span.placement is None:
            return Valued(replay=found, evaluation=None, goal=goal, why_not="no_placement" if span.placement is None else "no_goal")
        if taken.open:
            return Valued(replay=found, evaluation=None, goal=goal, why_not="open_placement")
        period = Period(start_ms=span.since_ms, end_ms=span.until_ms)
        try:
            assert lake is not None
            told = facts_of_events(goal.where, goal.event, definitions, lake.run)
            log = lake_log(lake.run, span.placement, goal, period, past.log.last_engine_now_ms(), told)
            log, candidate = on_taken(log, taken, name or policy or definitions.hash)
        except InputError as error:
            if [problem.code for problem in error.problems] != ["empty_log"]:
                raise
            return Valued(replay=found, evaluation=None, goal=goal, why_not="nothing_over")
    return Valued(replay=found, evaluation=evaluate(log.logged, candidate, settings), goal=goal, still_open=log.open)


def _known(definitions: Definitions, policy: str | None) -> None:
    names = [each.name for each in definitions.policies]
    if policy is not None and policy not in names:
        told = f"there is no policy {policy!r}; the workspace has: {', '.join(names) or 'none'}"
        raise NotFoundError("unknown_policy", told, policy=policy)


@contextmanager
def _lake(folder: Path) -> Iterator[LakeReader | None]:
    """The lake, if there is one yet."""
    try:
        lake = LakeReader(folder)
    except NotFoundError:
        yield None
        return
    try:
        yield lake
    finally:
        lake.close()


def _count(lake: LakeReader | None, span: Span, offset: int) -> int:
    """How many decisions of a span stand before an offset of the log."""
    if lake is None:
        return 0
    wanted, values = ["log_offset < ?"], [offset]
    given: list[tuple[str, object]] = [
        ("placement = ?", span.placement),
        ("time >= ?::TIMESTAMPTZ", None if span.since_ms is None else instant_text(span.since_ms)),
        ("time < ?::TIMESTAMPTZ", None if span.until_ms is None else instant_text(span.until_ms)),
    ]
    kept = [(text, value) for text, value in given if value is not None]
    found = lake.query(
        f"SELECT count(*) FROM decisions WHERE {' AND '.join([*wanted, *(text for text, _ in kept)])}",
        [*values, *(value for _, value in kept)],
    )
    return int(found.column(0)[0].as_py())


def keep_verdict(data: Path, verdict: Verdict) -> Path:
    """Write a verdict into a data folder, so that a policy can be switched on by it; returns the file."""
    path = data / VERDICTS / f"{verdict.id}.json"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(path, msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    return path


def read_verdict(data: Path, name: str) -> Verdict:
    """A verdict by its id, or by the path of its file.

    Raises:
        NotFoundError: There is none.
        InputError: The file holds no verdict.
    """
    path = Path(name) if Path(name).is_file() else data / VERDICTS / f"{Path(name).name}.json"
    if not path.is_file():
        raise NotFoundError(
            "unknown_verdict", f"there is no verdict {name!r}; make one with `gyeol policy evaluate … --keep`", verdict=name
        )
    try:
        return msgspec.json.decode(path.read_bytes(), type=Verdict)
    except msgspec.MsgspecError as error:
        what = f"{path} holds no verdict: {error}"
        raise InputError("bad_verdict", [Problem(path=str(path), code="bad_verdict", what=what, mend="evaluate again")]) from error
