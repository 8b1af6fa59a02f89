"""The weather as facts: services over HTTP and recordings, whatever the definitions in force name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.unit.storage.test_weather import Service

from gyeol.app.weather_provider import IDLE_S, WeatherProvider
from gyeol.context.place.stores import StoreDefinition
from gyeol.context.provider import Wanted
from gyeol.context.record import FactInput, judge
from gyeol.context.subject import Subject, cell_of
from gyeol.context.weather.settings import WeatherSettings
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import BackendUnavailableError, ConfigError, InputError
from gyeol.kernel.instants import parse_instant

NOW_MS = 1_780_000_300_000
STORE = StoreDefinition(name="S01", lat=37.571, lon=126.976)
RECORDED = """time,lat,lon,weather,temperature,pm10
2026-07-01T09:00:00+09:00,37.57,126.97,rain,21.4,40
2026-07-01T10:00:00+09:00,37.57,126.97,rain,21.2,
2026-07-01T11:00:00+09:00,37.57,126.97,clear,24,
2026-07-01T14:00:00+09:00,37.57,126.97,clear,31,
"""


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()

    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


class House:
    """Definitions that can be changed, and the provider that follows them."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.definitions = Definitions(workspace=WorkspaceSettings(name="x"), stores=[STORE])
        self.clock = ManualClock(NOW_MS)
        self.provider = WeatherProvider(lambda: self.definitions, environment, folder, self.clock)

    def weather(self, clock: str = "wall", **settings: str) -> None:
        weather = WeatherSettings(**settings)  # type: ignore[arg-type]  # spelt by the tests
        self.definitions = replace(self.definitions, workspace=replace(self.definitions.workspace, weather=weather, clock=clock))

    def ask(self, *cells: str, now_ms: int | None = None) -> list[FactInput]:
        at_ms = self.clock.now_ms() if now_ms is None else now_ms
        return list(self.provider.observe(Wanted(now_ms=at_ms, subjects=[Subject("cell", each) for each in cells])))


def at(text: str) -> int:
    found = parse_instant(text)
    assert found is not None
    return found


def test_nothing_is_asked_until_a_service_is_named(tmp_path: Path, service: Service) -> None:
    house = House(tmp_path)
    assert house.ask("751:2540") == [] and service.asked == [] and house.provider.every_s == IDLE_S
    house.weather(provider="open_meteo", url=f"{service.url}/forecast", air_url=f"{service.url}/air", every="10m")
    told = house.ask("702:2580")
    here = cell_of(STORE.lat, STORE.lon)
    assert house.provider.every_s == 600
    assert {(each.about["cell"], each.name): each.value for each in told if each.about["cell"] == here} == {
        (here, "weather"): "snow", (here, "temperature"): -2.0, (here, "felt_temperature"): -2.0, (here, "feels"): "cold",
        (here, "fine_dust"): "good",
    }  # fmt: skip
    # Nobody knows yet whether the snow is the first for a day; each fact counts for an hour from when it was so.
    assert "first_rain" not in {each.name for each in told}
    assert {each.about["cell"] for each in told} == {here, "702:2580"} and {each.ttl_s for each in told} == {3600.0}
    assert len(judge(told, NOW_MS, "weather")) == len(told)
    house.definitions = replace(house.definitions, workspace=replace(house.definitions.workspace, weather=None))
    assert house.ask() == []


def test_a_service_that_fails_is_told_and_tried_again_soon(tmp_path: Path, service: Service) -> None:
    house = House(tmp_path, KMA_KEY="secret")
    house.weather(provider="kma", url=service.url, key="env:KMA_KEY")
    service.status = 500
    with pytest.raises(BackendUnavailableError, match="kma"):
        house.ask()
    assert house.provider.every_s == IDLE_S
    service.status = 200
    told = house.ask()
    assert told and {each.source for each in told} == {"kma"} and {each.ttl_s for each in told} == {7200.0}
    assert house.provider.every_s == 1800
    assert all(query["serviceKey"] == "secret" for _, query in service.asked)


def test_a_key_that_is_not_set(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.weather(provider="kma", key="env:NO_SUCH_KEY")
    with pytest.raises(ConfigError, match="NO_SUCH_KEY"):
        house.ask()


@pytest.mark.parametrize("clock", ["wall", "data"])
def test_a_recording(tmp_path: Path, clock: str) -> None:
    (tmp_path / "weather.csv").write_text(RECORDED, encoding="utf-8")
    house = House(tmp_path)
    house.weather(clock, provider="recorded", file="weather.csv")
    told = house.ask(now_ms=at("2026-07-01T11:30:00+09:00"))
    assert [(each.name, each.value, each.ttl_s) for each in told if each.name in ("weather", "temperature", "feels")] == [
        ("feels", "mild", 7200.0), ("temperature", 21.0, 7200.0), ("weather", "rain", 7200.0),
        ("feels", "warm", 3600.0), ("temperature", 24.0, 3600.0), ("weather", "clear", 3600.0),
    ]  # fmt: skip
    # What was over before anybody looked was not known then; with ``clock: data`` the recording is the present.
    past = "live" if clock == "data" else "history"
    assert {each.origin for each in told if each.value == "rain"} == {past}
    assert {each.origin for each in told if each.value == "clear"} == {"live"}
    later = house.ask(now_ms=at("2026-07-01T14:00:00+09:00"))
    assert [each for each in later if each in told] == told
    assert {each.name: each.value for each in later if each not in told} == {
        "weather": "clear", "temperature": 31.0, "felt_temperature": 31.0, "feels": "hot", "first_rain": False,
    }  # fmt: skip
    assert {each.origin for each in later if each not in told} == {"live"}
    assert len(later) == len({(each.name, each.observed_at) for each in later})


def test_every_bad_row_of_a_recording_is_told(tmp_path: Path) -> None:
    rows = "time,lat,lon,weather\nyesterday,37,127,rain\n2026-07-01T09:00:00+09:00,97,127,rain\n2026-07-01T09:00:00+09:00,37,127,drizzle\n"
    (tmp_path / "weather.csv").write_text(rows, encoding="utf-8")
    house = House(tmp_path)
    house.weather(provider="recorded", file="weather.csv")
    with pytest.raises(InputError) as told:
        house.ask()
    assert [problem.line for problem in told.value.problems] == [2, 3, 4]
