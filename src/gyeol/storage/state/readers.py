"""The readers of state.db: decisions, enrolments, audit. (Messages: ``outbox.py``. Rejected events: ``dead_letters.py``.)"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Engine, Select, Table, func, select

from gyeol.decisions.model import Decision
from gyeol.engine.state_store import AuditEntry
from gyeol.journeys.enrolment import Enrolment
from gyeol.storage.state import tables
from gyeol.storage.state.bodies import Bodies
from gyeol.storage.state.sqlite import backend_errors

_decode_decision = msgspec.msgpack.Decoder(Decision).decode
_decode_enrolment = msgspec.msgpack.Decoder(Enrolment).decode
_decode_audit = msgspec.msgpack.Decoder(AuditEntry).decode


class Reader:
    """Queries on one read-only engine."""

    def __init__(self, engine: Engine, path: Path, bodies: Bodies) -> None:
        self._engine, self._path, self._bodies = engine, path, bodies

    def body(self, table: Table, *conditions: ColumnElement[bool]) -> bytes | None:
        """The body of the one row that satisfies all conditions, or None."""
        with backend_errors(self._path), self._engine.connect() as connection:
            row = connection.execute(_with_key(table).where(*conditions)).one_or_none()
        return None if row is None else self._bodies.read(table, *row)

    def of_nodes(self, table: Table, nodes: Sequence[int], order: Sequence[ColumnElement[object]], limit: int) -> list[bytes]:
        """The bodies of the first rows of any of these nodes."""
        query = _with_key(table).where(table.c.node.in_(list(nodes))).order_by(*order).limit(limit)
        with backend_errors(self._path), self._engine.connect() as connection:
            return [self._bodies.read(table, *row) for row in connection.execute(query)]

    def counts(self, table: Table, by: str) -> dict[str, int]:
        """How many rows each value of a column has, by value."""
        query = select(table.c[by], func.count()).group_by(table.c[by]).order_by(table.c[by])
        with backend_errors(self._path), self._engine.connect() as connection:
            return {str(value): int(count) for value, count in connection.execute(query)}


def _with_key(table: Table) -> Select[tuple[Any, ...]]:
    """The body and the primary key of rows."""
    return select(table.c.body, *table.primary_key.columns)


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

    def __init__(self, engine: Engine, path: Path, bodies: Bodies) -> None:
        self._engine, self._path, self._bodies = engine, path, bodies

    def list(self, limit: int = 100, before_offset: int | None = None) -> Sequence[AuditEntry]:
        """The newest commands, newest first, before an offset."""
        query = _with_key(tables.audit).order_by(tables.audit.c.offset.desc()).limit(limit)
        if before_offset is not None:
            query = query.where(tables.audit.c.offset < before_offset)
        with backend_errors(self._path), self._engine.connect() as connection:
            return [_decode_audit(self._bodies.read(tables.audit, *row)) for row in connection.execute(query)]
