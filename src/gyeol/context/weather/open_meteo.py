"""Open-Meteo's forecast and air-quality APIs: what is asked and how the answer is read. Source: open-meteo.com/en/docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gyeol.context.weather.reading import Reading, Sky

FORECAST_URL = "https://api.open-meteo.com/v1/forecast"
AIR_URL = "https://air-quality-api.open-meteo.com/v1/air-quality"
MOST_PLACES = 100
"""Places in one request: the address stays short enough for every proxy."""

Place = tuple[float, float]


class _Current(msgspec.Struct):
    time: int
    weather_code: int | None = None
    temperature_2m: float | None = None
    apparent_temperature: float | None = None
    relative_humidity_2m: float | None = None
    wind_speed_10m: float | None = None
    precipitation: float | None = None
    pm10: float | None = None
    pm2_5: float | None = None


class _Answer(msgspec.Struct):
    current: _Current


_read = msgspec.json.Decoder(_Answer | list[_Answer]).decode


def forecast_query(places: Sequence[Place]) -> dict[str, str]:
    """What is asked of the forecast API: the weather now at each place (latitude, longitude)."""
    fields = "weather_code,temperature_2m,apparent_temperature,relative_humidity_2m,wind_speed_10m,precipitation"
    return {**_places(places), "current": fields, "wind_speed_unit": "ms", "timeformat": "unixtime"}


def air_query(places: Sequence[Place]) -> dict[str, str]:
    """What is asked of the air-quality API."""
    return {**_places(places), "current": "pm10,pm2_5", "timeformat": "unixtime"}


def read(places: Sequence[Place], weather: bytes, air: bytes | None = None) -> list[Reading]:
    """The answers as readings.

    Args:
        places: As they were asked for.
        weather: The body of the forecast API's answer.
        air: That of the air-quality API; None: it did not answer, and dust is not known.

    Returns:
        One for each place.

    Raises:
        ValueError: An answer has another form, or another number of places.
    """
    skies, airs = _answers(weather, len(places)), [None] * len(places) if air is None else _answers(air, len(places))
    return [
        Reading(
            lat=lat,
            lon=lon,
            at_ms=now.time * 1000,
            sky=None if now.weather_code is None else sky_of(now.weather_code),
            temperature_c=now.temperature_2m,
            feels_c=now.apparent_temperature,
            humidity=now.relative_humidity_2m,
            wind_ms=now.wind_speed_10m,
            precipitation_mm=now.precipitation,
            pm10=None if dust is None else dust.pm10,
            pm25=None if dust is None else dust.pm2_5,
        )
        for (lat, lon), now, dust in zip(places, skies, airs, strict=True)
    ]


def sky_of(code: int) -> Sky | None:
    """A WMO weather code (table 4677, as Open-Meteo uses it) as one of our words; None: a code that says nothing of the sky."""
    return next((word for codes, word in _SKIES.items() if code in codes), None)


_SKIES: Mapping[frozenset[int], Sky] = {
    frozenset((0, 1)): "clear",
    frozenset((2, 3)): "clouds",
    frozenset((45, 48)): "fog",
    frozenset((51, 53, 55, 56, 57, 61, 63, 65, 66, 67, 80, 81, 82)): "rain",
    frozenset((71, 73, 75, 77, 85, 86)): "snow",
    frozenset((95, 96, 99)): "storm",
}


def _places(places: Sequence[Place]) -> dict[str, str]:
    return {"latitude": ",".join(f"{lat:g}" for lat, _ in places), "longitude": ",".join(f"{lon:g}" for _, lon in places)}


def _answers(body: bytes, expected: int) -> list[_Current]:
    try:
        answer = _read(body)
    except msgspec.MsgspecError as error:
        raise ValueError(f"Open-Meteo's answer has another form: {error}") from error
    answers = answer if isinstance(answer, list) else [answer]
    if len(answers) != expected:
        raise ValueError(f"Open-Meteo answered for {len(answers)} places, {expected} were asked for")
    return [each.current for each in answers]
