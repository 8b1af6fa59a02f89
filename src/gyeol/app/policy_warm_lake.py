"""The workspace's own past as the history that a policy begins with: what other rankings showed, and what came of it.

The features are those that the policy would have had at the instant of each decision: the log is folded up to it. What came of it is told
by the lake, by the goals of the offers as they are defined now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter

import msgspec
import numpy as np

from gyeol.app.as_of_events import facts_of_events
from gyeol.app.policy_history import Ground, History
from gyeol.app.policy_past import PastFolder
from gyeol.decisions.model import Decision
from gyeol.decisions.ranking.learner import Arm
from gyeol.decisions.ranking.model import Goal
from gyeol.engine.recovery import Progress
from gyeol.engine.replaying import Seen, begin, seen_by
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.errors import InputError, Problem
from gyeol.measures.policy import outcomes
from gyeol.measures.tables import Period
from gyeol.storage.lake.reader import LakeReader

MOST_GAPS = 1_000
"""So many gaps one history may have, each some bytes of state."""
STILL_OPEN = "still_open"
UNSENT = ("refused", "failed", "bounced", "too_late")
"""States of messages that reached nobody."""
_BLOCK = 4_096
Span = tuple[str, int, int]


class OwnPast(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions of the workspace are taken.

    Args:
        placements: Of these.
        since_ms: From this instant on; None: from the beginning.
        known: Spans that the policy began with before.
    """

    placements: list[str]
    since_ms: int | None = None
    known: list[Span] = []


def recall(
    past: PastFolder, lake: LakeReader, ground: Ground, history: History, wanted: OwnPast, progress: Progress | None = None
) -> list[Span]:
    """Spool the workspace's own decisions.

    Args:
        past: Of the workspace.
        lake: Its lake.
        ground: The policy.
        history: Takes the decisions.
        wanted: Which.
        progress: Told how far the log was folded.

    Returns:
        (placement, first offset, end offset) of what was taken.

    Raises:
        InputError: There is no such placement, or an offer's goal is wrong.
        StateError: The log no longer reaches back far enough.
    """
    there = [place.name for place in ground.definitions.placements]
    strange = [name for name in wanted.placements if name not in there]
    if strange or not wanted.placements:
        what = f"there is no placement {strange[0]!r}" if strange else f"no placement is ranked by {ground.learner.name!r}"
        mend = f"write --placement with one of: {', '.join(there)}"
        raise InputError("bad_warm_start", [Problem(path="--placement", code="unknown_placement", what=what, mend=mend)])
    rewards = _rewards(past, lake, ground, wanted)
    picking = _Picking(ground, wanted, rewards, _shown(lake), _unsent(lake))
    in_force = ground.definitions
    beginning = begin(
        past.log,
        in_force,
        bytes.fromhex(past.folder.secrets().identity_key),
        history=past.applied.history(past.log),
        snapshots=past.folder.snapshots,
        defined=past.applied.get,
        seal=past.seal,
    )
    taking = _Taking(ground, history)
    for seen in seen_by(past.log, beginning, ground.learner.name, picking.holds, progress=progress):
        why = picking.why_not(seen)
        if why:
            history.left_out[why] += 1
            if why == STILL_OPEN:
                taking.open.append((seen.decision.placement, seen.offset))
        else:
            taking.take(seen, picking.arm(seen.decision), rewards[seen.offset])
    taking.flush()
    lost = sum(offset < beginning.offset for offset in rewards)
    if lost:
        history.left_out["log_shortened"] += lost
    return list(_spans(taking.taken, [(name, first) for name, first, _ in wanted.known], taking.open))


def _rewards(past: PastFolder, lake: LakeReader, ground: Ground, wanted: OwnPast) -> dict[int, float | None]:
    """Offset → reward of every decision with an offer that has a goal; None: its goal can still be reached."""
    now_ms, found = past.log.last_engine_now_ms(), dict[int, float | None]()
    period = Period(start_ms=wanted.since_ms)
    goals: dict[Goal, set[str]] = {}
    for offer in ground.definitions.offers:
        if offer.goal is not None:
            goals.setdefault(offer.goal, set()).add(offer.name)
    for goal, offers in goals.items():
        within_ms = parse_duration(goal.within).ms
        counted = outcomes.Goal(event=goal.event, within_ms=within_ms, where=goal.where, value=goal.value)
        facts, tables = facts_of_events(goal.where, goal.event, ground.definitions, lake.run)
        for placement in wanted.placements:
            table = lake.run(outcomes.outcomes(placement, counted, period, facts), tables)
            rows = zip(*(table.column(name).to_pylist() for name in ("log_offset", "action", "time_ms", "reward")), strict=True)
            found |= {
                offset: (reward if at_ms + within_ms <= now_ms else None) for offset, action, at_ms, reward in rows if action in offers
            }
    return found


