"""What the log says in sum: events and rejections by source and minute, departures from the tracking plan, decisions by outcome.

A consumer of the log with an offset of its own, as the lake is one, kept in one small file. Without the file it is made anew from what
the log still holds. Values of events are not in it (they may be personal): an example is an offset, and its value is looked up in the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from gyeol.app.private_files import write_private
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Act
from gyeol.events.frames import decode_frame, decode_header
from gyeol.events.ingest import Flag
from gyeol.events.model import EVENT_TYPES
from gyeol.events.plan import PlanChecks, Violation
from gyeol.events.sections import Decisions, EventColumns, EventRows, Frame, RejectedEvent, Rejections, section_count
from gyeol.kernel.errors import StateError
from gyeol.privacy.sealing import PLAIN, Seal
from gyeol.storage.lake.past import FrameReader

FORMAT = 1
ABOUT = b"sums"
"""What the sealed file is about."""
MINUTES = 60
MOST_VIOLATIONS = 1_000
"""Different ones that are told apart: event names are chosen by whoever sends."""
FRAMES_A_STEP = 100
"""Frames of the past that are read before the newest ones are looked at again."""

_decode_act = msgspec.msgpack.Decoder(Act).decode


class Counted(msgspec.Struct):
    """How often, and when the last time (ms of receipt)."""

    count: int = 0
    last_ms: int = 0

    def add(self, n: int, at_ms: int) -> None:
        """Count some more."""
        self.count, self.last_ms = self.count + n, max(self.last_ms, at_ms)


class SourceSums(msgspec.Struct):
    """Of one source. ``rejected``: by code."""

    accepted: Counted = msgspec.field(default_factory=Counted)
    rejected: dict[str, Counted] = {}


class ViolationSums(msgspec.Struct, kw_only=True):
    """One way in which events depart from the plan.

    Args:
        fault: ``missing`` | ``type`` | ``one_of``.
        example: Offset of the last such record.
        rejects: Whether it sent the event to the dead letter.
    """

    fault: str
    event: str
    path: str
    source: str
    rejects: bool
    seen: Counted
    example: int


class DecisionSums(msgspec.Struct):
    """Decisions by outcome; ``nothing``: not even a fallback. ``refusals``: ``gate code`` → refused candidates.

    ``placements``: placement → [chosen, fallback, nothing], of decisions seen since it is kept.
    """

    total: int = 0
    chosen: int = 0
    fallback: int = 0
    holdout: int = 0
    nothing: int = 0
    refusals: dict[str, int] = {}
    placements: dict[str, list[int]] = {}


class Sums(msgspec.Struct, kw_only=True):
    """Everything. ``since_ms``: receipt of the first record counted. ``minutes``: minute → [accepted, rejected], the last ``MINUTES``."""

    format: int = FORMAT
    offset: int = 0
    since_ms: int = 0
    sources: dict[str, SourceSums] = {}
    minutes: dict[int, list[int]] = {}
    violations: list[ViolationSums] = []
    decisions: DecisionSums = msgspec.field(default_factory=DecisionSums)


class Book:
    """Keeps the sums.

    Args:
        path: The file.
        log: Where frames come from.
        definitions: The definitions of a hash.
        seal: Seals the file: names of events are chosen by whoever sends them.
    """

    def __init__(self, path: Path, log: FrameReader, definitions: Callable[[str], Definitions], seal: Seal = PLAIN) -> None:
        self._path, self._log, self._definitions, self._seal = path, log, definitions, seal
        self._lock = threading.Lock()
        self._plans: dict[str, PlanChecks] = {}
        self._sums = _kept(path, seal)
        self._violations = {_key(each): each for each in self._sums.violations}
        self._saved = self._sums.offset

    @property
    def offset(self) -> int:
        """Everything before it is counted."""
        return self._sums.offset

    def sums(self) -> Sums:
        """A copy of the sums."""
        with self._lock:
            self._sums.violations = list(self._violations.values())
            return msgspec.json.decode(msgspec.json.encode(self._sums), type=Sums)

    def see(self, frame: Frame) -> None:
        """Count a frame, if it is the next one."""
        header = frame.header
        if header.first_offset != self._sums.offset:
            return
        with self._lock:
            offset = header.first_offset
            for section in frame.sections:
                if isinstance(section, EventRows | EventColumns):
                    names = self._names(section.sources, header.definitions)
                    self._events(section, names)
                    if isinstance(section, EventRows):
                        self._flagged(section, names, offset, header.definitions)
                elif isinstance(section, Rejections):
                    names = self._names(section.sources, header.definitions)
                    for index, item in enumerate(section.items):
                        self._rejected(item, item.source_name or names[item.source], offset + index, header.definitions)
                elif isinstance(section, Decisions):
                    self._decided(section.items)
                offset += section_count(section)
            self._sums.offset = header.first_offset + header.count
            self._forget_minutes()

    def follow(self, until: int) -> bool:
        """Count some frames of the past from the log, up to an offset. Returns whether all of them are counted."""
        if self._sums.offset >= until:
            return True
        for number, data in enumerate(self._log.read(self._sums.offset)):
            first = decode_header(data).first_offset
            if first >= until or number >= FRAMES_A_STEP:
                break
            if first > self._sums.offset:
                self._sums.offset = first  # what lay before was retired from the log
            self.see(decode_frame(data))
        return self._sums.offset >= until

    def save(self) -> None:
        """Write the file, if anything was counted since it was written."""
        if self._sums.offset != self._saved:
            sums = self.sums()
            write_private(self._path, self._seal.close(msgspec.json.encode(sums), ABOUT))
            self._saved = sums.offset

    # -- counting
    def _source(self, name: str) -> SourceSums:
        return self._sums.sources.setdefault(name, SourceSums())

    def _minute(self, at_ms: int, place: int, n: int) -> None:
        if not self._sums.since_ms:
            self._sums.since_ms = at_ms
        self._sums.minutes.setdefault(at_ms // 60_000, [0, 0])[place] += n

    def _names(self, sources: list[str], definitions: str) -> list[str]:
        """The names that a section's codes point into; early frames leave them to the definitions."""
        return sources or [*(source.name for source in self._definitions(definitions).sources), ""]

    def _events(self, section: EventRows | EventColumns, names: list[str]) -> None:
        codes = np.frombuffer(section.source, "<i2")
        if not len(codes):
            return
        received = np.frombuffer(section.received, "<i8")
        for code in np.unique(codes).tolist():
            mine = codes == code
            self._source(names[code]).accepted.add(int(np.count_nonzero(mine)), int(received[mine].max()))
        self._minute(int(received.max()), 0, len(codes))

    def _rejected(self, item: RejectedEvent, source: str, offset: int, definitions: str) -> None:
        self._source(source).rejected.setdefault(item.code, Counted()).add(1, item.received_ms)
        self._minute(item.received_ms, 1, 1)
        if item.code == "plan_violation":
            name = event_name(item.raw)
            found = [each for each in self._plan(definitions).violations(name, item.raw) if each.rejects]
            self._depart(found, name, source, item.received_ms, offset)

    def _flagged(self, section: EventRows, names: list[str], first_offset: int, definitions: str) -> None:
        flags = np.frombuffer(section.flags, "<u2")
        rows = np.flatnonzero(flags & Flag.PLAN_VIOLATED.value).tolist()
        if not rows:
            return
        codes, received = np.frombuffer(section.source, "<i2"), np.frombuffer(section.received, "<i8")
        checks = self._plan(definitions)
        for row in rows:
            name = event_name(section.raw[row], section.type_code[row])
            source = names[int(codes[row])]
            self._depart(checks.violations(name, section.raw[row]), name, source, int(received[row]), first_offset + row)

    def _depart(self, found: Sequence[Violation], event: str, source: str, at_ms: int, offset: int) -> None:
        for each in found:
            made = ViolationSums(
                fault=each.fault, event=event, path=each.path, source=source, rejects=each.rejects, seen=Counted(), example=offset
            )
            held = self._violations.get(_key(made))
            if held is None:
                if len(self._violations) >= MOST_VIOLATIONS:
                    continue
                held = self._violations[_key(made)] = made
            held.seen.add(1, at_ms)
            held.example = offset

    def _decided(self, items: Sequence[bytes]) -> None:
        sums = self._sums.decisions
        for item in items:
            decision = _decode_act(item).decision
            if decision is None:
                continue
            sums.total += 1
            sums.holdout += decision.holdout
            outcomes = sums.placements.setdefault(decision.placement, [0, 0, 0])
            if decision.chosen is None:
                sums.nothing += 1
                outcomes[2] += 1
            elif decision.fallback:
                sums.fallback += 1
                outcomes[1] += 1
            else:
                sums.chosen += 1
                outcomes[0] += 1
            for refusal in decision.refusals:
                key = f"{refusal.gate} {refusal.reason.code}"
                sums.refusals[key] = sums.refusals.get(key, 0) + 1

    def _plan(self, hash_: str) -> PlanChecks:
        found = self._plans.get(hash_)
        if found is None:
            found = self._plans[hash_] = PlanChecks(self._definitions(hash_).plan)
        return found

    def _forget_minutes(self) -> None:
        minutes = self._sums.minutes
        while len(minutes) > 2 * MINUTES:
            del minutes[min(minutes)]


