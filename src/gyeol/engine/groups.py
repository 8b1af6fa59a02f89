"""Frames that are folded as one: those that wait in a running engine, and the same ones in a replay.

To fold an event among 64 costs five times what it costs among 1,000. So a frame that holds nothing but what came over HTTP may be left
unfolded until somebody asks, or enough have gathered; the header of a frame that joins those before it says so (``joined``), and a replay
folds them together, too (ADR 0018). Their rows become one batch: nodes are numbered type by type within a batch, so the cut must be the
same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from gyeol.engine.jobs import Collect, Job
from gyeol.events.sections import EventRows, Frame, Rejections, Section

_ARRAYS = ("source", "time", "received", "original", "sent", "flags", "type_code", "id_hash", "payload_hash")


class Group(msgspec.Struct, frozen=True):
    """What is folded at once.

    Args:
        frame: All records under one header: the first offset, all counts, and the last frame's clock, for no time ends between them.
        parts: (first offset, events) of each frame; empty when it is a single one.
    """

    frame: Frame
    parts: list[tuple[int, int]]


def may_be_held(jobs: Sequence[Job]) -> bool:
    """Whether the frame of some jobs can be left unfolded: events from HTTP and nothing else, so nobody waits for what they change."""
    return bool(jobs) and all(type(job) is Collect for job in jobs)


def takes_more(sections: Sequence[Section]) -> bool:
    """Whether another frame may be joined to one with these sections: events, and those that were refused."""
    return all(isinstance(section, EventRows | Rejections) for section in sections)


def joined(frames: Sequence[Frame]) -> Group:
    """Consecutive frames as one.

    Args:
        frames: At least one; all but the last hold nothing but ``EventRows`` and after them ``Rejections``.
    """
    if len(frames) == 1:
        return Group(frames[0], [])
    first, last = frames[0].header, frames[-1].header
    count = sum(frame.header.count for frame in frames)
    header = msgspec.structs.replace(last, first_offset=first.first_offset, count=count, joined=False)
    rows = [section for frame in frames for section in frame.sections if isinstance(section, EventRows)]
    others = [section for frame in frames for section in frame.sections if not isinstance(section, EventRows)]
    parts = [(frame.header.first_offset, sum(len(s.raw) for s in frame.sections if isinstance(s, EventRows))) for frame in frames]
    return Group(Frame(header=header, sections=[*_together(rows), *others]), parts)


def groups(frames: Iterable[Frame]) -> Iterator[Group]:
    """The frames of a log as they were folded."""
    waiting: list[Frame] = []
    for frame in frames:
        if waiting and not frame.header.joined:
            yield joined(waiting)
            waiting = []
        waiting.append(frame)
    if waiting:
        yield joined(waiting)


def _together(rows: Sequence[EventRows]) -> list[EventRows]:
    """All rows as one section; none when there are none."""
    if len(rows) < 2:
        return list(rows)
    changes: dict[str, Any] = {name: b"".join([getattr(section, name) for section in rows]) for name in _ARRAYS}
    changes["raw"] = [raw for section in rows for raw in section.raw]
    if any(section.ip for section in rows):
        changes["ip"] = [ip for section in rows for ip in (section.ip or [""] * len(section.raw))]
    return [msgspec.structs.replace(rows[0], **changes)]
