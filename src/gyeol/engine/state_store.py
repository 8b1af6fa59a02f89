"""The seam to state.db: what the loop did to the outside world. The core writes; the side process only reads.

What a frame did is written in one unit of work. Everything in it is keyed by what the log says, so that writing the same frame again
changes nothing: after a crash the records past ``acted_offset`` are folded once more and cannot double an act.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from gyeol.channels.model import Delivery, Message
from gyeol.channels.outbox import Outbox
from gyeol.decisions.model import Decision
from gyeol.decisions.ranking.model import Outcome
from gyeol.decisions.store import DecisionStore
from gyeol.events.dead_letter import DeadLetter, DeadLetters
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.store import EnrolmentStore
from gyeol.kernel.instants import Int64

NodeMove = tuple[int, str, int, int]
"""(node, person_id, since_offset, since_ms): from that offset on the node belongs to that person."""

GroupMove = tuple[int, str, str, int, int]
"""(node, kind of group, its id, since_offset, since_ms): from that offset on its person is in that group; empty: in none."""

EventNodes = tuple[int, bytes]
"""(first offset of a frame, the nodes of its events as little-endian int64): kept until the lake has passed the frame."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A command that somebody gave, as the log has it.

    Args:
        offset: Of the command in the log.
        by: Who gave it.
        why: In their words.
        body: What the command was told.
    """

    offset: int
    at_ms: int
    by: str
    kind: str
    why: str
    body: dict[str, object]


class AuditTrail(Protocol):
    """Commands by offset."""

    def list(self, limit: int = 100, before_offset: int | None = None) -> Sequence[AuditEntry]:
        """The newest commands, newest first, before an offset."""
        ...


class StateUnit(Protocol):
    """One transaction. What is already there is left as it is."""

    def queue(self, messages: Sequence[Message]) -> None:
        """Put messages into the outbox; a send key that was ever there is ignored."""
        ...

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries and move their messages on, as ``channels.outbox.may_become`` allows. A repeated delivery is ignored."""
        ...

    def enrol(self, enrolments: Sequence[Enrolment]) -> None:
        """Keep enrolments; (journey, entry key, node) is unique."""
        ...

    def decided(self, decisions: Sequence[Decision], outcomes: Sequence[tuple[str, Outcome]] = ()) -> None:
        """Keep decisions, and the outcome of some: (id, outcome); the first outcome of a decision stays."""
        ...

    def reject(self, letters: Sequence[DeadLetter], replayed: Sequence[tuple[str, int]] = ()) -> None:
        """Keep dead letters, and mark those replayed: (id, offset of the command); a letter is replayed once."""
        ...

    def moved(self, moves: Sequence[NodeMove], events: Sequence[EventNodes] = (), groups: Sequence[GroupMove] = ()) -> None:
        """Keep which person a node belongs to from an offset on (of several at one offset the last), the nodes of frames' events, and
        which group a node's person is in.
        """
        ...

    def acted(self, offset: int, commands: Sequence[AuditEntry] = ()) -> None:
        """Everything before ``offset`` has been acted upon; ``commands`` among it go into the audit trail. Never goes backwards."""
        ...


class StateStore(Protocol):
    """state.db, or its like in memory.

    Attributes:
        dead_letters, outbox, decisions, enrolments, audit: Readers, always up to date.
    """

    @property
    def dead_letters(self) -> DeadLetters:
        """Rejected events."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages."""
        ...

    @property
    def decisions(self) -> DecisionStore:
        """Decisions."""
        ...

    @property
    def enrolments(self) -> EnrolmentStore:
        """Enrolments."""
        ...

    @property
    def audit(self) -> AuditTrail:
        """Commands."""
        ...

    def unit(self) -> AbstractContextManager[StateUnit]:
        """A transaction: kept, durably, when the block ends; undone when it raises. One at a time; others wait."""
        ...

    def acted_offset(self) -> int:
        """The offset before which everything has been acted upon; 0 at first."""
        ...

    def moves(self, after: tuple[int, int] = (-1, -1), limit: int = 100_000) -> Sequence[NodeMove]:
        """The first moves after (since_offset, node), in that order."""
        ...

    def group_moves(self, after: tuple[int, int, str] = (-1, -1, ""), limit: int = 100_000) -> Sequence[GroupMove]:
        """The first moves between groups after (since_offset, node, kind), in that order."""
        ...

    def nodes_of(self, first_offset: int) -> Int64 | None:
        """The node of each event of the frame that begins at an offset (-1: nobody's); None when nothing is kept of it."""
        ...

    def forget_nodes(self, before_offset: int) -> None:
        """The lake has passed an offset: the nodes of earlier frames' events are not needed any more."""
        ...

    def backup(self, path: Path) -> None:
        """A consistent copy at ``path``, which must not exist yet; there is none if it fails."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
