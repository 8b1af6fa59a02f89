"""Where stores stand and when they are open; which weather service is asked."""

from __future__ import annotations

from datetime import date

from gyeol.context.place.hours import DAYS, hours_fault
from gyeol.context.place.stores import StoreDefinition, StoreZone
from gyeol.context.weather.settings import WeatherSettings
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.instants import DAY_MS
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import duration_fault, suggestion
from gyeol.workspace.names import Names

MOST_RADIUS_M = 5_000
_SHORTEST_MS = 60_000
_CORNERS = 3
_WEEK = (*DAYS, "holiday")
_HERE = "cell"


def check(findings: Findings, names: Names) -> None:
    """Stores have a place and hours that can be read; a weather service has what it needs."""
    for entry, store in findings.pairs("stores", StoreDefinition):
        _check_store(findings, entry, store)
    for entry, value in findings.pairs("workspace", WorkspaceSettings):
        if value.weather is not None:
            _check_weather(findings, entry, value.weather)
        if findings.entries.get("stores") and _HERE not in value.moment:
            mend = "add moment: {cell: context.location} to know who is near"
            findings.warn(
                entry, ("moment",), "stores_unseen", "there are stores, but moment: does not say where events have positions", mend
            )


def _check_store(findings: Findings, entry: Entry, store: StoreDefinition) -> None:
    for field, value, most in (("lat", store.lat, 90), ("lon", store.lon, 180)):
        if not abs(value) <= most:
            findings.refuse(entry, (field,), "out_of_range", f"{field} is {value:g}", f"degrees, -{most} to {most}")
    if not 0 < store.radius_m <= MOST_RADIUS_M:
        findings.refuse(entry, ("radius_m",), "out_of_range", f"radius_m is {store.radius_m:g}", f"more than 0, at most {MOST_RADIUS_M}")
    for i, zone in enumerate(store.zones):
        _check_zone(findings, entry, store, i, zone)
    findings.fault(entry, ("dwell",), "bad_duration", store.dwell, duration_fault)
    for day, text in store.hours.items():
        if day not in _WEEK:
            findings.refuse(entry, ("hours", day), "unknown_key", f"{day!r} is no weekday", suggestion(day, _WEEK, "write a weekday"))
        _check_hours(findings, entry, ("hours", day), text)
    for day, text in store.days.items():
        if not _is_date(day):
            findings.refuse(entry, ("days", day), "bad_date", f"{day!r} is no date", "write 2026-02-17")
        _check_hours(findings, entry, ("days", day), text)


def _check_zone(findings: Findings, entry: Entry, store: StoreDefinition, i: int, zone: StoreZone) -> None:
    """A part of a store has a name of its own, and something by which it is told."""
    at = ("zones", i)
    if any(other.name == zone.name for other in store.zones[:i]):
        findings.refuse(entry, (*at, "name"), "duplicate_name", f"two parts of it are called {zone.name!r}", "rename one of the two")
    if any(len(corner) != 2 or not (abs(corner[0]) <= 90 and abs(corner[1]) <= 180) for corner in zone.corners):
        findings.refuse(entry, (*at, "corners"), "bad_corner", "a corner is no place", "write each as [latitude, longitude]")
    elif 0 < len(zone.corners) < _CORNERS:
        findings.refuse(entry, (*at, "corners"), "too_few_corners", f"{len(zone.corners)} corners enclose nothing", "give three or more")
    if (zone.lat is None) != (zone.lon is None):
        findings.refuse(entry, at, "half_a_place", "it has one of lat and lon", "give both")
    if not zone.beacon and not zone.corners and zone.lat is None:
        findings.refuse(entry, at, "no_place", "nothing tells who is in it", "give a beacon, corners, or lat and lon")
    if not 0 < zone.radius_m <= MOST_RADIUS_M:
        findings.refuse(entry, (*at, "radius_m"), "out_of_range", f"radius_m is {zone.radius_m:g}", f"more than 0, at most {MOST_RADIUS_M}")


def _check_hours(findings: Findings, entry: Entry, at: tuple[str | int, ...], text: str) -> None:
    fault = hours_fault(text)
    if fault is not None:
        what, _, mend = fault.partition(": ")
        findings.refuse(entry, at, "bad_hours", what, mend)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_weather(findings: Findings, entry: Entry, weather: WeatherSettings) -> None:
    at = "weather"
    fault = duration_fault(weather.every, "smh")
    if fault is not None:
        findings.refuse(entry, (at, "every"), "bad_duration", f"every: {fault.what}", fault.mend)
    elif not _SHORTEST_MS <= parse_duration(weather.every).ms <= DAY_MS:
        findings.refuse(entry, (at, "every"), "out_of_range", f"every is {weather.every}", "1m to 24h: services renew their figures hourly")
    for field, url in (("url", weather.url), ("air_url", "" if weather.air_url == "none" else weather.air_url)):
        if url and not url.startswith(("https://", "http://")):
            findings.refuse(entry, (at, field), "bad_url", f"{field} is {url!r}", "write https://…")
    needed = {"kma": ("key", weather.key, "env:KMA_KEY"), "recorded": ("file", weather.file, "data/weather.parquet")}
    for provider, (field, value, example) in needed.items():
        if weather.provider == provider and not value:
            findings.refuse(entry, (at,), "missing", f"{provider} needs {field}", f"add {field}: {example}")
        elif weather.provider != provider and value:
            findings.refuse(entry, (at, field), "not_for_provider", f"{weather.provider} has no {field}", "remove it")
