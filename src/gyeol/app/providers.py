"""The providers of facts that this side process asks: each is opened when it has what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

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
    """

    environment: Mapping[str, str]
    definitions: Callable[[], Definitions]
    folder: Path
    clock: Clock


Open = Callable[[Ground], FactProvider | None]


def _weather(ground: Ground) -> FactProvider:
    return WeatherProvider(ground.definitions, ground.environment, ground.folder, ground.clock)


OPENERS: tuple[Open, ...] = (_weather,)
"""One function a provider: it opens the provider, or says None when it is not set up."""


def open_providers(ground: Ground, openers: tuple[Open, ...] | None = None) -> list[FactProvider]:
    """The providers that are set up. ``openers``: instead of ``OPENERS``."""
    opened = [open_(ground) for open_ in (OPENERS if openers is None else openers)]
    return [provider for provider in opened if provider is not None]
