"""Time passing: windows move at the edges of their buckets, so everybody's audiences are looked at again there."""

from __future__ import annotations

from gyeol.engine.state import EngineState

MOST_EDGES = 400
"""After a long silence only the latest so many edges are swept: earlier ones could only show people entering and leaving again."""


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
