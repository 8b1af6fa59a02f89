"""Weather services over HTTP: asked for many places at once, remembered, given up on for a while when they fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec

from gyeol.context.weather import kma, open_meteo
from gyeol.context.weather.reading import Reading

if TYPE_CHECKING:
    import httpx

Place = tuple[float, float]

TIMEOUT_S = 5.0
FRESH_MS = 20 * 60_000
"""A place is not asked for again within this time: the services renew their figures every 15 to 60 minutes."""
FAILURES_TO_OPEN = 3
"""After so many failures in a row the service is left alone."""
PAUSE_MS = 60_000
LONGEST_PAUSE_MS = 15 * 60_000
"""The pause doubles with each failure after it, up to this."""
AT_ONCE = 4
"""Requests to a service that answers for one place only."""


class WeatherService(Protocol):
    """A service that knows the weather now."""

    @property
    def name(self) -> str:
        """The source that its facts bear."""
        ...

    def read(self, places: Sequence[Place], now_ms: int) -> list[Reading]:
        """The weather at places.

        Raises:
            OSError: It cannot be reached, is slow, or refuses.
            ValueError: Its answer cannot be read.
        """
        ...


class Asked(msgspec.Struct, frozen=True):
    """What came of asking.

    Args:
        readings: Of the places that are known, in their order; those that were remembered among them.
        fault: What went wrong, in words; None: nothing.
        asked: Places that the service was asked for.
        resting: Whether it was left alone because it failed before.
    """

    readings: list[Reading]
    fault: str | None = None
    asked: int = 0
    resting: bool = False


class Breaker:
    """Whether a service may be asked: after some failures in a row it rests, ever longer; then one request tries it.

    Args:
        failures: How many in a row open it.
    """

    def __init__(self, failures: int = FAILURES_TO_OPEN) -> None:
        self._most, self._failed, self._until_ms = failures, 0, 0

    def closed(self, now_ms: int) -> bool:
        """Whether it may be asked."""
        return now_ms >= self._until_ms

    def succeeded(self) -> None:
        """It answered."""
        self._failed, self._until_ms = 0, 0

    def failed(self, now_ms: int) -> None:
        """It did not."""
        self._failed += 1
        if self._failed >= self._most:
            self._until_ms = now_ms + min(PAUSE_MS << (self._failed - self._most), LONGEST_PAUSE_MS)


class Weather:
    """Asks a service, and no more often than it makes sense.

    Args:
        service: The service.
        fresh_ms: How long an answer is remembered.
    """

    def __init__(self, service: WeatherService, fresh_ms: int = FRESH_MS) -> None:
        self.service = service
        self._fresh_ms = fresh_ms
        self._breaker = Breaker()
        self._known: dict[Place, tuple[int, Reading]] = {}
        self._lock = threading.Lock()

    def at(self, places: Sequence[Place], now_ms: int) -> Asked:
        """The weather at places; never an exception for what a service does.

        Args:
            places: (latitude, longitude); several in one cell should be asked for as its centre.
            now_ms: The instant.
        """
        with self._lock:
            self._known = {place: known for place, known in self._known.items() if now_ms - known[0] < self._fresh_ms}
            missing = [place for place in dict.fromkeys(places) if place not in self._known]
            resting = bool(missing) and not self._breaker.closed(now_ms)
            fault = self._ask(missing, now_ms) if missing and not resting else None
            readings = [self._known[place][1] for place in places if place in self._known]
            return Asked(readings, fault, 0 if resting else len(missing), resting)

    def _ask(self, places: list[Place], now_ms: int) -> str | None:
        try:
            readings = self.service.read(places, now_ms)
        except (OSError, ValueError) as error:
            self._breaker.failed(now_ms)
            return f"{self.service.name}: {error}"
        self._breaker.succeeded()
        for reading in readings:
            self._known[(reading.lat, reading.lon)] = (now_ms, reading)
        return None


class OpenMeteo:
    """Open-Meteo, for the whole world.

    Args:
        forecast_url: Of the forecast API; a server of one's own is possible.
        air_url: Of the air-quality API; empty: dust is not asked for.
        timeout_s: For one request.
    """

    name = "open_meteo"

    def __init__(
        self, forecast_url: str = open_meteo.FORECAST_URL, air_url: str = open_meteo.AIR_URL, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._forecast_url, self._air_url, self._timeout_s = forecast_url, air_url, timeout_s

    def read(self, places: Sequence[Place], now_ms: int) -> list[Reading]:
        """The weather at places, a hundred in one request; dust is left out where its own API fails."""
        readings = []
        with _client(self._timeout_s) as client:
            for start in range(0, len(places), open_meteo.MOST_PLACES):
                some = places[start : start + open_meteo.MOST_PLACES]
                weather = _get(client, self._forecast_url, open_meteo.forecast_query(some))
                air = _or_none(partial(_get, client, self._air_url, open_meteo.air_query(some))) if self._air_url else None
                readings += open_meteo.read(some, weather, air)
        return readings


class Kma:
    """기상청, for Korea.

    Args:
        key: The service key, decoded.
        url: Of the service.
        timeout_s: For one request.
    """

    name = "kma"

    def __init__(self, key: str, url: str = kma.URL, timeout_s: float = TIMEOUT_S) -> None:
        self._key, self._url, self._timeout_s = key, url, timeout_s

    def read(self, places: Sequence[Place], now_ms: int) -> list[Reading]:
        """The weather at places: each of the service's cells is asked for once, a few at the same time."""
        cells = list(dict.fromkeys(kma.cell(lat, lon) for lat, lon in places))
        with _client(self._timeout_s) as client, ThreadPoolExecutor(AT_ONCE) as pool:
            answers = dict(zip(cells, pool.map(lambda cell: self._cell(client, cell, now_ms), cells), strict=True))
        return [kma.read(lat, lon, now_ms, *answers[kma.cell(lat, lon)]) for lat, lon in places]

    def _cell(self, client: httpx.Client, cell: kma.Cell, now_ms: int) -> tuple[bytes, bytes | None]:
        def get(operation: str) -> bytes:
            return _get(client, f"{self._url}/{operation}", kma.query(operation, cell, now_ms, self._key))

        return get(kma.OBSERVATION), _or_none(lambda: get(kma.FORECAST))


def _client(timeout_s: float) -> httpx.Client:
    import httpx

    return httpx.Client(timeout=timeout_s, follow_redirects=False, headers={"user-agent": "gyeol"})


def _get(client: httpx.Client, url: str, query: dict[str, str]) -> bytes:
    import httpx

    try:
        answer = client.get(url, params=query)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(f"{type(error).__name__}: {error}".rstrip(": ")) from error
    if answer.status_code != 200:
        raise OSError(f"it answered {answer.status_code}: {answer.text[:200]}")
    return answer.content


def _or_none(get: Callable[[], bytes]) -> bytes | None:
    try:
        return get()
    except OSError:
        return None
