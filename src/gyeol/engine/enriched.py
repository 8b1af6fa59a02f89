"""Batches with what their events were joined with as columns beside their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gyeol.context.fact import FactValue
from gyeol.events.batch import EachEvent, EventBatch, EventColumnsByPath, Wanted
from gyeol.expressions.column import Column
from gyeol.kernel.instants import Int64


class Joining(Protocol):
    """Where the facts of a batch come from."""

    @property
    def names(self) -> Sequence[str]:
        """With ``moment.``."""
        ...

    @property
    def moving(self) -> frozenset[str]:
        """Those of them that become known while the batch is folded."""
        ...

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """A name over some events (None: all), of which ``part`` has the columns."""
        ...

    def remember(self, i: int, told: Mapping[str, FactValue]) -> None:
        """Take in what became known of an event, by name without ``moment.``."""
        ...


class Given:
    """Facts that were joined elsewhere.

    Args:
        columns: (n,) over the whole batch, by name with ``moment.``.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self.names = sorted(columns)
        self.moving: frozenset[str] = frozenset()

    def column(self, name: str, part: EventColumnsByPath, events: Int64 | None) -> Column:
        """See ``Joining``."""
        found = self._columns[name]
        return found if events is None else found.take(events)

    def remember(self, i: int, told: Mapping[str, FactValue]) -> None:
        """See ``Joining``: nothing becomes known later."""


class _EnrichedPart:
    """Columns over some events of an enriched batch."""

    def __init__(self, part: EventColumnsByPath, joining: Joining, events: Int64) -> None:
        self._part, self._joining, self._events = part, joining, events
        self._made: dict[str, Column] = {}

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        if path not in self._joining.names:
            return self._part.column(path, kind)
        if path not in self._made or path in self._joining.moving:
            self._made[path] = self._joining.column(path, self._part, self._events)
        return self._made[path]

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        return self._part.currency(path)

    def each(self) -> EachEvent | None:
        """See ``EventBatch``."""
        return self._part.each()


class EnrichedBatch:
    """An ``EventBatch`` with ``moment.*``; everything else is the batch's own.

    Args:
        batch: The events.
        joining: What they are joined with.
    """

    def __init__(self, batch: EventBatch, joining: Joining) -> None:
        self._batch, self._joining = batch, joining
        self._made: dict[str, Column] = {}
        self.n, self.first_offset, self.type_code, self.names = batch.n, batch.first_offset, batch.type_code, batch.names
        self.source, self.time_ms, self.received_ms = batch.source, batch.time_ms, batch.received_ms
        self.id_hash, self.flags, self.columnar = batch.id_hash, batch.flags, batch.columnar
        self.offset = batch.offset

    def remember(self, i: int, told: Mapping[str, FactValue]) -> None:
        """See ``Joining``."""
        self._joining.remember(i, told)

    @property
    def name(self) -> npt.NDArray[np.int32]:
        """See ``EventBatch``."""
        return self._batch.name

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        if path not in self._joining.names:
            return self._batch.column(path, kind)
        if path not in self._made or path in self._joining.moving:
            self._made[path] = self._joining.column(path, self._batch, None)
        return self._made[path]

    def part(self, events: Int64) -> EventColumnsByPath:
        """See ``EventBatch``."""
        return _EnrichedPart(self._batch.part(events), self._joining, events)

    def texts(self, path: str) -> list[str | None]:
        """See ``EventBatch``."""
        return self._batch.texts(path)

    def coded(self, path: str) -> tuple[npt.NDArray[np.int32], Sequence[str]] | None:
        """See ``EventBatch``."""
        return self._batch.coded(path)

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        return self._batch.currency(path)

    def each(self) -> EachEvent | None:
        """See ``EventBatch``."""
        return self._batch.each()

    def raw(self, i: int) -> bytes:
        """See ``EventBatch``."""
        return self._batch.raw(i)
