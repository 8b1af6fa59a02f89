"""The providers of facts that this side process asks: each is opened when it has what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from gyeol.app.event_facts import EventFacts
from gyeol.app.event_feed import FrameReader
from gyeol.app.weather_provider import WeatherProvider
from gyeol.context.provider import FactProvider
from gyeol.engine.definitions import Definitions
from gyeol.kernel.clock import Clock


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What providers stand on.

    Args:
        environment: Keys, addresses.
        definitions: Those in force, whenever asked.
        folder: The workspace's.
        clock: The machine's.
        log: For those that follow it; None: none can.
        place: The file in which they keep how far they read it.
    """

    environment: Mapping[str, str]
    definitions: Callable[[], Definitions]
    folder: Path
    clock: Clock
    log: FrameReader | None = None
    place: Path | None = None


Open = Callable[[Ground], FactProvider | None]


def _weather(ground: Ground) -> FactProvider:
    return WeatherProvider(ground.definitions, ground.environment, ground.folder, ground.clock)


def _events(ground: Ground) -> FactProvider | None:
    if ground.log is None or ground.place is None:
        return None
    return EventFacts(ground.log, ground.definitions, ground.place)


OPENERS: tuple[Open, ...] = (_weather, _events)
"""One function a provider: it opens the provider, or says None when it is not set up."""


def open_providers(ground: Ground, openers: tuple[Open, ...] | None = None) -> list[FactProvider]:
    """The providers that are set up. ``openers``: instead of ``OPENERS``."""
    opened = [open_(ground) for open_ in (OPENERS if openers is None else openers)]
    return [provider for provider in opened if provider is not None]
