"""The weather where people and stores are, as facts: from the service that the definitions in force name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from gyeol.app.core_api import Core, SubmitRequest
from gyeol.context.provider import Wanted
from gyeol.context.record import MOST_AT_ONCE, FactInput
from gyeol.context.subject import SubjectKind, cell_centre, cell_of
from gyeol.context.weather import kma, open_meteo
from gyeol.context.weather.facts import RainMemory, fact_of, facts_of
from gyeol.context.weather.recording import SOURCE, Run, runs_of
from gyeol.context.weather.settings import WeatherSettings
from gyeol.engine.definitions import Definitions
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import BackendUnavailableError, ConfigError
from gyeol.kernel.instants import DAY_MS, HOUR_MS
from gyeol.storage.weather import Kma, OpenMeteo, Weather, WeatherService
from gyeol.storage.weather_recording import read_recording

TTL_MS = {"open_meteo": HOUR_MS, "kma": 2 * HOUR_MS}
"""For how long a reading counts. That of 기상청 can be read only 40 minutes after its full hour, so it counts until the one after next."""
IDLE_S = 60.0
"""How often it is looked whether a service has been named; and how soon after a failure it is tried again at first."""
MOST_CELLS = 5_000
"""Cells that a service is asked for at once; those of stores come first."""
_NO_AIR = "none"


class WeatherProvider:
    """A ``FactProvider``. Definitions that are applied count from its next turn on.

    Args:
        definitions: Those in force.
        environment: For ``env:NAME``.
        folder: The workspace's, for recordings.
        clock: The machine's.
    """

    name = "weather"
    kinds: ClassVar[tuple[SubjectKind, ...]] = ("cell",)

    def __init__(self, definitions: Callable[[], Definitions], environment: Mapping[str, str], folder: Path, clock: Clock) -> None:
        self._definitions, self._environment, self._folder, self._clock = definitions, environment, folder, clock
        self._settings: WeatherSettings | None = None
        self._weather: Weather | None = None
        self._runs: list[Run] | None = None
        self._opened_ms = 0
        self._failed = False
        self._memory = RainMemory()

    @property
    def every_s(self) -> float:
        """As the definitions say; sooner while the service fails, since what it said last will age."""
        return IDLE_S if self._settings is None or self._failed else parse_duration(self._settings.every).ms / 1000

    def observe(self, wanted: Wanted) -> Sequence[FactInput]:
        """The weather in the cells of stores and of people.

        Raises:
            BackendUnavailableError: The service does not answer, or is left alone because it did not.
            ConfigError: The key stands in an environment variable that is not set.
            InputError: The recording cannot be read.
        """
        definitions = self._definitions()
        self._follow(definitions.workspace.weather)
        if self._runs is not None:
            return self._recorded(wanted.now_ms, definitions)
        if self._weather is None:
            return []
        stores = (cell_of(store.lat, store.lon) for store in definitions.stores)
        cells = list(dict.fromkeys([*stores, *(each.id for each in wanted.subjects)]))[:MOST_CELLS]
        asked = self._weather.at([cell_centre(cell) for cell in cells], self._clock.now_ms())
        self._failed = asked.fault is not None or asked.resting
        if self._failed:
            told = asked.fault or f"{self._weather.service.name}: it failed before and is left alone for a while"
            raise BackendUnavailableError("weather_unavailable", told)
        source = self._weather.service.name
        return facts_of(asked.readings, self._memory, source, TTL_MS[source])

    def close(self) -> None:
        """Connections are opened for each turn; there is nothing to let go of."""

    def _follow(self, settings: WeatherSettings | None) -> None:
        if settings == self._settings:
            return
        weather = runs = None
        if settings is not None and settings.provider == "recorded":
            runs = runs_of(read_recording(self._folder / settings.file))
        elif settings is not None:
            weather = Weather(_service(settings, self._environment))
        self._weather, self._runs, self._memory, self._opened_ms = weather, runs, RainMemory(), 0
        self._settings = settings

    def _recorded(self, now_ms: int, definitions: Definitions) -> list[FactInput]:
        """What of the recording has begun, and counted within the last day; at the first turn as far back as facts are remembered.

        The day overlaps with earlier turns, so what a core did not take then is told again; what it took is recorded once.
        """
        assert self._runs is not None
        first = self._opened_ms == 0
        self._opened_ms = self._opened_ms or now_ms
        oldest_ms = now_ms - (definitions.workspace.facts_days * DAY_MS if first else DAY_MS)
        live = definitions.workspace.clock == "data"
        return [
            _fact(run, live=live or run.end_ms > self._opened_ms) for run in self._runs if run.start_ms <= now_ms and run.end_ms > oldest_ms
        ]


def tell_recording(core: Core, definitions: Definitions, folder: Path) -> int:
    """Tell a recording of weather as a whole, before the events of an import with ``clock: data`` are joined with it.

    Args:
        core: Given the facts.
        definitions: In force.
        folder: The workspace's.

    Returns:
        How many facts were recorded; 0 where the definitions name no recording.

    Raises:
        InputError: The recording cannot be read.
    """
    settings = definitions.workspace.weather
    if settings is None or settings.provider != SOURCE or definitions.workspace.clock != "data":
        return 0
    facts = [_fact(run, live=True) for run in runs_of(read_recording(folder / settings.file))]
    recorded = 0
    for start in range(0, len(facts), MOST_AT_ONCE):
        reply = core.submit(SubmitRequest(facts=facts[start : start + MOST_AT_ONCE], facts_by=SOURCE))
        recorded += sum(each.status == "recorded" for each in reply.facts)
    return recorded


def _fact(run: Run, *, live: bool) -> FactInput:
    return fact_of(run.name, run.value, run.cell, SOURCE, run.start_ms, run.end_ms - run.start_ms, "live" if live else "history")


def _service(settings: WeatherSettings, environment: Mapping[str, str]) -> WeatherService:
    if settings.provider == "open_meteo":
        air = "" if settings.air_url == _NO_AIR else settings.air_url or open_meteo.AIR_URL
        return OpenMeteo(settings.url or open_meteo.FORECAST_URL, air)
    key = settings.key
    if key.startswith("env:"):
        name = key.removeprefix("env:")
        key = environment.get(name, "")
        if not key:
            told = f"weather: key is read from the environment variable {name}, which is not set"
            raise ConfigError("weather_key_missing", told, variable=name)
    return Kma(key, settings.url or kma.URL)
