"""Readings of the weather as facts of their cells."""

from __future__ import annotations

from collections.abc import Iterable

from gyeol.context.record import FactInput
from gyeol.context.subject import cell_of
from gyeol.context.weather.reading import DRY_MS, Reading, first_rain
from gyeol.kernel.instants import HOUR_MS, instant_text

Values = dict[str, float | str | bool]
NAMES = ("weather", "temperature", "felt_temperature", "feels", "precipitation", "fine_dust", "first_rain")


class RainMemory:
    """When something fell last, by cell; of a cell that has not been watched for a dry day yet nobody knows whether rain is the first."""

    def __init__(self) -> None:
        self._wet: dict[str, int] = {}
        self._since: dict[str, int] = {}

    def first(self, cell: str, reading: Reading) -> bool | None:
        """Whether a reading, later than all before it, shows the first rain after a dry day; None: it cannot be told."""
        since = self._since.setdefault(cell, reading.at_ms)
        last = self._wet.get(cell)
        if reading.wet:
            self._wet[cell] = reading.at_ms
        if reading.wet and last is None and reading.at_ms - since < DRY_MS:
            return None
        return first_rain(reading, last)


def values_of(reading: Reading, first: bool | None) -> Values:
    """What is known of the weather, by name of the fact; degrees are whole."""
    felt = reading.felt_c
    found: dict[str, float | str | bool | None] = {
        "weather": reading.sky,
        "temperature": None if reading.temperature_c is None else float(round(reading.temperature_c)),
        "felt_temperature": None if felt is None else float(round(felt)),
        "feels": reading.feels,
        "precipitation": reading.precipitation_mm,
        "fine_dust": reading.dust,
        "first_rain": first,
    }
    return {name: value for name, value in found.items() if value is not None}


def facts_of(readings: Iterable[Reading], memory: RainMemory, source: str, ttl_ms: int = HOUR_MS) -> list[FactInput]:
    """The facts of readings, each of the cell in which it was taken.

    Args:
        readings: Of different cells, or in order of time.
        memory: Of rain; goes on with them.
        source: The service.
        ttl_ms: For how long a reading counts.
    """
    facts = []
    for reading in readings:
        cell = cell_of(reading.lat, reading.lon)
        for name, value in values_of(reading, memory.first(cell, reading)).items():
            facts.append(fact_of(name, value, cell, source, reading.at_ms, ttl_ms, "live"))
    return facts


def fact_of(name: str, value: float | str | bool, cell: str, source: str, at_ms: int, ttl_ms: int, origin: str) -> FactInput:
    """One fact of a cell."""
    return FactInput(
        name=name, value=value, about={"cell": cell}, source=source, observed_at=instant_text(at_ms), ttl_s=ttl_ms / 1000, origin=origin
    )
