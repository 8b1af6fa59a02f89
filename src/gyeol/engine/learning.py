"""Outcomes of decisions, as the fold finds them, and what policies learn from them. The log determines all of it.

A decision with a goal waits until the goal's window ends. It counts at once as one that reached nothing; when its event comes, what it
added is taken out again and it is learned with its outcome. So no arm seems better than it is because failures take longer to be known than
successes, and what is held at the end of the window is right without a timer. An event is credited to the latest decision in each placement
whose goal it is, of any node of the person, and each decision is credited once. Its own time must lie in the window; it may come up to 24
hours late.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition
from gyeol.decisions.ranking.learner import Arm
from gyeol.decisions.ranking.model import Goal, Outcome, PolicyDefinition
from gyeol.decisions.ranking.policies import Policies
from gyeol.decisions.ranking.posterior import Part
from gyeol.events.batch import EventBatch
from gyeol.expressions.schema import Schema
from gyeol.identity.graph import IdentityGraph
from gyeol.kernel.instants import Int64
from gyeol.profiles.conditions import EventCondition, event_condition

MOST_WAITING = 1_000_000
"""Decisions whose outcome is waited for; when there are more, new ones are neither credited nor learned from. Some 500 bytes each."""
LATE_MS = 86_400_000
"""So long after the window's end an event may still come. Source: DESIGN §6, lateness of sequences."""


class Waiting(msgspec.Struct, array_like=True):
    """A decision whose goal may still be reached.

    Args:
        id: Of the decision.
        seen_ms: When the window begins.
        decided_ms: ``engine_now`` when a policy counted it.
        until_ms: When the window ends.
        arm: (offer, creative, channel, hour).
        policy, shape: What learns from it, and in which form the features are; empty: nothing does.
        counted: Whether the policy has counted it: not before its impression, where impressions are told.
        reached: Whether it was credited.
        part: What it added to the policy's sums.
        withdrawn: Whether its message reached nobody: it waits on, but nothing is credited to it.
    """

    id: str
    node: int
    placement: str
    seen_ms: int
    decided_ms: int
    until_ms: int
    arm: tuple[str, str | None, str | None, int | None]
    policy: str
    shape: str
    features: dict[str, float]
    counted: bool
    reached: bool = False
    part: Part = Part(0.0, 0.0)
    withdrawn: bool = False


class _Goals(msgspec.Struct, frozen=True):
    """Offers that share the event and the condition of their goals; ``values``: offer → path of the amount."""

    event: str
    where: EventCondition | None
    offers: frozenset[str]
    values: dict[str, str]


def goal_paths(offers: Iterable[OfferDefinition]) -> set[str]:
    """The paths of events that goals read.

    Raises:
        InputError: A condition is wrong.
    """
    found: set[str] = set()
    for goal in (offer.goal for offer in offers if offer.goal is not None):
        found |= set(() if goal.where is None else event_condition(goal.where).paths)
        found |= {goal.value} if isinstance(goal.value, str) else set()
    return found


