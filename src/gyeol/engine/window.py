"""How long events wait for others to share their frame: not at all when it is quiet, longer the busier the engine is."""

from __future__ import annotations

LONGEST_S = 0.01
"""Source: DESIGN.md, section 6: a micro-batch closes at 1,000 events or 10 ms."""
_BUSY = 4.0


class Window:
    """When the next frame is due.

    A small frame costs nearly as much as a large one. So the engine rests as long as it worked, and while it is busy (the last frame
    ended less than four times its cost ago) the first event waits half that time for those that come with it.
    """

    def __init__(self) -> None:
        self._ended_s = self._cost_s = 0.0

    def note(self, begun_s: float, ended_s: float) -> None:
        """A frame was made between these instants of ``time.monotonic``."""
        self._ended_s, self._cost_s = ended_s, min(ended_s - begun_s, LONGEST_S)

    def due_s(self, first_s: float) -> float:
        """When a frame may be made whose first event came at ``first_s``."""
        if first_s > self._ended_s + _BUSY * self._cost_s:
            return first_s
        return max(self._ended_s + self._cost_s, first_s + self._cost_s / 2)
