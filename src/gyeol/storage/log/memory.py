"""The log in memory: for tests, rehearsals and whatever need not outlive the process."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from gyeol.events.log import FrameHeader
from gyeol.storage.log.order import checked_end


class MemoryLog:
    """A ``gyeol.events.log.Log`` in a list."""

    def __init__(self) -> None:
        self._headers: list[FrameHeader] = []
        self._frames: list[bytes] = []

    def append(self, header: FrameHeader, frame: bytes) -> None:
        """See ``Log``."""
        self.append_many([(header, frame)])

    def append_many(self, frames: list[tuple[FrameHeader, bytes]]) -> None:
        """See ``Log``."""
        checked_end(frames, self.end_offset())
        for header, frame in frames:
            self._headers.append(header)
            self._frames.append(bytes(frame))

    def read(self, from_offset: int) -> Iterator[bytes]:
        """See ``Log``."""
        first = max(0, bisect_right(self._headers, from_offset, key=lambda h: h.first_offset) - 1)
        if from_offset >= self.end_offset():
            first = len(self._frames)
        return iter(self._frames[first : len(self._frames)])

    def end_offset(self) -> int:
        """See ``Log``."""
        return self._headers[-1].first_offset + self._headers[-1].count if self._headers else 0

    def last_engine_now_ms(self) -> int:
        """See ``Log``."""
        return self._headers[-1].engine_now_ms if self._headers else 0

    def size_bytes(self) -> int:
        """See ``Log``."""
        return sum(map(len, self._frames))

    def close(self) -> None:
        """See ``Log``."""
