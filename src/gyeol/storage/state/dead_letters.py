"""Rejected events in state.db."""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy import Engine, func, select

from gyeol.events.dead_letter import DeadLetter, Status
from gyeol.storage.state.cursor import read_offset
from gyeol.storage.state.sqlite import backend_errors
from gyeol.storage.state.tables import dead_letter

_decode = msgspec.msgpack.Decoder(DeadLetter).decode
_LETTER = (dead_letter.c.body, dead_letter.c.status, dead_letter.c.replayed_offset)


def _letter(body: bytes, status: Status, replayed_offset: int | None) -> DeadLetter:
    return msgspec.structs.replace(_decode(body), status=status, replayed_offset=replayed_offset)


class SqlDeadLetters:
    """Rejected events by id."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine, self._path = engine, path

    def get(self, id: str) -> DeadLetter | None:
        """One by id."""
        with backend_errors(self._path), self._engine.connect() as connection:
            row = connection.execute(select(*_LETTER).where(dead_letter.c.id == id)).one_or_none()
        return None if row is None else _letter(*row)

    def list(self, status: Status | None, limit: int, cursor: str | None) -> tuple[list[DeadLetter], str | None]:
        """A page, newest first, and the cursor of the next page."""
        query = select(*_LETTER, dead_letter.c.offset).order_by(dead_letter.c.offset.desc()).limit(limit + 1)
        if status is not None:
            query = query.where(dead_letter.c.status == status)
        if cursor is not None:
            query = query.where(dead_letter.c.offset < read_offset(cursor))
        with backend_errors(self._path), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [_letter(row[0], row[1], row[2]) for row in rows[:limit]], str(rows[limit - 1].offset) if len(rows) > limit else None

    def counts(self) -> dict[str, int]:
        """How many wait, by code."""
        query = select(dead_letter.c.code, func.count()).where(dead_letter.c.status == "waiting").group_by(dead_letter.c.code)
        with backend_errors(self._path), self._engine.connect() as connection:
            return {str(code): int(count) for code, count in connection.execute(query.order_by(dead_letter.c.code))}
