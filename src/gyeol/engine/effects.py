"""What a folded frame asks of state.db, and what it may set off."""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.channels.model import Delivery, Message
from gyeol.content.coupons.records import Issued
from gyeol.decisions.model import Decision
from gyeol.decisions.ranking.model import Outcome
from gyeol.events.sections import Command, RejectedEvent
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.trigger import Match
from gyeol.kernel.instants import Int64


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One record of kind decision: the decision, and what it led to when a journey asked for it.

    Args:
        identifier: (type, value) of a node that the request saw first, so that a replay gives it the same number.
        coupon: The code that was issued for it.
    """

    decision: Decision | None = None
    enrolment: Enrolment | None = None
    message: Message | None = None
    identifier: tuple[str, str] | None = None
    coupon: Issued | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A person entered or left an audience."""

    audience: str
    person: int
    row: int
    entered: bool
    reason: str
    at_ms: int


class Regrouped(msgspec.Struct, frozen=True, kw_only=True):
    """Identifiers that were joined into one person, or people that were split.

    Args:
        people: The person indexes now.
        nodes: All their nodes.
        placed: Nodes from this number on were not there before.
    """

    split: bool
    people: list[int]
    nodes: list[int]
    placed: int


class Effects(msgspec.Struct, kw_only=True):
    """What one frame changed outside the engine's memory, written to state.db in one unit of work; and what it may set off.

    Args:
        event_nodes: (n,) the node of each event of the frame, -1 where it has none.
        moved: (node, person id) of nodes that are new or changed hands.
        replayed: (dead letter, offset of the command that replayed it).
        entries: Who entered and left which audience.
        matches: Events that begin journeys.
        regrouped: Whose identifiers were joined or split.
        grouped: (node, kind of group, its id; empty: none) of each node whose person is in another group now.
        outcomes: (id of a decision, the event that reached its goal).
        parts: (first offset, events) of each frame when several were folded as one; empty: it was one.
        waits_for: Everything before this offset must be durable before state.db may say that the frame was acted upon: the end of the
            frame that holds what it set off; 0 when it set nothing off.
        definitions: Hash of those that were in force when the frame was written; empty: those of the state.
    """

    first_offset: int
    end_offset: int
    at_ms: int
    rejected: list[RejectedEvent] = []
    event_nodes: Int64 = msgspec.field(default_factory=lambda: np.empty(0, np.int64))
    moved: list[tuple[int, str]] = []
    acts: list[Act] = []
    deliveries: list[Delivery] = []
    replayed: list[tuple[str, int]] = []
    commands: list[tuple[int, Command]] = []
    entries: list[Entry] = []
    matches: list[Match] = []
    waits_for: int = 0
    regrouped: list[Regrouped] = []
    parts: list[tuple[int, int]] = []
    grouped: list[tuple[int, str, str]] = []
    outcomes: list[tuple[str, Outcome]] = []
    definitions: str = ""

    def nodes_of_frames(self) -> list[tuple[int, Int64]]:
        """(first offset, nodes of its events) of each frame that has any."""
        if not self.parts:
            return [(self.first_offset, self.event_nodes)] if len(self.event_nodes) else []
        found, start = [], 0
        for first_offset, events in self.parts:
            if events:
                found.append((first_offset, self.event_nodes[start : start + events]))
            start += events
        return found
