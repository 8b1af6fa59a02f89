"""Which weather service a workspace asks."""

from __future__ import annotations

from typing import Literal

import msgspec

ServiceName = Literal["open_meteo", "kma", "recorded"]


class WeatherSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who says what the weather is.

    Args:
        provider: ``open_meteo`` (the whole world), ``kma`` (기상청, Korea; needs ``key``) or ``recorded`` (needs ``file``).
        every: How often it is asked: ``30m``.
        url: Of the service, where it is not the public one.
        air_url: Of Open-Meteo's air-quality API, where it is not the public one; ``none``: dust is not asked for.
        key: Of ``kma``: the service key, or ``env:NAME``.
        file: Of ``recorded``: a table (CSV, Parquet) below the workspace's folder, a row a place and hour.
    """

    provider: ServiceName
    every: str = "30m"
    url: str = ""
    air_url: str = ""
    key: str = ""
    file: str = ""
