"""Many events as a struct of arrays: what identity, traits, context and the lake read.

The two makers are ``gyeol.events.rows.RowsBatch`` (events that came as JSON) and ``gyeol.events.columns.ColumnsBatch`` (imports);
``gyeol.events.rows.batch_of`` makes one from plain dicts, for tests and rehearsals. What a path means is compiled once in
``gyeol.events.reading.Reading``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Column, Mask, Vocabulary

Wanted = Literal["number", "text", "flag", "list", "time"]
"""What a reader wants a path to be. ``time`` comes as kind ``number``: float64 milliseconds since 1970."""

CROWDED = 1_000_000
"""Distinct texts of one path from which ``Vocabularies.crowded`` names it. Source: DESIGN.md, section 4."""


class Vocabularies:
    """One ``Vocabulary`` a path, shared by all batches of a process so that a code means the same everywhere."""

    def __init__(self) -> None:
        self.names = Vocabulary()
        self._of: dict[str, Vocabulary] = {}

    def of(self, path: str) -> Vocabulary:
        """The vocabulary of a path; an empty one is made at first sight."""
        found = self._of.get(path)
        if found is None:
            found = self._of[path] = Vocabulary()
        return found

    def crowded(self) -> dict[str, int]:
        """Paths with more than ``CROWDED`` texts, and how many: an id read as a text trait, most likely."""
        return {path: len(v.words) for path, v in sorted(self._of.items()) if len(v.words) > CROWDED}

    def dump(self) -> dict[str, list[str]]:
        """All words in the order of their codes, for snapshots. The key ``""`` holds the event names."""
        return {"": list(self.names.words), **{path: list(v.words) for path, v in sorted(self._of.items())}}

    def load(self, words: dict[str, list[str]]) -> None:
        """Take back what ``dump`` gave. Call it before any batch is read: codes would clash otherwise."""
        for path, known in words.items():
            vocabulary = self.names if path == "" else self.of(path)
            for word in known:
                vocabulary.code(word)


class EachEvent(NamedTuple):
    """Decoded events, and how a path that some definition reads is read of one: as JSON has it, None where there is nothing."""

    events: Sequence[object]
    readers: Mapping[str, Callable[[Any], object]]


class EventColumnsByPath(Protocol):
    """Columns by path over some events."""

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """See ``EventBatch``."""
        ...

    def currency(self, path: str) -> Column:
        """See ``EventBatch``."""
        ...

    def each(self) -> EachEvent | None:
        """The events one by one, where they came as JSON; None where they are columns already."""
        ...


class EventBatch(Protocol):
    """Events in the order of their offsets. All arrays have shape (n,) and are not to be written to.

    Attributes:
        n: How many events (at least 1).
        first_offset: Offset of event 0 in the log.
        type_code: uint8, index into ``gyeol.events.model.EVENT_TYPES``.
        name: int32, code into ``names``: a track event's name, else ``$page``, ``$identify``, ``$screen``, ``$group``, ``$alias``.
        names: The vocabulary of ``name``.
        source: int16, index into the definitions' sources (sorted by name).
        time_ms: int64, the event's instant as fixed at ingest.
        received_ms: int64, when the server got it.
        id_hash: uint64, ``kernel.hashing.event_hash`` of the messageId; breaks ties of ``time_ms``.
        flags: uint16, bits of ``gyeol.events.ingest``.
        columnar: Whether values stand as columns, so that to name an event twice in a ``part`` costs nothing.
    """

    n: int
    first_offset: int
    type_code: npt.NDArray[np.uint8]
    names: Vocabulary
    source: npt.NDArray[np.int16]
    time_ms: npt.NDArray[np.int64]
    received_ms: npt.NDArray[np.int64]
    id_hash: npt.NDArray[np.uint64]
    flags: npt.NDArray[np.uint16]
    columnar: bool

    def offset(self, i: int) -> int:
        """Offset of event ``i`` in the log: other records may stand between two events."""
        ...

    @property
    def name(self) -> npt.NDArray[np.int32]:
        """See above; made at first use."""
        ...

    def column(self, path: str, kind: Wanted | None = None) -> Column:
        """The values of a dotted path over the whole batch; cached.

        The tracking plan's type of the path decides what it is; then ``kind``; then the batch's own values (numbers only if all are
        numbers, flags only if all are flags, lists only if all are lists or objects, else text). A reader whose state must not
        depend on how events were batched gives ``kind`` always. Money is int64 minor units (see ``currency``).

        Args:
            path: ``properties.price``, ``traits.city``, ``context.campaign.source``, ``userId``, ``name``, ``timestamp``, …
            kind: What the reader wants where the plan is silent.
        """
        ...

    def part(self, events: npt.NDArray[np.int64]) -> EventColumnsByPath:
        """Columns over some events only, by their indices: what is read of one event name need not be looked for in all others."""
        ...

    def texts(self, path: str) -> list[str | None]:
        """The values of a path as NFC text, without giving them codes: for identifiers, of which there are too many."""
        ...

    def coded(self, path: str) -> tuple[npt.NDArray[np.int32], Sequence[str]] | None:
        """The same as codes (-1: none) of words, where the batch keeps the path so; None where it does not."""
        ...

    def currency(self, path: str) -> Column:
        """For a money path the ISO 4217 code of each known value, as a text column; unknown everywhere for other paths."""
        ...

    def each(self) -> EachEvent | None:
        """See ``EventColumnsByPath``."""
        ...

    def raw(self, i: int) -> bytes:
        """The JSON of event ``i`` with its messageId and the timestamps as resolved: for lake, timeline, dead letter."""
        ...


def named(batch: EventBatch, events: frozenset[str]) -> Mask:
    """(n,) which events of a batch have one of some names; ``$any``: all have."""
    if "$any" in events:
        return np.ones(batch.n, np.bool_)
    names = batch.name  # first: reading the names may be what gives them codes
    codes = [batch.names.find(name) for name in sorted(events)]
    return np.isin(names, [code for code in codes if code >= 0])
