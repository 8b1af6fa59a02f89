"""From a data folder's log to the state at its end: newest snapshot, then the frames after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import numpy as np

from gyeol.content.coupons.records import Issued, record_of
from gyeol.context.record import decode_record
from gyeol.engine.arrivals import Arrivals
from gyeol.engine.backfill import carried, folds_anew
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.fold import decode_act, evaluate, fold_frame
from gyeol.engine.groups import groups
from gyeol.engine.recent import Recent
from gyeol.engine.snapshot import Loaded, latest_offset, load_snapshot
from gyeol.engine.state import EngineState
from gyeol.events.columns import batches_of
from gyeol.events.dedupe import keys_of
from gyeol.events.frames import decode_frame
from gyeol.events.log import Log
from gyeol.events.sections import Commands, Decisions, EventColumns, EventRows, Facts, Frame, int64s
from gyeol.identity.extract import identify_batch
from gyeol.kernel.errors import InternalError, StateError
from gyeol.privacy.sealing import PLAIN, Seal

Progress = Callable[[int, int], None]
"""Told (offset reached, offset to reach) now and then."""


class Recovered:
    """The state at the log's end, and what is still to be done about the records behind it.

    Attributes:
        state: Folded up to the log's end.
        effects: Of frames that state.db has not seen, in order.
        unanswered: Effects of frames that may have set off journeys whose acts are not in the log.
        recent: What the last folded frames changed beside their records.
        problems: Damaged snapshots that were passed over.
    """

    def __init__(self, state: EngineState) -> None:
        self.state = state
        self.effects: list[Effects] = []
        self.unanswered: list[Effects] = []
        self.recent = Recent(state.offset)
        self.problems: tuple[str, ...] = ()


class FoldFailedError(InternalError):
    """A frame of the log that cannot be folded. ``cause`` of the exception says why.

    Args:
        frame: It; one of several that are folded as one, as if they were one.
        parts: Of those, see ``groups.Group``.
    """

    def __init__(self, frame: Frame, parts: Sequence[tuple[int, int]] = ()) -> None:
        offset = frame.header.first_offset
        super().__init__("fold_failed", f"the frame at offset {offset} of the log cannot be folded. A bug of ours: please report it.")
        self.frame, self.parts = frame, parts


def recover(
    log: Log,
    definitions: Definitions,
    identity_key: bytes,
    *,
    snapshots: Path | None,
    acted_offset: int,
    history: list[Definitions] | None = None,
    progress: Progress | None = None,
    until: int | None = None,
    defined: Callable[[str], Definitions] | None = None,
    seal: Seal = PLAIN,
) -> Recovered:
    """Fold the log to its end.

    Args:
        log: The log.
        definitions: Those last applied.
        identity_key: Key of person ids.
        snapshots: Folder of snapshots; None: fold from the start.
        acted_offset: What state.db has seen.
        history: All definitions ever applied, oldest first, when their identity rules differ: nodes get the numbers they always had.
        progress: Told how far it is.
        until: Fold only records before this offset; None: all.
        defined: The definitions of a hash: a snapshot of earlier ones is then carried over as it was when they were applied.
        seal: Opens snapshots.

    Raises:
        FoldFailedError: A frame is whole but cannot be folded.
        StateError: A frame is damaged; it is named. Or the log has been shortened past what must be folded (code ``log_shortened``).
    """
    end = log.end_offset()
    # What a snapshot holds is not folded again, so state.db must have seen all of it.
    loaded = load_snapshot(snapshots, lambda: EngineState(definitions, identity_key), min(end, acted_offset), seal)
    earlier = None
    if loaded.offset == 0 and snapshots is not None and defined is not None:
        earlier = _of_earlier_definitions(log, snapshots, identity_key, min(end, acted_offset), defined, seal)
        loaded = earlier or loaded
    state, start = loaded.state, loaded.offset
    if start == 0 and history:
        number_nodes(log, state, history)
    recovered = Recovered(state)
    recovered.problems = loaded.problems
    for group in groups(whole(_before(frames(log, start), until), start, end if until is None else min(end, until))):
        frame = group.frame
        for applied in _applied(frame) if earlier is not None else ():
            state = recovered.state = carried(state, applied)
            evaluate(state, state.people.all_rows())
        try:
            effects = fold_frame(state, frame, group.parts)
        except Exception as error:
            raise FoldFailedError(frame, group.parts) from error
        recovered.recent.note(state, effects)
        if effects.end_offset > acted_offset:
            recovered.effects.append(effects)
            _note_unanswered(recovered.unanswered, frame, effects)
        if progress is not None:
            progress(state.offset, end)
    return recovered


def _of_earlier_definitions(
    log: Log, snapshots: Path, identity_key: bytes, not_after: int, defined: Callable[[str], Definitions], seal: Seal
) -> Loaded | None:
    """The newest snapshot, if it can be carried over to the definitions applied since: a crash came before the first one under them."""
    offset, hash_ = latest_offset(snapshots)
    if not 0 < offset <= not_after:
        return None
    first = current = defined(hash_)
    for frame in frames(log, offset):
        for applied in _applied(frame):
            if folds_anew(current, applied):
                return None
            current = applied
    loaded = load_snapshot(snapshots, lambda: EngineState(first, identity_key), not_after, seal)
    return loaded if loaded.offset else None


def _applied(frame: Frame) -> list[Definitions]:
    """The definitions that a frame puts in force."""
    commands = [command for section in frame.sections if isinstance(section, Commands) for command in section.items]
    return [Definitions.from_json(str(each.body["definitions"]).encode()) for each in commands if each.kind == "apply"]


def frames(log: Log, from_offset: int) -> Iterator[Frame]:
    """Frames that begin at or after an offset."""
    for data in log.read(from_offset):
        frame = decode_frame(data)
        if frame.header.first_offset >= from_offset:
            yield frame


def _before(found: Iterator[Frame], until: int | None) -> Iterator[Frame]:
    """The frames that begin before an offset; None: all."""
    return found if until is None else takewhile(lambda frame: frame.header.first_offset < until, found)


def whole(found: Iterator[Frame], start: int, end: int) -> Iterator[Frame]:
    """The frames from ``start`` on, all of them.

    Raises:
        StateError: The log begins later: folding the rest alone would give another state (code ``log_shortened``).
    """
    expected = start
    for frame in found:
        if frame.header.first_offset != expected:
            raise _shortened(expected, frame.header.first_offset)
        expected += frame.header.count
        yield frame
    if expected < end:
        raise _shortened(expected, end)


def _shortened(wanted: int, begins: int) -> StateError:
    return StateError(
        "log_shortened",
        f"the records from offset {wanted} on are needed, the log begins at {begins}: retention has dropped them and no usable snapshot "
        "holds them. Put `snapshots/` back from a backup, or restore the backup as a whole (`gyeol restore`).",
        wanted=wanted,
        begins=begins,
    )


def _note_unanswered(unanswered: list[Effects], frame: Frame, effects: Effects) -> None:
    """Keep a frame's candidates until acts with that cause are seen."""
    answered = {
        act.enrolment.cause_offset
        for section in frame.sections
        if isinstance(section, Decisions)
        for act in effects.acts
        if act.enrolment is not None
    }
    if answered:
        unanswered[:] = [e for e in unanswered if not any(e.first_offset <= cause < e.end_offset for cause in answered)]
    elif effects.entries or effects.matches:
        unanswered.append(effects)


