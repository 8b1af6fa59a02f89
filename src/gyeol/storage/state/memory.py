"""The state store in memory: for tests and rehearsals. The same contract suite runs on it as on SQLite."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from pathlib import Path

import msgspec
import numpy as np

from gyeol.channels.model import Delivery, Message, MessageState
from gyeol.channels.outbox import OutboxEntry, OutboxPage, may_become
from gyeol.decisions.model import Decision
from gyeol.decisions.ranking.model import Outcome
from gyeol.engine.state_store import AuditEntry, EventNodes, GroupMove, NodeMove
from gyeol.events.dead_letter import DeadLetter, Status, offset_of
from gyeol.journeys.enrolment import Enrolment
from gyeol.kernel.errors import CapabilityMissingError, InternalError
from gyeol.kernel.instants import Int64
from gyeol.storage.state.cursor import cursor_text, read_cursor, read_offset


class _Tables:
    """Everything kept. Values are immutable, so a shallow copy of the dictionaries is enough to undo a unit."""

    def __init__(self) -> None:
        self.outbox: dict[str, OutboxEntry] = {}
        self.deliveries: dict[tuple[str, int, str], Delivery] = {}
        self.decisions: dict[str, Decision] = {}
        self.enrolments: dict[tuple[str, str, int], Enrolment] = {}
        self.dead_letters: dict[str, DeadLetter] = {}
        self.moves: dict[tuple[int, int], NodeMove] = {}
        self.group_moves: dict[tuple[int, int, str], GroupMove] = {}
        self.audit: dict[int, AuditEntry] = {}
        self.nodes: dict[int, bytes] = {}
        self.acted = 0

    def twin(self) -> _Tables:
        """A copy that changes alone."""
        other = copy(self)
        for name, value in vars(self).items():
            setattr(other, name, copy(value))
        return other


class MemoryStateStore:
    """See ``StateStore``."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._lock = threading.RLock()
        self._inside = False
        self.outbox = MemoryOutbox(self._read, self._write)
        self.dead_letters = MemoryDeadLetters(self._read)
        self.decisions = MemoryDecisions(self._read)
        self.enrolments = MemoryEnrolments(self._read)
        self.audit = MemoryAudit(self._read)

    def _read(self) -> _Tables:
        return self._tables

    @contextmanager
    def _write(self) -> Iterator[_Tables]:
        with self._lock:
            if self._inside:
                raise InternalError("unit_inside_unit", "a unit of work was opened inside another one")
            self._inside = True
            try:
                changed = self._tables.twin()
                yield changed
                self._tables = changed
            finally:
                self._inside = False

    @contextmanager
    def unit(self) -> Iterator[MemoryUnit]:
        """A transaction: kept when the block ends, undone when it raises."""
        with self._write() as changed:
            yield MemoryUnit(changed)

    def acted_offset(self) -> int:
        """The offset before which everything has been acted upon."""
        return self._tables.acted

    def moves(self, after: tuple[int, int] = (-1, -1), limit: int = 100_000) -> Sequence[NodeMove]:
        """The first moves after (since_offset, node), in that order."""
        return [move for key, move in sorted(self._tables.moves.items()) if key > after][:limit]

    def group_moves(self, after: tuple[int, int, str] = (-1, -1, ""), limit: int = 100_000) -> Sequence[GroupMove]:
        """The first moves between groups after (since_offset, node, kind), in that order."""
        return [move for key, move in sorted(self._tables.group_moves.items()) if key > after][:limit]

    def nodes_of(self, first_offset: int) -> Int64 | None:
        """The node of each event of the frame that begins at an offset."""
        found = self._tables.nodes.get(first_offset)
        return None if found is None else np.frombuffer(found, "<i8")

    def forget_nodes(self, before_offset: int) -> None:
        """Forget the nodes of frames that begin before an offset."""
        with self._write() as tables:
            tables.nodes = {first: nodes for first, nodes in tables.nodes.items() if first >= before_offset}

    def backup(self, path: Path) -> None:
        """There is no file to copy."""
        raise CapabilityMissingError("memory_backup", f"a state store in memory cannot be copied to {path}")

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryUnit:
    """See ``StateUnit``."""

    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    def queue(self, messages: Sequence[Message]) -> None:
        """Put messages into the outbox."""
        for m in messages:
            entry = OutboxEntry(message=m, state="queued", changed_at_ms=m.queued_at_ms, not_before_ms=m.not_before_ms)
            self._tables.outbox.setdefault(m.send_key, entry)

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries and move their messages on."""
        for d in deliveries:
            key = (d.send_key, d.at_ms, d.state)
            if key in self._tables.deliveries:
                continue
            self._tables.deliveries[key] = d
            entry = self._tables.outbox.get(d.send_key)
            if entry is None or not may_become(entry.state, d.state):
                continue
            not_before_ms = d.at_ms + d.retry_after_ms if d.state == "queued" else entry.not_before_ms
            self._tables.outbox[d.send_key] = msgspec.structs.replace(
                entry, state=d.state, changed_at_ms=d.at_ms, reason=d.reason, not_before_ms=not_before_ms
            )

    def enrol(self, enrolments: Sequence[Enrolment]) -> None:
        """Keep enrolments."""
        for e in enrolments:
            self._tables.enrolments.setdefault((e.journey, e.entry_key, e.node), e)

    def decided(self, decisions: Sequence[Decision], outcomes: Sequence[tuple[str, Outcome]] = ()) -> None:
        """Keep decisions and outcomes."""
        kept = self._tables.decisions
        for d in decisions:
            kept.setdefault(d.id, d)
        for decision_id, outcome in outcomes:
            if decision_id in kept and kept[decision_id].outcome is None:
                kept[decision_id] = msgspec.structs.replace(kept[decision_id], outcome=outcome)

    def reject(self, letters: Sequence[DeadLetter], replayed: Sequence[tuple[str, int]] = ()) -> None:
        """Keep dead letters, and mark those replayed."""
        kept = self._tables.dead_letters
        for letter in letters:
            kept.setdefault(letter.id, letter)
        for id, offset in replayed:
            if id in kept and kept[id].status == "waiting":
                kept[id] = msgspec.structs.replace(kept[id], status="replayed", replayed_offset=offset)

    def moved(self, moves: Sequence[NodeMove], events: Sequence[EventNodes] = (), groups: Sequence[GroupMove] = ()) -> None:
        """Keep which person a node belongs to from an offset on, the nodes of frames' events, and which group a node's person is in."""
        for group_move in groups:
            self._tables.group_moves[group_move[3], group_move[0], group_move[1]] = group_move
        for first_offset, nodes in events:
            self._tables.nodes.setdefault(first_offset, nodes)
        for move in moves:
            self._tables.moves[move[2], move[0]] = move

    def acted(self, offset: int, commands: Sequence[AuditEntry] = ()) -> None:
        """Everything before ``offset`` has been acted upon."""
        before = self._tables.acted
        if offset < before:
            raise InternalError("acted_backwards", f"acted_offset would go from {before} back to {offset}", before=before, after=offset)
        for command in commands:
            self._tables.audit.setdefault(command.offset, command)
        self._tables.acted = offset


Read = Callable[[], _Tables]
Write = Callable[[], AbstractContextManager[_Tables]]


class MemoryOutbox:
    """See ``Outbox``."""

    def __init__(self, read: Read, write: Write) -> None:
        self._read, self._write = read, write

    def _newest(self) -> list[OutboxEntry]:
        return sorted(self._read().outbox.values(), key=_age, reverse=True)

    def get(self, send_key: str) -> OutboxEntry | None:
        """One message, or None."""
        return self._read().outbox.get(send_key)

    def list(self, state: MessageState | None = None, limit: int = 100, cursor: str | None = None) -> OutboxPage:
        """Messages in a state (None: in any), newest first."""
        before = None if cursor is None else read_cursor(cursor)
        found = [e for e in self._newest() if (state is None or e.state == state) and (before is None or _age(e) < before)]
        return OutboxPage(entries=found[:limit], next=cursor_text(*_age(found[limit - 1])) if len(found) > limit else None)

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[OutboxEntry]:
        """The newest messages made for any of these nodes."""
        return [e for e in self._newest() if e.message.node in nodes][:limit]

    def deliveries(self, send_key: str) -> Sequence[Delivery]:
        """What became of a message, oldest first."""
        found = [(at_ms, state, d) for (key, at_ms, state), d in self._read().deliveries.items() if key == send_key]
        return [d for _, _, d in sorted(found, key=lambda f: f[:2])]

    def claim(self, now_ms: int, limit: int) -> Sequence[Message]:
        """Hand out queued messages, oldest first."""
        with self._write() as tables:
            due = sorted((e for e in tables.outbox.values() if e.state == "queued" and e.not_before_ms <= now_ms), key=_age)[:limit]
            for e in due:
                tables.outbox[e.message.send_key] = msgspec.structs.replace(
                    e, state="sending", changed_at_ms=now_ms, attempts=e.attempts + 1
                )
        return [e.message for e in due]

    def interrupted(self) -> Sequence[Message]:
        """Messages in ``sending``, oldest first."""
        return [e.message for e in reversed(self._newest()) if e.state == "sending"]

    def counts(self) -> dict[str, int]:
        """How many messages are in each state."""
        return _counts(e.state for e in self._read().outbox.values())


class MemoryDeadLetters:
    """See ``DeadLetters``."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def get(self, id: str) -> DeadLetter | None:
        """One by id."""
        return self._read().dead_letters.get(id)

    def list(self, status: Status | None, limit: int, cursor: str | None) -> tuple[list[DeadLetter], str | None]:
        """A page, newest first, and the cursor of the next page."""
        before = None if cursor is None else read_offset(cursor)
        placed = sorted(((offset_of(id) or 0, letter) for id, letter in self._read().dead_letters.items()), key=lambda p: -p[0])
        found = [(at, letter) for at, letter in placed if (status is None or letter.status == status) and (before is None or at < before)]
        return [letter for _, letter in found[:limit]], str(found[limit - 1][0]) if len(found) > limit else None

    def counts(self) -> dict[str, int]:
        """How many wait, by code."""
        return _counts(letter.code for letter in self._read().dead_letters.values() if letter.status == "waiting")


