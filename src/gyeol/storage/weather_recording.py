"""A recorded weather series from a table: a row a place and hour."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast, get_args

from gyeol.context.subject import cell_centre
from gyeol.context.weather.reading import Reading, Sky
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import parse_instant
from gyeol.storage.table_file import TableFile

NUMBERS = {
    "temperature": "temperature_c",
    "felt_temperature": "feels_c",
    "humidity": "humidity",
    "wind": "wind_ms",
    "precipitation": "precipitation_mm",
    "pm10": "pm10",
    "pm25": "pm25",
}
"""Column → what it is of a reading; any of them may be missing, as may ``weather``."""
SKIES: tuple[str, ...] = get_args(Sky)
MOST_PROBLEMS = 20


def read_recording(path: Path) -> list[Reading]:
    """The readings of a table.

    Args:
        path: CSV or Parquet with ``time`` (ISO-8601, or an instant), ``cell`` or ``lat`` and ``lon``, and any of ``weather`` and
            ``NUMBERS``.

    Raises:
        InputError: No such file, columns that lack, rows that cannot be read: the first ``MOST_PROBLEMS``.
    """
    table = TableFile(path, ("time",))
    if "cell" not in table.columns and not {"lat", "lon"} <= set(table.columns):
        mend = "add lat and lon in degrees, or cell"
        raise InputError("bad_recording", [Problem(path=str(path), code="no_column", what="no column says where it was", mend=mend)])
    readings: list[Reading] = []
    problems: list[Problem] = []
    line = 1
    for part in table.parts():
        for row in part.to_pylist():
            line += 1
            try:
                readings.append(_reading(row))
            except ValueError as error:
                problems.append(Problem(path=str(path), line=line, code="bad_row", what=str(error), mend="correct the row or take it out"))
                if len(problems) >= MOST_PROBLEMS:
                    raise InputError("bad_recording", problems) from error
    if problems:
        raise InputError("bad_recording", problems)
    return readings


def _reading(row: dict[str, Any]) -> Reading:
    lat, lon = cell_centre(str(row["cell"])) if row.get("cell") else (_number(row, "lat"), _number(row, "lon"))
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError("there is no place on earth in lat and lon")
    sky = row.get("weather") or None
    if sky is not None and sky not in SKIES:
        raise ValueError(f"weather is {sky!r}, which is none of {', '.join(SKIES)}")
    numbers = {field: _number(row, name) for name, field in NUMBERS.items()}
    return Reading(lat=lat, lon=lon, at_ms=_instant(row["time"]), sky=cast("Sky | None", sky), **numbers)


def _instant(value: object) -> int:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"time {value} has no zone")
        return round(value.timestamp() * 1000)
    at_ms = parse_instant(value) if isinstance(value, str) else None
    if at_ms is None:
        raise ValueError(f"time {value!r} is no instant: write 2026-07-01T09:00:00+09:00")
    return at_ms


def _number(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    number = float(value)
    return number if number == number else None
