"""The weather that it was: a recorded daily series, told by the hour.

Source of the series: NOAA daily records of Seattle 2012-2015, as ``vega_datasets`` carries them. It is real weather, but not Korea's: three
regions of the company live through three different years of it, moved to the same calendar days.
"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.kernel.errors import CapabilityMissingError

REGIONS = 3
FIRST_YEAR = 2012
_SKIES = {"sun": "clear", "drizzle": "rain", "rain": "rain", "snow": "snow", "fog": "fog"}
SKIES = ("clear", "clouds", "rain", "snow", "fog")
RAIN, SNOW = SKIES.index("rain"), SKIES.index("snow")


class Hourly(NamedTuple):
    """The weather by region and hour since the first midnight; arrays of shape (regions, hours)."""

    temperature: NDArray[np.float64]
    sky: NDArray[np.int8]


def series_file() -> Path:
    """Where the recorded series lies.

    Raises:
        CapabilityMissingError: ``vega_datasets`` is not installed.
    """
    spec = find_spec("vega_datasets")
    if spec is None or spec.origin is None:
        told = "The recorded weather of the café is in the package vega_datasets. Install gyeol[demo]."
        raise CapabilityMissingError("no_weather", told)
    return Path(spec.origin).parent / "_data" / "seattle-weather.csv"


def hourly(first_day_of_year: int, days: int, rng: np.random.Generator) -> Hourly:
    """The weather of some days.

    Args:
        first_day_of_year: 0 for January the 1st.
        days: How many; at most a year.
        rng: For the hours in which it rained: the series says only that it did.
    """
    with series_file().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    low = np.empty((REGIONS, days))
    high = np.empty((REGIONS, days))
    kind = np.empty((REGIONS, days), np.int8)
    of_year = {year: [row for row in rows if row["date"].startswith(str(year))] for year in range(FIRST_YEAR, FIRST_YEAR + REGIONS)}
    for region in range(REGIONS):
        year = of_year[FIRST_YEAR + region]
        for day in range(days):
            row = year[(first_day_of_year + day) % len(year)]
            low[region, day], high[region, day] = float(row["temp_min"]), float(row["temp_max"])
            kind[region, day] = SKIES.index(_SKIES[row["weather"]])
    hour = np.arange(24)
    # Coldest at 5, warmest at 15 o'clock.
    warmth = (1 + np.cos((hour - 15) / 24 * 2 * np.pi)) / 2
    temperature = (low[:, :, None] + (high - low)[:, :, None] * warmth).reshape(REGIONS, days * 24)
    falls = (kind == RAIN) | (kind == SNOW)
    begin = rng.integers(0, 18, (REGIONS, days, 1))
    length = rng.integers(5, 16, (REGIONS, days, 1))
    falling = falls[:, :, None] & (hour >= begin) & (hour < begin + length)
    calm = np.where(falls[:, :, None], SKIES.index("clouds"), kind[:, :, None])
    sky = np.where(falling, kind[:, :, None], calm).astype(np.int8)
    return Hourly(temperature, sky.reshape(REGIONS, days * 24))
