"""How the engine goes on after a failure, and when it takes snapshots."""

from __future__ import annotations

import time
from collections.abc import Callable

from gyeol.engine.committer import Committer
from gyeol.engine.engine import Engine
from gyeol.engine.projector import Projector
from gyeol.engine.recovery import Recovered
from gyeol.kernel.errors import BackendTimeoutError

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
"""Between two attempts, doubling: the first a moment after the failure, for most causes are over by then or last."""
_STEADY_S = 60.0


class Healer:
    """Makes the memory anew from the log, and waits until the log takes records again.

    Args:
        engine, committer, projector: The loop's.
        restore: Gives the state at the log's end; None: nothing is healed.
        probe: Raises an error as long as the log takes nothing.

    Attributes:
        sound: Whether the memory is what the log says, so that questions may be answered from it.
        problem: Why the last attempt did not succeed.
    """

    def __init__(
        self, engine: Engine, committer: Committer, projector: Projector, restore: Callable[[], Recovered] | None, probe: Callable[[], None]
    ) -> None:
        self._engine, self._committer, self._projector, self._restore, self._probe = engine, committer, projector, restore, probe
        self._recovered: Recovered | None = None
        self._pause_s, self._try_s, self._healed_s = FIRST_PAUSE_S, 0.0, -_STEADY_S
        self.sound = True
        self.problem: Exception | None = None

    def failed(self, error: Exception) -> None:
        """Something failed: nothing in memory is to be relied upon."""
        self.problem, self.sound, self._recovered = error, False, None
        if time.monotonic() - self._healed_s > _STEADY_S:
            self._pause_s, self._try_s = FIRST_PAUSE_S, 0.0
        else:  # it failed again at once
            self._wait_longer()

    def attempt(self) -> Recovered | None:
        """Try, unless the last attempt was a moment ago. Returns what is still to be written and begun once all is well, else None."""
        if self._restore is None or time.monotonic() < self._try_s:
            return None
        try:
            if self._recovered is None:
                self._recovered = self._made_anew(self._restore)
                self.sound = True
            self._probe()
        except Exception as error:
            # Whatever it is, it is told in ``problem`` and tried again: the engine's thread must not end.
            self.problem = error
            self._wait_longer()
            return None
        self._committer.resume()
        self._healed_s, self.problem = time.monotonic(), None
        return self._recovered

    def _made_anew(self, restore: Callable[[], Recovered]) -> Recovered:
        if not self._committer.drained(30.0):
            raise BackendTimeoutError("log_slow", "The log is still busy with records that were given to it.")
        self._projector.forget()
        recovered = restore()
        self._engine.restart(recovered.state, recovered.recent)
        return recovered

    def _wait_longer(self) -> None:
        self._try_s = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)


class Due:
    """When a snapshot is due: after so many records, or so long with any.

    Args:
        take: Begins one.
        every_records, every_s: See above.
        offset: Of the newest snapshot.
    """

    def __init__(self, take: Callable[[], None], every_records: int, every_s: float, offset: int) -> None:
        self._take, self._every_records, self._every_s = take, every_records, every_s
        self._offset, self._taken_s = offset, time.monotonic()
        self._now = False

    def now(self) -> None:
        """One is due at once: the state has other definitions, and older snapshots are of no use to it."""
        self._now = True

    def due(self, offset: int) -> bool:
        """Whether one is due with the state at this offset."""
        records = offset - self._offset
        return self._now or records >= self._every_records or (records > 0 and time.monotonic() - self._taken_s >= self._every_s)

    def take(self, offset: int) -> None:
        """Begin one of the state at this offset."""
        self._now, self._offset, self._taken_s = False, offset, time.monotonic()
        self._take()
