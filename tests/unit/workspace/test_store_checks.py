"""What is wrong with stores and weather in files is told where it stands, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.kernel.errors import InputError
from gyeol.workspace.load import load

WORKSPACE = "workspace:\n  name: x\n"
BAD = """workspace:
  name: x
  moment: {cell: context.location}
  weather: {provider: kma, every: 10s, url: ftp://x, file: w.csv}
stores:
  - {name: S01, lat: 97, lon: 127, radius_m: 0, dwell: long}
  - {name: S02, lat: 37, lon: 127, hours: {monday: 09:00-18:00, tue: nine}, days: {tomorrow: closed}}
"""


def problems(folder: Path, text: str) -> list[str]:
    (folder / "workspace.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        load(folder)
    return sorted(problem.code for problem in told.value.problems)


def test_every_problem_at_once(tmp_path: Path) -> None:
    assert problems(tmp_path, BAD) == [
        "bad_date", "bad_duration", "bad_hours", "bad_url", "missing", "not_for_provider", "out_of_range", "out_of_range", "out_of_range",
        "unknown_key",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("weather", "code"),
    [
        ("{provider: recorded}", "missing"),
        ("{provider: open_meteo, key: abc}", "not_for_provider"),
        ("{provider: open_meteo, every: 2d}", "bad_duration"),
        ("{provider: open_meteo, every: 48h}", "out_of_range"),
    ],
)
def test_a_weather_service_has_what_it_needs_and_no_more(tmp_path: Path, weather: str, code: str) -> None:
    assert problems(tmp_path, f"{WORKSPACE}  weather: {weather}\n") == [code]


def test_stores_that_nobody_can_be_seen_at(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text(WORKSPACE + "stores:\n  - {name: S01, lat: 37, lon: 127}\n", encoding="utf-8")
    loaded = load(tmp_path)
    assert "stores_unseen" in [warning.code for warning in loaded.warnings]
    assert [trait.name for trait in loaded.definitions.all_traits] == []
