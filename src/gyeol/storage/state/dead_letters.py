"""Rejected events in state.db."""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy import Engine, func, select

from gyeol.events.dead_letter import DeadLetter, Status
from gyeol.storage.state.bodies import Bodies
from gyeol.storage.state.cursor import read_offset
from gyeol.storage.state.sqlite import backend_errors
from gyeol.storage.state.tables import dead_letter

_decode = msgspec.msgpack.Decoder(DeadLetter).decode
_LETTER = (dead_letter.c.id, dead_letter.c.body, dead_letter.c.status, dead_letter.c.replayed_offset)


class SqlDeadLetters:
    """Rejected events by id."""

    def __init__(self, engine: Engine, path: Path, bodies: Bodies) -> None:
        self._engine, self._path, self._bodies = engine, path, bodies

    def _letter(self, id: str, body: bytes, status: Status, replayed_offset: int | None) -> DeadLetter:
        kept = _decode(self._bodies.read(dead_letter, body, id))
        return msgspec.structs.replace(kept, status=status, replayed_offset=replayed_offset)

    def get(self, id: str) -> DeadLetter | None:
        """One by id."""
        with backend_errors(self._path), self._engine.connect() as connection:
            row = connection.execute(select(*_LETTER).where(dead_letter.c.id == id)).one_or_none()
        return None if row is None else self._letter(*row)

    def list(self, status: Status | None, limit: int, cursor: str | None) -> tuple[list[DeadLetter], str | None]:
        """A page, newest first, and the cursor of the next page."""
        query = select(*_LETTER, dead_letter.c.offset).order_by(dead_letter.c.offset.desc()).limit(limit + 1)
        if status is not None:
            query = query.where(dead_letter.c.status == status)
        if cursor is not None:
            query = query.where(dead_letter.c.offset < read_offset(cursor))
        with backend_errors(self._path), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [self._letter(*row[:4]) for row in rows[:limit]], str(rows[limit - 1].offset) if len(rows) > limit else None

    def counts(self) -> dict[str, int]:
        """How many wait, by code."""
        query = select(dead_letter.c.code, func.count()).where(dead_letter.c.status == "waiting").group_by(dead_letter.c.code)
        with backend_errors(self._path), self._engine.connect() as connection:
            return {str(code): int(count) for code, count in connection.execute(query.order_by(dead_letter.c.code))}
