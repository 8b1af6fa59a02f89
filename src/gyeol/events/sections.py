"""What stands in a frame: sections in the order of their records. Stored for ever: fields may only be added, at the end, with a default.

Arrays are the bytes of little-endian NumPy arrays. Every section covers as many consecutive offsets as it has records.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.log import FrameHeader

NO_TIME = -1
"""Stands in ``original`` and ``sent`` where an event has no such instant."""


class EventRows(msgspec.Struct, array_like=True, tag="rows", frozen=True):
    """Events that came as JSON.

    Args:
        source: int16 (n,), index into the definitions' sources.
        time, received, original, sent: int64 (n,), milliseconds; ``NO_TIME`` for none (original, sent).
        flags: uint16 (n,).
        raw: The events' JSON, each with its messageId and the batch's context merged in.
        type_code: uint8 (n,).
        id_hash: uint64 (n,), of the messageId.
        payload_hash: uint64 (n,), see ``gyeol.events.ingest.payload_hash``: what dedupe compares.
        ip: Address of the connection, one an event, or empty when none is known.
        sources: Names that ``source`` points into: indices change with the definitions, names do not.
    """

    source: bytes
    time: bytes
    received: bytes
    original: bytes
    sent: bytes
    flags: bytes
    raw: list[bytes]
    type_code: bytes
    id_hash: bytes
    payload_hash: bytes
    ip: list[str] = []
    sources: list[str] = []


class PackedColumn(msgspec.Struct, array_like=True, frozen=True):
    """One property path of an import.

    Args:
        kind: number (float64 or int64) | text (int32 codes into ``words``) | flag (bool) | list (JSON array of the values in ``values``).
        dtype: NumPy's little-endian type of ``values``, e.g. ``<f8``; ``json`` for list.
        values: (n,) array, or the JSON.
        known: (n,) bits, little-endian within each byte; empty when all are known.
        words: Texts by code (NFC).
    """

    kind: Literal["number", "text", "flag", "list"]
    dtype: str
    values: bytes
    known: bytes = b""
    words: list[str] = []


class ImportOrigin(msgspec.Struct, array_like=True, frozen=True):
    """Which part of which file a section holds: what deduplicates imports."""

    file_hash: str
    group: int
    last: bool


class EventColumns(msgspec.Struct, array_like=True, tag="columns", frozen=True):
    """Events of an import, as columns by dotted path. Arrays and ``sources`` as in ``EventRows``; ``messageId`` is a column too.

    Args:
        origin: Which part of which file this is.
        act: Whether journeys may act on these events.
    """

    count: int
    source: bytes
    time: bytes
    received: bytes
    original: bytes
    sent: bytes
    flags: bytes
    columns: dict[str, PackedColumn]
    type_code: bytes
    id_hash: bytes
    origin: ImportOrigin | None = None
    sources: list[str] = []
    act: bool = False


class RejectedEvent(msgspec.Struct, array_like=True, frozen=True):
    """One dead letter as the log keeps it.

    Args:
        id: ``dl_<offset>``.
        source, source_name: Index as in ``EventRows``, and the name that it means.
        raw: What came, as it came.
    """

    id: str
    source: int
    code: str
    detail: str
    raw: bytes
    received_ms: int
    message_id: str = ""
    ip: str = ""
    source_name: str = ""


class Rejections(msgspec.Struct, array_like=True, tag="rejected", frozen=True):
    """Events that were refused, with the reason. ``sources``: as in ``EventRows``."""

    items: list[RejectedEvent]
    sources: list[str] = []


class Command(msgspec.Struct, array_like=True, frozen=True):
    """Something that a person or program told the engine to do.

    Args:
        kind: apply | merge | cut | release | confirm | move | split | accept | reject | consent | replay_dead_letter | refold | backfill.
        by: Who.
        at_ms: When it was asked.
        why: In the words of who asked.
        body: What the kind needs.
    """

    kind: str
    by: str
    at_ms: int
    why: str
    body: dict[str, object]


class Commands(msgspec.Struct, array_like=True, tag="commands", frozen=True):
    """Commands in order."""

    items: list[Command]


class Decisions(msgspec.Struct, array_like=True, tag="decisions", frozen=True):
    """Decisions, each as msgpack that only ``gyeol.decisions`` reads."""

    items: list[bytes]


class Deliveries(msgspec.Struct, array_like=True, tag="deliveries", frozen=True):
    """What became of messages, each as msgpack that only ``gyeol.channels`` reads."""

    items: list[bytes]


class Facts(msgspec.Struct, array_like=True, tag="facts", frozen=True):
    """Facts from outside, each as msgpack that only ``gyeol.context`` reads."""

    items: list[bytes]


class Tick(msgspec.Struct, array_like=True, tag="tick", frozen=True):
    """Nothing happened but time. Appended only when a timer is due."""


Section = EventRows | EventColumns | Rejections | Commands | Decisions | Deliveries | Facts | Tick


class Frame(msgspec.Struct, frozen=True):
    """A micro-batch: the unit of appending, folding and replay."""

    header: FrameHeader
    sections: list[Section]


def section_count(section: Section) -> int:
    """How many records, and so offsets, a section covers."""
    if isinstance(section, EventRows):
        return len(section.raw)
    if isinstance(section, EventColumns):
        return section.count
    return 1 if isinstance(section, Tick) else len(section.items)


def dead_letter_id(offset: int) -> str:
    """The id of the dead letter at an offset: found again without an index."""
    return f"dl_{offset}"


def int64s(data: bytes) -> npt.NDArray[np.int64]:
    """The int64 array of a section's bytes (read-only view)."""
    return np.frombuffer(data, "<i8")
