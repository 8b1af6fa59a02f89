"""The seam to whatever keeps the log. One implementation is a folder of SQLite files, another lives in memory (tests)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec


class FrameHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before a frame's payload.

    Args:
        first_offset: Offset of the frame's first record.
        count: Records in the frame (at least 1).
        engine_now_ms: The clock of every fold, condition and decision of this frame.
        definitions: Hash of the definitions in force (32 hex digits).
        joined: Its records are folded together with those of the frame before, as if both were one (ADR 0018).
    """

    first_offset: int
    count: int
    engine_now_ms: int
    definitions: str
    joined: bool = False


class Log(Protocol):
    """An ordered sequence of frames. One writer; any number of readers, also in other processes."""

    def append(self, header: FrameHeader, frame: bytes) -> None:
        """Keep whole encoded frames; returns only when the bytes are durable. Raises BackendError, and then nothing was kept."""
        ...

    def append_many(self, frames: list[tuple[FrameHeader, bytes]]) -> None:
        """As ``append`` for several frames under one fsync."""
        ...

    def read(self, from_offset: int) -> Iterator[bytes]:
        """Encoded frames from the one that holds ``from_offset`` on, in order, to the end as of the call."""
        ...

    def end_offset(self) -> int:
        """The offset that the next record will get (0 for an empty log)."""
        ...

    def last_engine_now_ms(self) -> int:
        """``engine_now_ms`` of the last frame; 0 for an empty log."""
        ...

    def size_bytes(self) -> int:
        """Bytes on disk, for doctor and metrics."""
        ...

    def close(self) -> None:
        """Let go of files and locks."""
        ...
