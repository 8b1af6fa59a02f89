"""Events that came as JSON, as a batch: decoded once, and only where some definition reads."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EachEvent, Vocabularies, Wanted
from gyeol.events.heads import UNREADABLE
from gyeol.events.model import EVENT_TYPES, TrackingPlan
from gyeol.events.paths import PathBatch, PathColumns
from gyeol.events.reading import Projection, Reading, dig, projection
from gyeol.events.sections import NO_TIME, EventRows
from gyeol.events.values import Present, as_text, present, text_column
from gyeol.expressions.column import Column, Vocabulary
from gyeol.kernel.canonical import canonical_json
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import instant_text, parse_instant

_TEXT_OR_NONE = {str, type(None)}


class RowsBatch(PathBatch):
    """An ``EventBatch`` over the JSON of ``EventRows``.

    Args:
        section: What the frame holds.
        first_offset: Offset of its first event.
        reading: Paths, types and vocabularies.
        parts: See ``PathBatch``.
    """

    def __init__(self, section: EventRows, first_offset: int, reading: Reading, parts: Sequence[tuple[int, int]] = ()) -> None:
        super().__init__(section, len(section.raw), first_offset, reading, parts)
        self._section = section

    @cached_property
    def _declared(self) -> Decoded:
        known = self._reading.projection
        return Decoded(known, decode_rows(known, self._section.raw))

    def part(self, events: npt.NDArray[np.int64]) -> RowsPart:
        """See ``EventBatch``."""
        return RowsPart(self, self._reading, events)

    def decoded(self, events: npt.NDArray[np.int64]) -> Decoded:
        """Some events, as far as definitions read them."""
        return self._declared.of(events.tolist())

    def each(self) -> EachEvent:
        """See ``EventColumnsByPath``."""
        return EachEvent(self._declared.rows, self._reading.projection.readers)

    def _present(self, path: str) -> Present:
        known = self._reading.projection
        if path in known.places:
            found = self._declared.present(path)
        else:
            own = projection((path,))
            found = Decoded(own, decode_rows(own, self._section.raw)).present(path)
        if path != "context.ip" or not self._section.ip:
            return found
        said = dict(zip(np.flatnonzero(found.known).tolist(), found.values, strict=True))
        return present([said.get(i, seen or None) for i, seen in enumerate(self._section.ip)])

    def _text(self, path: str, vocabulary: Vocabulary) -> Column:
        return text_column(self._present(path), vocabulary)

    def texts(self, path: str) -> list[str | None]:
        """See ``EventBatch``."""
        words: list[Any]
        if path in self._reading.projection.places and path != "context.ip":
            words = self._declared.each(path)
        else:
            found = self._present(path)
            words = [None] * self.n
            for i, value in zip(np.flatnonzero(found.known).tolist(), found.values, strict=True):
                words[i] = value
        if set(map(type, words)) <= _TEXT_OR_NONE and "".join(filter(None, words)).isascii():
            return words
        return [as_text(word) for word in words]

    def coded(self, path: str) -> None:
        """See ``EventBatch``: JSON has texts, no codes."""

    def raw(self, i: int) -> bytes:
        """See ``EventBatch``."""
        held = self._section
        fields = msgspec.json.decode(held.raw[i], type=dict[str, msgspec.Raw])
        fields["type"] = msgspec.Raw(f'"{EVENT_TYPES[int(self.type_code[i])]}"'.encode())
        fields["timestamp"] = _text(int(self.time_ms[i]))
        fields["receivedAt"] = _text(int(self.received_ms[i]))
        for key, data in (("originalTimestamp", held.original), ("sentAt", held.sent)):
            at_ms = int(np.frombuffer(data, "<i8")[i])
            if at_ms != NO_TIME:
                fields[key] = _text(at_ms)
        return msgspec.json.encode(fields)


def _text(at_ms: int) -> msgspec.Raw:
    return msgspec.Raw(b'"' + instant_text(at_ms).encode() + b'"')


class RowsPart(PathColumns):
    """Some events of a ``RowsBatch``: a path is read of these alone, and most paths belong to one event name.

    Args:
        whole: The batch.
        reading: The batch's.
        events: Indices into the batch.
    """

    def __init__(self, whole: RowsBatch, reading: Reading, events: npt.NDArray[np.int64]) -> None:
        super().__init__(reading, len(events))
        self._whole, self._events = whole, events

    @cached_property
    def _decoded(self) -> Decoded:
        return self._whole.decoded(self._events)

    @property
    def name(self) -> npt.NDArray[np.int32]:
        """Codes of the events' names."""
        return self._whole.name[self._events]

    def _types(self) -> Column:
        return self._whole.column("type").take(self._events)

    def instants(self, path: str) -> npt.NDArray[np.int64]:
        """(n,) milliseconds of one of the four timestamps."""
        return self._whole.instants(path)[self._events]

    def _make(self, path: str, kind: Wanted | None) -> Column:
        if path not in self._reading.projection.places or path == "context.ip":
            return self._whole.column(path, kind).take(self._events)
        return super()._make(path, kind)

    def each(self) -> EachEvent:
        """See ``EventColumnsByPath``."""
        return EachEvent(self._decoded.rows, self._reading.projection.readers)

    def _present(self, path: str) -> Present:
        return self._decoded.present(path)

    def _text(self, path: str, vocabulary: Vocabulary) -> Column:
        return text_column(self._present(path), vocabulary)


