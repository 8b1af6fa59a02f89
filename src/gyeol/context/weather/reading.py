"""A reading of the weather, and what people feel of it."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

Sky = Literal["clear", "clouds", "rain", "snow", "fog", "storm"]
Feels = Literal["hot", "warm", "mild", "cool", "cold"]
Dust = Literal["good", "moderate", "bad", "very_bad"]

FEELS_FROM: tuple[tuple[float, Feels], ...] = ((30.0, "hot"), (23.0, "warm"), (12.0, "mild"), (4.0, "cool"), (-math.inf, "cold"))
"""From which felt temperature on, in °C. Our own choice; 31 °C felt is where the Korea Meteorological Administration begins to warn."""
PM10_UP_TO: tuple[tuple[float, Dust], ...] = ((30.0, "good"), (80.0, "moderate"), (150.0, "bad"), (math.inf, "very_bad"))
"""µg/m³. Source: grades of the Ministry of Environment of Korea (미세먼지 예보등급)."""
PM25_UP_TO: tuple[tuple[float, Dust], ...] = ((15.0, "good"), (35.0, "moderate"), (75.0, "bad"), (math.inf, "very_bad"))
"""µg/m³. Source: the same."""
DRY_MS = 24 * 3_600_000
"""Rain after a day without is the first rain."""
_DUSTS: tuple[Dust, ...] = ("good", "moderate", "bad", "very_bad")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The weather at a place and time; None is not known.

    Args:
        lat: Degrees.
        lon: Degrees.
        at_ms: When it was so.
        sky: What it looks like.
        temperature_c: Of the air.
        feels_c: As people feel it, where the service says.
        humidity: Relative, per cent.
        wind_ms: Metres a second.
        precipitation_mm: Of the last hour.
        pm10: µg/m³.
        pm25: µg/m³.
    """

    lat: float
    lon: float
    at_ms: int
    sky: Sky | None = None
    temperature_c: float | None = None
    feels_c: float | None = None
    humidity: float | None = None
    wind_ms: float | None = None
    precipitation_mm: float | None = None
    pm10: float | None = None
    pm25: float | None = None

    @property
    def felt_c(self) -> float | None:
        """The felt temperature: as the service says it, else from temperature, humidity and wind."""
        if self.feels_c is not None or self.temperature_c is None:
            return self.feels_c
        return felt(self.temperature_c, self.humidity, self.wind_ms)

    @property
    def feels(self) -> Feels | None:
        """Whether it is felt as hot or cold."""
        degrees = self.felt_c
        return None if degrees is None else next(word for start, word in FEELS_FROM if degrees >= start)

    @property
    def dust(self) -> Dust | None:
        """The worse grade of the two sizes of fine dust."""
        grades = [
            next(grade for end, grade in table if value <= end)
            for value, table in ((self.pm10, PM10_UP_TO), (self.pm25, PM25_UP_TO))
            if value is not None
        ]
        return max(grades, key=_DUSTS.index, default=None)

    @property
    def wet(self) -> bool | None:
        """Whether something falls."""
        return None if self.sky is None else self.sky in ("rain", "snow", "storm")


def first_rain(reading: Reading, last_wet_ms: int | None) -> bool | None:
    """Whether rain or snow has begun after a dry day.

    Args:
        reading: The newest.
        last_wet_ms: When something fell there last, before this reading; None: not within what is remembered.
    """
    if reading.wet is None:
        return None
    return reading.wet and (last_wet_ms is None or reading.at_ms - last_wet_ms >= DRY_MS)


def felt(temperature_c: float, humidity: float | None, wind_ms: float | None) -> float:
    """The felt temperature (체감온도).

    In the cold, up to 10 °C and from 1.3 m/s of wind, the wind chill of 2001; from 20 °C on the summer formula over the wet bulb; else the
    temperature itself, as where humidity or wind is not known. Source: Korea Meteorological Administration, 체감온도 산출식 (2022);
    the wet bulb by Stull, J. Appl. Meteor. Climatol. 50 (2011) 2267.

    Args:
        temperature_c: Of the air.
        humidity: Per cent.
        wind_ms: Metres a second, at 10 m.

    Returns:
        °C.
    """
    if temperature_c <= 10 and wind_ms is not None and wind_ms >= 1.3:
        wind = math.pow(wind_ms * 3.6, 0.16)
        return 13.12 + 0.6215 * temperature_c - 11.37 * wind + 0.3965 * wind * temperature_c
    if temperature_c >= 20 and humidity is not None:
        wet = _wet_bulb(temperature_c, min(max(humidity, 5.0), 99.0))
        return -0.2442 + 0.55399 * wet + 0.45535 * temperature_c - 0.0022 * wet**2 + 0.00278 * wet * temperature_c + 3.0
    return temperature_c


def _wet_bulb(temperature: float, humidity: float) -> float:
    return (
        temperature * math.atan(0.151977 * math.sqrt(humidity + 8.313659))
        + math.atan(temperature + humidity)
        - math.atan(humidity - 1.676331)
        + 0.00391838 * math.pow(humidity, 1.5) * math.atan(0.023101 * humidity)
        - 4.686035
    )