class Learning:
    """Policies, and the decisions whose outcome is waited for.

    Args:
        policies: As defined.
        placements: They say which channels and hours a policy's arms have.
        offers: With their goals.
        schema: Names that features may read.

    Raises:
        InputError: Every formula, duration or condition that is wrong.
    """

    def __init__(
        self,
        policies: Sequence[PolicyDefinition],
        placements: Sequence[PlacementDefinition],
        offers: Sequence[OfferDefinition],
        schema: Schema,
    ) -> None:
        goals = {offer.name: offer.goal for offer in offers if offer.goal is not None}
        self.policies = Policies(policies, schema, {each.name: _open(each.name, placements) for each in policies}, goals)
        self._goals = _grouped(goals)
        self._waiting: dict[int, list[Waiting]] = {}
        self._unseen: dict[str, Waiting] = {}
        self._ends: list[tuple[int, str, int]] = []
        self._earliest_ms = 0

    def decided(self, decision: Decision, leaves: bool, now_ms: int, seen_ms: int) -> None:
        """A decision was recorded.

        Args:
            decision: It.
            leaves: Whether what it chose can be seen; false when no message could be made of it.
            now_ms: ``engine_now``.
            seen_ms: When it is seen: at once, or when its message leaves.
        """
        if not decision.goal_until_ms or decision.chosen is None or decision.fallback or not leaves:
            return
        self._forget(now_ms)
        if len(self._ends) >= MOST_WAITING:
            return
        waiting = Waiting(
            id=decision.id,
            node=decision.node,
            placement=decision.placement,
            seen_ms=seen_ms,
            decided_ms=now_ms,
            until_ms=decision.goal_until_ms,
            arm=(decision.chosen, decision.creative, decision.channel, decision.hour),
            policy=decision.policy or "",
            shape=decision.policy_shape,
            features=decision.features,
            counted=False,
        )
        self._waiting.setdefault(decision.node, []).append(waiting)
        self._earliest_ms = min(seen_ms, self._earliest_ms) if self._ends else seen_ms
        heapq.heappush(self._ends, _end(waiting))
        if decision.hold_until_ms:
            self._unseen[waiting.id] = waiting
        else:
            self._count_in(waiting, now_ms)

    def shown(self, decision: str, now_ms: int) -> None:
        """The impression of a decision came."""
        waiting = self._unseen.pop(decision, None)
        if waiting is not None:
            self._count_in(waiting, now_ms)

    def _count_in(self, waiting: Waiting, now_ms: int) -> None:
        waiting.counted, waiting.decided_ms = True, now_ms
        learner = self.policies.learner(waiting.policy)
        if learner is not None and learner.shaped == waiting.shape:
            waiting.part = learner.observe(Arm(*waiting.arm), waiting.features, now_ms)

    def withdrawn(self, node: int, decision: str, now_ms: int) -> None:
        """The message of a decision reached nobody: what was learned of it is taken out again, and nothing is credited to it.

        Args:
            node: Of the decision.
            decision: Its id.
            now_ms: ``engine_now``.
        """
        for waiting in self._waiting.get(node, ()):
            if waiting.id != decision or waiting.withdrawn or _over(waiting, now_ms):
                continue
            waiting.withdrawn = True
            self._unseen.pop(decision, None)
            learner = self.policies.learner(waiting.policy)
            if waiting.counted and learner is not None and learner.shaped == waiting.shape:
                learner.withdraw(Arm(*waiting.arm), waiting.features, waiting.decided_ms, now_ms, waiting.part)

    def happened(self, batch: EventBatch, nodes: Int64, graph: IdentityGraph, now_ms: int) -> list[tuple[str, Outcome]]:
        """The decisions whose goals a batch's events reach, in the order of the events.

        Args:
            batch: The events.
            nodes: (n,) node of each; -1: nobody's.
            graph: Who is who, the batch included.
            now_ms: ``engine_now``.
        """
        if not self._ends:
            return []
        hits = [(i, number) for number, goals in enumerate(self._goals) for i in _hits(goals, batch, nodes, self._earliest_ms)]
        found: list[tuple[str, Outcome]] = []
        for i, number in sorted(hits):
            people = graph.members(int(graph.person[int(nodes[i])]))
            if any(node in self._waiting for node in people):
                found += self._credited(self._goals[number], batch, i, people, now_ms)
        return found

    def _credited(self, goals: _Goals, batch: EventBatch, i: int, nodes: Sequence[int], now_ms: int) -> list[tuple[str, Outcome]]:
        at_ms = int(batch.time_ms[i])
        latest: dict[str, Waiting] = {}
        for node in nodes:
            for waiting in self._waiting.get(node, ()):
                if waiting.arm[0] not in goals.offers or not waiting.counted or waiting.withdrawn or _over(waiting, now_ms):
                    continue
                best, order = latest.get(waiting.placement), (waiting.seen_ms, waiting.id)
                if waiting.seen_ms <= at_ms < waiting.until_ms and (best is None or (best.seen_ms, best.id) < order):
                    latest[waiting.placement] = waiting
        found = []
        for _, waiting in sorted(latest.items()):
            if not waiting.reached:
                found.append((waiting.id, self._reach(goals, waiting, batch, i, now_ms)))
        return found

    def _reach(self, goals: _Goals, waiting: Waiting, batch: EventBatch, i: int, now_ms: int) -> Outcome:
        waiting.reached = True
        learner = self.policies.learner(waiting.policy)
        if learner is not None and learner.shaped == waiting.shape:
            waiting.part = learner.reach(Arm(*waiting.arm), waiting.features, waiting.decided_ms, now_ms, waiting.part)
        offer = waiting.arm[0]
        path = goals.values.get(offer)
        if path is None:
            return Outcome(at_ms=int(batch.time_ms[i]), offset=batch.offset(i), value=self.policies.value(offer))
        amount = batch.column(path, "number").item(i)
        value = float(amount) if isinstance(amount, int | float) else 0.0
        self.policies.paid(offer, value)
        return Outcome(at_ms=int(batch.time_ms[i]), offset=batch.offset(i), value=value)

    def _forget(self, now_ms: int) -> None:
        """Let go of what is over, all of it: how many wait decides what is learned, and must be the same after a restart."""
        while self._ends and self._ends[0][0] + LATE_MS <= now_ms:
            _, id_, node = heapq.heappop(self._ends)
            left = [waiting for waiting in self._waiting.pop(node, ()) if not _over(waiting, now_ms)]
            if left:
                self._waiting[node] = left
            self._unseen.pop(id_, None)

    def _index(self) -> None:
        self._ends = [_end(each) for known in self._waiting.values() for each in known]
        heapq.heapify(self._ends)
        self._earliest_ms = min((each.seen_ms for known in self._waiting.values() for each in known), default=0)
        self._unseen = {each.id: each for known in self._waiting.values() for each in known if not (each.counted or each.withdrawn)}

    def adopt(self, old: Learning, now_ms: int) -> None:
        """Take over what was learned and what is waited for under other definitions."""
        self.policies.adopt(old.policies, now_ms)
        self._waiting = old._waiting
        self._index()

    def dump(self, now_ms: int) -> bytes:
        """Everything but what is over; equal contents give equal bytes."""
        waiting = [each for _, known in sorted(self._waiting.items()) for each in known if not _over(each, now_ms)]
        return msgspec.msgpack.encode((self.policies.dump(), waiting))

    def load(self, data: bytes) -> None:
        """Take back what ``dump`` gave; the learning must be new."""
        policies, waiting = msgspec.msgpack.decode(data, type=tuple[bytes, list[Waiting]])
        self.policies.load(policies)
        for each in waiting:
            self._waiting.setdefault(each.node, []).append(each)
        self._index()


