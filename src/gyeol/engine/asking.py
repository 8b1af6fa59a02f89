"""What a request for decisions names: the node and the placements."""

from __future__ import annotations

from gyeol.engine.jobs import Decide
from gyeol.engine.state import EngineState
from gyeol.kernel.errors import InputError, NotFoundError, Problem

MOST_PLACEMENTS = 20
"""Answered in one request: a page has fewer."""


def node_of(state: EngineState, named: int | tuple[str, str]) -> tuple[int, tuple[str, str] | None]:
    """A node, and its identifier when it was never seen before; it has its number then.

    Raises:
        InputError: The identifier is blocked: it names nobody.
    """
    if isinstance(named, int):
        return named, None
    before = state.graph.size
    node = int(state.graph.nodes(named[0], [named[1]], [state.now_ms])[0])
    if node < 0:
        what = f"{named[0]} {named[1]!r} identifies nobody (it is a blocked value)"
        raise InputError(
            "blocked_identifier", [Problem(path=named[0], code="blocked_identifier", what=what, mend="send the visitor's own id")]
        )
    return node, named if node >= before else None


def placements_of(state: EngineState, job: Decide) -> list[str]:
    """Each placement once. Nothing is recorded, and nobody gets a number, before all are known.

    Raises:
        NotFoundError: No such placement.
        InputError: Too many.
    """
    placements = list(dict.fromkeys(job.placements))
    if len(placements) > MOST_PLACEMENTS:
        what = f"{len(placements)} placements were named, {MOST_PLACEMENTS} are answered at once"
        raise InputError("too_many_placements", [Problem(path="placements", code="too_many_placements", what=what, mend="ask in parts")])
    known = state.placements.names
    for placement in placements:
        if placement not in known:
            told = f"there is no placement {placement!r}; the workspace has: {', '.join(known) or 'none'}"
            raise NotFoundError("unknown_placement", told, placement=placement)
    return placements
