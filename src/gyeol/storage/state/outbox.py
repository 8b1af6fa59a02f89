"""Messages in state.db."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import get_args

import msgspec
from sqlalchemy import Connection, Engine, bindparam, select, tuple_

from gyeol.channels.model import Delivery, Message, MessageState
from gyeol.channels.outbox import OutboxEntry, OutboxPage
from gyeol.kernel.errors import CapabilityMissingError
from gyeol.storage.state.bodies import Bodies
from gyeol.storage.state.cursor import cursor_text, read_cursor
from gyeol.storage.state.readers import Reader
from gyeol.storage.state.sqlite import backend_errors
from gyeol.storage.state.tables import delivery, outbox

Writing = Callable[[], AbstractContextManager[Connection]]
"""Opens the one write transaction."""

_decode_message = msgspec.msgpack.Decoder(Message).decode
_decode_delivery = msgspec.msgpack.Decoder(Delivery).decode
_STATES: dict[str, MessageState] = {state: state for state in get_args(MessageState)}
_ENTRY = tuple(outbox.c[name] for name in ("send_key", "body", "state", "changed_at_ms", "reason", "attempts", "not_before_ms"))


class SqlOutbox:
    """Messages by send key.

    Args:
        engine: For reading.
        path: The file, for errors.
        bodies: Reads the bodies of rows.
        writing: The store's write transaction; None when the store is open read-only.
    """

    def __init__(self, engine: Engine, path: Path, bodies: Bodies, writing: Writing | None) -> None:
        self._engine, self._path, self._bodies, self._writing = engine, path, bodies, writing
        self._reader = Reader(engine, path, bodies)

    def _message(self, send_key: str, body: bytes) -> Message:
        return _decode_message(self._bodies.read(outbox, body, send_key))

    def _entry(
        self, send_key: str, body: bytes, state: str, changed_at_ms: int, reason: str, attempts: int, not_before_ms: int
    ) -> OutboxEntry:
        return OutboxEntry(
            message=self._message(send_key, body),
            state=_STATES[state],
            changed_at_ms=changed_at_ms,
            reason=reason,
            attempts=attempts,
            not_before_ms=not_before_ms,
        )

    def get(self, send_key: str) -> OutboxEntry | None:
        """One message, or None."""
        with backend_errors(self._path), self._engine.connect() as connection:
            row = connection.execute(select(*_ENTRY).where(outbox.c.send_key == send_key)).one_or_none()
        return None if row is None else self._entry(*row)

    def list(self, state: MessageState | None = None, limit: int = 100, cursor: str | None = None) -> OutboxPage:
        """Messages in a state (None: in any), newest first."""
        query = select(*_ENTRY).order_by(outbox.c.queued_at_ms.desc(), outbox.c.send_key.desc()).limit(limit + 1)
        if state is not None:
            query = query.where(outbox.c.state == state)
        if cursor is not None:
            query = query.where(tuple_(outbox.c.queued_at_ms, outbox.c.send_key) < tuple_(*map(bindparam, ("at", "key"))))
        values = dict(zip(("at", "key"), read_cursor(cursor), strict=True)) if cursor is not None else {}
        with backend_errors(self._path), self._engine.connect() as connection:
            entries = [self._entry(*row) for row in connection.execute(query, values)]
        last = entries[limit - 1].message if len(entries) > limit else None
        return OutboxPage(entries=entries[:limit], next=None if last is None else cursor_text(last.queued_at_ms, last.send_key))

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[OutboxEntry]:
        """The newest messages made for any of these nodes."""
        query = (
            select(*_ENTRY).where(outbox.c.node.in_(nodes)).order_by(outbox.c.queued_at_ms.desc(), outbox.c.send_key.desc()).limit(limit)
        )
        with backend_errors(self._path), self._engine.connect() as connection:
            return [self._entry(*row) for row in connection.execute(query)]

    def deliveries(self, send_key: str) -> Sequence[Delivery]:
        """What became of a message, oldest first."""
        query = select(delivery).where(delivery.c.send_key == send_key).order_by(delivery.c.at_ms, delivery.c.state)
        with backend_errors(self._path), self._engine.connect() as connection:
            return [
                _decode_delivery(self._bodies.read(delivery, row.body, send_key, row.at_ms, row.state)) for row in connection.execute(query)
            ]

    def claim(self, now_ms: int, limit: int) -> Sequence[Message]:
        """Hand out queued messages, oldest first; they are ``sending``, durably, before this returns."""
        if self._writing is None:
            raise CapabilityMissingError("state_read_only", f"{self._path} is open for reading only; ask the core to claim messages")
        with self._writing() as connection:
            due = (
                select(outbox.c.send_key, outbox.c.body)
                .where(outbox.c.state == "queued", outbox.c.not_before_ms <= now_ms)
                .order_by(outbox.c.queued_at_ms, outbox.c.send_key)
                .limit(limit)
            )
            rows = connection.execute(due).all()
            if rows:
                change = (
                    outbox.update()
                    .where(outbox.c.send_key == bindparam("claimed"))
                    .values(state="sending", changed_at_ms=now_ms, attempts=outbox.c.attempts + 1)
                )
                connection.execute(change, [{"claimed": key} for key, _ in rows])
        return [self._message(*row) for row in rows]

    def interrupted(self) -> Sequence[Message]:
        """Messages in ``sending``, oldest first."""
        query = (
            select(outbox.c.send_key, outbox.c.body).where(outbox.c.state == "sending").order_by(outbox.c.queued_at_ms, outbox.c.send_key)
        )
        with backend_errors(self._path), self._engine.connect() as connection:
            return [self._message(*row) for row in connection.execute(query)]

    def counts(self) -> dict[str, int]:
        """How many messages are in each state."""
        return self._reader.counts(outbox, "state")
