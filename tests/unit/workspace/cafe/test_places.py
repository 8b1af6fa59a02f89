"""The coffee chain's shops and weather stand in its workspace as in its simulation."""

from __future__ import annotations

from pathlib import Path

import gyeol
from gyeol.context.place.stores import Stores
from gyeol.context.weather.recording import runs_of
from gyeol.storage.weather_recording import read_recording
from gyeol.workspace.cafe.company import simulate, write
from gyeol.workspace.cafe.menu import STORES
from gyeol.workspace.load import load

CAFE = Path(gyeol.__file__).parent / "workspace" / "examples" / "cafe"


def test_the_shops_are_those_of_the_simulation() -> None:
    definitions = load(CAFE).definitions
    assert [(s.name, s.label["ko"], s.lat, s.lon) for s in definitions.stores] == [(s.id, s.ko, s.lat, s.lon) for s in STORES]
    assert len(Stores(definitions.stores).fences) == len(STORES) and all(store.hours for store in definitions.stores)


def test_the_weather_is_written_beside_the_events(tmp_path: Path) -> None:
    company = simulate(customers=20, events=400, days=3)
    write(company, tmp_path)
    weather = load(CAFE).definitions.workspace.weather
    assert weather is not None and weather.provider == "recorded"
    readings = read_recording(tmp_path / Path(weather.file).name)
    cells = {(reading.lat, reading.lon) for reading in readings}
    assert len(readings) == 72 * len(cells) and len(cells) <= len(STORES)
    seoul = [reading for reading in readings if reading.lat == STORES[0].lat]
    assert [reading.at_ms for reading in seoul] == [company.start_ms + hour * 3_600_000 for hour in range(72)]
    runs = runs_of(seoul)
    assert sum(run.end_ms - run.start_ms for run in runs if run.name == "weather") == 72 * 3_600_000