def _unsent(lake: LakeReader) -> set[str]:
    """Decisions whose message reached nobody."""
    states = ", ".join(f"'{state}'" for state in UNSENT)
    found = lake.query(f"SELECT DISTINCT m.decision AS id FROM deliveries d JOIN messages m USING (send_key) WHERE d.state IN ({states})")
    return {id_ for id_ in found.column("id").to_pylist() if id_}


def _shown(lake: LakeReader) -> set[str]:
    """Decisions whose impression came."""
    table = lake.query("SELECT DISTINCT json_extract_string(properties, '$.decision') AS id FROM events WHERE name = 'Offer Shown'")
    return {id_ for id_ in table.column("id").to_pylist() if id_}


class _Picking:
    """Which decisions teach the policy something that it does not know yet."""

    def __init__(self, ground: Ground, wanted: OwnPast, rewards: dict[int, float | None], shown: set[str], unsent: set[str]) -> None:
        self._ground, self._wanted, self._rewards, self._shown, self._unsent = ground, wanted, rewards, shown, unsent
        self._placements = set(wanted.placements)
        self._known = {name: sorted((a, b) for held, a, b in wanted.known if held == name) for name in wanted.placements}

    def holds(self, decision: Decision) -> bool:
        """Whether a decision is looked at: one of the placements with an offer that was drawn."""
        after = self._wanted.since_ms is None or decision.at_ms >= self._wanted.since_ms
        drawn = decision.chosen is not None and not decision.fallback and not decision.holdout
        return after and drawn and decision.placement in self._placements

    def arm(self, decision: Decision) -> int:
        """Its arm; -1: the policy never draws it."""
        return self._ground.arm(Arm(decision.chosen or "", decision.creative).block)

    def _before(self, placement: str, offset: int) -> bool:
        """Whether a decision was taken before; spans that were never overlap."""
        spans = self._known[placement]
        place = bisect_right(spans, offset, key=itemgetter(0))
        return place > 0 and offset < spans[place - 1][1]

    def why_not(self, seen: Seen) -> str:
        """Why a decision is left out; empty: it is taken."""
        decision, learner = seen.decision, self._ground.learner
        if self.arm(decision) < 0:
            return "unknown_offer"
        if decision.policy == learner.name and decision.policy_shape == learner.shaped and decision.goal_until_ms:
            return "already_learned"
        if self._before(decision.placement, seen.offset):
            return "already_learned"
        if not seen.leaves or decision.id in self._unsent or (decision.hold_until_ms and decision.id not in self._shown):
            return "never_seen"
        if seen.offset not in self._rewards:
            return "no_goal"
        return STILL_OPEN if self._rewards[seen.offset] is None else ""


class _Taking:
    """Puts decisions into a history, some thousands at a time."""

    def __init__(self, ground: Ground, history: History) -> None:
        self._ground, self._history = ground, history
        self._place = {name: i for i, name in enumerate(ground.learner.columns)}
        self._paths = {offer.name for offer in ground.definitions.offers if offer.goal is not None and isinstance(offer.goal.value, str)}
        self._rows: list[tuple[int, float, float, dict[str, float]]] = []
        self.taken: dict[str, list[int]] = {}
        self.open: list[tuple[str, int]] = []

    def take(self, seen: Seen, arm: int, reward: float | None) -> None:
        """One decision."""
        decision, reward = seen.decision, reward or 0.0
        features = dict(seen.features)
        features |= {f"channel:{decision.channel}": 1.0} if decision.channel else {}
        features |= {f"hour:{decision.hour}": 1.0} if decision.hour is not None else {}
        self._rows.append((arm, float(reward > 0), decision.propensity, features))
        self.taken.setdefault(decision.placement, []).append(seen.offset)
        # A decision with a goal was waited for, and what it brought is counted since, whoever drew it.
        if reward > 0 and decision.chosen in self._paths and not decision.goal_until_ms:
            self._history.paid(decision.chosen or "", reward, 1)
        if len(self._rows) >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Everything that was taken so far."""
        if not self._rows:
            return
        table = np.zeros((len(self._rows), len(self._place)))
        for i, (_, _, _, features) in enumerate(self._rows):
            for name, value in features.items():
                if name in self._place:
                    table[i, self._place[name]] = value
        arm, reached, propensity, _ = zip(*self._rows, strict=True)
        self._history.add(np.array(arm, np.int64), np.array(reached), np.array(propensity), table)
        self._rows = []


def _spans(taken: dict[str, list[int]], known: Sequence[tuple[str, int]], open_: Sequence[tuple[str, int]]) -> Iterator[Span]:
    """What was taken, as spans that hold nothing that was taken before, and nothing that may be taken later."""
    for placement, offsets in sorted(taken.items()):
        # The latest decisions are those that are still open: beyond so many gaps they are a few of many, and not worth their bytes.
        mine = sorted(offset for name, offset in open_ if name == placement)[:MOST_GAPS]
        starts = sorted([*(offset for name, offset in known if name == placement), *mine])
        pieces = np.split(np.array(offsets), np.searchsorted(offsets, starts))
        yield from ((placement, int(piece[0]), int(piece[-1]) + 1) for piece in pieces if len(piece))
