"""moment.feels: whether people feel it as hot, warm, mild, cool or cold."""

from __future__ import annotations

from gyeol.context.facts.kind import words
from gyeol.context.facts.told import Told

FEELS = Told(
    "feels",
    {"ko": "체감 더위와 추위", "en": "how it feels outside"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    values=words(hot=("더움", "hot"), warm=("따뜻함", "warm"), mild=("온화함", "mild"), cool=("선선함", "cool"), cold=("추움", "cold")),
    in_request=False,
)
"""By felt temperature: ``context.weather.reading.FEELS_FROM``."""
