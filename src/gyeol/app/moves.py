"""What the last frames changed beside their records, made readable for who watches. Read on the engine's thread; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gyeol.app.core_recent import Moved, Recent
from gyeol.app.views import name_of
from gyeol.engine.recent import MOST_A_FRAME, Remembered, regrouped
from gyeol.engine.recent import Recent as Memory
from gyeol.engine.state import EngineState
from gyeol.kernel.instants import Int64

MOST = 2_000
"""Changes and people told in one answer; what is older is counted only."""


def recent_reply(state: EngineState, memory: Memory, after: int, people: Sequence[int] = ()) -> Recent:
    """What changed from an offset on.

    Args:
        state: As of now: people are named as they are now.
        memory: Of the engine.
        after: First offset of the first frame that is asked for.
        people: More nodes whose person is asked for.
    """
    frames = memory.since(after)
    moved: list[Moved] = []
    left_out = 0
    for frame in frames:
        moved += [*_identities(state, frame), *_stages(state, frame), *_audiences(frame)]
        left_out += _left_out(frame)
    left_out += max(0, len(moved) - MOST)
    moved = moved[-MOST:]
    event_nodes = {first: known for f in frames for first, known in f.effects.nodes_of_frames()}
    nodes = {node: None for each in moved for node in ([each.node] if each.node >= 0 else each.nodes[:1])}
    nodes |= dict.fromkeys(people[:MOST])
    nodes |= dict.fromkeys(_acted(frames))
    for known in reversed(event_nodes.values()):
        if len(nodes) >= MOST:
            break
        nodes |= dict.fromkeys(known[-MOST_A_FRAME:].tolist())
    nodes.pop(-1, None)
    took = {act.decision.id: memory.took_ms(act.decision.id) for f in frames for act in f.effects.acts if act.decision is not None}
    return Recent(
        start_offset=memory.start_offset,
        end_offset=state.offset,
        moved=moved,
        left_out=left_out,
        event_nodes={first: known.astype("<i8").tobytes() for first, known in event_nodes.items()},
        people={node: named for node in nodes if (named := _named(state, node)) is not None},
        took_ms={id: ms for id, ms in took.items() if ms is not None},
    )


def _left_out(frame: Remembered) -> int:
    counts = [len(frame.effects.entries), len(regrouped(frame)), *(len(nodes) for nodes, _, _ in frame.stages)]
    return sum(max(0, count - MOST_A_FRAME) for count in counts)


def _acted(frames: Sequence[Remembered]) -> Iterator[int]:
    """The nodes that decisions and messages are about."""
    for frame in frames:
        for act in frame.effects.acts[-MOST_A_FRAME:]:
            if act.decision is not None:
                yield act.decision.node
            elif act.message is not None:
                yield act.message.node


def _identities(state: EngineState, frame: Remembered) -> Iterator[Moved]:
    for each in regrouped(frame)[-MOST_A_FRAME:]:
        now = dict.fromkeys(int(state.graph.person[node]) for node in each.nodes)
        yield Moved(
            offset=frame.effects.end_offset - 1,
            at_ms=frame.effects.at_ms,
            kind="identity",
            what="split" if each.split else "joined",
            nodes=each.nodes,
            people=[state.graph.person_id(person) for person in now],
        )


def _audiences(frame: Remembered) -> Iterator[Moved]:
    for entry, node in zip(frame.effects.entries[-MOST_A_FRAME:], frame.entered, strict=True):
        if node >= 0:
            yield Moved(
                offset=frame.effects.end_offset - 1,
                at_ms=entry.at_ms,
                kind="audience",
                node=node,
                audience=entry.audience,
                entered=entry.entered,
            )


def _stages(state: EngineState, frame: Remembered) -> Iterator[Moved]:
    names = state.memberships.stages
    for columns in frame.stages:
        for node, old, new in zip(*map(_last, columns), strict=True):
            if node >= 0:
                yield Moved(
                    offset=frame.effects.end_offset - 1,
                    at_ms=frame.effects.at_ms,
                    kind="stage",
                    node=node,
                    before=names[old] if old >= 0 else None,
                    after=names[new] if new >= 0 else None,
                )


def _last(values: Int64) -> list[int]:
    found: list[int] = values[-MOST_A_FRAME:].tolist()
    return found


def _named(state: EngineState, node: int) -> tuple[str, str] | None:
    if node >= state.graph.size:
        return None
    person = int(state.graph.person[node])
    row = state.people.row(person)
    return state.graph.person_id(person), name_of(state, person, np.array([row], np.int64))
