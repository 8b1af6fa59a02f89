"""The short-term forecast service of the Korea Meteorological Administration (기상청 단기예보 조회서비스 2.0).

What is asked and how the answer is read: the observation of the last full hour (초단기실황) and, for the sky, the ultra-short forecast
(초단기예보). Source: data.go.kr 15084084.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from gyeol.context.weather.reading import Reading, Sky
from gyeol.kernel.instants import HOUR_MS, Zone, parse_instant

URL = "https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0"
OBSERVATION, FORECAST = "getUltraSrtNcst", "getUltraSrtFcst"
SEOUL = Zone("Asia/Seoul")
MINUTE_MS = 60_000
OBSERVED_AFTER_MS = 40 * MINUTE_MS
"""The observation of a full hour can be read from 40 minutes past it on."""
FORECAST_AFTER_MS = 45 * MINUTE_MS
"""The forecast of half past can be read from a quarter to on."""
_MISSING = 900.0
"""Values from 900 up or -900 down mean that the station did not report."""
_FALLS: dict[str, Sky] = {"1": "rain", "2": "rain", "3": "snow", "4": "rain", "5": "rain", "6": "snow", "7": "snow"}
_SKIES: dict[str, Sky] = {"1": "clear", "3": "clouds", "4": "clouds"}

Cell = tuple[int, int]


class _Item(msgspec.Struct, rename="camel"):
    category: str
    base_date: str
    base_time: str
    obsr_value: str | None = None
    fcst_date: str | None = None
    fcst_time: str | None = None
    fcst_value: str | None = None


class _Items(msgspec.Struct):
    item: list[_Item] = []


class _Body(msgspec.Struct):
    items: _Items


class _Header(msgspec.Struct, rename="camel"):
    result_code: str
    result_msg: str = ""


class _Response(msgspec.Struct):
    header: _Header
    body: _Body | None = None


class _Answer(msgspec.Struct):
    response: _Response


def cell(lat: float, lon: float) -> Cell:
    """The service's grid cell (nx, ny), 5 km wide: Lambert's conformal conic projection.

    Source: 기상청 단기예보 조회서비스 활용가이드, 격자-위경도 변환: parallels 30° and 60°, origin 126° E 38° N at (43, 136).
    """
    radius = 6371.00877 / 5.0
    low, high, middle = math.radians(30), math.radians(60), math.radians(38)

    def tangent(angle: float) -> float:
        return math.tan(math.pi / 4 + angle / 2)

    cone = math.log(math.cos(low) / math.cos(high)) / math.log(tangent(high) / tangent(low))
    scale = tangent(low) ** cone * math.cos(low) / cone
    origin = radius * scale / tangent(middle) ** cone
    here = radius * scale / tangent(math.radians(lat)) ** cone
    turn = cone * ((math.radians(lon - 126) + math.pi) % (2 * math.pi) - math.pi)
    return math.floor(here * math.sin(turn) + 43.5), math.floor(origin - here * math.cos(turn) + 136.5)


def query(operation: str, of: Cell, now_ms: int, key: str) -> dict[str, str]:
    """What is asked of one of the two operations.

    Args:
        operation: ``OBSERVATION`` or ``FORECAST``.
        of: The cell.
        now_ms: The instant.
        key: The service key as it was given out, decoded.
    """
    if operation == OBSERVATION:
        base = (now_ms - OBSERVED_AFTER_MS) // HOUR_MS * HOUR_MS
    else:
        base = (now_ms - FORECAST_AFTER_MS) // HOUR_MS * HOUR_MS + 30 * MINUTE_MS
    local = SEOUL.local(base)
    return {
        "serviceKey": key,
        "pageNo": "1",
        "numOfRows": "100",
        "dataType": "JSON",
        "base_date": f"{local:%Y%m%d}",
        "base_time": f"{local:%H%M}",
        "nx": str(of[0]),
        "ny": str(of[1]),
    }


def read(lat: float, lon: float, now_ms: int, observation: bytes, forecast: bytes | None) -> Reading:
    """The answers as a reading.

    Args:
        lat: Of the place asked for.
        lon: Of the place asked for.
        now_ms: The instant, for the hour of the forecast.
        observation: The body of 초단기실황.
        forecast: The body of 초단기예보; None: it did not answer, and a dry sky is not known.

    Raises:
        ValueError: An answer has another form, or says that it is none (a wrong key, a limit): with the service's own words.
    """
    observed = {item.category: item.obsr_value for item in _items(observation)}
    if not observed:
        raise ValueError("the answer of 기상청 holds no observation")
    first = _items(observation)[0]
    falls = observed.get("PTY")
    sky = _FALLS.get(falls or "")
    if sky is None and falls is not None and forecast is not None:
        sky = _sky(_items(forecast), now_ms)
    return Reading(
        lat=lat,
        lon=lon,
        at_ms=_instant(first.base_date, first.base_time),
        sky=sky,
        temperature_c=_number(observed.get("T1H")),
        humidity=_number(observed.get("REH")),
        wind_ms=_number(observed.get("WSD")),
        precipitation_mm=_millimetres(observed.get("RN1")),
    )


def _sky(items: Iterable[_Item], now_ms: int) -> Sky | None:
    nearest: tuple[int, str] | None = None
    for item in items:
        if item.category == "SKY" and item.fcst_date and item.fcst_time and item.fcst_value:
            away = abs(_instant(item.fcst_date, item.fcst_time) - now_ms)
            if nearest is None or away < nearest[0]:
                nearest = away, item.fcst_value
    return None if nearest is None else _SKIES.get(nearest[1])


def _items(body: bytes) -> list[_Item]:
    try:
        response = msgspec.json.decode(body, type=_Answer).response
    except msgspec.MsgspecError as error:
        # A refused key is answered in XML, whatever was asked for.
        raise ValueError(f"the answer of 기상청 has another form: {body[:200].decode('utf-8', 'replace')}") from error
    if response.header.result_code != "00":
        raise ValueError(f"기상청 answered {response.header.result_code} {response.header.result_msg}")
    return [] if response.body is None else response.body.items.item


def _instant(date: str, time: str) -> int:
    at_ms = parse_instant(f"{date[:4]}-{date[4:6]}-{date[6:]}T{time[:2]}:{time[2:]}:00+09:00")
    if at_ms is None:
        raise ValueError(f"기상청 dates an answer {date} {time}")
    return at_ms


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if abs(value) < _MISSING else None


def _millimetres(text: str | None) -> float | None:
    """An amount of rain: a number, or words such as 강수없음 and 1mm 미만."""
    if text is None:
        return None
    if text == "강수없음":
        return 0.0
    return _number(text.removesuffix("mm")) if "미만" not in text else 0.5
