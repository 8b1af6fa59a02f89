"""What an opened import is: how much there is, and its sections one after another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import msgspec

from gyeol.events.sections import EventColumns, ImportOrigin, RejectedEvent

GROUP_ROWS = 20_000
"""Rows of a section when nothing is acted on."""

ACTING_GROUP_ROWS = 1_000
"""Rows of a section when journeys act on what is imported: as many as a live micro-batch. Source: DESIGN.md, section 6."""


class ImportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an import needs to know of its surroundings.

    Args:
        sources: Names of the workspace's sources in the order of ``Definitions.sources``: an event's source is an index into it.
        source: For files without a mapping and without a column ``source``: the source of all their events.
        received_ms: The instant at which the events are received. None: each is received when it happened (``clock: data``).
        group_rows: Rows of one section; boundaries depend on nothing else.
        base: Folder from which relative places count.
    """

    sources: list[str]
    source: str | None = None
    received_ms: int | None = None
    group_rows: int = GROUP_ROWS
    base: str = "."


class ImportGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One section's worth of rows.

    Args:
        origin: Which rows of which import these are.
        rows: How many rows were read.
        events: The valid ones; its ``count`` is 0 when none is.
        rejected: The others, in row order; ``id`` is empty until they get an offset.
    """

    origin: ImportOrigin
    rows: int
    events: EventColumns
    rejected: list[RejectedEvent]


Groups = Generator[ImportGroup, None, None]
"""The groups of an import in order; closing it stops the reading."""


class ImportPlan:
    """An import that was opened and checked; iterate over it to read.

    Attributes:
        label: What people call it, by language.
        total: Rows in all (events and rows that will be rejected).
        by_source: Rows by source.
        files: The files read.
        content_hash: 32 hex digits over the inputs, the mapping and how they are read.
        file_hash: ``content_hash`` with the group size: equal only if the groups are equal as well.
        group_rows: Rows of one group.
        groups: How many groups there are.
        warnings: What looks wrong but stops nothing.
    """

    def __init__(
        self,
        *,
        label: dict[str, str],
        total: int,
        by_source: dict[str, int],
        files: list[str],
        content_hash: str,
        group_rows: int,
        warnings: list[str],
        read: Callable[[int], Groups],
        close: Callable[[], None],
    ) -> None:
        self.label = label
        self.total = total
        self.by_source = by_source
        self.files = files
        self.content_hash = content_hash
        self.group_rows = group_rows
        self.file_hash = f"{content_hash}-{group_rows}"
        self.groups = -(-total // group_rows)
        self.warnings = warnings
        self._read = read
        self._close = close

    def sections(self, from_group: int = 0) -> Groups:
        """The groups in order, from one on (to go on where an import was broken off)."""
        return self._read(from_group)

    def __iter__(self) -> Iterator[ImportGroup]:
        return self._read(0)

    def close(self) -> None:
        """Let go of files and memory."""
        self._close()

    def __enter__(self) -> ImportPlan:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
