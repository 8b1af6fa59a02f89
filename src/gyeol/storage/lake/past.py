"""The seam to what the engine did with the frames: the writer needs the node of each event, and whose each node is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from gyeol.engine.state_store import GroupMove, NodeMove
from gyeol.kernel.instants import Int64


class Past(Protocol):
    """What state.db keeps of frames that were acted upon. ``StateStore`` is one."""

    def acted_offset(self) -> int:
        """The offset before which everything has been acted upon: the lake never runs ahead of it."""
        ...

    def nodes_of(self, first_offset: int) -> Int64 | None:
        """The node of each event of the frame that begins at an offset, in the order of its events; -1 for an event of nobody.

        None when nothing is kept of it: the frame has no events, or the lake has passed it.
        """
        ...

    def moves(self, after: tuple[int, int] = (-1, -1), limit: int = 100_000) -> Sequence[NodeMove]:
        """The first moves after (since_offset, node), in that order."""
        ...

    def group_moves(self, after: tuple[int, int, str] = (-1, -1, ""), limit: int = 100_000) -> Sequence[GroupMove]:
        """The first moves between groups after (since_offset, node, kind), in that order."""
        ...


class FrameReader(Protocol):
    """The part of ``events.log.Log`` that the writer reads."""

    def read(self, from_offset: int) -> Iterator[bytes]:
        """Encoded frames from the one that holds ``from_offset`` on, in order, to the end as of the call."""
        ...
