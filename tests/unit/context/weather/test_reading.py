"""What is felt, which dust, the first rain; the two services' answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gyeol.context.weather import kma, open_meteo
from gyeol.context.weather.reading import DRY_MS, Reading, felt, first_rain
from gyeol.kernel.instants import parse_instant


def at(text: str) -> int:
    found = parse_instant(text)
    assert found is not None
    return found


def reading(**values: Any) -> Reading:
    return Reading(lat=37.5, lon=127.0, at_ms=0, **values)


def test_felt_temperature() -> None:
    # Source: the table of wind chill of the Korea Meteorological Administration (-10 °C, 20 km/h: -17.9 °C).
    assert felt(-10, 50, 20 / 3.6) == pytest.approx(-17.9, abs=0.1)
    assert felt(33, 60, 2) > 33 > felt(33, 25, 2)
    assert felt(15, 60, 9) == 15 and felt(-10, 50, 1.0) == -10 and felt(30, None, 5) == 30
    assert reading(temperature_c=20.0, feels_c=25.0).felt_c == 25.0
    assert reading().felt_c is None


@pytest.mark.parametrize(("degrees", "word"), [(30, "hot"), (29.9, "warm"), (12, "mild"), (4, "cool"), (3.9, "cold"), (-30, "cold")])
def test_hot_or_cold(degrees: float, word: str) -> None:
    assert reading(feels_c=degrees).feels == word


def test_the_worse_dust_counts() -> None:
    assert reading(pm10=30, pm25=15).dust == "good"
    assert reading(pm10=31, pm25=76).dust == "very_bad"
    assert reading(pm10=151).dust == "very_bad" and reading(pm25=36).dust == "bad"
    assert reading().dust is None


def test_the_first_rain_after_a_dry_day() -> None:
    rain = Reading(lat=0, lon=0, at_ms=10 * DRY_MS, sky="rain")
    assert first_rain(rain, None) is True and first_rain(rain, 9 * DRY_MS) is True
    assert first_rain(rain, 9 * DRY_MS + 1) is False
    assert first_rain(Reading(lat=0, lon=0, at_ms=0, sky="clear"), None) is False
    assert first_rain(Reading(lat=0, lon=0, at_ms=0), None) is None


def test_open_meteo_one_place_or_several() -> None:
    now = {"time": 1780000200, "weather_code": 61, "temperature_2m": 21.5, "apparent_temperature": 22.0, "wind_speed_10m": 3.1}
    one = open_meteo.read([(37.5, 127.0)], json.dumps({"current": now, "latitude": 37.55}).encode())
    assert (one[0].sky, one[0].at_ms, one[0].feels_c, one[0].dust) == ("rain", 1780000200000, 22.0, None)
    dust = json.dumps([{"current": {"time": 1, "pm10": 90, "pm2_5": None}}, {"current": {"time": 1, "pm10": None, "pm2_5": 10}}])
    two = open_meteo.read([(37.5, 127.0), (35.1, 129.0)], json.dumps([{"current": now}, {"current": {"time": 2}}]).encode(), dust.encode())
    assert [r.dust for r in two] == ["bad", "good"] and two[1].sky is None
    assert open_meteo.forecast_query([(37.5, 127.025), (35.0, 129.0)])["latitude"] == "37.5,35"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"error": true, "reason": "too many"}', b'[{"current": {"time": 1}}]'])
def test_what_open_meteo_does_not_say_is_told(body: bytes) -> None:
    with pytest.raises(ValueError, match="Open-Meteo"):
        open_meteo.read([(37.5, 127.0), (35.1, 129.0)], body)


def test_every_code_of_open_meteo_has_a_word() -> None:
    codes = [0, 1, 2, 3, 45, 48, 51, 53, 55, 56, 57, 61, 63, 65, 66, 67, 71, 73, 75, 77, 80, 81, 82, 85, 86, 95, 96, 99]
    assert None not in [open_meteo.sky_of(code) for code in codes]
    assert open_meteo.sky_of(44) is None


def test_cells_of_the_korean_grid() -> None:
    # Source: 활용가이드, 동네예보 지점 좌표: 서울 종로구, 부산 중구, 제주.
    assert kma.cell(37.5703, 126.9816) == (60, 127)
    assert kma.cell(35.1028, 129.0323) == (97, 74)
    assert kma.cell(33.4996, 126.5312) == (53, 38)


def answer(*items: dict[str, str], code: str = "00") -> bytes:
    header = {"resultCode": code, "resultMsg": "NORMAL_SERVICE" if code == "00" else "NO_DATA"}
    return json.dumps({"response": {"header": header, "body": {"dataType": "JSON", "items": {"item": items}}}}).encode()


def observed(**values: str) -> list[dict[str, str]]:
    return [{"baseDate": "20260701", "baseTime": "1400", "category": k, "obsrValue": v} for k, v in values.items()]


def test_the_korean_service() -> None:
    now = at("2026-07-01T14:50:00+09:00")
    sky = [
        {"baseDate": "20260701", "baseTime": "1430", "category": "SKY", "fcstDate": "20260701", "fcstTime": time, "fcstValue": value}
        for time, value in (("2000", "1"), ("1500", "4"))
    ]
    read = kma.read(37.5, 127.0, now, answer(*observed(PTY="0", T1H="31.2", REH="70", RN1="0", WSD="2.1")), answer(*sky))
    assert (read.sky, read.temperature_c, read.at_ms) == ("clouds", 31.2, at("2026-07-01T14:00:00+09:00"))
    assert read.feels == "hot"
    rain = kma.read(37.5, 127.0, now, answer(*observed(PTY="1", T1H="-998.9", RN1="1mm 미만")), None)
    assert (rain.sky, rain.temperature_c, rain.precipitation_mm) == ("rain", None, 0.5)
    assert kma.read(37.5, 127.0, now, answer(*observed(PTY="0")), None).sky is None, "dry, but no word of the sky"


def test_which_hour_is_asked_for() -> None:
    query = kma.query(kma.OBSERVATION, (60, 127), at("2026-07-01T00:39:59+09:00"), "k")
    assert (query["base_date"], query["base_time"]) == ("20260630", "2300")
    assert kma.query(kma.OBSERVATION, (60, 127), at("2026-07-01T00:40:00+09:00"), "k")["base_time"] == "0000"
    assert kma.query(kma.FORECAST, (60, 127), at("2026-07-01T00:44:59+09:00"), "k")["base_time"] == "2330"
    assert kma.query(kma.FORECAST, (60, 127), at("2026-07-01T00:45:00+09:00"), "k")["base_time"] == "0030"


@pytest.mark.parametrize("body", [answer(code="03"), answer(), b"<OpenAPI_ServiceResponse>SERVICE KEY</OpenAPI_ServiceResponse>"])
def test_what_the_korean_service_refuses_is_told_in_its_words(body: bytes) -> None:
    with pytest.raises(ValueError, match="기상청"):
        kma.read(37.5, 127.0, 0, body, None)
