"""A recorded weather series: the same value from hour to hour is one fact that counts for as long as it held."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gyeol.context.subject import cell_of
from gyeol.context.weather.facts import RainMemory, values_of
from gyeol.context.weather.reading import Reading
from gyeol.kernel.instants import DAY_MS, HOUR_MS

SOURCE = "recorded"
LONGEST_MS = DAY_MS
"""A value that holds longer is told anew each day."""


class Run(msgspec.Struct, frozen=True):
    """A value that held: from ``start_ms`` to before ``end_ms``."""

    start_ms: int
    end_ms: int
    cell: str
    name: str
    value: float | str | bool


def runs_of(readings: Iterable[Reading]) -> list[Run]:
    """The runs of a recording, in order of time; a reading counts for an hour, or until the next of its cell.

    Args:
        readings: In any order; of two of one cell and time the last counts.
    """
    by_cell: dict[str, dict[int, Reading]] = {}
    for reading in readings:
        by_cell.setdefault(cell_of(reading.lat, reading.lon), {})[reading.at_ms] = reading
    found: list[Run] = []
    for cell in sorted(by_cell):
        times, memory, open_ = sorted(by_cell[cell]), RainMemory(), dict[str, Run]()
        for i, at_ms in enumerate(times):
            end_ms = min(at_ms + HOUR_MS, times[i + 1]) if i + 1 < len(times) else at_ms + HOUR_MS
            reading = by_cell[cell][at_ms]
            for name, value in values_of(reading, memory.first(cell, reading)).items():
                run = open_.get(name)
                if run is not None and run.value == value and run.end_ms == at_ms and end_ms - run.start_ms <= LONGEST_MS:
                    open_[name] = Run(run.start_ms, end_ms, cell, name, value)
                    continue
                if run is not None:
                    found.append(run)
                open_[name] = Run(at_ms, end_ms, cell, name, value)
        found += open_.values()
    return sorted(found, key=lambda run: (run.start_ms, run.cell, run.name))
