"""Tables of consecutive rows as import groups: the events of each as a section, the other rows with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xxhash

from gyeol.events.ingest import Flag
from gyeol.events.sections import NO_TIME, EventColumns, ImportOrigin, PackedColumn, RejectedEvent
from gyeol.events.stamps import FUTURE_MS
from gyeol.workspace.imports.columns import SOURCE, PathColumn, packed, packed_ids, whole
from gyeol.workspace.imports.plan import Groups, ImportGroup
from gyeol.workspace.imports.verdicts import CODES, detail, raw_json, times_of, type_codes, verdicts

if TYPE_CHECKING:
    import pyarrow as pa


class Packer:
    """Makes groups of tables.

    Args:
        columns: The columns of every table, beside the readers' own.
        content_hash: Of the import; part of the messageIds of events that have none.
        group_rows: Rows of one group.
        groups: How many groups there are.
        received_ms: See ``ImportSettings``.
    """

    def __init__(self, columns: list[PathColumn], content_hash: str, group_rows: int, groups: int, received_ms: int | None) -> None:
        self._columns = {column.path: column for column in columns}
        self._content_hash = content_hash
        self._group_rows = group_rows
        self._groups = groups
        self._received_ms = received_ms

    def groups(self, batches: Iterable[pa.RecordBatch], from_group: int) -> Groups:
        """The groups of batches of any size; the first batch begins with the first row of ``from_group``."""
        for number, table in enumerate(_tables(_ahead(batches), self._group_rows), start=from_group):
            yield self._group(table, number)

    def _group(self, table: pa.Table, number: int) -> ImportGroup:
        origin = ImportOrigin(f"{self._content_hash}-{self._group_rows}", number, number == self._groups - 1)
        times, types = times_of(table), type_codes(table)
        code = verdicts(table, types, times, self._columns)
        rows = np.arange(number * self._group_rows, number * self._group_rows + table.num_rows)
        bad = np.flatnonzero(code >= 0)
        rejected = self._rejected(table, bad, code, times) if len(bad) else []
        kept = None
        if len(bad):
            kept = np.flatnonzero(code < 0)
            times, types, rows = times[kept], types[kept], rows[kept]
        events = self._events(table, kept, times, types, rows, origin)
        return ImportGroup(origin=origin, rows=table.num_rows, events=events, rejected=rejected)

    def _events(
        self,
        table: pa.Table,
        kept: npt.NDArray[np.intp] | None,
        times: npt.NDArray[np.int64],
        types: npt.NDArray[np.int8],
        rows: npt.NDArray[np.int64],
        origin: ImportOrigin,
    ) -> EventColumns:
        columns: dict[str, PackedColumn] = {}
        for path, column in self._columns.items():
            array = whole(table, path)
            if path == "messageId" or array.null_count == len(array):
                continue
            if kept is not None:
                array = array.take(kept)
            if array.null_count < len(array):
                columns[path] = packed(array, column.kind)
        flags = np.full(len(times), Flag.IMPORTED.value, "<u2")
        columns["messageId"], ids = packed_ids(self._message_ids(table, kept, rows, flags))
        received = times if self._received_ms is None else np.full(len(times), self._received_ms, np.int64)
        future = times > received + FUTURE_MS
        flags[future] |= Flag.FUTURE_CLAMPED.value
        sources = whole(table, SOURCE).to_numpy(zero_copy_only=False).astype("<i2")
        return EventColumns(
            count=len(times),
            source=(sources if kept is None else sources[kept]).tobytes(),
            time=np.where(future, received, times).astype("<i8").tobytes(),
            received=received.astype("<i8").tobytes(),
            original=times.astype("<i8").tobytes(),
            sent=np.full(len(times), NO_TIME, "<i8").tobytes(),
            flags=flags.tobytes(),
            columns=columns,
            type_code=types.astype(np.uint8).tobytes(),
            # The same as kernel.hashing.event_hash, over bytes that Arrow has already.
            id_hash=np.fromiter(map(xxhash.xxh3_64_intdigest, ids), np.uint64, len(ids)).astype("<u8").tobytes(),
            origin=origin,
        )

    def _message_ids(
        self, table: pa.Table, kept: npt.NDArray[np.intp] | None, rows: npt.NDArray[np.int64], flags: npt.NDArray[np.uint16]
    ) -> pa.Array:
        """The messageId of every event; one made of the import and the row where the file has none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        given = pa.nulls(len(rows), pa.string())
        if "messageId" in self._columns:
            given = whole(table, "messageId").cast(pa.string())
            given = given if kept is None else given.take(kept)
        if not given.null_count:
            return given
        flags[given.is_null().to_numpy(zero_copy_only=False)] |= Flag.MESSAGE_ID_MADE.value
        made = pa.array([f"import-{self._content_hash[:16]}-{row}" for row in rows.tolist()], pa.string())
        return pc.coalesce(given, made)

    def _rejected(
        self, table: pa.Table, bad: npt.NDArray[np.intp], code: npt.NDArray[np.int8], times: npt.NDArray[np.int64]
    ) -> list[RejectedEvent]:
        found: list[RejectedEvent] = []
        for row, values in zip(bad.tolist(), table.take(bad).to_pylist(), strict=True):
            name = CODES[int(code[row])]
            received = self._received_ms if self._received_ms is not None else max(int(times[row]), 0)
            found.append(
                RejectedEvent(
                    id="",
                    source=int(values[SOURCE]),
                    code=name,
                    detail=detail(name, values, self._columns),
                    raw=raw_json(values, self._columns),
                    received_ms=received,
                    message_id=values.get("messageId") or "",
                )
            )
        return found


def _ahead(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, the next one read while the one before is worked on: reading needs no Python."""
    source = iter(batches)
    with ThreadPoolExecutor(1, "import-reader") as reader:
        waiting = reader.submit(next, source, None)
        while (batch := waiting.result()) is not None:
            waiting = reader.submit(next, source, None)
            yield batch


def _tables(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Tables of exactly ``rows`` rows (the last may have fewer)."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count < rows:
            continue
        joined = pa.Table.from_batches(held)
        at = 0
        while count - at >= rows:
            yield joined.slice(at, rows)
            at += rows
        rest = joined.slice(at)
        held, count = rest.to_batches(), rest.num_rows
    if count:
        yield pa.Table.from_batches(held)
