"""Events read from the log's end as they come: whose they are, and the values of a few paths. For what follows the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec
import numpy as np

from gyeol.engine.definitions import Definitions
from gyeol.events.batch import EventBatch
from gyeol.events.columns import ColumnsBatch
from gyeol.events.frames import decode_frame, decode_header
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import EventColumns, EventRows, section_count
from gyeol.identity.extract import identify_batch, identity_paths
from gyeol.identity.graph import IdentityGraph


class FrameReader(Protocol):
    """What is read of a log."""

    def read(self, from_offset: int) -> Iterator[bytes]:
        """Frames from the one that holds an offset on."""
        ...

    def end_offset(self) -> int:
        """The offset after the last record."""
        ...


class Told(msgspec.Struct, frozen=True):
    """An event.

    Args:
        offset: Of its record.
        at_ms: When it happened.
        name: Of the event.
        person: ``type:value`` of its strongest identifier; None: it names nobody.
        trusted: Whether its source has ``trust: server``.
        values: By path, numbers (money in minor units) and texts; what it does not say is not there.
    """

    offset: int
    at_ms: int
    name: str
    person: str | None
    trusted: bool
    values: dict[str, float | str]


class EventFeed:
    """Reads events of some names, or of all, under one set of definitions.

    Args:
        definitions: Types, identifiers and sources.
        names: Names of events; None: all.
        texts, numbers: Paths.
    """

    def __init__(self, definitions: Definitions, names: frozenset[str] | None, texts: Iterable[str], numbers: Iterable[str]) -> None:
        self._definitions, self._names = definitions, names
        self._texts, self._numbers = sorted(set(texts)), sorted(set(numbers))
        self._hints = None if names is None else [name.encode() for name in sorted(names)]
        self._sources = [*(source.name for source in definitions.sources), ""]
        self._trust = [*(source.trust for source in definitions.sources), "client"]

    def read(self, log: FrameReader, from_offset: int, most_frames: int) -> Iterator[tuple[int, list[Told]]]:
        """Frame after frame: the offset after it, and its events that are wanted.

        Args:
            log: The log.
            from_offset: Records before it were read.
            most_frames: At most so many.
        """
        for number, data in enumerate(log.read(from_offset)):
            if number >= most_frames:
                return
            header = decode_header(data)
            yield header.first_offset + header.count, self._frame(data, from_offset)

    def _frame(self, data: bytes, from_offset: int) -> list[Told]:
        frame = decode_frame(data)
        offset, found = frame.header.first_offset, list[Told]()
        for section in frame.sections:
            if isinstance(section, EventRows | EventColumns) and self._may_hold(section):
                found += [told for told in self._section(section, offset) if told.offset >= from_offset]
            offset += section_count(section)
        return found

    def _may_hold(self, section: EventRows | EventColumns) -> bool:
        """Whether a section may hold what is wanted: names of other letters than ASCII may be written in more than one way."""
        if self._hints is None or isinstance(section, EventColumns):
            return bool(section.count if isinstance(section, EventColumns) else section.raw)
        return any(not hint.isascii() or any(hint in raw for raw in section.raw) for hint in self._hints)

    def _section(self, section: EventRows | EventColumns, offset: int) -> list[Told]:
        definitions = self._definitions
        paths = {*self._texts, *self._numbers, *identity_paths(definitions.identity)}
        reading = Reading(definitions.plan, definitions.workspace.currency, paths, None, self._sources)
        batch: EventBatch = (
            RowsBatch(section, offset, reading) if isinstance(section, EventRows) else ColumnsBatch(section, offset, reading)
        )
        named = batch.name
        words = batch.names.words
        wanted = [i for i, code in enumerate(named.tolist()) if self._names is None or words[code] in self._names]
        if not wanted:
            return []
        people = self._people(batch, wanted)
        values = self._values(batch, wanted)
        return [
            Told(batch.offset(i), int(batch.time_ms[i]), words[int(named[i])], person, self._trust[int(batch.source[i])] == "server", said)
            for i, person, said in zip(wanted, people, values, strict=True)
        ]

    def _people(self, batch: EventBatch, wanted: Sequence[int]) -> list[str | None]:
        graph = IdentityGraph(self._definitions.identity, bytes(32))
        nodes = identify_batch(batch, self._definitions.identity, graph, self._trust, self._sources).event_node
        known = [int(nodes[i]) for i in wanted]
        return [None if node < 0 else ":".join(graph.identifier(node)[:2]) for node in known]

    def _values(self, batch: EventBatch, wanted: Sequence[int]) -> list[dict[str, float | str]]:
        found: list[dict[str, float | str]] = [{} for _ in wanted]
        for path in self._texts:
            said = batch.texts(path)
            for values, i in zip(found, wanted, strict=True):
                text = said[i]
                if text:
                    values[path] = text
        for path in self._numbers:
            column = batch.column(path, "number")
            if column.kind == "number":
                known, numbers = column.known, np.asarray(column.values)
                for values, i in zip(found, wanted, strict=True):
                    if known[i]:
                        values[path] = float(numbers[i])
        return found
