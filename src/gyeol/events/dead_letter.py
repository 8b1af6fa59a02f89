"""Rejected events: read, corrected, replayed once.

The id is ``dl_<offset>``: the offset of the rejection in the log, so an id names its record without an index. A correction is new JSON
for the same event, which is judged again as if it had come when it first came; the command ``replay_dead_letter`` marks the letter.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from gyeol.events.ingest import Incoming
from gyeol.events.model import SourceDefinition
from gyeol.events.sections import RejectedEvent, dead_letter_id
from gyeol.events.wire import decode_single

Status = Literal["waiting", "replayed"]


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One rejected event.

    Args:
        id: ``dl_<offset>``.
        source: Name of the source.
        code, detail: Why; codes are those of ``ingest``.
        raw: What came, as it came.
        received_ms: When.
        message_id: As far as it could be read.
        ip: Address of the connection, for client sources.
        status: ``replayed`` once a correction of it was accepted.
        replayed_offset: Offset of the command that replayed it.
    """

    id: str
    source: str
    code: str
    detail: str
    raw: bytes
    received_ms: int
    message_id: str = ""
    ip: str = ""
    status: Status = "waiting"
    replayed_offset: int | None = None


class DeadLetters(Protocol):
    """The rejected events of a workspace, newest first."""

    def get(self, id: str) -> DeadLetter | None:
        """One by id."""
        ...

    def list(self, status: Status | None, limit: int, cursor: str | None) -> tuple[list[DeadLetter], str | None]:
        """A page, newest first, and the cursor of the next page (None at the end). Raises InputError for a foreign cursor."""
        ...

    def counts(self) -> dict[str, int]:
        """How many wait, by code."""
        ...


def offset_of(id: str) -> int | None:
    """The offset that an id names, or None when it is no id."""
    digits = id.removeprefix("dl_")
    if digits == id or not digits.isascii() or not digits.isdigit():
        return None
    return int(digits) if dead_letter_id(int(digits)) == id else None


def letter_of(event: RejectedEvent, source: str | None = None) -> DeadLetter:
    """The dead letter of a record of the log.

    Args:
        event: The record.
        source: Name of the source that its index means; None: as the record itself says.
    """
    return DeadLetter(
        id=event.id, source=event.source_name if source is None else source, code=event.code, detail=event.detail, raw=event.raw,
        received_ms=event.received_ms, message_id=event.message_id, ip=event.ip,
    )  # fmt: skip


def replay_of(letter: DeadLetter, correction: bytes | None, source: SourceDefinition, source_index: int) -> Incoming:
    """What a replay sends through ``ingest.prepare``: the correction, or the event as it came, at the time at which it came.

    Args:
        letter: The dead letter.
        correction: New JSON for the event, or None.
        source: Its source as defined now.
        source_index: That source's index.

    Raises:
        InputError: The correction is no JSON.
    """
    body = decode_single(letter.raw if correction is None else correction, "")
    return Incoming(
        source=source, source_index=source_index, events=body.events, received_ms=letter.received_ms, ip=letter.ip or None,
        repaired=body.repaired, replayed=True,
    )  # fmt: skip
