"""The workspace's own decisions as a log that policies can be valued on: who was shown what, how probably, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from gyeol.app.as_of_events import Told
from gyeol.app.policy_files import codes_of, encode
from gyeol.app.policy_past import Taken
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import Int64
from gyeol.measures.policy.candidates import Candidate, Sparse
from gyeol.measures.policy.logged import Logged, check_logged, refuse
from gyeol.measures.policy.outcomes import Goal, outcomes
from gyeol.measures.tables import Period

if TYPE_CHECKING:
    import pyarrow as pa

COMMON = 0.05
"""Facts of the Moment that at least this share of the decisions knew are context; rarer ones tell too little."""
MOST_FACTS, LEVELS = 24, 12
"""So many facts at most, and so many different texts of each: the model of the reward stays small."""
_decode = msgspec.json.Decoder(dict[str, Any]).decode
Run = Callable[..., "pa.Table"]


class LakeLog(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of one placement.

    Args:
        offsets: (n,) of their records, ascending.
        logged: The rows; an action with an empty name is: nothing was shown.
        open: How many were left out because the window of the goal had not ended yet.
    """

    offsets: Int64
    logged: Logged
    open: int


def lake_log(run: Run, placement: str, goal: Goal, period: Period, now_ms: int, told: Told = (None, None)) -> LakeLog:
    """The decisions of a placement, from the lake.

    Args:
        run: Runs an expression over the lake.
        placement: Its name.
        goal: What is a reward.
        period: Of the decisions.
        now_ms: Up to when the log reaches: windows that end later are not over.
        told: Facts that the goal's condition reads, as ``facts_of_events`` has them.

    Raises:
        InputError: There is nothing to value a policy on, or propensities are none; every problem.
    """
    facts, tables = told
    table = run(outcomes(placement, goal, period, facts), tables)
    over = np.asarray(table.column("time_ms"), np.int64) + goal.within_ms <= now_ms
    kept = table.filter(over)
    if not kept.num_rows:
        what = f"the lake holds no decision of {placement} in this period whose window of {goal.within_ms / 86_400_000:g} days is over"
        mend = f"{table.num_rows:,} are still open; wait, shorten --within, or name another placement or period"
        raise InputError("bad_policy_log", [Problem(path="log", code="empty_log", what=what, mend=mend)])
    actions, action = codes_of(kept.column("action").to_pylist())
    reward, propensity = (np.asarray(kept.column(name), np.float64) for name in ("reward", "propensity"))
    refuse(check_logged(reward, propensity))
    whose = [f"node {node}" if person is None else person for person, node in zip(*_lists(kept, "person", "node"), strict=True)]
    logged = Logged(
        actions=actions,
        action=action,
        reward=reward,
        propensity=propensity,
        person=codes_of(whose)[1],
        position=np.zeros(kept.num_rows, np.int64),
        context=encode(_facts(kept.column("moment").to_pylist()), kept.num_rows, LEVELS),
    )
    return LakeLog(offsets=np.asarray(kept.column("log_offset"), np.int64), logged=logged, open=table.num_rows - kept.num_rows)


def _lists(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table.column(name).to_pylist() for name in names]


def _facts(moments: Sequence[str | None]) -> list[tuple[str, list[object]]]:
    """What the Moments commonly knew, by name: the value of each row, None where it was not known or had aged."""
    often: dict[str, int] = {}
    for text in moments:
        for name in _decode(text or "{}"):
            often[name] = often.get(name, 0) + 1
    kept = sorted((name for name, count in often.items() if count >= COMMON * len(moments)), key=lambda name: (-often[name], name))
    columns: dict[str, list[object]] = {name: [] for name in kept[:MOST_FACTS]}
    for text in moments:
        moment = _decode(text or "{}")
        for name, values in columns.items():
            fact = moment.get(name)
            values.append(fact.get("value") if isinstance(fact, dict) and not fact.get("stale") else None)
    return list(columns.items())


def on_taken(log: LakeLog, taken: Taken, name: str) -> tuple[LakeLog, Candidate]:
    """Those rows of a log that were taken again, and the policy as its probabilities on them.

    What was done is named as the replay names it: creatives are arms of their own.

    Args:
        log: Of the lake.
        taken: See ``policy_past.Taken``.
        name: Of the policy.

    Raises:
        InputError: None of the log's decisions was taken again, or their arms are not all known.
    """
    if taken.open:
        what = f"{taken.open:,} decisions left a channel or an hour open: what else could have been taken is not recorded"
        mend = "value placements whose channels and hours are fixed; for others, run an experiment"
        raise InputError("bad_policy_log", [Problem(path="placement", code="open_placement", what=what, mend=mend)])
    offsets = np.array(taken.offsets, np.int64)
    _, mine, theirs = np.intersect1d(log.offsets, offsets, return_indices=True)
    if not len(mine):
        what = "none of the lake's decisions could be taken again"
        raise InputError("bad_policy_log", [Problem(path="log", code="empty_log", what=what, mend="see what the replay left out, and why")])
    held = log.logged
    logged = Logged(
        actions=tuple(taken.names),
        action=np.array(taken.then, np.int64)[theirs],
        reward=held.reward[mine],
        propensity=held.propensity[mine],
        person=np.unique(held.person[mine], return_inverse=True)[1].astype(np.int64),
        position=held.position[mine],
        context=held.context[mine],
    )
    ends = np.array(taken.ends, np.int64)
    starts = np.concatenate([[0], ends[:-1]])
    sparse = Sparse(name, starts[theirs], ends[theirs], np.array(taken.codes, np.int64), np.array(taken.chances, np.float64))
    return LakeLog(offsets=log.offsets[mine], logged=logged, open=log.open), sparse