def number_nodes(log: Log, state: EngineState, history: list[Definitions]) -> None:
    """Give every identifier the number it got when it was first seen, under the rules that were in force then.

    Rules decide in which order identifiers are met. Acts name nodes, so the numbers must never change.
    """
    rules = {each.hash: each for each in history}
    current = history[0]
    state.graph.set_rules(current.identity)
    for frame in (group.frame for group in groups(whole(frames(log, 0), 0, log.end_offset()))):
        wanted = rules.get(frame.header.definitions, current)
        if wanted.identity != current.identity:
            current = wanted
            state.graph.set_rules(current.identity)
            _intern(log, state, current, until=frame.header.first_offset)
        _intern_frame(state, current, frame)
    state.graph.set_rules(state.definitions.identity)


def _intern(log: Log, state: EngineState, definitions: Definitions, until: int) -> None:
    for group in groups(_before(frames(log, 0), until)):
        _intern_frame(state, definitions, group.frame)


def _intern_frame(state: EngineState, definitions: Definitions, frame: Frame) -> None:
    batches, now_ms = iter(batches_of(frame, state.reading)), frame.header.engine_now_ms
    for section in frame.sections:
        match section:
            case EventRows() | EventColumns():
                batch = next(batches)
                extracted = identify_batch(batch, definitions.identity, state.graph, state.trust, state.sources)
                state.consents.read(batch, extracted.event_node, state.graph.nodes, state.consent)
            case Decisions(items=items):
                for act in map(decode_act, items):
                    if act.identifier is not None and act.decision is not None:
                        state.graph.numbered(act.decision.node, *act.identifier, now_ms)
            case Commands(items=commands):
                for command in commands:
                    issued = record_of(command.kind, command.body) if command.kind == "coupon_issue" else None
                    if isinstance(issued, Issued) and issued.identifier is not None:
                        state.graph.numbered(issued.node, *issued.identifier, now_ms)
            case Facts(items=items):
                for record in map(decode_record, items):
                    if record.kind == "person":
                        state.graph.numbered(record.node, record.type, record.id, now_ms)
            case _:
                pass


def refill_dedupe(log: Log, arrivals: Arrivals) -> None:
    """Bring the index of ids to the log's end: forget what never became durable, add what came after its last checkpoint."""
    arrivals.dedupe.forget_from(log.end_offset())
    for frame in frames(log, arrivals.dedupe.complete_until()):
        for section in frame.sections:
            if isinstance(section, EventRows | EventColumns) and len(section.time):
                _add_ids(arrivals, section, frame.header.first_offset)


def _add_ids(arrivals: Arrivals, section: EventRows | EventColumns, first_offset: int) -> None:
    codes = np.frombuffer(section.source, "<i2")
    ids = np.frombuffer(section.id_hash, "<u8")
    payloads = np.frombuffer(section.payload_hash, "<u8") if isinstance(section, EventRows) else np.zeros(len(ids), np.uint64)
    received = int64s(section.received)
    for code in np.unique(codes).tolist():
        rows = np.flatnonzero(codes == code)
        arrivals.dedupe.check(keys_of(section.sources[code], ids[rows]), payloads[rows], int(received[rows].max()), first_offset)