class MemoryDecisions:
    """See ``DecisionStore``."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def get(self, decision_id: str) -> Decision | None:
        """One decision, or None."""
        return self._read().decisions.get(decision_id)

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[Decision]:
        """The newest decisions taken for any of these nodes."""
        return sorted((d for d in self._read().decisions.values() if d.node in nodes), key=lambda d: (-d.at_ms, d.id))[:limit]

    def counts(self) -> dict[str, int]:
        """How many decisions each placement has."""
        return _counts(d.placement for d in self._read().decisions.values())


class MemoryEnrolments:
    """See ``EnrolmentStore``."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def get(self, journey: str, entry_key: str, node: int) -> Enrolment | None:
        """One enrolment, or None."""
        return self._read().enrolments.get((journey, entry_key, node))

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[Enrolment]:
        """The newest enrolments made for any of these nodes."""
        found = (e for e in self._read().enrolments.values() if e.node in nodes)
        return sorted(found, key=lambda e: (-e.at_ms, e.journey, e.entry_key, e.node))[:limit]

    def counts(self) -> dict[str, int]:
        """How many enrolments each journey has."""
        return _counts(e.journey for e in self._read().enrolments.values())


class MemoryAudit:
    """See ``AuditTrail``."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def list(self, limit: int = 100, before_offset: int | None = None) -> Sequence[AuditEntry]:
        """The newest commands, newest first, before an offset."""
        found = (c for c in self._read().audit.values() if before_offset is None or c.offset < before_offset)
        return sorted(found, key=lambda c: -c.offset)[:limit]


def _age(entry: OutboxEntry) -> tuple[int, str]:
    return entry.message.queued_at_ms, entry.message.send_key


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
