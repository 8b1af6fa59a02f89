"""Events that the fold cannot take: found by bisecting their frame, put into the dead letter, blanked in the log (ADR 0017).

They are a bug of ours, and must not stop everybody else's events. The dead letter holds what came, so that it can be replayed once a
release can take it; the log's frame holds a blank event in its place, so that every later replay does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np

from gyeol.engine.blanking import BLANK, Marked, blank_frame
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_section
from gyeol.engine.state import EngineState
from gyeol.events.columns import ColumnsBatch
from gyeol.events.frames import encode_frame
from gyeol.events.log import FrameHeader, Log
from gyeol.events.paths import placed
from gyeol.events.sections import EventColumns, EventRows, Frame, RejectedEvent, Rejections, dead_letter_id, int64s, section_count

CODE = "poison"
"""Code of the dead letters."""
Rewrite = Callable[[Callable[[Frame], Frame | None]], object]


def quarantine(
    log: Log,
    rewrite: Rewrite,
    frame: Frame,
    why: BaseException,
    fresh: Callable[[], EngineState],
    before: Callable[[], EngineState],
    parts: Sequence[tuple[int, int]] = (),
) -> int:
    """Move the events of a frame that cannot be folded into the dead letter.

    First they are appended as rejected, then the frame is rewritten: a crash between the two does it again, and loses nothing.

    Args:
        log: Nothing is being appended to it.
        rewrite: Changes frames of the log in their places.
        frame: It could not be folded; frames of the log that are folded as one, as one.
        why: What folding raised.
        fresh: An empty state: most such events fail on any.
        before: The state before the frame, for those that do not; slow.
        parts: Of frames that are folded as one, see ``groups.Group``.

    Returns:
        How many events it were; 0: no event is to blame, and nothing was changed.
    """
    found = poisoned(frame, lambda trial: _folds(fresh(), trial)) or poisoned(frame, lambda trial: _folds(before(), trial))
    if not found:
        return 0
    first, detail = log.end_offset(), f"{type(why).__name__}: {why}"[:500]
    letters = [
        _letter(section, at, index, dead_letter_id(first + number), detail, fresh())
        for number, (section, at, index) in enumerate(_events(frame, found))
    ]
    header = FrameHeader(
        first_offset=first, count=len(letters), engine_now_ms=log.last_engine_now_ms(), definitions=frame.header.definitions
    )
    log.append(header, encode_frame(header, [Rejections(letters)]))
    marked = Marked(offsets=frozenset(placed(frame.header.first_offset, parts, at - frame.header.first_offset) for at in found))
    first_of, end_of = frame.header.first_offset, frame.header.first_offset + frame.header.count
    rewrite(lambda each: blank_frame(each, marked) if first_of <= each.header.first_offset < end_of else None)
    return len(found)


def poisoned(frame: Frame, folds: Callable[[Frame], bool]) -> set[int]:
    """The events, by offset, without which a frame can be folded; empty when it can be, or when no events are to blame.

    Args:
        frame: The frame.
        folds: Whether a frame can be folded; asked some log2(events) times for each poisonous event.
    """
    offsets = [at + index for _, at, index in _events(frame)]
    found: set[int] = set()

    def without(left_out: set[int]) -> bool:
        return folds(blank_frame(frame, Marked(offsets=frozenset(left_out))) or frame)

    if without(found) or not without(set(offsets)):
        return found
    while not without(found):
        low, high = 0, len(offsets) - 1  # the first event with which the frame fails, all later ones left out
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if without(found | set(offsets[middle + 1 :])) else (low, middle)
        found.add(offsets[low])
    return found


def _events(frame: Frame, wanted: set[int] | None = None) -> Iterator[tuple[EventRows | EventColumns, int, int]]:
    """(section, its first offset, index in it) of each event of a frame, or of those wanted."""
    at = frame.header.first_offset
    for section in frame.sections:
        if isinstance(section, EventRows | EventColumns):
            for index in range(section_count(section)):
                if wanted is None or at + index in wanted:
                    yield section, at, index
        at += section_count(section)


def _folds(state: EngineState, frame: Frame) -> bool:
    """Whether the events of a frame can be folded into a state, which is spoilt by it."""
    at = frame.header.first_offset
    effects = Effects(first_offset=at, end_offset=at, at_ms=frame.header.engine_now_ms)
    state.now_ms = max(state.now_ms, frame.header.engine_now_ms)
    try:
        for section in frame.sections:
            if isinstance(section, EventRows | EventColumns):
                fold_section(state, section, at, effects)
            at += section_count(section)
    except Exception:
        return False
    return True


def _letter(section: EventRows | EventColumns, at: int, index: int, name: str, detail: str, state: EngineState) -> RejectedEvent:
    code = int(np.frombuffer(section.source, "<i2")[index])
    raw = section.raw[index] if isinstance(section, EventRows) else _raw_of(section, at, index, state)
    return RejectedEvent(
        id=name,
        source=code,
        code=CODE,
        detail=detail,
        raw=raw,
        received_ms=int(int64s(section.received)[index]),
        message_id=_message_id(raw),
        ip=section.ip[index] if isinstance(section, EventRows) and section.ip else "",
        source_name=section.sources[code] if section.sources else "",
    )


def _raw_of(section: EventColumns, at: int, index: int, state: EngineState) -> bytes:
    try:
        return ColumnsBatch(section, at, state.reading).raw(index)
    except Exception:  # what cannot be folded may not be readable either
        return BLANK


def _message_id(raw: bytes) -> str:
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return ""
    name = found.get("messageId") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""
