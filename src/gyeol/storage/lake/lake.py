"""One lake as the side process (or an offline command) has it: writer, reader, and the rows between the two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gyeol.engine.definitions import Definitions
from gyeol.events.sections import Frame
from gyeol.storage.lake.past import FrameReader, Past
from gyeol.storage.lake.reader import LakeReader
from gyeol.storage.lake.rows import FrameRows
from gyeol.storage.lake.sql import SqlResult
from gyeol.storage.lake.store import LakeStore
from gyeol.storage.lake.writer import LakeWriter

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class Lake:
    """Opens a lake for writing and reading. One process at a time.

    Args:
        folder: Holds catalog and data; made when missing.
        log: Where frames come from.
        past: State.db, read-only.
        definitions: The definitions of a hash.
        commit_rows, commit_s: When the writer commits.
        also: Given each frame that the writer reads.
        threads, memory: What DuckDB may use, for writing and for reading each.

    Raises:
        BackendError, VersionConflictError, CapabilityMissingError: See ``LakeStore``.
    """

    def __init__(
        self,
        folder: Path,
        log: FrameReader,
        past: Past,
        definitions: Callable[[str], Definitions],
        *,
        commit_rows: int = 50_000,
        commit_s: float = 30.0,
        threads: int = 2,
        memory: str = "1GB",
        also: Callable[[Frame], None] = lambda frame: None,
    ) -> None:
        self._store = LakeStore(folder, threads=threads, memory=memory)
        self.writer = LakeWriter(self._store, log, past, definitions, commit_rows=commit_rows, commit_s=commit_s, also=also)
        self._reader = LakeReader(folder, threads=threads, memory=memory)

    @property
    def offset(self) -> int:
        """The first log offset that the lake does not hold."""
        return self.writer.lake_offset

    def tail(self) -> tuple[FrameRows, ...]:
        """Rows read from the log but not yet in the lake."""
        return self.writer.tail()

    def catch_up(self) -> int:
        """Bring everything that was acted upon into the lake. Returns its offset."""
        return self.writer.catch_up()

    def tidy(self) -> None:
        """See ``LakeStore.tidy``."""
        self._store.tidy()

    def run(self, expression: ir.Table, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """See ``LakeReader.run``."""
        return self._reader.run(expression, tables)

    def query(self, text: str, values: list[object] | None = None) -> pa.Table:
        """See ``LakeReader.query``."""
        return self._reader.query(text, values)

    def sql(self, text: str, *, limit: int = 1_000, timeout_s: float = 30.0) -> SqlResult:
        """See ``LakeReader.sql``."""
        return self._reader.sql(text, limit=limit, timeout_s=timeout_s)

    def close(self) -> None:
        """Let go of the files. What was not committed is read again from the log next time."""
        self._reader.close()
        self._store.close()
