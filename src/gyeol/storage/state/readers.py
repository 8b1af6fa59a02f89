"""The readers of state.db: decisions, enrolments, audit. (Messages: ``outbox.py``. Rejected events: ``dead_letters.py``.)"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import ColumnElement, Engine, Table, func, select

from gyeol.decisions.model import Decision
from gyeol.engine.state_store import AuditEntry
from gyeol.journeys.enrolment import Enrolment
from gyeol.storage.state import tables
from gyeol.storage.state.sqlite import backend_errors

_decode_decision = msgspec.msgpack.Decoder(Decision).decode
_decode_enrolment = msgspec.msgpack.Decoder(Enrolment).decode
_decode_audit = msgspec.msgpack.Decoder(AuditEntry).decode


class Reader:
    """Queries on one read-only engine."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine, self._path = engine, path

    def body(self, table: Table, *conditions: ColumnElement[bool]) -> bytes | None:
        """The body of the one row that satisfies all conditions, or None."""
        with backend_errors(self._path), self._engine.connect() as connection:
            found = connection.execute(select(table.c.body).where(*conditions)).scalar()
        return found if isinstance(found, bytes) else None

    def of_nodes(self, table: Table, nodes: Sequence[int], order: Sequence[ColumnElement[object]], limit: int) -> list[bytes]:
        """The bodies of the first rows of any of these nodes."""
        query = select(table.c.body).where(table.c.node.in_(list(nodes))).order_by(*order).limit(limit)
        with backend_errors(self._path), self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def counts(self, table: Table, by: str) -> dict[str, int]:
        """How many rows each value of a column has, by value."""
        query = select(table.c[by], func.count()).group_by(table.c[by]).order_by(table.c[by])
        with backend_errors(self._path), self._engine.connect() as connection:
            return {str(value): int(count) for value, count in connection.execute(query)}


class SqlDecisions:
    """Decisions by id."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def get(self, decision_id: str) -> Decision | None:
        """One decision, or None."""
        body = self._reader.body(tables.decision, tables.decision.c.id == decision_id)
        return None if body is None else _decode_decision(body)

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[Decision]:
        """The newest decisions taken for any of these nodes."""
        order = (tables.decision.c.at_ms.desc(), tables.decision.c.id)
        return [_decode_decision(body) for body in self._reader.of_nodes(tables.decision, nodes, order, limit)]

    def counts(self) -> dict[str, int]:
        """How many decisions each placement has."""
        return self._reader.counts(tables.decision, "placement")


class SqlEnrolments:
    """Enrolments by (journey, entry key, node)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def get(self, journey: str, entry_key: str, node: int) -> Enrolment | None:
        """One enrolment, or None."""
        table = tables.enrolment
        body = self._reader.body(table, table.c.journey == journey, table.c.entry_key == entry_key, table.c.node == node)
        return None if body is None else _decode_enrolment(body)

    def of_nodes(self, nodes: Sequence[int], limit: int = 100) -> Sequence[Enrolment]:
        """The newest enrolments made for any of these nodes."""
        table = tables.enrolment
        order = (table.c.at_ms.desc(), table.c.journey, table.c.entry_key, table.c.node)
        return [_decode_enrolment(body) for body in self._reader.of_nodes(table, nodes, order, limit)]

    def counts(self) -> dict[str, int]:
        """How many enrolments each journey has."""
        return self._reader.counts(tables.enrolment, "journey")


class SqlAudit:
    """Commands by offset."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine, self._path = engine, path

    def list(self, limit: int = 100, before_offset: int | None = None) -> Sequence[AuditEntry]:
        """The newest commands, newest first, before an offset."""
        query = select(tables.audit.c.body).order_by(tables.audit.c.offset.desc()).limit(limit)
        if before_offset is not None:
            query = query.where(tables.audit.c.offset < before_offset)
        with backend_errors(self._path), self._engine.connect() as connection:
            return [_decode_audit(body) for body in connection.execute(query).scalars()]
