"""From a data folder's log to the state at its end: newest snapshot, then the frames after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from gyeol.engine.arrivals import Arrivals
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_frame
from gyeol.engine.snapshot import load_snapshot
from gyeol.engine.state import EngineState
from gyeol.events.columns import batches_of
from gyeol.events.dedupe import keys_of
from gyeol.events.frames import decode_frame
from gyeol.events.log import Log
from gyeol.events.sections import Decisions, EventColumns, EventRows, Frame, int64s
from gyeol.identity.extract import identify_batch

Progress = Callable[[int, int], None]
"""Told (offset reached, offset to reach) now and then."""


class Recovered:
    """The state at the log's end, and what is still to be done about the records behind it.

    Attributes:
        state: Folded up to the log's end.
        effects: Of frames that state.db has not seen, in order.
        unanswered: Effects of frames that may have set off journeys whose acts are not in the log.
    """

    def __init__(self, state: EngineState) -> None:
        self.state = state
        self.effects: list[Effects] = []
        self.unanswered: list[Effects] = []


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

    Raises:
        StateError: A frame is damaged; it is named.
    """
    state = EngineState(definitions, identity_key)
    end = log.end_offset()
    # What a snapshot holds is not folded again, so state.db must have seen all of it.
    start = load_snapshot(snapshots, state, min(end, acted_offset)) if snapshots is not None else 0
    if start == 0 and history:
        number_nodes(log, state, history)
    recovered = Recovered(state)
    for frame in frames(log, start):
        if until is not None and frame.header.first_offset >= until:
            break
        effects = fold_frame(state, frame)
        if effects.end_offset > acted_offset:
            recovered.effects.append(effects)
            _note_unanswered(recovered.unanswered, frame, effects)
        if progress is not None:
            progress(state.offset, end)
    return recovered


def frames(log: Log, from_offset: int) -> Iterator[Frame]:
    """Frames that begin at or after an offset."""
    for data in log.read(from_offset):
        frame = decode_frame(data)
        if frame.header.first_offset >= from_offset:
            yield frame


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
    for frame in frames(log, 0):
        wanted = rules.get(frame.header.definitions, current)
        if wanted.identity != current.identity:
            current = wanted
            state.graph.set_rules(current.identity)
            _intern(log, state, current, until=frame.header.first_offset)
        _intern_frame(state, current, frame)
    state.graph.set_rules(state.definitions.identity)


def _intern(log: Log, state: EngineState, definitions: Definitions, until: int) -> None:
    for frame in frames(log, 0):
        if frame.header.first_offset >= until:
            return
        _intern_frame(state, definitions, frame)


def _intern_frame(state: EngineState, definitions: Definitions, frame: Frame) -> None:
    for batch in batches_of(frame, state.reading):
        extracted = identify_batch(batch, definitions.identity, state.graph, state.trust, state.sources)
        state.consents.read(batch, extracted.event_node, state.graph.nodes, state.consent)


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
