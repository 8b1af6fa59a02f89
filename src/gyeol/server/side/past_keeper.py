"""The thread that gives the core what it wants of the lake: what late events made doubtful, and the past of new traits."""

from __future__ import annotations

import logging
import threading

from gyeol.app.core_api import Core, ReportRequest, StatusRequest
from gyeol.app.past_work import PastWork
from gyeol.kernel.errors import GyeolError
from gyeol.storage.lake.lake import Lake

PAUSE_S = 1.0
"""How often the core is asked."""
_LONGEST_PAUSE_S = 30.0
_log = logging.getLogger("gyeol.side.past")


class PastKeeper:
    """Runs beside the lake's thread.

    Args:
        core: Asked what it wants.
        lake: Read as far as it is.
        work: Does it.
    """

    def __init__(self, core: Core, lake: Lake, work: PastWork, *, pause_s: float = PAUSE_S) -> None:
        self._core, self._lake, self._work, self._pause_s = core, lake, work, pause_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gyeol-past", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = self._pause_s
        while not self._stop.wait(pause_s):
            try:
                reply = self._core.report(ReportRequest(lake_offset=self._lake.offset))
                if reply.doubtful or reply.owed:
                    self._work.step(reply, self._core.status(StatusRequest()).definitions)
                pause_s = self._pause_s
            except GyeolError as error:
                # The core is restarting, or the lake is slow: it is tried again, and doctor tells of what is owed.
                _log.warning("the past cannot be brought in yet: %s", error.message, extra={"code": "past_waits"})
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