def _key(each: ViolationSums) -> tuple[str, str, str, str, bool]:
    return each.fault, each.event, each.path, each.source, each.rejects


def _kept(path: Path, seal: Seal) -> Sums:
    """The sums of the file; empty ones when there is none that can be read: the log is the truth."""
    try:
        found = msgspec.json.decode(seal.open(path.read_bytes(), ABOUT), type=Sums)
    except (OSError, msgspec.MsgspecError, StateError):
        return Sums()
    return found if found.format == FORMAT else Sums()


class _Named(msgspec.Struct):
    type: object = None
    event: object = None


_decode_named = msgspec.json.Decoder(_Named).decode


def event_name(raw: bytes, type_code: int | None = None) -> str:
    """The name of an event as the plan has it: its own for track, ``$page`` and so on for others; ``""`` when it cannot be read."""
    try:
        named = _decode_named(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    kind = EVENT_TYPES[type_code] if type_code is not None else str(named.type)
    return str(named.event) if kind == "track" else f"${kind}"


def record_at(log: FrameReader, offset: int) -> bytes | None:
    """The JSON of the event or rejection at an offset; None when the log no longer holds it, or it is neither."""
    for data in _one(log.read(offset)):
        frame = decode_frame(data)
        at = frame.header.first_offset
        for section in frame.sections:
            place = offset - at
            at += section_count(section)
            if 0 <= place < section_count(section):
                if isinstance(section, EventRows):
                    return section.raw[place]
                return section.items[place].raw if isinstance(section, Rejections) else None
    return None


def _one(frames: Iterator[bytes]) -> Iterator[bytes]:
    for data in frames:
        yield data
        return
