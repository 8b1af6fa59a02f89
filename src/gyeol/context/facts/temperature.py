"""moment.temperature: of the air outside."""

from __future__ import annotations

from gyeol.context.facts.told import Told

TEMPERATURE = Told(
    "temperature",
    {"ko": "기온", "en": "temperature"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    type="number",
    unit="°C",
    in_request=False,
)
"""Counts for an hour, as the weather does."""
