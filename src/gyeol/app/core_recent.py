"""What ``status`` tells of the last frames beside the log's own records: moves, names, how long things took."""

from __future__ import annotations

from typing import Literal

import msgspec


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One change that a frame caused beside its records.

    Args:
        offset: Of the frame's last record. ``at_ms``: ``engine_now`` then.
        node: Whose, for audiences and stages.
        audience, entered: Who entered or left.
        before, after: Stages by name; None: none. Both None: no change of stage.
        what: ``joined`` | ``split``; ``nodes``: of the people concerned; ``people``: their ids now.
    """

    offset: int
    at_ms: int
    kind: Literal["audience", "stage", "identity"]
    node: int = -1
    audience: str = ""
    entered: bool = False
    before: str | None = None
    after: str | None = None
    what: Literal["joined", "split", ""] = ""
    nodes: list[int] = []
    people: list[str] = []


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """What the last frames changed, and who their events belong to.

    Args:
        start_offset: Of frames before it nothing is remembered. ``end_offset``: everything before it is folded.
        moved: In the order of the log; of one frame at most some hundred, the last ones. ``left_out``: how many more there were.
        event_nodes: First offset of a frame → the node of each of its events, little-endian int64.
        people: Node → (person id, name) of everybody named here.
        took_ms: Decision → how long it took, for those that somebody asked for.
    """

    start_offset: int
    end_offset: int
    moved: list[Moved]
    left_out: int
    event_nodes: dict[int, bytes]
    people: dict[int, tuple[str, str]]
    took_ms: dict[str, float]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How long the last ones took, in ms; None when there were none."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
