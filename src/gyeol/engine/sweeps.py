"""Time passing: windows move at the edges of their buckets, so everybody's audiences are looked at again there; what somebody has not
done for long enough becomes true at an instant of their own, and only they are looked at.
"""

from __future__ import annotations

import numpy as np

from gyeol.engine.state import EngineState
from gyeol.kernel.instants import Int64
from gyeol.profiles.waiting import due_rows, next_due_ms

MOST_EDGES = 400
"""After a long silence only the latest so many edges are swept: earlier ones could only show people entering and leaving again."""
MOST_TURNS = 400
"""So many looks at single people at most in one passing of time: beyond, those of neighbouring seconds are taken together, at the last."""

Turn = tuple[int, Int64 | None]
"""An instant, and the rows to look at then; None: everybody's."""


def due_edges(state: EngineState, until_ms: int) -> list[int]:
    """Bucket edges after the state's now, up to and including ``until_ms``, oldest first."""
    if state.now_ms == 0:
        return []
    edges: list[int] = []
    edge = state.traits.next_edge_ms(state.now_ms)
    while edge is not None and edge <= until_ms:
        edges.append(edge)
        if len(edges) > 2 * MOST_EDGES:
            del edges[:MOST_EDGES]
        edge = state.traits.next_edge_ms(edge)
    return edges[-MOST_EDGES:]


def due_turns(state: EngineState, until_ms: int) -> list[Turn]:
    """All that is to be looked at on the way from the state's now up to and including ``until_ms``, in the order of time."""
    turns: list[Turn] = [(edge, None) for edge in due_edges(state, until_ms)]
    next_due = next_due_ms(state.traits, state.now_ms) if state.now_ms else None
    if next_due is None or next_due > until_ms:
        return turns
    waiting = due_rows(state.traits, state.now_ms, until_ms)
    step = -(-len(waiting) // MOST_TURNS) or 1
    for start in range(0, len(waiting), step):
        together = waiting[start : start + step]
        turns.append((together[-1][0], np.unique(np.concatenate([rows for _, rows in together]))))
    # At one instant everybody comes first: those who are looked at alone are among them.
    return sorted(turns, key=lambda turn: (turn[0], turn[1] is not None))
