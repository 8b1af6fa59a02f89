"""moment.weather: what it is like outside: clear, clouds, rain, snow, fog, storm, …"""

from __future__ import annotations

from gyeol.context.facts.kind import words
from gyeol.context.facts.told import Told

WEATHER = Told(
    "weather",
    {"ko": "날씨", "en": "weather"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    values=words(
        clear=("맑음", "clear"),
        clouds=("흐림", "clouds"),
        rain=("비", "rain"),
        snow=("눈", "snow"),
        fog=("안개", "fog"),
        storm=("폭풍", "storm"),
    ),
)
"""Counts for an hour: weather services renew their observations hourly."""
