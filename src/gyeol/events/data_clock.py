"""``clock: data``: where the data's present is for somebody who lives now.

A workspace of last year's data stands at the greatest event time in it. A visitor of a page beside it sends today's time; taken as it
is, that would end every window and every habit in the data at once. So what browsers and apps send is placed at the data's present,
which goes on from the last event at the pace of the machine's clock.
"""

from __future__ import annotations

from gyeol.kernel.instants import DAY_MS


class DataClock:
    """Runs on from the greatest event time, at the pace of the machine's clock, until an event takes it further."""

    def __init__(self) -> None:
        self._data_ms = self._wall_ms = 0

    def shift_ms(self, wall_ms: int, engine_now_ms: int) -> int:
        """How far the data's present is from the machine's clock; 0 when that is less than a day: the data is of today.

        Args:
            wall_ms: The machine's clock.
            engine_now_ms: The greatest event time so far; 0 for none.
        """
        running = self._data_ms + max(0, wall_ms - self._wall_ms)
        if self._wall_ms == 0 or engine_now_ms > running:
            self._data_ms, self._wall_ms = engine_now_ms, wall_ms
            running = engine_now_ms
        shift = running - wall_ms
        return shift if engine_now_ms and abs(shift) >= DAY_MS else 0
