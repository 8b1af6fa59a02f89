"""moment.fine_dust: the worse grade of the two sizes of fine dust (미세먼지)."""

from __future__ import annotations

from gyeol.context.facts.kind import words
from gyeol.context.facts.told import Told

FINE_DUST = Told(
    "fine_dust",
    {"ko": "미세먼지", "en": "fine dust"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    values=words(good=("좋음", "good"), moderate=("보통", "moderate"), bad=("나쁨", "bad"), very_bad=("매우 나쁨", "very bad")),
    in_request=False,
)
"""By the grades of the Ministry of Environment of Korea: ``context.weather.reading``."""
