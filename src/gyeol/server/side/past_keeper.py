"""What gives the core what it wants of the lake: what late events made doubtful, and the past of new traits."""

from __future__ import annotations

from gyeol.app.core_api import Core, ReportRequest, StatusRequest
from gyeol.app.past_work import PastWork
from gyeol.server.side.keeper import LONGEST_PAUSE_S, Keeper
from gyeol.storage.lake.lake import Lake

PAUSE_S = 1.0
"""How often the core is asked."""


class PastKeeper(Keeper):
    """See ``Keeper``. While the core restarts, or the lake is slow, it is tried again, and doctor tells of what is owed.

    Args:
        core: Asked what it wants.
        lake: Read as far as it is.
        work: Does it.
        pause_s, longest_pause_s: See ``Keeper``.
    """

    def __init__(
        self, core: Core, lake: Lake, work: PastWork, *, pause_s: float = PAUSE_S, longest_pause_s: float = LONGEST_PAUSE_S
    ) -> None:
        told = "the past cannot be brought in yet"
        super().__init__("past", "past_waits", told, pause_s=pause_s, longest_pause_s=longest_pause_s)
        self._core, self._lake, self._work = core, lake, work

    def turn(self) -> None:
        """Ask, and do what is asked for."""
        reply = self._core.report(ReportRequest(lake_offset=self._lake.offset))
        if reply.doubtful or reply.owed:
            self._work.step(reply, self._core.status(StatusRequest()).definitions)