def _end(waiting: Waiting) -> tuple[int, str, int]:
    return waiting.until_ms, waiting.id, waiting.node


def _over(waiting: Waiting, now_ms: int) -> bool:
    return now_ms >= waiting.until_ms + LATE_MS


def _open(policy: str, placements: Sequence[PlacementDefinition]) -> tuple[list[str], list[int]]:
    mine = [each for each in placements if each.ranking == policy]
    return sorted({name for each in mine for name in each.channels}), sorted({hour for each in mine for hour in each.hours})


def _grouped(goals: dict[str, Goal]) -> list[_Goals]:
    by_event: dict[tuple[str, str | None], dict[str, Goal]] = {}
    for offer, goal in goals.items():
        by_event.setdefault((goal.event, goal.where), {})[offer] = goal
    return [
        _Goals(
            event=event,
            where=None if where is None else event_condition(where),
            offers=frozenset(mine),
            values={offer: goal.value for offer, goal in mine.items() if isinstance(goal.value, str)},
        )
        for (event, where), mine in by_event.items()
    ]


def _hits(goals: _Goals, batch: EventBatch, nodes: Int64, earliest_ms: int) -> list[int]:
    hits = (nodes >= 0) & (batch.time_ms >= earliest_ms)
    if goals.event != "$any":
        # Read first: a batch gives its names their codes when they are asked for.
        names = batch.name
        code = batch.names.find(goals.event)
        if code < 0:
            return []
        hits = hits & (names == code)
    if goals.where is not None and hits.any():
        hits = hits & goals.where.of(batch.column, batch.n)
    return [int(i) for i in np.flatnonzero(hits)]