def decode_rows(wanted: Projection, raws: Sequence[bytes]) -> list[Any]:
    """Events through a projection; one of unexpected shape (``"context": 1``) loses only what does not fit."""
    try:
        return list(map(wanted.decode, raws))
    except UNREADABLE:
        return [_decode_one(wanted, raw) for raw in raws]


class Decoded:
    """Decoded events, by path.

    Args:
        wanted: The projection that they went through.
        rows: What it gave.
    """

    def __init__(self, wanted: Projection, rows: list[Any]) -> None:
        self._wanted = wanted
        self._branches: dict[str, tuple[list[Any], list[int] | None]] = {"": (rows, None)}
        self._n = len(rows)

    def of(self, events: list[int]) -> Decoded:
        """Some of the events."""
        rows = self.rows
        return Decoded(self._wanted, [rows[i] for i in events])

    @property
    def rows(self) -> list[Any]:
        """The events."""
        return self._branches[""][0]

    def each(self, path: str) -> list[Any]:
        """The path's value of every event, None where it has none: an absent object is one without values."""
        return list(map(self._wanted.readers[path], self.rows))

    def _values(self, path: str) -> tuple[list[object], list[int] | None]:
        """The path's values, and of which events they are (None: of all)."""
        place = self._wanted.places[path]
        objects, where = self._branch(place.branch)
        values: list[object] = list(map(attrgetter(place.leaf), objects))
        return ([dig(v, place.rest) for v in values] if place.rest else values), where

    def present(self, path: str) -> Present:
        """The path's values as JSON has them."""
        values, where = self._values(path)
        found = present(values)
        if where is None:
            return found
        known = np.zeros(self._n, np.bool_)
        known[where] = found.known
        return Present(found.values, known)

    def _branch(self, branch: str) -> tuple[list[Any], list[int] | None]:
        """The nested objects that are there, and of which events they are (None: of all)."""
        held = self._branches.get(branch)
        if held is None:
            absent = self._wanted.branches[branch]
            objects = list(map(attrgetter(branch), self._branches[""][0]))
            where = [i for i, o in enumerate(objects) if o is not absent]
            held = (objects, None) if len(where) == len(objects) else ([objects[i] for i in where], where)
            self._branches[branch] = held
        return held


def _decode_one(wanted: Projection, raw: bytes) -> Any:
    try:
        return wanted.decode(raw)
    except UNREADABLE:
        try:
            return wanted.build(json.loads(raw.decode(errors="replace"), parse_float=_finite))
        except (ValueError, RecursionError):  # ingest refuses such events; should one be in the log, the fold must go on
            return wanted.build(None)


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def batch_of(
    events: Sequence[dict[str, Any]],
    *,
    paths: Sequence[str] = (),
    plan: TrackingPlan | None = None,
    currency: str = "KRW",
    vocabularies: Vocabularies | None = None,
    first_offset: int = 0,
    source: int = 0,
    received_ms: int | None = None,
) -> RowsBatch:
    """A batch of events written as dicts, as if they had been accepted: for tests and rehearsals, not for what comes from outside.

    Args:
        events: ``{"type": "track", "event": …, "userId": …, "timestamp": "2026-01-01T00:00:00Z", "messageId": …, "properties": {…}}``;
            ``type`` is ``track`` and messageId ``m<offset>`` where absent, ``timestamp`` may be milliseconds, ``source`` an index.
        paths: What the reading extracts; others work too.
        plan: See ``Reading``; without rules if None.
        currency: See ``Reading``.
        vocabularies: See ``Reading``.
        first_offset: Offset of the first event.
        source: Index of the events' source.
        received_ms: When they came; their own time if None.
    """
    reading = Reading(plan or TrackingPlan(), currency, paths, vocabularies)
    times, sources, raws, ids, types = [], [], [], [], []
    for i, given in enumerate(events):
        event = {"type": "track", "messageId": f"m{first_offset + i}"} | given
        sources.append(event.pop("source", source))
        at = event.get("timestamp", received_ms or 0)
        at_ms = at if isinstance(at, int) else parse_instant(at)
        if at_ms is None:
            raise ValueError(f"events[{i}].timestamp: {at!r} is no instant")
        times.append(at_ms)
        event["timestamp"] = instant_text(at_ms)
        raws.append(canonical_json(event))
        ids.append(event_hash(event["messageId"]))
        types.append(EVENT_TYPES.index(event["type"]))
    time = np.array(times, "<i8").tobytes()
    received = time if received_ms is None else np.full(len(times), received_ms, "<i8").tobytes()
    none = np.full(len(times), NO_TIME, "<i8").tobytes()
    hashes = np.array(ids, "<u8").tobytes()
    section = EventRows(
        source=np.array(sources, "<i2").tobytes(), time=time, received=received, original=time, sent=none, flags=bytes(2 * len(times)),
        raw=raws, type_code=np.array(types, np.uint8).tobytes(), id_hash=hashes, payload_hash=hashes,
    )  # fmt: skip
    return RowsBatch(section, first_offset, reading)
