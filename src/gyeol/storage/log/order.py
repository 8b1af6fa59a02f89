"""The law of appending: offsets without gaps, time that does not go back. Every driver checks it before it writes."""

from __future__ import annotations

from gyeol.events.log import FrameHeader
from gyeol.kernel.errors import InternalError


def checked_end(frames: list[tuple[FrameHeader, bytes]], end_offset: int) -> int:
    """The log's end after these frames.

    Raises:
        InternalError: ``log_gap``: a frame does not begin where the one before it ends; ``log_empty_frame``.
    """
    for header, _ in frames:
        if header.first_offset != end_offset:
            raise InternalError(
                "log_gap",
                f"a frame begins at offset {header.first_offset}, the log ends at {end_offset}: there is a second writer",
                end=end_offset,
            )
        if header.count < 1:
            raise InternalError("log_empty_frame", f"the frame at offset {end_offset} has no record")
        end_offset += header.count
    return end_offset
